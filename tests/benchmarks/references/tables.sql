-- create_tables: Tables of the naive service and the ceiling: processed ids, submitted entities, outgoing messages.
CREATE TABLE IF NOT EXISTS reference.inbox (id text PRIMARY KEY, digest bytea NOT NULL);
CREATE TABLE IF NOT EXISTS reference.submitted (key text PRIMARY KEY, kind text NOT NULL, body jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS reference.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key text NOT NULL, payload bytea NOT NULL);

-- write_batch: Writes a whole batch and returns the ids of its outgoing messages, in their order.
WITH batch AS MATERIALIZED (
    SELECT id, digest, key, kind, body, nth FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[])
         WITH ORDINALITY AS b (id, digest, key, kind, body, nth)
), unprocessed AS (
    INSERT INTO reference.inbox (id, digest) SELECT id, digest FROM batch ON CONFLICT DO NOTHING RETURNING id
), submitted AS (
    INSERT INTO reference.submitted (key, kind, body)
    SELECT DISTINCT ON (key) key, kind, body::jsonb FROM batch JOIN unprocessed USING (id) ORDER BY key, nth DESC
    ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, body = excluded.body
), outgoing AS (
    INSERT INTO reference.outbox (topic, key, payload)
    SELECT o.topic, o.key, o.payload
    FROM unnest($6::text[], $7::text[], $8::text[], $9::bytea[]) AS o (cause, topic, key, payload)
    JOIN unprocessed ON unprocessed.id = o.cause
    RETURNING id
)
SELECT id FROM outgoing;

-- delete_acknowledged: Deletes the messages that Kafka has acknowledged.
DELETE FROM reference.outbox WHERE id = ANY ($1::bigint[]);
