-- What notify keeps for its pages and letters: its own copies of what others said, contact data, and the letters themselves.
CREATE TABLE organisations (
    key       text  PRIMARY KEY,
    language  text  CHECK (language IN ('nl-BE', 'nl-NL')),
    zone      text,
    missing_b jsonb NOT NULL,
    missing_s jsonb NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE experts (
    key         text  PRIMARY KEY,
    language    text  CHECK (language IN ('nl-BE', 'nl-NL')),
    zone        text,
    experience  text  CHECK (experience IN ('starting', 'experienced')),
    competences jsonb NOT NULL,
    missing     jsonb NOT NULL,
    next_step   text  CHECK (next_step IN ('training', 'talk'))
);

CREATE TABLE vacancies (
    key          text  PRIMARY KEY,
    organisation uuid,
    tasks        jsonb NOT NULL,
    hours        int   NOT NULL,
    region       text  NOT NULL,
    tandem_form  text  NOT NULL,
    partners     int   NOT NULL CHECK (partners >= 0),
    starts_on    date,
    language     text  CHECK (language IN ('nl-BE', 'nl-NL')),
    zone         text,
    missing_s    jsonb NOT NULL,
    revision     int   NOT NULL,
    total        int   NOT NULL,
    candidates   jsonb NOT NULL,
    picked       uuid,
    match        uuid
) WITH (fillfactor = 80);

CREATE INDEX vacancies_organisation ON vacancies (organisation);

CREATE TABLE proposals (
    key                     text    PRIMARY KEY,
    status                  text    NOT NULL CHECK (status IN ('unknown', 'open', 'declined', 'expired', 'withdrawn', 'formed')),
    vacancy                 uuid,
    organisation            uuid,
    expert                  uuid,
    reasons_for              jsonb   NOT NULL,
    reasons_against          jsonb   NOT NULL,
    not_used                jsonb   NOT NULL,
    tandem_form             text    NOT NULL,
    starts_on               date,
    zone                    text    NOT NULL,
    expert_answers_by       date,
    organisation_answers_by date,
    expert_answer           text    CHECK (expert_answer IN ('yes', 'no')),
    organisation_answer     text    CHECK (organisation_answer IN ('yes', 'no'))
) WITH (fillfactor = 80);

CREATE TABLE tandems (
    key          text    PRIMARY KEY,
    vacancy      uuid,
    organisation uuid,
    expert       uuid,
    starts_on    date,
    zone         text    NOT NULL,
    began_on     date,
    "on"         date,
    at           time,
    sequence     int     NOT NULL CHECK (sequence >= 0),
    held_on      date,
    said_held_on date,
    said_to      date,
    said_at      time,
    CHECK (held_on IS NULL OR "on" IS NOT NULL)
) WITH (fillfactor = 80);

CREATE TABLE contacts (
    about    text NOT NULL,
    role     text NOT NULL,
    nth      int  NOT NULL,
    name     text NOT NULL,
    email    text NOT NULL,
    phone    text,
    language text NOT NULL CHECK (language IN ('nl-BE', 'nl-NL')),
    zone     text NOT NULL,
    PRIMARY KEY (about, role, nth)
);
COMMENT ON TABLE contacts IS 'How to reach the person in a role. No other service can read it.';

CREATE TABLE texts (
    about text NOT NULL,
    field text NOT NULL,
    text  text NOT NULL,
    PRIMARY KEY (about, field)
);
COMMENT ON TABLE texts IS 'Words that people wrote, for mails and pages alone.';

CREATE TABLE letters (
    id          uuid        PRIMARY KEY,
    cause       uuid        NOT NULL,
    correlation uuid        NOT NULL,
    traceparent text,
    template    text        NOT NULL,
    subject     text        NOT NULL,
    role        text        NOT NULL,
    nth         int         NOT NULL,
    about       text        NOT NULL,
    facts       jsonb       NOT NULL,
    time        timestamptz NOT NULL,
    until       timestamptz,
    status      text        NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'failed', 'skipped')),
    because     text        CHECK (because IN ('refused', 'no_contact', 'gave_up', 'past', 'moved', 'held', 'merged')),
    attempts    int         NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 2),
    accepted    boolean     NOT NULL DEFAULT false,
    tries       int         NOT NULL DEFAULT 0,
    due         timestamptz NOT NULL DEFAULT now(),
    owner       text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cause, template, subject, role, nth),
    CHECK ((status IN ('failed', 'skipped')) = (because IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX letters_due ON letters (due) WHERE status = 'waiting';
CREATE INDEX letters_failed ON letters (id) WHERE status = 'failed';
COMMENT ON TABLE letters IS 'Mails: once for each cause, template and person. due is also the lease of the process that sends it (owner).';
COMMENT ON COLUMN letters.until IS 'From here on it would say what is no longer so, and is skipped.';
COMMENT ON COLUMN letters.attempts IS 'Sendings that may have reached the person, counted before each: two at most.';
COMMENT ON COLUMN letters.accepted IS 'The mail server took it; the message that says so may still be on its way.';
