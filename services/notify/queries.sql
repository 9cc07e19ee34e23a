-- load_organisations: These organisations.
SELECT key, language, zone, missing_b, missing_s FROM organisations WHERE key = ANY ($1::text[]);

-- save_organisations: All changed organisations at once.
INSERT INTO organisations (key, language, zone, missing_b, missing_s)
SELECT key, language, zone, missing_b, missing_s
FROM jsonb_to_recordset($1::jsonb)
     AS o (key text, language text, zone text, missing_b jsonb, missing_s jsonb)
ON CONFLICT (key) DO UPDATE SET (language, zone, missing_b, missing_s)
    = ROW (excluded.language, excluded.zone, excluded.missing_b, excluded.missing_s);

-- load_experts: These experts.
SELECT key, language, zone, experience, competences, missing, next_step FROM experts WHERE key = ANY ($1::text[]);

-- save_experts: All changed experts at once.
INSERT INTO experts (key, language, zone, experience, competences, missing, next_step)
SELECT key, language, zone, experience, competences, missing, next_step
FROM jsonb_to_recordset($1::jsonb)
     AS e (key text, language text, zone text, experience text, competences jsonb, missing jsonb, next_step text)
ON CONFLICT (key) DO UPDATE SET (language, zone, experience, competences, missing, next_step)
    = ROW (excluded.language, excluded.zone, excluded.experience, excluded.competences, excluded.missing, excluded.next_step);

-- load_vacancies: These vacancies with their lists.
SELECT key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision, total,
       candidates, picked, match
FROM vacancies WHERE key = ANY ($1::text[]);

-- save_vacancies: All changed vacancies at once.
INSERT INTO vacancies (key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s,
                       revision, total, candidates, picked, match)
SELECT key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision, total,
       candidates, picked, match
FROM jsonb_to_recordset($1::jsonb)
     AS v (key text, organisation uuid, tasks jsonb, hours int, region text, tandem_form text, partners int, starts_on date,
           language text, zone text, missing_s jsonb, revision int, total int, candidates jsonb, picked uuid, match uuid)
ON CONFLICT (key) DO UPDATE
SET (organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision, total,
     candidates, picked, match)
    = ROW (excluded.organisation, excluded.tasks, excluded.hours, excluded.region, excluded.tandem_form, excluded.partners,
           excluded.starts_on, excluded.language, excluded.zone, excluded.missing_s, excluded.revision, excluded.total,
           excluded.candidates, excluded.picked, excluded.match);

-- load_proposals: These proposals.
SELECT key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on,
       zone, expert_answers_by, organisation_answers_by, expert_answer, organisation_answer
FROM proposals WHERE key = ANY ($1::text[]);

-- save_proposals: All changed proposals at once.
INSERT INTO proposals (key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form,
                       starts_on, zone, expert_answers_by, organisation_answers_by, expert_answer,
                       organisation_answer)
SELECT key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on,
       zone, expert_answers_by, organisation_answers_by, expert_answer, organisation_answer
FROM jsonb_to_recordset($1::jsonb)
     AS p (key text, status text, vacancy uuid, organisation uuid, expert uuid, reasons_for jsonb, reasons_against jsonb,
           not_used jsonb, tandem_form text, starts_on date, zone text, expert_answers_by date,
           organisation_answers_by date, expert_answer text, organisation_answer text)
ON CONFLICT (key) DO UPDATE
SET (status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on, zone,
     expert_answers_by, organisation_answers_by, expert_answer, organisation_answer)
    = ROW (excluded.status, excluded.vacancy, excluded.organisation, excluded.expert, excluded.reasons_for,
           excluded.reasons_against, excluded.not_used, excluded.tandem_form, excluded.starts_on,
           excluded.zone, excluded.expert_answers_by, excluded.organisation_answers_by, excluded.expert_answer,
           excluded.organisation_answer);

-- load_tandems: These tandems.
SELECT key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, said_held_on, said_to, said_at
FROM tandems WHERE key = ANY ($1::text[]);

-- save_tandems: All changed tandems at once.
INSERT INTO tandems (key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on,
                     said_held_on, said_to, said_at)
SELECT key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, said_held_on, said_to, said_at
FROM jsonb_to_recordset($1::jsonb)
     AS t (key text, vacancy uuid, organisation uuid, expert uuid, starts_on date, zone text, began_on date, "on" date,
           at time, sequence int, held_on date, said_held_on date, said_to date, said_at time)
ON CONFLICT (key) DO UPDATE
SET (vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, said_held_on, said_to, said_at)
    = ROW (excluded.vacancy, excluded.organisation, excluded.expert, excluded.starts_on, excluded.zone, excluded.began_on,
           excluded."on", excluded.at, excluded.sequence, excluded.held_on, excluded.said_held_on, excluded.said_to, excluded.said_at);

-- load_letters: These letters, as far as their outcome goes.
SELECT 'letter/' || id AS key, template, about, role, cause, status, because FROM letters
WHERE id = ANY (SELECT substr(k, 8)::uuid FROM unnest($1::text[]) AS k);

-- save_letters: What became of them.
UPDATE letters SET status = l.status, because = l.because, owner = NULL
FROM jsonb_to_recordset($1::jsonb) AS l (key text, status text, because text) WHERE id = substr(l.key, 8)::uuid;

-- add_letters: Letters that are due; the same cause, template and person is the same letter.
INSERT INTO letters (id, cause, correlation, traceparent, template, subject, role, nth, about, facts, time, until)
SELECT id, cause, correlation, traceparent, template, subject, role, nth, about, facts, time, until
FROM jsonb_to_recordset($1::jsonb)
     AS l (id uuid, cause uuid, correlation uuid, traceparent text, template text, subject text, role text, nth int, about text,
           facts jsonb, time timestamptz, until timestamptz)
ON CONFLICT DO NOTHING;

-- keep_contacts: How to reach these people from now on; of several in one batch the last counts.
INSERT INTO contacts (about, role, nth, name, email, phone, language, zone)
SELECT DISTINCT ON (about, role, nth) about, role, nth, name, email, phone, language, zone
FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
     AS (about text, role text, nth int, name text, email text, phone text, language text, zone text))
     WITH ORDINALITY AS c (about, role, nth, name, email, phone, language, zone, place)
ORDER BY about, role, nth, place DESC
ON CONFLICT (about, role, nth) DO UPDATE SET (name, email, phone, language, zone)
    = ROW (excluded.name, excluded.email, excluded.phone, excluded.language, excluded.zone);

-- keep_texts: These words from now on; of several in one batch the last counts.
INSERT INTO texts (about, field, text)
SELECT DISTINCT ON (about, field) about, field, text
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (about text, field text, text text))
     WITH ORDINALITY AS t (about, field, text, place)
ORDER BY about, field, place DESC
ON CONFLICT (about, field) DO UPDATE SET text = excluded.text;

-- contacts: How to reach everybody beside these subjects.
SELECT about, role, nth, name, email, phone, language, zone FROM contacts WHERE about = ANY ($1::text[]);

-- texts: All words about these subjects.
SELECT about, field, text FROM texts WHERE about = ANY ($1::text[]);

-- talks: Where the talks of these tandems stand.
SELECT key, sequence, coalesce(held_on, said_held_on) IS NOT NULL AS held FROM tandems WHERE key = ANY ($1::text[]);

-- siblings: The same letters to other people or in other roles, as far as they may still reach somebody or did.
SELECT l.id, l.cause, l.template, l.subject, l.role, l.nth, l.status = 'sent' OR l.attempts > 0 AS went
FROM letters AS l JOIN unnest($1::uuid[], $2::text[]) AS s (cause, template) USING (cause, template)
WHERE l.status IN ('waiting', 'sent');

-- handled: Whether this answer was taken before.
SELECT EXISTS (SELECT FROM inbox WHERE id = $1);

-- sought: The work of these vacancies, of those that are open, and what is still open for the first day, the organisation's part first.
SELECT v.key, v.tasks, v.hours,
       coalesce(o.missing_b || o.missing_s, '[]') || v.missing_s AS still_open
FROM vacancies AS v LEFT JOIN organisations AS o ON o.key = 'organisation/' || v.organisation
WHERE v.key = ANY ($1::text[]) AND v.organisation IS NOT NULL;

-- places: The vacancies of an organisation.
SELECT key FROM vacancies WHERE organisation = $1 ORDER BY key;

-- claim_letters: Takes due letters that nobody else is sending and that are not in hand, for four seconds at a time.
UPDATE letters SET owner = $1, due = now() + interval '4 s'
WHERE id IN (
    SELECT id FROM letters WHERE status = 'waiting' AND due <= now() AND id <> ALL ($4::uuid[])
    ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING id, cause, correlation, traceparent, template, subject, role, nth, about, facts, time, until, attempts, accepted, tries,
          created_at < now() - $3::interval AS old;

-- hold_letters: Still at it. A row that is locked is being taken care of, and nobody waits for it.
UPDATE letters SET due = now() + interval '4 s'
WHERE id IN (SELECT id FROM letters WHERE owner = $1 AND status = 'waiting' FOR UPDATE SKIP LOCKED);

-- turn_letters: The server took those without a number; the others are about to go for the nth time, where they are still mine.
UPDATE letters l SET accepted = t.nth IS NULL, attempts = coalesce(t.nth, l.attempts), due = now() + interval '4 s'
FROM unnest($2::uuid[], $3::int[]) AS t (id, nth)
WHERE l.id = t.id AND l.status = 'waiting' AND NOT l.accepted AND (t.nth IS NULL OR l.owner = $1 AND l.attempts <= t.nth)
RETURNING l.id, l.attempts, l.accepted;

-- delay_letters: These did not reach anybody; they are tried again later, each a bit later than before.
UPDATE letters SET owner = NULL, attempts = attempts - d.uncount, tries = tries + 1,
                   due = now() + least(interval '10 min', interval '0.2 s' * 2 ^ least(tries, 12)) * (0.8 + 0.4 * random())
FROM unnest($2::uuid[], $3::int[]) AS d (id, uncount) WHERE letters.id = d.id AND owner = $1 AND status = 'waiting';
