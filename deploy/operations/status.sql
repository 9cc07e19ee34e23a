-- outbox: messages that wait for the relay
SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox;

-- parked: messages put aside, with those behind them
SELECT count(*) FROM parked;

-- timers: what is due later
SELECT count(*) FROM timers WHERE state = 'pending';

-- next_due: the first day of those
SELECT min(day) FROM timers WHERE state = 'pending';

-- letters: mails that wait to be sent
SELECT count(*) FROM letters WHERE status = 'waiting';

-- failed: mails that will not arrive; a person must look
SELECT count(*) FROM letters WHERE status = 'failed';

-- lag: how far each partition of a topic that is read was handled, or not at all yet, to set against its end
SELECT t.topic, every.part, coalesce(p.next, 0) AS next
FROM topology t CROSS JOIN generate_series(0, t.partitions - 1) AS every (part)
LEFT JOIN positions p ON (p.cluster_id, p.topic_id, p.part) = (t.cluster_id, t.topic_id, every.part)
WHERE EXISTS (SELECT FROM positions o WHERE (o.cluster_id, o.topic_id) = (t.cluster_id, t.topic_id));
