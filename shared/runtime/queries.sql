-- load_topology: Load the topics as `tandem kafka apply` recorded them.
SELECT topic, cluster_id, topic_id, partitions FROM topology;

-- purge_inbox: Delete ids that are older than any duplicate that could still arrive.
DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE processed_at < now() - interval '30 days' LIMIT 10000);

-- purge_timers: Delete finalized timers; they are kept longer than the inbox keeps their ids.
DELETE FROM timers WHERE ctid IN (SELECT ctid FROM timers WHERE finalized_at < now() - interval '40 days' LIMIT 10000);
