-- Tables of the pipeline; each service has them in its own schema.

CREATE TABLE topology (
    topic      text PRIMARY KEY,
    topic_id   text NOT NULL,
    cluster_id text NOT NULL,
    partitions int  NOT NULL CHECK (partitions > 0)
);
COMMENT ON TABLE topology IS 'Topics as `tandem kafka apply` recorded them: partition counts for the outbox, ids for consumer_offsets.';

CREATE TABLE consumer_offsets (
    cluster_id  text   NOT NULL,
    topic_id    text   NOT NULL,
    partition   int    NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (cluster_id, topic_id, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE consumer_offsets IS
    'The next offset to process of each partition: authoritative. Keyed by ids, so that a recreated topic starts at zero.';

CREATE TABLE inbox (
    id           uuid        PRIMARY KEY,
    processed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_processed_at_idx ON inbox USING brin (processed_at);
COMMENT ON TABLE inbox IS 'Ids of processed messages.';

CREATE TABLE outbox (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text        NOT NULL,
    partition  int         NOT NULL,
    keys       text[]      NOT NULL,
    payloads   bytea[]     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE outbox ALTER keys SET STORAGE EXTERNAL, ALTER payloads SET STORAGE EXTERNAL; -- compressing costs more than the insert
CREATE INDEX outbox_partition_idx ON outbox (topic, partition, id);
COMMENT ON TABLE outbox IS 'Messages to publish: one row per transaction, topic and partition, in order; deleted once Kafka acknowledged them.';
CREATE TYPE outbox_batch AS (topic text, partition int, keys text[], payloads bytea[]);

CREATE TABLE relay_instances (
    owner_id   uuid        PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE relay_instances IS 'Running relays; each gets a fair share of the shards.';

CREATE TABLE relay_leases (
    shard      int         PRIMARY KEY,
    owner_id   uuid,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE relay_leases IS
    'Which relay publishes which shard of the outbox. Avoids duplicates only: ordering does not depend on it.';

CREATE TABLE timers (
    subject        text        NOT NULL,
    milestone      text        NOT NULL,
    step           text        NOT NULL,
    recipient      text        NOT NULL,
    day            date        NOT NULL,
    due_at         timestamptz NOT NULL,
    related_keys   text[]      NOT NULL,
    cause_id       uuid        NOT NULL,
    correlation_id uuid        NOT NULL,
    revision       int         NOT NULL DEFAULT 1,
    state          text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'fired', 'skipped', 'cancelled')),
    finalized_at   timestamptz,
    PRIMARY KEY (subject, milestone, step, recipient),
    CHECK ((state = 'pending') = (finalized_at IS NULL))
);
CREATE INDEX timers_due_at_idx ON timers (due_at) WHERE state = 'pending';
COMMENT ON TABLE timers IS 'Timers: one row per subject, milestone, step and recipient.';

CREATE TABLE dead_letters (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic            text,
    partition        int,
    record_offset    bigint,
    record_timestamp bigint,
    record_key       bytea,
    headers          bytea       NOT NULL, -- JSON as bytes: a header may hold characters that no PostgreSQL text can
    value            bytea,
    keys             text[]      NOT NULL,
    kind             text,
    received_at      timestamptz NOT NULL,
    status           text        NOT NULL CHECK (status IN ('failed', 'blocked', 'replay_requested')),
    error            text,
    detail           text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((topic IS NULL) = (record_offset IS NULL)),
    CHECK ((status = 'blocked') = (error IS NULL))
);
CREATE INDEX dead_letters_keys_idx ON dead_letters USING gin (keys);
COMMENT ON TABLE dead_letters IS
    'Messages that could not be processed, bytes unchanged (failed, replay_requested), and later messages with one of their keys (blocked).';
