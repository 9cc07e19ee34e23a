-- load_organisations: Load organisations by key.
SELECT key, language, zone, missing_b, missing_s FROM organisations WHERE key = ANY ($1::text[]);

-- save_organisations: Upsert organisations.
INSERT INTO organisations (key, language, zone, missing_b, missing_s)
SELECT key, language, zone, missing_b, missing_s
FROM jsonb_to_recordset($1::text::jsonb)
     AS o (key text, language text, zone text, missing_b jsonb, missing_s jsonb)
ON CONFLICT (key) DO UPDATE SET (language, zone, missing_b, missing_s)
    = ROW (excluded.language, excluded.zone, excluded.missing_b, excluded.missing_s);

-- load_experts: Load experts by key.
SELECT key, language, zone, experience, competences, missing, next_step FROM experts WHERE key = ANY ($1::text[]);

-- save_experts: Upsert experts.
INSERT INTO experts (key, language, zone, experience, competences, missing, next_step)
SELECT key, language, zone, experience, competences, missing, next_step
FROM jsonb_to_recordset($1::text::jsonb)
     AS e (key text, language text, zone text, experience text, competences jsonb, missing jsonb, next_step text)
ON CONFLICT (key) DO UPDATE SET (language, zone, experience, competences, missing, next_step)
    = ROW (excluded.language, excluded.zone, excluded.experience, excluded.competences, excluded.missing, excluded.next_step);

-- load_vacancies: Load vacancies with their shortlists, by key.
SELECT key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision,
       eligible_count, candidates, picked, picked_first_day, match
FROM vacancies WHERE key = ANY ($1::text[]);

-- save_vacancies: Upsert vacancies.
INSERT INTO vacancies (key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s,
                       revision, eligible_count, candidates, picked, picked_first_day, match)
SELECT key, organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision,
       eligible_count, candidates, picked, picked_first_day, match
FROM jsonb_to_recordset($1::text::jsonb)
     AS v (key text, organisation uuid, tasks jsonb, hours int, region text, tandem_form text, partners int, starts_on date,
           language text, zone text, missing_s jsonb, revision int, eligible_count int, candidates jsonb, picked uuid,
           picked_first_day date, match uuid)
ON CONFLICT (key) DO UPDATE
SET (organisation, tasks, hours, region, tandem_form, partners, starts_on, language, zone, missing_s, revision, eligible_count,
     candidates, picked, picked_first_day, match)
    = ROW (excluded.organisation, excluded.tasks, excluded.hours, excluded.region, excluded.tandem_form, excluded.partners,
           excluded.starts_on, excluded.language, excluded.zone, excluded.missing_s, excluded.revision, excluded.eligible_count,
           excluded.candidates, excluded.picked, excluded.picked_first_day, excluded.match);

-- load_proposals: Load proposals by key.
SELECT key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on,
       zone, expert_answers_by, organisation_answers_by, expert_answer, organisation_answer,
       expert_reply, organisation_reply, requested_first_day
FROM proposals WHERE key = ANY ($1::text[]);

-- save_proposals: Upsert proposals.
INSERT INTO proposals (key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form,
                       starts_on, zone, expert_answers_by, organisation_answers_by, expert_answer,
                       organisation_answer, expert_reply, organisation_reply, requested_first_day)
SELECT key, status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on,
       zone, expert_answers_by, organisation_answers_by, expert_answer, organisation_answer,
       expert_reply, organisation_reply, requested_first_day
FROM jsonb_to_recordset($1::text::jsonb)
     AS p (key text, status text, vacancy uuid, organisation uuid, expert uuid, reasons_for jsonb, reasons_against jsonb,
           not_used jsonb, tandem_form text, starts_on date, zone text, expert_answers_by date,
           organisation_answers_by date, expert_answer text, organisation_answer text, expert_reply text,
           organisation_reply text, requested_first_day date)
ON CONFLICT (key) DO UPDATE
SET (status, vacancy, organisation, expert, reasons_for, reasons_against, not_used, tandem_form, starts_on, zone,
     expert_answers_by, organisation_answers_by, expert_answer, organisation_answer, expert_reply, organisation_reply,
     requested_first_day)
    = ROW (excluded.status, excluded.vacancy, excluded.organisation, excluded.expert, excluded.reasons_for,
           excluded.reasons_against, excluded.not_used, excluded.tandem_form, excluded.starts_on,
           excluded.zone, excluded.expert_answers_by, excluded.organisation_answers_by, excluded.expert_answer,
           excluded.organisation_answer, excluded.expert_reply, excluded.organisation_reply, excluded.requested_first_day);

-- load_tandems: Load tandems by key.
SELECT key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, reported_held_on,
       requested_date, requested_time
FROM tandems WHERE key = ANY ($1::text[]);

-- save_tandems: Upsert tandems.
INSERT INTO tandems (key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on,
                     reported_held_on, requested_date, requested_time)
SELECT key, vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, reported_held_on,
       requested_date, requested_time
FROM jsonb_to_recordset($1::text::jsonb)
     AS t (key text, vacancy uuid, organisation uuid, expert uuid, starts_on date, zone text, began_on date, "on" date,
           at time, sequence int, held_on date, reported_held_on date, requested_date date, requested_time time)
ON CONFLICT (key) DO UPDATE
SET (vacancy, organisation, expert, starts_on, zone, began_on, "on", at, sequence, held_on, reported_held_on, requested_date,
     requested_time)
    = ROW (excluded.vacancy, excluded.organisation, excluded.expert, excluded.starts_on, excluded.zone, excluded.began_on,
           excluded."on", excluded.at, excluded.sequence, excluded.held_on, excluded.reported_held_on,
           excluded.requested_date, excluded.requested_time);

-- load_emails: Load the delivery states of emails by key.
SELECT 'email/' || id AS key, template, about, role, cause, status, reason FROM emails
WHERE id = ANY (SELECT substr(k, 7)::uuid FROM unnest($1::text[]) AS k);

-- save_emails: Record outcomes, and release the claims.
UPDATE emails SET status = e.status, reason = e.reason, claimed_by = NULL, claimed_until = NULL
FROM jsonb_to_recordset($1::text::jsonb) AS e (key text, status text, reason text) WHERE id = substr(e.key, 7)::uuid;

-- insert_emails: Queue emails; one with the same cause, template and person as an earlier one is ignored.
INSERT INTO emails (id, cause, correlation, traceparent, template, subject, role, recipient_index, about, facts, requested_at,
                    expires_at)
SELECT id, cause, correlation, traceparent, template, subject, role, recipient_index, about, facts, requested_at, expires_at
FROM jsonb_to_recordset($1::jsonb)
     AS e (id uuid, cause uuid, correlation uuid, traceparent text, template text, subject text, role text, recipient_index int,
           about text, facts jsonb, requested_at timestamptz, expires_at timestamptz)
ON CONFLICT DO NOTHING;

-- save_contacts: Upsert contact data, or delete them if the address is null; the last of a batch wins.
WITH last AS (
    SELECT DISTINCT ON (about, role, nth) about, role, nth, name, email, phone, language, zone
    FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
         AS (about text, role text, nth int, name text, email text, phone text, language text, zone text))
         WITH ORDINALITY AS c (about, role, nth, name, email, phone, language, zone, position)
    ORDER BY about, role, nth, position DESC
), erased AS (
    DELETE FROM contacts AS c USING last AS l WHERE l.email IS NULL AND (c.about, c.role, c.nth) = (l.about, l.role, l.nth)
)
INSERT INTO contacts (about, role, nth, name, email, phone, language, zone)
SELECT about, role, nth, name, email, phone, language, zone FROM last WHERE email IS NOT NULL
ON CONFLICT (about, role, nth) DO UPDATE SET (name, email, phone, language, zone)
    = ROW (excluded.name, excluded.email, excluded.phone, excluded.language, excluded.zone);

-- record_contact_changes: Note people whose stored name or address differs from the new one, and keep the contact data of those
-- who left (both differ) under a subject of their own, so that their calendar entry can be cancelled.
WITH latest AS (
    SELECT DISTINCT ON (about, role, nth) id, about, role, nth, name, email, correlation, traceparent
    FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
         AS (id uuid, about text, role text, nth int, name text, email text, correlation uuid, traceparent text))
         WITH ORDINALITY AS n (id, about, role, nth, name, email, correlation, traceparent, position)
    ORDER BY about, role, nth, position DESC
), changed AS (
    SELECT n.id, about, role, nth, n.correlation, n.traceparent, c.name, c.email, c.phone, c.language, c.zone,
           lower(c.name) <> lower(n.name) AND lower(c.email) <> lower(n.email) AS left_role
    FROM latest AS n JOIN contacts AS c USING (about, role, nth)
    WHERE (lower(c.name), lower(c.email)) <> (lower(n.name), lower(n.email))
), former AS (
    INSERT INTO contacts (about, role, nth, name, email, phone, language, zone)
    SELECT 'former/' || id, role, nth, name, email, phone, language, zone FROM changed WHERE left_role
    ON CONFLICT DO NOTHING
)
INSERT INTO contact_changes (id, about, role, nth, left_role, correlation, traceparent)
SELECT id, about, role, nth, left_role, correlation, traceparent FROM changed
ON CONFLICT DO NOTHING;

-- load_contact_changes: Load the oldest changes not processed yet.
SELECT id, about, role, nth, left_role, correlation, traceparent, recorded_at FROM contact_changes ORDER BY recorded_at, id LIMIT $1;

-- delete_contact_changes: Delete changes whose open emails have been queued.
DELETE FROM contact_changes WHERE id = ANY ($1::uuid[]);

-- delete_former_contacts: Delete the contact data of people who left, once no email waits for them.
DELETE FROM contacts AS c
WHERE about LIKE 'former/%'
  AND NOT EXISTS (SELECT FROM contact_changes AS cc WHERE 'former/' || cc.id = c.about)
  AND NOT EXISTS (SELECT FROM emails AS e WHERE e.status = 'waiting' AND e.subject = c.about);

-- load_open_entities: Load the entities that may have open emails for the holder of role $2 of entity $1 (id $3), number $4.
-- `vacancy` is that of a tandem. `pending` names the emails that will reach the new name and address, or have done so since the
-- change at $5 or in another role.
WITH found (key, vacancy) AS (
    SELECT key, NULL::uuid FROM organisations WHERE key = $1
    UNION ALL SELECT key, NULL FROM experts WHERE key = $1
    UNION ALL SELECT key, NULL FROM proposals WHERE status = 'open' AND organisation = $3 AND $2 = 'coordinator'
    UNION ALL SELECT key, NULL FROM proposals WHERE status = 'open' AND expert = $3 AND $2 = 'expert'
    UNION ALL SELECT key, vacancy FROM tandems WHERE held_on IS NULL AND organisation = $3 AND $2 = 'coordinator'
    UNION ALL SELECT key, vacancy FROM tandems WHERE held_on IS NULL AND expert = $3 AND $2 = 'expert'
    UNION ALL SELECT key, vacancy FROM tandems WHERE held_on IS NULL AND vacancy = $3 AND $2 = 'partner'
)
SELECT key, vacancy,
       ARRAY (SELECT template FROM emails AS e
              WHERE e.status = 'waiting' AND e.claimed_by IS NULL AND e.send_attempts = 0
                AND (e.subject, e.role, e.recipient_index, e.about) = ($1, $2, $4, found.key)
              UNION ALL
              SELECT template FROM emails AS e JOIN contacts AS c ON (c.about, c.role, c.nth) = ($1, $2, $4)
              WHERE e.about = found.key AND e.recipient = md5(lower(c.name) || E'\n' || lower(c.email))
                AND (e.attempted_at >= $5 OR (e.subject, e.role, e.recipient_index) <> ($1, $2, $4))) AS pending
FROM found ORDER BY key;

-- save_texts: Upsert free text, or delete it if it is null; the last of a batch wins.
WITH last AS (
    SELECT DISTINCT ON (about, field) about, field, text
    FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (about text, field text, text text))
         WITH ORDINALITY AS t (about, field, text, position)
    ORDER BY about, field, position DESC
), erased AS (
    DELETE FROM texts AS t USING last AS l WHERE l.text IS NULL AND (t.about, t.field) = (l.about, l.field)
)
INSERT INTO texts (about, field, text) SELECT about, field, text FROM last WHERE text IS NOT NULL
ON CONFLICT (about, field) DO UPDATE SET text = excluded.text;

-- load_contacts: Load the contact data of all roles of these subjects.
SELECT about, role, nth, name, email, phone, language, zone, md5(lower(name) || E'\n' || lower(email)) AS digest
FROM contacts WHERE about = ANY ($1::text[]);

-- load_texts: Load all free text about these subjects.
SELECT about, field, text FROM texts WHERE about = ANY ($1::text[]);

-- load_evaluation_status: Load the latest sequence of these tandems' evaluations. `held` ignores reports, which may still be refused.
SELECT key, sequence, held_on IS NOT NULL AS held FROM tandems WHERE key = ANY ($1::text[]);

-- load_same_cause_emails: Load the emails with these causes and templates, to any person, that were sent or still may be.
SELECT e.id, e.cause, e.template, e.subject, e.role, e.recipient_index, e.status = 'sent' OR e.send_attempts > 0 AS attempted
FROM emails AS e JOIN unnest($1::uuid[], $2::text[]) AS wanted (cause, template) USING (cause, template)
WHERE e.status IN ('waiting', 'sent');

-- was_processed: Return true if the inbox contains this message.
SELECT EXISTS (SELECT FROM inbox WHERE id = $1);

-- save_form_draft: Store a form with errors, for the page that shows them; a repeated form is ignored.
INSERT INTO form_drafts (id, sender, fields) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING;

-- load_form_draft: Load the fields of a form with errors, for the person who sent it.
SELECT fields FROM form_drafts WHERE id = $1 AND sender = $2;

-- purge_form_drafts: Delete a page of drafts that are older than a day.
DELETE FROM form_drafts WHERE id IN (SELECT id FROM form_drafts WHERE created_at < now() - interval '1 day' LIMIT 1000);

-- load_open_vacancies: Load tasks, hours and missing readiness items of those vacancies that are open; the organisation's items first.
SELECT v.key, v.tasks, v.hours,
       coalesce(o.missing_b || o.missing_s, '[]') || v.missing_s AS still_open
FROM vacancies AS v LEFT JOIN organisations AS o ON o.key = 'organisation/' || v.organisation
WHERE v.key = ANY ($1::text[]) AND v.organisation IS NOT NULL;

-- load_vacancies_of_organisation: Load the keys of an organisation's vacancies.
SELECT key FROM vacancies WHERE organisation = $1 ORDER BY key;

-- claim_emails: Claim due emails for $3, skipping those claimed by other processes and those in $5; oldest first.
UPDATE emails SET claimed_by = $1, claimed_until = now() + $3::interval
WHERE id IN (
    SELECT id FROM emails
    WHERE status = 'waiting' AND due_at <= now() AND (claimed_until IS NULL OR claimed_until <= now()) AND id <> ALL ($5::uuid[])
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING id, cause, correlation, traceparent, template, subject, role, recipient_index, about, facts, requested_at, expires_at,
          send_attempts, accepted, created_at < now() - $4::interval AS overdue;

-- extend_claims: Renew this process's claims; a locked row is skipped, because another statement is updating its claim.
UPDATE emails SET claimed_until = now() + $2::interval
WHERE id IN (SELECT id FROM emails WHERE claimed_by = $1 AND status = 'waiting' FOR UPDATE SKIP LOCKED);

-- record_attempts: Record attempts that are about to start, and emails that the mail server accepted (`accepted` in $5).
-- An attempt counts only while this process holds the claim. An accepted email is marked even if
-- another process holds the claim by now, and any backoff that it has set ends.
UPDATE emails AS e
SET accepted = r.accepted,
    send_attempts = CASE WHEN r.accepted THEN e.send_attempts ELSE r.attempt END,
    recipient = CASE WHEN r.accepted THEN e.recipient ELSE r.recipient END,
    attempted_at = CASE WHEN r.accepted THEN e.attempted_at ELSE clock_timestamp() END,
    claimed_until = CASE WHEN e.claimed_by = $1 THEN now() + $6::interval ELSE e.claimed_until END,
    due_at = CASE WHEN r.accepted THEN least(e.due_at, now() + $6::interval) ELSE e.due_at END
FROM unnest($2::uuid[], $3::int[], $4::text[], $5::boolean[]) AS r (id, attempt, recipient, accepted)
WHERE e.id = r.id AND e.status = 'waiting' AND NOT e.accepted
  AND (r.accepted OR e.claimed_by = $1 AND e.send_attempts <= r.attempt)
RETURNING e.id, e.send_attempts, e.accepted;

-- defer_emails: Put emails back in the queue with exponential backoff, and take back $3 attempts that reached no person.
UPDATE emails SET claimed_by = NULL, claimed_until = NULL, send_attempts = send_attempts - d.uncounted, deferrals = deferrals + 1,
                  due_at = now() + least(interval '10 min', interval '0.2 s' * 2 ^ least(deferrals, 12)) * (0.8 + 0.4 * random())
FROM unnest($2::uuid[], $3::int[]) AS d (id, uncounted)
WHERE emails.id = d.id AND claimed_by = $1 AND status = 'waiting';
