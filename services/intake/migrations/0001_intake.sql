-- Who is in the books: organisations with their answers, open vacancies, experts; and the events that were accepted.
CREATE TABLE organisations (
    id            uuid    PRIMARY KEY,
    owner         text    NOT NULL,
    status        text    NOT NULL CHECK (status IN ('interested', 'taking_part')),
    sector        text    NOT NULL,
    motives       text[]  NOT NULL CHECK (cardinality(motives) > 0),
    target_groups text[]  NOT NULL CHECK (cardinality(target_groups) > 0),
    language      text    NOT NULL,
    zone          text    NOT NULL,
    municipality  boolean NOT NULL,
    by_data       text[]  NOT NULL,
    answers       jsonb   NOT NULL CHECK (jsonb_typeof(answers) = 'object'),
    policy        int     NOT NULL
);
COMMENT ON TABLE organisations IS 'What a partner submitted of an organisation, without names and words, and its answers to the catalogue.';

CREATE TABLE vacancies (
    id           uuid    PRIMARY KEY,
    owner        text    NOT NULL,
    organisation uuid    NOT NULL REFERENCES organisations,
    tandem       boolean NOT NULL,
    by_data      text[]  NOT NULL,
    answers      jsonb   NOT NULL CHECK (jsonb_typeof(answers) = 'object'),
    policy       int     NOT NULL
);
CREATE INDEX vacancies_organisation ON vacancies (organisation);
COMMENT ON TABLE vacancies IS 'Open places, with the answers to the catalogue that belong to them.';

CREATE TABLE experts (
    id      uuid   PRIMARY KEY,
    owner   text   NOT NULL,
    missing text[] NOT NULL CHECK (missing <@ ARRAY['own_experience', 'behind_the_person', 'training']),
    policy  int    NOT NULL
);
COMMENT ON TABLE experts IS 'People with experience; an expert where no criterion is missing.';

CREATE TABLE submissions (
    id        uuid        PRIMARY KEY,
    digest    bytea       NOT NULL CHECK (length(digest) = 32),
    tandem_id uuid        NOT NULL,
    filed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX submissions_filed_at ON submissions USING brin (filed_at);
COMMENT ON TABLE submissions IS 'Accepted events by their source and id, kept 30 days: the same body again is a duplicate, another one a conflict.';
