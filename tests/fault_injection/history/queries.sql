-- inbox: Every id that a service has handled; SERVICE is its schema.
SELECT id::text FROM SERVICE.inbox;

-- parked: What a service has put aside.
SELECT topic, partition, record_offset, kind, error FROM SERVICE.dead_letters;

-- waits: What waits in a service though nothing should.
SELECT 'outbox: ' || topic || '/' || partition AS what FROM SERVICE.outbox
UNION ALL SELECT 'timer due: ' || subject || ' ' || milestone FROM SERVICE.timers WHERE state = 'pending' AND due_at <= $1::timestamptz
UNION ALL SELECT 'to be tried again: ' || id FROM SERVICE.dead_letters WHERE status = 'replay_requested';

-- emails_waiting: Emails that are queued.
SELECT 'email: ' || template || ' ' || id AS what FROM notify.emails WHERE status = 'waiting';

-- draws_wait: Shortlists that are requested and not completed.
SELECT 'shortlist: ' || vacancy AS what FROM matching.shortlist_requests WHERE requested > completed
UNION ALL SELECT 'pool change: ' || id FROM matching.pool_changes;

-- locks: Locks and transactions that nobody should hold when all is quiet.
SELECT 'lock: ' || a.usename || ' ' || a.state AS what FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND a.usename LIKE 'tandem_%'
UNION ALL SELECT 'transaction: ' || usename FROM pg_stat_activity
WHERE usename LIKE 'tandem_%' AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s';

-- leases: Lanes of an outbox that nobody sends, while a process is there to.
SELECT 'lease: shard ' || shard AS what FROM SERVICE.relay_leases WHERE expires_at < now() - interval '2 s';

-- positions: How far a service has come with each partition.
SELECT t.topic, o.partition, o.next_offset FROM SERVICE.consumer_offsets o JOIN SERVICE.topology t USING (cluster_id, topic_id);

-- emails: All emails.
SELECT id, cause, template, status FROM notify.emails;

-- contacts: How people are reached.
SELECT about || '/contact/' || role || '-' || nth AS key, email FROM notify.contacts;

-- pool: Who is in matching's pool.
SELECT expert::text FROM matching.experts WHERE traits IS NOT NULL;

-- missing_s: What coaching knows to be missing.
SELECT key, missing_s FROM coaching.readiness;

-- answers: Answers to the catalogue in intake's books.
SELECT id::text, answers FROM intake.organisations UNION ALL SELECT id::text, answers FROM intake.vacancies;

-- tandems: The tandems, as coaching and as notify know them.
SELECT 'coaching' AS who, tandem::text AS tandem FROM coaching.tandems
UNION ALL SELECT 'notify', substr(key, 8) FROM notify.tandems WHERE vacancy IS NOT NULL;

-- proposals: What matching proposed to whom, and which of it became a tandem.
SELECT proposal ->> 'match' AS match, placed_expert IS NOT NULL AS formed FROM matching.vacancies WHERE proposal IS NOT NULL;

-- planned: The evaluations as coaching keeps them: how often each was planned.
SELECT tandem::text AS tandem, sequence FROM coaching.tandems;

-- unheard: Which of these ids a service has not handled.
SELECT id::text FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM SERVICE.inbox i WHERE i.id = id.id);
