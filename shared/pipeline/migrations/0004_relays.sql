-- One that has no lane yet is seen by those that have them all, and gets its share.
CREATE TABLE relays (
    owner uuid        PRIMARY KEY,
    until timestamptz NOT NULL
);
COMMENT ON TABLE relays IS 'Which relays are there: each gets a fair share of the lanes.';
