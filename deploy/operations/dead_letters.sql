-- list: All that is parked in this schema, in order.
SELECT seq, topic, part, place, kind, keys, error, detail, replay, parked_at FROM parked ORDER BY seq;

-- show: One parked message, whole.
SELECT seq, topic, part, place, kind, keys, error, detail, replay, parked_at, heard_at, record_key, headers, value
FROM parked WHERE seq = $1;

-- replay: Asks the service to try these again; only what has an error of its own waits to be asked.
UPDATE parked SET replay = true WHERE error IS NOT NULL AND seq = ANY ($1::bigint[]) RETURNING seq;

-- discard: Gives this message up.
DELETE FROM parked WHERE seq = $1 RETURNING seq;
