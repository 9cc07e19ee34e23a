-- load_organisations: Load organisations by entity key.
SELECT 'organisation/' || id AS key, owner, policy_version, answered_by_data, answers, optional_texts, status, sector, motives, target_groups,
       language, zone, municipality, dialogue_hours, sessions
FROM organisations WHERE id = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_organisations: Insert or update organisations. The owner and the policy version never change.
INSERT INTO organisations (id, owner, policy_version, answered_by_data, answers, optional_texts, status, sector, motives, target_groups, language,
                           zone, municipality, dialogue_hours, sessions)
SELECT split_part(key, '/', 2)::uuid, owner, policy_version, answered_by_data, answers, optional_texts, status, sector, motives, target_groups,
       language, zone, municipality, dialogue_hours, sessions
FROM json_to_recordset($1::json)
     AS o (key text, owner text, policy_version int, answered_by_data text[], answers jsonb, optional_texts text[], status text, sector text,
           motives text[], target_groups text[], language text, zone text, municipality boolean, dialogue_hours int, sessions jsonb)
ON CONFLICT (id) DO UPDATE SET
    answered_by_data = excluded.answered_by_data, answers = excluded.answers, optional_texts = excluded.optional_texts,
    status = excluded.status, sector = excluded.sector,
    motives = excluded.motives, target_groups = excluded.target_groups, language = excluded.language, zone = excluded.zone,
    municipality = excluded.municipality, dialogue_hours = excluded.dialogue_hours, sessions = excluded.sessions;

-- load_vacancies: Load vacancies by entity key.
SELECT 'vacancy/' || id AS key, owner, policy_version, answered_by_data, answers, optional_texts, organisation, has_tandem, contract_form,
       content, partner_contacts
FROM vacancies WHERE id = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_vacancies: Insert vacancies, or update the answers and contacts of open ones.
INSERT INTO vacancies (id, owner, policy_version, answered_by_data, answers, optional_texts, organisation, has_tandem, contract_form,
                       content, partner_contacts)
SELECT split_part(key, '/', 2)::uuid, owner, policy_version, answered_by_data, answers, optional_texts, organisation, has_tandem,
       contract_form, content, partner_contacts
FROM json_to_recordset($1::json)
     AS v (key text, owner text, policy_version int, answered_by_data text[], answers jsonb, optional_texts text[], organisation uuid,
           has_tandem boolean, contract_form text, content text, partner_contacts text[])
ON CONFLICT (id) DO UPDATE SET answered_by_data = excluded.answered_by_data, answers = excluded.answers,
    optional_texts = excluded.optional_texts, partner_contacts = excluded.partner_contacts;

-- load_experts: Load experts by entity key.
SELECT 'expert/' || id AS key, owner, policy_version, missing, possible_duplicates
FROM experts WHERE id = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_experts: Insert experts, or update their missing criteria and possible duplicates.
INSERT INTO experts (id, owner, policy_version, missing, possible_duplicates)
SELECT split_part(key, '/', 2)::uuid, owner, policy_version, missing, possible_duplicates
FROM json_to_recordset($1::json) AS e (key text, owner text, policy_version int, missing text[], possible_duplicates uuid[])
ON CONFLICT (id) DO UPDATE SET missing = excluded.missing, possible_duplicates = excluded.possible_duplicates;

-- load_persons: Load people by entity key.
SELECT 'person/' || id AS key, experts FROM persons
WHERE id = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_persons: Insert or update people.
INSERT INTO persons (id, experts)
SELECT split_part(key, '/', 2)::uuid, experts FROM json_to_recordset($1::json) AS p (key text, experts uuid[])
ON CONFLICT (id) DO UPDATE SET experts = excluded.experts;

-- load_accepted_events: Load accepted events by entity key.
SELECT 'accepted-event/' || id AS key, digest, tandem_id
FROM accepted_events WHERE id = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_accepted_events: Insert accepted events. An event is accepted once, so a conflict here would be a bug.
INSERT INTO accepted_events (id, digest, tandem_id)
SELECT split_part(key, '/', 2)::uuid, decode(digest, 'base64'), tandem_id
FROM json_to_recordset($1::json) AS s (key text, digest text, tandem_id uuid);

-- purge_accepted_events: Delete a page of accepted events that are older than the 30 days of the contract.
DELETE FROM accepted_events
WHERE id IN (SELECT id FROM accepted_events WHERE accepted_at < now() - interval '30 days' LIMIT 10000);
