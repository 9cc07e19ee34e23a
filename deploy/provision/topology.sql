-- upsert_topology: Store the topics of the cluster for the service whose schema is the search path.
INSERT INTO topology (topic, topic_id, cluster_id, partitions)
SELECT topic, topic_id, cluster_id, partitions
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS found (topic, topic_id, cluster_id, partitions)
ON CONFLICT (topic) DO UPDATE
SET (topic_id, cluster_id, partitions) = ROW (excluded.topic_id, excluded.cluster_id, excluded.partitions);

-- is_active: Return true if a process of this service runs, or its outbox is not empty.
SELECT EXISTS (SELECT FROM relay_leases WHERE expires_at > now()) OR EXISTS (SELECT FROM outbox);
