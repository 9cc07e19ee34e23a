-- list: Return all dead letters of this schema, in order.
SELECT id, topic, partition, record_offset, kind, keys, status, error, detail, created_at FROM dead_letters ORDER BY id;

-- get: Return one dead letter with its record.
SELECT id, topic, partition, record_offset, kind, keys, status, error, detail, created_at, received_at, record_key, headers, value
FROM dead_letters WHERE id = $1;

-- request_replay: Request a replay of failed messages; blocked ones follow without a request.
UPDATE dead_letters SET status = 'replay_requested' WHERE status <> 'blocked' AND id = ANY ($1::bigint[]) RETURNING id;

-- discard: Delete one dead letter.
DELETE FROM dead_letters WHERE id = $1 RETURNING id;
