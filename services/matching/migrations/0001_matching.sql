-- The pool of experts, the vacancies with their shortlist and proposal, and the requests for shortlists.
-- top_candidates reads the pool in one pass: its columns come first in the row. No index was faster for 100,000 experts (65 ms).
CREATE TABLE experts (
    expert              uuid PRIMARY KEY,
    policy_version      int NOT NULL,
    hours_min           int,
    hours_max           int,
    available_from      date,
    traits              varbit,
    placed_match        uuid UNIQUE,
    regions             text[],
    possible_duplicates uuid[],
    profile             json,
    open_proposals      json NOT NULL,
    placement           json,
    CHECK (hours_min <= hours_max),
    CHECK ((placed_match IS NULL) = (placement IS NULL)),
    CHECK (num_nulls(hours_min, hours_max, available_from, traits, regions, profile) IN (0, 6))
) WITH (fillfactor = 80);
COMMENT ON TABLE experts IS 'Experts: profile and search columns while in the pool, open proposals, and the match that became their tandem.';

CREATE TABLE vacancies (
    vacancy             uuid PRIMARY KEY,
    policy_version      int  NOT NULL,
    opened              json NOT NULL,
    candidate_ids       text NOT NULL,
    shortlist_digest      text NOT NULL,
    last_request_number int  NOT NULL,
    revision            int  NOT NULL,
    eligible_count      int  NOT NULL,
    declined_experts    json NOT NULL,
    proposal_count      int  NOT NULL,
    proposal            json,
    placed_expert       uuid CONSTRAINT one_tandem_per_expert UNIQUE,
    CHECK (placed_expert IS NULL OR (json_array_length(proposal -> 'accepted_by') = 2) IS TRUE)
) WITH (fillfactor = 80, toast_tuple_target = 4080); -- compressing `opened` would cost more than the rest of a save
COMMENT ON TABLE vacancies IS 'Vacancies as opened, the last shortlist, the proposal, and the expert placed once both sides accepted.';

CREATE TABLE shortlist_requests (
    vacancy        uuid PRIMARY KEY,
    cause_id       uuid NOT NULL,
    correlation_id uuid NOT NULL,
    requested      int  NOT NULL CHECK (requested >= completed),
    completed      int  NOT NULL DEFAULT 0,
    due_at         timestamptz NOT NULL,
    claimed_until  timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX shortlist_requests_due_idx ON shortlist_requests (due_at) WHERE requested > completed;
COMMENT ON TABLE shortlist_requests IS 'Numbers of the last shortlist requested and completed for each vacancy. The cause is the message that opened it.';

CREATE TABLE pool_changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
COMMENT ON TABLE pool_changes IS 'A row for each transaction that changed the pool, until request_all has consumed it.';
