-- The pool, the vacancies with their shortlist and proposal, and the draws that are still to be made.
-- A draw reads what it needs of everybody in one pass: it stands first in the row, and no index was faster for 100 000 (65 ms).
CREATE TABLE experts (
    expert          uuid PRIMARY KEY,
    policy          int  NOT NULL,
    hours_min       int,
    hours_max       int,
    available_from  date,
    traits          bit(224),
    placed          uuid UNIQUE,
    regions         text[],
    experience      text CHECK (experience IN ('starting', 'experienced')),
    task_categories text[],
    target_groups   text[],
    qualities       text[],
    interests       text[],
    competences     text[],
    languages       text[],
    language        text,
    zone            text,
    proposed        jsonb NOT NULL,
    CHECK (hours_min <= hours_max),
    CHECK (num_nulls(experience, task_categories, target_groups, qualities, interests, competences, languages, regions,
                     hours_min, hours_max, available_from, language, zone, traits) IN (0, 14))
) WITH (fillfactor = 80);
COMMENT ON TABLE experts IS 'Who is in the pool (with a profile), what is proposed to them, what placed them.';

CREATE TABLE vacancies (
    vacancy                 uuid   PRIMARY KEY,
    policy                  int    NOT NULL,
    organisation            uuid   NOT NULL,
    motives                 text[] NOT NULL,
    target_groups           text[] NOT NULL,
    tasks                   jsonb  NOT NULL,
    qualities               text[] NOT NULL,
    interests               text[] NOT NULL,
    competences             text[] NOT NULL,
    languages               text[] NOT NULL,
    region                  text   NOT NULL,
    hours                   int    NOT NULL,
    cooperation_form        text   NOT NULL,
    tandem_form             text   NOT NULL,
    partner_type            text,
    partners                int    NOT NULL,
    starts_on               date   NOT NULL,
    language                text   NOT NULL,
    zone                    text   NOT NULL,
    missing_s               text[] NOT NULL,
    drawn                   int    NOT NULL,
    revision                int    NOT NULL,
    total                   int    NOT NULL,
    listed                  uuid[] NOT NULL,
    reasons                 text   NOT NULL,
    declined                uuid[] NOT NULL,
    proposals               int    NOT NULL,
    match                   uuid   UNIQUE,
    proposed_to             uuid,
    proposed_form           text,
    proposed_start          date,
    proposed_zone           text,
    expert_answers_by       date,
    organisation_answers_by date,
    yes                     text[] CHECK (yes <@ '{expert,organisation}' AND cardinality(yes) <= 2),
    filled                  boolean NOT NULL,
    CHECK (num_nulls(match, proposed_to, proposed_form, proposed_start, proposed_zone, expert_answers_by,
                     organisation_answers_by, yes) IN (0, 8)),
    CHECK (NOT filled OR cardinality(yes) = 2)
) WITH (fillfactor = 80);
COMMENT ON TABLE vacancies IS 'What is sought, who can do it, and the one proposal. Filled: both said yes.';
CREATE UNIQUE INDEX one_tandem_an_expert ON vacancies (proposed_to) WHERE filled;

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
