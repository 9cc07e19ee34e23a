-- outbox: messages that the relay has not published yet
SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox;

-- dead_letters: failed messages, and those that they block
SELECT count(*) FROM dead_letters;

-- timers: pending timers
SELECT count(*) FROM timers WHERE state = 'pending';

-- next_due: the day of the next pending timer
SELECT min(day) FROM timers WHERE state = 'pending';

-- emails_queued: emails that are waiting to be sent
SELECT count(*) FROM emails WHERE status = 'waiting';

-- emails_failed: emails that will not arrive; a person must look
SELECT count(*) FROM emails WHERE status = 'failed';

-- lag: the next offset of every partition of the consumed topics, 0 where none was processed yet, to compare with its end
SELECT t.topic, every.partition, coalesce(o.next_offset, 0) AS next_offset
FROM topology t CROSS JOIN generate_series(0, t.partitions - 1) AS every (partition)
LEFT JOIN consumer_offsets o ON (o.cluster_id, o.topic_id, o.partition) = (t.cluster_id, t.topic_id, every.partition)
WHERE EXISTS (SELECT FROM consumer_offsets c WHERE (c.cluster_id, c.topic_id) = (t.cluster_id, t.topic_id));
