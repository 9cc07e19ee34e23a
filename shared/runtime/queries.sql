-- topology: What the bus is made of, as `tandem kafka apply` left it.
SELECT topic, cluster_id, topic_id, partitions FROM topology;

-- forget_inbox: Ids older than any repeat that could still come.
DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE at < now() - interval '30 days' LIMIT 10000);

-- forget_timers: Settled timers, kept longer than the inbox keeps their ids.
DELETE FROM timers WHERE ctid IN (SELECT ctid FROM timers WHERE settled_at < now() - interval '40 days' LIMIT 10000);
