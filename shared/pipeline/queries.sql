-- load_offsets: Return the next offset of these partitions, which were just assigned; a new partition starts at zero.
WITH assigned AS (
    SELECT cluster_id, topic_id, partition, next_offset
    FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS a (cluster_id, topic_id, partition, next_offset)
), inserted AS (
    INSERT INTO consumer_offsets (cluster_id, topic_id, partition, next_offset)
    SELECT cluster_id, topic_id, partition, next_offset FROM assigned ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING
)
SELECT topic_id, partition, coalesce(o.next_offset, a.next_offset) AS next_offset
FROM assigned a LEFT JOIN consumer_offsets o USING (cluster_id, topic_id, partition);

-- advance_offsets: Return the next offset of each partition before this batch, and advance it, never back.
-- The rows stay locked until the transaction ends; taken in sorted order, so that batches cannot deadlock.
WITH batch AS (
    SELECT cluster_id, topic_id, partition, next_offset
    FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS b (cluster_id, topic_id, partition, next_offset)
), current AS (
    SELECT cluster_id, topic_id, partition, o.next_offset FROM consumer_offsets o JOIN batch USING (cluster_id, topic_id, partition)
    ORDER BY cluster_id, topic_id, partition FOR UPDATE OF o
), advanced AS (
    INSERT INTO consumer_offsets (cluster_id, topic_id, partition, next_offset)
    SELECT cluster_id, topic_id, partition, next_offset FROM batch ORDER BY 1, 2, 3
    ON CONFLICT (cluster_id, topic_id, partition)
    DO UPDATE SET next_offset = greatest(consumer_offsets.next_offset, excluded.next_offset)
)
SELECT topic_id, partition, coalesce(c.next_offset, 0) AS next_offset
FROM batch LEFT JOIN current c USING (cluster_id, topic_id, partition);

-- claim_messages: Insert these ids and return the unprocessed ones; `has_dead_letters` if the service has any. Sorted, as above.
WITH claimed AS (
    INSERT INTO inbox (id) SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING id
)
SELECT id, EXISTS (SELECT FROM dead_letters) AS has_dead_letters FROM claimed;

-- insert_outbox: Insert one row per topic and partition. The type outbox_batch is never altered: older processes write it too.
INSERT INTO outbox (topic, partition, keys, payloads) SELECT topic, partition, keys, payloads FROM unnest($1::outbox_batch[]);

-- create_leases: Insert the leases that a schema does not have yet.
INSERT INTO relay_leases (shard) SELECT generate_series(0, $1::int - 1) ON CONFLICT DO NOTHING;

-- renew_leases: Record that this relay runs, renew its leases, take expired ones up to a fair share, and give up surplus ones.
WITH heartbeat AS (
    INSERT INTO relay_instances (owner_id, expires_at) VALUES ($1, now() + $2)
    ON CONFLICT (owner_id) DO UPDATE SET expires_at = excluded.expires_at
), others AS (
    SELECT count(*) AS n FROM relay_instances WHERE expires_at > now() AND owner_id <> $1
), share AS (
    SELECT ceil((SELECT count(*) FROM relay_leases) / (n + 1.0))::int AS n FROM others
), claimable AS (
    SELECT shard FROM relay_leases WHERE owner_id = $1 OR expires_at <= now()
    ORDER BY (owner_id = $1 AND expires_at > now()) DESC, shard
    LIMIT (SELECT n FROM share) FOR UPDATE SKIP LOCKED
), released AS (
    UPDATE relay_leases SET expires_at = '-infinity' WHERE owner_id = $1 AND shard NOT IN (SELECT shard FROM claimable)
)
UPDATE relay_leases SET owner_id = $1, expires_at = now() + $2 WHERE shard IN (SELECT shard FROM claimable) RETURNING shard;

-- release_leases: End this relay's leases at once, so that others need not wait until they expire.
WITH deleted AS (
    DELETE FROM relay_instances WHERE owner_id = $1 OR expires_at < now() - interval '1 hour'
)
UPDATE relay_leases SET expires_at = '-infinity' WHERE owner_id = $1;

-- delete_acknowledged_and_fetch: Delete acknowledged batches ($1) and return the oldest pending ones of each partition in these shards.
-- Partitions in $3 and $4 are excluded; $5 is the number of shards, $6 the maximum number of batches per partition.
-- Loose index scan: `partitions` finds the first pending batch of each partition with one index probe per partition. While a long
-- transaction holds back vacuum, dead index entries pile up before that batch. The probe skips them; the second scan starts after them.
WITH RECURSIVE deleted AS (
    DELETE FROM outbox WHERE id = ANY ($1::bigint[])
), partitions AS (
    (SELECT topic, partition, id AS first_id FROM outbox ORDER BY topic, partition, id LIMIT 1)
    UNION ALL
    SELECT n.topic, n.partition, n.id FROM partitions p CROSS JOIN LATERAL (
        SELECT o.topic, o.partition, o.id FROM outbox o
        WHERE (o.topic, o.partition) > (p.topic, p.partition) ORDER BY o.topic, o.partition, o.id LIMIT 1
    ) n
)
SELECT b.id, p.topic, p.partition, b.keys, b.payloads
FROM partitions p CROSS JOIN LATERAL (
    SELECT o.id, o.keys, o.payloads FROM outbox o
    WHERE o.topic = p.topic AND o.partition = p.partition AND o.id >= p.first_id AND o.id <> ALL ($1::bigint[])
    ORDER BY o.id LIMIT $6::int
) b
WHERE p.partition % $5::int = ANY ($2::int[])
  AND NOT EXISTS (
    SELECT FROM unnest($3::text[], $4::int[]) AS e (topic, partition) WHERE e.topic = p.topic AND e.partition = p.partition
  )
ORDER BY b.id;

-- delete_outbox: Delete acknowledged batches, at shutdown.
DELETE FROM outbox WHERE id = ANY ($1::bigint[]);

-- upsert_timers: Schedule timers. One that moved to another time, or was cancelled, is pending again under a new revision.
INSERT INTO timers (subject, milestone, step, recipient, day, due_at, related_keys, cause_id, correlation_id)
SELECT subject, milestone, step, recipient, day, due_at, related_keys, cause_id, correlation_id
FROM json_to_recordset($1::json) AS t (
    subject text, milestone text, step text, recipient text, day date, due_at timestamptz, related_keys text[],
    cause_id uuid, correlation_id uuid
)
ORDER BY subject, milestone, step, recipient
ON CONFLICT (subject, milestone, step, recipient) DO UPDATE
SET day = excluded.day, due_at = excluded.due_at, related_keys = excluded.related_keys,
    cause_id = excluded.cause_id, correlation_id = excluded.correlation_id,
    revision = timers.revision + 1, state = 'pending', finalized_at = NULL
WHERE timers.due_at <> excluded.due_at OR timers.state = 'cancelled';

-- cancel_timers: Cancel all pending timers of these milestones.
UPDATE timers t SET state = 'cancelled', finalized_at = now()
FROM unnest($1::text[], $2::text[]) AS c (subject, milestone)
WHERE t.subject = c.subject AND t.milestone = c.milestone AND t.state = 'pending';

-- fetch_due_timers: Return at most $2 timers due by $1; `superseded` if a later step of the same milestone is due too.
SELECT subject, milestone, step, recipient, day, revision, related_keys, cause_id, correlation_id, superseded
FROM (
    SELECT subject, milestone, step, recipient, day, due_at, revision, related_keys, cause_id, correlation_id,
           day < max(day) OVER (PARTITION BY subject, milestone) AS superseded
    FROM timers WHERE state = 'pending' AND due_at <= $1
) AS due
ORDER BY due_at, subject, milestone, step, recipient LIMIT $2::int;

-- complete_timers: Record these timers as fired or skipped, unless they were rescheduled meanwhile (another revision).
UPDATE timers t SET state = CASE WHEN c.superseded THEN 'skipped' ELSE 'fired' END, finalized_at = now()
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::boolean[])
     AS c (subject, milestone, step, recipient, revision, superseded)
WHERE t.subject = c.subject AND t.milestone = c.milestone AND t.step = c.step AND t.recipient = c.recipient
  AND t.revision = c.revision AND t.state = 'pending';

-- blocked_keys: Return those of these keys that have a dead letter.
SELECT DISTINCT k FROM dead_letters CROSS JOIN LATERAL unnest(keys) AS k WHERE keys && $1::text[] AND k = ANY ($1::text[]);

-- insert_dead_letters: Insert these in order. One without an error of its own is blocked by an earlier one with the same key.
INSERT INTO dead_letters (topic, partition, record_offset, record_timestamp, record_key, headers, value, keys, kind, received_at,
                          status, error, detail)
SELECT topic, partition, record_offset, record_timestamp, record_key, headers, value, string_to_array(keys, ' '), kind, received_at,
       CASE WHEN error IS NULL THEN 'blocked' ELSE 'failed' END, error, detail
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[], $9::text[],
            $10::timestamptz[], $11::text[], $12::text[])
     WITH ORDINALITY AS d (topic, partition, record_offset, record_timestamp, record_key, headers, value, keys, kind, received_at,
                           error, detail, nth)
ORDER BY nth;

-- scan_dead_letters: Return the page of dead letters after $1, in order; `may_replay` if blocked or if a replay was requested.
SELECT id, topic, kind, keys, status <> 'failed' AS may_replay FROM dead_letters WHERE id > $1 ORDER BY id LIMIT $2;

-- get_dead_letters: Return these dead letters with their records, in order; the first ones, if all have more than $2 bytes together.
SELECT id, topic, kind, partition, record_offset, record_timestamp, record_key, headers, value, received_at
FROM (
    SELECT *, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY id) - coalesce(octet_length(value), 0) AS bytes_before
    FROM dead_letters WHERE id = ANY ($1::bigint[])
) AS wanted
WHERE bytes_before < $2::bigint ORDER BY id;

-- delete_for_replay: Delete these and return those that this transaction deleted: a concurrent replay may have been first.
DELETE FROM dead_letters WHERE id = ANY ($1::bigint[]) RETURNING id;

-- record_replay_failure: Record why a replay failed.
UPDATE dead_letters SET status = 'failed', error = $2, detail = $3 WHERE id = $1;
