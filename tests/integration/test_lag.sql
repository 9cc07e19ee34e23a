-- one_partition_taken_up: A service that has read one partition of a topic so far.
INSERT INTO positions (cluster_id, topic_id, part, next) SELECT cluster_id, topic_id, 0, 0 FROM topology WHERE topic = $1;
