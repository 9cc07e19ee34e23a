-- one_partition_taken_up: A service that has read one partition of a topic so far.
INSERT INTO consumer_offsets (cluster_id, topic_id, partition, next_offset) SELECT cluster_id, topic_id, 0, 0 FROM topology WHERE topic = $1;
