-- outbox: Count the messages that the relay has not published yet.
SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox;

-- dead_letters: Count failed messages, and those that they block.
SELECT count(*) FROM dead_letters;

-- timers: Count pending timers.
SELECT count(*) FROM timers WHERE state = 'pending';

-- next_due: Return the day of the next pending timer.
SELECT min(day) FROM timers WHERE state = 'pending';

-- emails_queued: Count the emails that wait to be sent.
SELECT count(*) FROM emails WHERE status = 'waiting';

-- emails_failed: Count the emails that will not arrive; a person must look.
SELECT count(*) FROM emails WHERE status = 'failed';

-- lag: Return the next offset of each partition of the consumed topics, to compare with its end; 0 if none was processed yet.
SELECT t.topic, every.partition, coalesce(o.next_offset, 0) AS next_offset
FROM topology t CROSS JOIN generate_series(0, t.partitions - 1) AS every (partition)
LEFT JOIN consumer_offsets o ON (o.cluster_id, o.topic_id, o.partition) = (t.cluster_id, t.topic_id, every.partition)
WHERE EXISTS (SELECT FROM consumer_offsets c WHERE (c.cluster_id, c.topic_id) = (t.cluster_id, t.topic_id));
