-- stand: Where these partitions stand, for a consumer that got them; one that is new starts at the beginning.
WITH assigned AS (
    SELECT cluster_id, topic_id, part, next FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS a (cluster_id, topic_id, part, next)
), begun AS (
    INSERT INTO positions (cluster_id, topic_id, part, next) SELECT cluster_id, topic_id, part, next FROM assigned ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING
)
SELECT topic_id, part, coalesce(p.next, a.next) AS next FROM assigned a LEFT JOIN positions p USING (cluster_id, topic_id, part);

-- positions: Where each partition of the batch stood; moves it on. Held until the end, sorted, so that batches wait in one order.
WITH batch AS (
    SELECT cluster_id, topic_id, part, next FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS b (cluster_id, topic_id, part, next)
), stood AS (
    SELECT cluster_id, topic_id, part, p.next FROM positions p JOIN batch USING (cluster_id, topic_id, part)
    ORDER BY cluster_id, topic_id, part FOR UPDATE OF p
), moved AS (
    INSERT INTO positions (cluster_id, topic_id, part, next) SELECT cluster_id, topic_id, part, next FROM batch ORDER BY 1, 2, 3
    ON CONFLICT (cluster_id, topic_id, part) DO UPDATE SET next = greatest(positions.next, excluded.next)
)
SELECT topic_id, part, coalesce(s.next, 0) AS next FROM batch LEFT JOIN stood s USING (cluster_id, topic_id, part);

-- claim: Which of these messages nobody has handled, sorted for the same reason; and whether anything is parked at all.
WITH fresh AS (
    INSERT INTO inbox (id) SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING id
)
SELECT id, EXISTS (SELECT FROM parked) AS anything_parked FROM fresh;

-- add: One parcel for each partition that this transaction has something to say to. `parcel` is a type of its own, never altered.
INSERT INTO outbox (topic, part, keys, payloads) SELECT topic, part, keys, payloads FROM unnest($1::parcel[]);

-- lease: Says that this relay is there, takes free or lapsed lanes up to a fair share, keeps its own, lets go of surplus.
WITH here AS (
    INSERT INTO relays (owner, until) VALUES ($1, now() + $2) ON CONFLICT (owner) DO UPDATE SET until = excluded.until
), others AS (
    SELECT count(*) AS n FROM relays WHERE until > now() AND owner <> $1
), share AS (
    SELECT ceil((SELECT count(*) FROM lease) / (n + 1.0))::int AS n FROM others
), wanted AS (
    SELECT lane FROM lease WHERE owner = $1 OR until <= now() ORDER BY (owner = $1 AND until > now()) DESC, lane
    LIMIT (SELECT n FROM share) FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE lease SET until = '-infinity' WHERE owner = $1 AND lane NOT IN (SELECT lane FROM wanted)
)
UPDATE lease SET owner = $1, until = now() + $2 WHERE lane IN (SELECT lane FROM wanted) RETURNING lane;

-- release: Leaves, and gives the lanes back, so that nobody waits for the lease to lapse.
WITH gone AS (
    DELETE FROM relays WHERE owner = $1 OR until < now() - interval '1 hour'
)
UPDATE lease SET until = '-infinity' WHERE owner = $1;

-- take: Forgets the acknowledged parcels and reads the oldest of each line (topic and partition) in my lanes that is not held.
-- It begins at the oldest that is alive: while somebody holds a snapshot the dead ones stay, and are passed once a round.
WITH RECURSIVE gone AS (
    DELETE FROM outbox WHERE id = ANY ($1::bigint[])
), line AS (
    (SELECT topic, part, id AS oldest FROM outbox ORDER BY topic, part, id LIMIT 1)
    UNION ALL
    SELECT n.topic, n.part, n.id FROM line CROSS JOIN LATERAL (
        SELECT o.topic, o.part, o.id FROM outbox o
        WHERE (o.topic, o.part) > (line.topic, line.part) ORDER BY o.topic, o.part, o.id LIMIT 1
    ) n
)
SELECT p.id, line.topic, line.part, p.keys, p.payloads
FROM line CROSS JOIN LATERAL (
    SELECT o.id, o.keys, o.payloads FROM outbox o
    WHERE o.topic = line.topic AND o.part = line.part AND o.id >= line.oldest AND o.id <> ALL ($1::bigint[])
    ORDER BY o.id LIMIT 4
) p
WHERE line.part % 12 = ANY ($2::int[])
  AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::int[]) AS h (topic, part) WHERE h.topic = line.topic AND h.part = line.part)
ORDER BY p.id;

-- put_timers: Sets timers; one whose day moved, or that was dropped, waits again under a new revision.
INSERT INTO timers (about, milestone, step, recipient, day, due, touches, cause, correlation)
SELECT about, milestone, step, recipient, day, due, touches, cause, correlation
FROM json_to_recordset($1::json)
     AS t (about text, milestone text, step text, recipient text, day date, due timestamptz, touches text[], cause uuid, correlation uuid)
ORDER BY about, milestone, step, recipient
ON CONFLICT (about, milestone, step, recipient) DO UPDATE
SET day = excluded.day, due = excluded.due, touches = excluded.touches, cause = excluded.cause, correlation = excluded.correlation,
    revision = timers.revision + 1, state = 'pending', settled_at = NULL
WHERE timers.due <> excluded.due OR timers.state = 'dropped';

-- drop_timers: What is pending of these milestones will not happen.
UPDATE timers t SET state = 'dropped', settled_at = now()
FROM unnest($1::text[], $2::text[]) AS d (about, milestone)
WHERE t.about = d.about AND t.milestone = d.milestone AND t.state = 'pending';

-- due_timers: What is due by this moment; a step that a later one of its milestone overtook is only to be recorded.
SELECT about, milestone, step, recipient, day, revision, touches, cause, correlation, overtaken
FROM (
    SELECT about, milestone, step, recipient, day, due, revision, touches, cause, correlation,
           day < max(day) OVER (PARTITION BY about, milestone) AS overtaken
    FROM timers WHERE state = 'pending' AND due <= $1
) AS pending
ORDER BY due, about, milestone, step, recipient LIMIT 500;

-- settle_timers: Records what became of them, unless their day moved meanwhile.
UPDATE timers t SET state = CASE WHEN s.overtaken THEN 'skipped' ELSE 'done' END, settled_at = now()
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::boolean[])
     AS s (about, milestone, step, recipient, revision, overtaken)
WHERE t.about = s.about AND t.milestone = s.milestone AND t.step = s.step AND t.recipient = s.recipient
  AND t.revision = s.revision AND t.state = 'pending';

-- blocked: Which of these keys have something parked.
SELECT DISTINCT k FROM parked CROSS JOIN LATERAL unnest(keys) AS k WHERE keys && $1::text[] AND k = ANY ($1::text[]);

-- park: Puts these aside in their order; without an error a message only stands behind another of its key.
INSERT INTO parked (topic, part, place, stamped, record_key, headers, value, keys, kind, heard_at, error, detail)
SELECT topic, part, place, stamped, record_key, headers, value, string_to_array(keys, ' '), kind, heard_at, error, detail
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[], $9::text[],
            $10::timestamptz[], $11::text[], $12::text[])
     WITH ORDINALITY AS p (topic, part, place, stamped, record_key, headers, value, keys, kind, heard_at, error, detail, nth)
ORDER BY nth;

-- standing: The next portion of what is parked, in order, with whether it may go on as soon as nothing stands before it.
SELECT seq, topic, kind, keys, error IS NULL OR replay AS willing FROM parked WHERE seq > $1 ORDER BY seq LIMIT $2;

-- parked: These parked messages, whole.
SELECT seq, topic, part, place, stamped, record_key, headers, value, heard_at FROM parked WHERE seq = ANY ($1::bigint[]) ORDER BY seq;

-- unpark: Takes these out of the parking place; who deletes a row is the one who handles it.
DELETE FROM parked WHERE seq = ANY ($1::bigint[]) RETURNING seq;

-- stay: This one stays parked, with what is wrong with it.
UPDATE parked SET error = $2, detail = $3, replay = false WHERE seq = $1;
