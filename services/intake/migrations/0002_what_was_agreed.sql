-- What was agreed and asked: hours for the dialogue, sessions with attendance, the form of the contract. Rows from before have none.
ALTER TABLE organisations
    ADD COLUMN dialogue_hours int   NOT NULL DEFAULT 0 CHECK (dialogue_hours >= 0),
    ADD COLUMN sessions       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(sessions) = 'object');
ALTER TABLE vacancies
    ADD COLUMN contract text NOT NULL DEFAULT 'unknown' CHECK (contract IN ('unknown', 'permanent', 'fixed_term', 'replacement'));
ALTER TABLE organisations ALTER dialogue_hours DROP DEFAULT, ALTER sessions DROP DEFAULT;
ALTER TABLE vacancies ALTER contract DROP DEFAULT;
