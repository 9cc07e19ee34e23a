-- The pool, the vacancies with their shortlist and proposal, and the draws that are still to be made.
-- A draw reads what it needs of everybody in one pass: it stands first in the row, and no index was faster for 100 000 (65 ms).
CREATE TABLE experts (
    expert         uuid PRIMARY KEY,
    policy         int  NOT NULL,
    hours_min      int,
    hours_max      int,
    available_from date,
    traits         bit(224),
    placed         uuid UNIQUE,
    regions        text[],
    profile        json,
    proposed       json NOT NULL,
    CHECK (hours_min <= hours_max),
    CHECK (num_nulls(hours_min, hours_max, available_from, traits, regions, profile) IN (0, 6))
) WITH (fillfactor = 80);
COMMENT ON TABLE experts IS 'Who is in the pool (with a profile, and what a draw asks of it), what is proposed to them, what placed them.';

CREATE TABLE vacancies (
    vacancy   uuid    PRIMARY KEY,
    policy    int     NOT NULL,
    sought    json    NOT NULL,
    listed    text    NOT NULL,
    reasons   text    NOT NULL,
    drawn     int     NOT NULL,
    revision  int     NOT NULL,
    eligible_count     int     NOT NULL,
    declined  json    NOT NULL,
    proposals int     NOT NULL,
    proposal  json,
    placed    uuid    CONSTRAINT one_tandem_an_expert UNIQUE,
    CHECK (placed IS NULL OR (json_array_length(proposal -> 'yes') = 2) IS TRUE)
) WITH (fillfactor = 80, toast_tuple_target = 4080); -- compressing what is sought would cost more than the rest of a save
COMMENT ON TABLE vacancies IS 'What is sought (as it was heard), who can do it, the one proposal, and whom it placed when both said yes.';

CREATE TABLE draws (
    vacancy       uuid PRIMARY KEY,
    cause         uuid NOT NULL,
    correlation   uuid NOT NULL,
    wanted        int  NOT NULL CHECK (wanted >= drawn),
    drawn         int  NOT NULL DEFAULT 0,
    due           timestamptz NOT NULL,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX draws_due ON draws (due) WHERE wanted > drawn;
COMMENT ON TABLE draws IS 'How many draws were asked for each vacancy, and the last one made. The cause is what opened the vacancy.';

CREATE TABLE pool_changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
COMMENT ON TABLE pool_changes IS 'A row for each transaction that changed the pool, until the open vacancies are marked for a new draw.';
