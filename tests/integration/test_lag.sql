-- advance_one_partition: the stored offset of partition 0 of a topic
INSERT INTO consumer_offsets (cluster_id, topic_id, partition, next_offset) SELECT cluster_id, topic_id, 0, 0 FROM topology WHERE topic = $1;
