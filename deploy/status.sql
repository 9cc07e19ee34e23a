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

-- lag: how far each partition was handled, for `waiting` to set against its end
SELECT t.topic, p.part, p.next FROM positions p JOIN topology t USING (cluster_id, topic_id);
