-- Organisations with their answers to the readiness catalogue, open vacancies, experts, and the events that were accepted.
CREATE TABLE organisations (
    id               uuid    PRIMARY KEY,
    owner            text    NOT NULL,
    policy_version   int     NOT NULL,
    answered_by_data text[]  NOT NULL,
    answers          jsonb   NOT NULL CHECK (jsonb_typeof(answers) = 'object'),
    optional_texts   text[]  NOT NULL,
    status           text    NOT NULL CHECK (status IN ('interested', 'taking_part')),
    sector           text    NOT NULL,
    motives          text[]  NOT NULL CHECK (cardinality(motives) > 0),
    target_groups    text[]  NOT NULL CHECK (cardinality(target_groups) > 0),
    language         text    NOT NULL,
    zone             text    NOT NULL,
    municipality     boolean NOT NULL,
    dialogue_hours   int     NOT NULL CHECK (dialogue_hours >= 0),
    sessions         jsonb   NOT NULL CHECK (jsonb_typeof(sessions) = 'object')
);
COMMENT ON TABLE organisations IS 'Organisations as submitted, without names and free text, with their answers to the readiness catalogue.';

CREATE TABLE vacancies (
    id               uuid    PRIMARY KEY,
    owner            text    NOT NULL,
    policy_version   int     NOT NULL,
    answered_by_data text[]  NOT NULL,
    answers          jsonb   NOT NULL CHECK (jsonb_typeof(answers) = 'object'),
    optional_texts   text[]  NOT NULL,
    organisation     uuid    NOT NULL REFERENCES organisations,
    has_tandem       boolean NOT NULL,
    contract_form    text    NOT NULL CHECK (contract_form IN ('permanent', 'fixed_term', 'replacement')),
    content          text    NOT NULL,
    partner_contacts text[]  NOT NULL
);
CREATE INDEX vacancies_organisation_idx ON vacancies (organisation);
COMMENT ON TABLE vacancies IS 'Open vacancies, with the answers to the readiness catalogue that belong to them.';
COMMENT ON COLUMN vacancies.content IS 'Hash of the submission without contact data.';
COMMENT ON COLUMN vacancies.partner_contacts IS 'Keyed hash of the contact data of each tandem partner.';

CREATE TABLE experts (
    id                  uuid   PRIMARY KEY,
    owner               text   NOT NULL,
    policy_version      int    NOT NULL,
    missing             text[] NOT NULL CHECK (missing <@ ARRAY['own_experience', 'behind_the_person', 'training']),
    possible_duplicates uuid[] NOT NULL
);
COMMENT ON TABLE experts IS 'People with experience; experts are those without a missing criterion.';

CREATE TABLE persons (
    id      uuid   PRIMARY KEY,
    experts uuid[] NOT NULL
);
COMMENT ON TABLE persons IS 'Keyed hashes of name and address, with the experts submitted under them: one person under two ids.';

CREATE TABLE accepted_events (
    id          uuid        PRIMARY KEY,
    digest      bytea       NOT NULL CHECK (length(digest) = 32),
    tandem_id   uuid        NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX accepted_events_accepted_at_idx ON accepted_events USING brin (accepted_at);
COMMENT ON TABLE accepted_events IS 'Accepted events by source and id, kept for 30 days: the same body again is a duplicate, another body a conflict.';
