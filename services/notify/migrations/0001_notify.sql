-- State of notify: copies of other services' messages, contact data, free text, and the queue of emails.
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
    key            text  PRIMARY KEY,
    organisation   uuid,
    tasks          jsonb NOT NULL,
    hours          int   NOT NULL,
    region         text  NOT NULL,
    tandem_form    text  NOT NULL,
    partners       int   NOT NULL CHECK (partners >= 0),
    starts_on      date,
    language       text  CHECK (language IN ('nl-BE', 'nl-NL')),
    zone           text,
    missing_s      jsonb NOT NULL,
    revision       int   NOT NULL,
    eligible_count int NOT NULL,
    candidates     jsonb NOT NULL,
    picked         uuid,
    picked_first_day date,
    match          uuid
) WITH (fillfactor = 80);

CREATE INDEX vacancies_organisation_idx ON vacancies (organisation);

CREATE TABLE proposals (
    key                     text    PRIMARY KEY,
    status                  text    NOT NULL CHECK (status IN ('unknown', 'open', 'declined', 'expired', 'withdrawn', 'formed')),
    vacancy                 uuid,
    organisation            uuid,
    expert                  uuid,
    reasons_for             jsonb   NOT NULL,
    reasons_against         jsonb   NOT NULL,
    not_used                jsonb   NOT NULL,
    tandem_form             text    NOT NULL,
    starts_on               date,
    zone                    text    NOT NULL,
    expert_answers_by       date,
    organisation_answers_by date,
    expert_answer           text    CHECK (expert_answer IN ('yes', 'no')),
    organisation_answer     text    CHECK (organisation_answer IN ('yes', 'no')),
    expert_reply            text    CHECK (expert_reply IN ('yes', 'no')),
    organisation_reply      text    CHECK (organisation_reply IN ('yes', 'no')),
    requested_first_day     date
) WITH (fillfactor = 80);

CREATE TABLE tandems (
    key              text PRIMARY KEY,
    vacancy          uuid,
    organisation     uuid,
    expert           uuid,
    starts_on        date,
    zone             text NOT NULL,
    began_on         date,
    "on"             date,
    at               time,
    sequence         int  NOT NULL CHECK (sequence >= 0),
    held_on          date,
    reported_held_on date,
    requested_date   date,
    requested_time   time,
    CHECK (held_on IS NULL OR "on" IS NOT NULL)
) WITH (fillfactor = 80);

CREATE INDEX proposals_open_organisation_idx ON proposals (organisation) WHERE status = 'open';
CREATE INDEX proposals_open_expert_idx ON proposals (expert) WHERE status = 'open';
CREATE INDEX tandems_organisation_idx ON tandems (organisation) WHERE held_on IS NULL;
CREATE INDEX tandems_expert_idx ON tandems (expert) WHERE held_on IS NULL;
CREATE INDEX tandems_vacancy_idx ON tandems (vacancy) WHERE held_on IS NULL;

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
COMMENT ON TABLE contacts IS 'Contact data of the person in a role. No other service can read it.';

CREATE INDEX contacts_former_idx ON contacts (about) WHERE about LIKE 'former/%';

CREATE TABLE contact_changes (
    id          uuid        PRIMARY KEY,
    about       text        NOT NULL,
    role        text        NOT NULL,
    nth         int         NOT NULL,
    left_role   boolean     NOT NULL,
    correlation uuid        NOT NULL,
    traceparent text,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE contact_changes IS 'Changed names and addresses, until the open emails of these people have been queued again.';
COMMENT ON COLUMN contact_changes.left_role IS 'The role passed to another person; the contact data of the former one stay in contacts as former/<id> until no email waits for them.';

CREATE TABLE texts (
    about text NOT NULL,
    field text NOT NULL,
    text  text NOT NULL,
    PRIMARY KEY (about, field)
);
COMMENT ON TABLE texts IS 'Free text that people wrote, shown in emails and on pages only.';

CREATE TABLE form_drafts (
    id         uuid        PRIMARY KEY,
    sender     text        NOT NULL,
    fields     jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX form_drafts_created_at_idx ON form_drafts (created_at);
COMMENT ON TABLE form_drafts IS 'Forms with errors, until the person corrected them: at most a day. They may hold free text.';

CREATE TABLE emails (
    id              uuid        PRIMARY KEY,
    cause           uuid        NOT NULL,
    correlation     uuid        NOT NULL,
    traceparent     text,
    template        text        NOT NULL,
    subject         text        NOT NULL,
    role            text        NOT NULL,
    recipient_index int         NOT NULL,
    about           text        NOT NULL,
    facts           jsonb       NOT NULL,
    requested_at    timestamptz NOT NULL,
    expires_at      timestamptz,
    status          text        NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'failed', 'skipped')),
    reason          text        CHECK (reason IN ('rejected', 'no_contact', 'gave_up', 'bad_address', 'not_rendered', 'expired',
                                                  'rescheduled', 'already_held', 'duplicate_recipient')),
    send_attempts   int         NOT NULL DEFAULT 0 CHECK (send_attempts BETWEEN 0 AND 2),
    accepted        boolean     NOT NULL DEFAULT false,
    deferrals       int         NOT NULL DEFAULT 0,
    recipient       text,
    attempted_at    timestamptz,
    due_at          timestamptz NOT NULL DEFAULT now(),
    claimed_by      text,
    claimed_until   timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (cause, template, subject, role, recipient_index),
    CHECK ((status IN ('failed', 'skipped')) = (reason IS NOT NULL)),
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX emails_due_idx ON emails (due_at) WHERE status = 'waiting';
CREATE INDEX emails_about_idx ON emails (about);
CREATE INDEX emails_failed_idx ON emails (id) WHERE status = 'failed';
COMMENT ON TABLE emails IS 'One row per cause, template and person.';
COMMENT ON COLUMN emails.requested_at IS 'Time of the message that led to the email.';
COMMENT ON COLUMN emails.expires_at IS 'From this moment on the email is out of date, and is skipped.';
COMMENT ON COLUMN emails.send_attempts IS 'Attempts that may have reached the person, counted before each; at most two.';
COMMENT ON COLUMN emails.recipient IS 'Digest of the name and address that the latest attempt went to.';
COMMENT ON COLUMN emails.accepted IS 'The mail server accepted the email; its outcome may not have been published yet.';
COMMENT ON COLUMN emails.deferrals IS 'Times the email was put back in the queue; the backoff grows with it.';
COMMENT ON COLUMN emails.claimed_until IS 'End of the lease of the process that sends the email (claimed_by).';
