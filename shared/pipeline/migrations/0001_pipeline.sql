-- The pipeline: what was heard, what is to be said, what is due, what is put aside.
CREATE TABLE positions (
    cluster_id text   NOT NULL,
    topic_id   text   NOT NULL,
    part       int    NOT NULL,
    next       bigint NOT NULL,
    PRIMARY KEY (cluster_id, topic_id, part)
) WITH (fillfactor = 50);
COMMENT ON TABLE positions IS 'How far each partition was handled: the truth about progress. Tied to the ids of cluster and topic.';

CREATE TABLE inbox (
    id uuid        PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_at ON inbox USING brin (at);
COMMENT ON TABLE inbox IS 'Ids of the messages that were handled.';

CREATE TABLE outbox (
    id       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic    text    NOT NULL,
    part     int     NOT NULL,
    keys     text[]  NOT NULL,
    payloads bytea[] NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE outbox ALTER keys SET STORAGE EXTERNAL, ALTER payloads SET STORAGE EXTERNAL; -- compressing costs more than the insert
CREATE INDEX outbox_line ON outbox (topic, part, id);
COMMENT ON TABLE outbox IS 'Parcels: what one transaction says to one partition, in its order, until the bus has it.';
CREATE TYPE parcel AS (topic text, part int, keys text[], payloads bytea[]);

CREATE TABLE lease (
    lane  int PRIMARY KEY,
    owner uuid,
    until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO lease (lane) SELECT generate_series(0, 11);
COMMENT ON TABLE lease IS 'Which process sends which lanes of the outbox. Saves duplicates; the order does not depend on it.';

CREATE TABLE timers (
    about       text NOT NULL,
    milestone   text NOT NULL,
    step        text NOT NULL,
    recipient   text NOT NULL,
    day         date NOT NULL,
    due         timestamptz NOT NULL,
    touches     text[] NOT NULL,
    cause       uuid NOT NULL,
    correlation uuid NOT NULL,
    revision    int  NOT NULL DEFAULT 1,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'skipped', 'dropped')),
    settled_at  timestamptz,
    PRIMARY KEY (about, milestone, step, recipient),
    CHECK ((state = 'pending') = (settled_at IS NULL))
);
CREATE INDEX timers_due ON timers (due) WHERE state = 'pending';
COMMENT ON TABLE timers IS 'What is due later: one row for each step of a milestone and the one it is for.';

CREATE TABLE parked (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text,
    part       int,
    place      bigint,
    stamped    bigint,
    record_key bytea,
    headers    jsonb NOT NULL,
    value      bytea,
    keys       text[] NOT NULL,
    kind       text,
    heard_at   timestamptz NOT NULL,
    error      text,
    detail     text,
    replay     boolean NOT NULL DEFAULT false,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    CHECK ((topic IS NULL) = (place IS NULL))
);
CREATE INDEX parked_keys ON parked USING gin (keys);
COMMENT ON TABLE parked IS 'What cannot be handled, bytes untouched, and behind it the later messages of its keys (those without an error).';
