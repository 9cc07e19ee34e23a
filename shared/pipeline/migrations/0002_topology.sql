-- What the bus is made of, as `tandem kafka apply` left it. The outbox needs the partitions; positions are tied to both ids.
CREATE TABLE topology (
    topic      text PRIMARY KEY,
    topic_id   text NOT NULL,
    cluster_id text NOT NULL,
    partitions int NOT NULL CHECK (partitions > 0)
);
