-- Tandems with their evaluation, and what organisations and vacancies still lack before the first working day.
CREATE TABLE tandems (
    tandem          uuid PRIMARY KEY,
    policy_version  int  NOT NULL,
    match           uuid NOT NULL UNIQUE,
    vacancy         uuid NOT NULL UNIQUE,
    organisation    uuid NOT NULL,
    expert          uuid NOT NULL,
    tandem_form     text NOT NULL,
    starts_on       date NOT NULL,
    zone            text NOT NULL,
    language        text,
    start_blocked   boolean NOT NULL,
    exploring_since date,
    invited         boolean NOT NULL,
    evaluation_on   date NOT NULL,
    evaluation_at   time,
    evaluation_zone text NOT NULL,
    sequence        int  NOT NULL CHECK (sequence >= 0),
    held_on         date CHECK (held_on >= starts_on)
) WITH (fillfactor = 80);
COMMENT ON TABLE tandems IS 'Tandems. None exists without an evaluation, and nothing deletes it (R132).';

CREATE TABLE readiness (
    key       text   PRIMARY KEY,
    missing_b text[] NOT NULL,
    missing_s text[] NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE readiness IS 'Items of gates B and S that an organisation or a vacancy (the entity key) still lacks.';
