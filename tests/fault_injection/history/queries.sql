-- inbox: Ids of the messages that a service has processed; SERVICE is its schema.
SELECT id::text FROM SERVICE.inbox;

-- dead_letters: Dead letters of a service.
SELECT topic, partition, record_offset, kind, error FROM SERVICE.dead_letters;

-- pending: Pending rows of a service: outbox batches, due timers, requested replays.
SELECT 'outbox: ' || topic || '/' || partition AS what FROM SERVICE.outbox
UNION ALL SELECT 'timer due: ' || subject || ' ' || milestone FROM SERVICE.timers WHERE state = 'pending' AND due_at <= $1::timestamptz
UNION ALL SELECT 'replay requested: ' || id FROM SERVICE.dead_letters WHERE status = 'replay_requested';

-- unsent_emails: Emails that are queued.
SELECT 'email: ' || template || ' ' || id AS what FROM notify.emails WHERE status = 'waiting';

-- pending_shortlists: Shortlists that are requested and not completed.
SELECT 'shortlist: ' || vacancy AS what FROM matching.shortlist_requests WHERE requested > completed
UNION ALL SELECT 'pool change: ' || id FROM matching.pool_changes;

-- locks: Advisory locks and open transactions of the services; none may remain in a quiet cluster.
SELECT 'lock: ' || a.usename || ' ' || a.state AS what FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND a.usename LIKE 'tandem_%'
UNION ALL SELECT 'transaction: ' || usename FROM pg_stat_activity
WHERE usename LIKE 'tandem_%' AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s';

-- expired_leases: Outbox shards that no relay holds.
SELECT 'lease: shard ' || shard AS what FROM SERVICE.relay_leases WHERE expires_at < now() - interval '2 s';

-- consumer_offsets: Stored next offset of each partition that a service consumes.
SELECT t.topic, o.partition, o.next_offset FROM SERVICE.consumer_offsets o JOIN SERVICE.topology t USING (cluster_id, topic_id);

-- emails: All emails.
SELECT id, cause, template, status FROM notify.emails;

-- contacts: Email addresses in notify, by record key of the contact.
SELECT about || '/contact/' || role || '-' || nth AS key, email FROM notify.contacts;

-- pool: Experts in matching's pool.
SELECT expert::text FROM matching.experts WHERE traits IS NOT NULL;

-- missing_s: Items that coaching stores as missing.
SELECT key, missing_s FROM coaching.readiness;

-- answers: Answers to the readiness catalogue that intake stores.
SELECT id::text, answers FROM intake.organisations UNION ALL SELECT id::text, answers FROM intake.vacancies;

-- tandems: Tandems that coaching and notify store.
SELECT 'coaching' AS service, tandem::text AS tandem FROM coaching.tandems
UNION ALL SELECT 'notify', substr(key, 8) FROM notify.tandems WHERE vacancy IS NOT NULL;

-- proposals: Matches that matching stores, and whether a tandem was formed.
SELECT proposal ->> 'match' AS match, placed_expert IS NOT NULL AS formed FROM matching.vacancies WHERE proposal IS NOT NULL;

-- evaluation_sequences: Sequence number of each evaluation that coaching stores.
SELECT tandem::text AS tandem, sequence FROM coaching.tandems;

-- unprocessed: Which of these ids a service has not processed.
SELECT id::text FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM SERVICE.inbox i WHERE i.id = id.id);
