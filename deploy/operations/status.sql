-- outbox: messages that wait for the relay
SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox;

-- parked: dead letters, blocked ones included
SELECT count(*) FROM dead_letters;

-- timers: what is due later
SELECT count(*) FROM timers WHERE state = 'pending';

-- next_due: the first day of those
SELECT min(day) FROM timers WHERE state = 'pending';

-- emails: emails that wait to be sent
SELECT count(*) FROM emails WHERE status = 'waiting';

-- failed: mails that will not arrive; a person must look
SELECT count(*) FROM emails WHERE status = 'failed';

-- lag: how far each partition of a topic that is read was handled, or not at all yet, to set against its end
SELECT t.topic, every.partition, coalesce(o.next_offset, 0) AS next_offset
FROM topology t CROSS JOIN generate_series(0, t.partitions - 1) AS every (partition)
LEFT JOIN consumer_offsets o ON (o.cluster_id, o.topic_id, o.partition) = (t.cluster_id, t.topic_id, every.partition)
WHERE EXISTS (SELECT FROM consumer_offsets c WHERE (c.cluster_id, c.topic_id) = (t.cluster_id, t.topic_id));
