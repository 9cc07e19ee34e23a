-- Tandems with their evaluation, and what organisations and vacancies still miss before the first day.
CREATE TABLE tandems (
    tandem            uuid PRIMARY KEY,
    policy            int  NOT NULL,
    match             uuid NOT NULL UNIQUE,
    vacancy           uuid NOT NULL UNIQUE,
    organisation      uuid NOT NULL,
    expert            uuid NOT NULL,
    tandem_form       text NOT NULL,
    starts_on         date NOT NULL,
    zone              text NOT NULL,
    language          text,
    waits             boolean NOT NULL,
    exploring_since   date,
    invited           boolean NOT NULL,
    evaluation_on     date NOT NULL,
    evaluation_at     time,
    evaluation_zone   text NOT NULL,
    sequence          int  NOT NULL CHECK (sequence >= 0),
    held_on           date CHECK (held_on >= starts_on)
) WITH (fillfactor = 80);
COMMENT ON TABLE tandems IS 'Pairs. There is none without an evaluation, and nothing deletes it.';

CREATE TABLE readiness (
    about     text   PRIMARY KEY,
    missing_b text[] NOT NULL,
    missing_s text[] NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE readiness IS 'What an organisation or a vacancy still misses before the first working day, as last heard.';
