-- load_organisations: The organisations that are known.
SELECT id, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours, sessions, by_data, answers,
       policy
FROM organisations WHERE id = ANY ($1::uuid[]);

-- save_organisations: All changed organisations at once.
INSERT INTO organisations (id, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours, sessions,
                           by_data, answers, policy)
SELECT split_part(key, '/', 2)::uuid, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours,
       sessions, by_data, answers, policy
FROM json_to_recordset($1::json)
     AS o (key text, owner text, status text, sector text, motives text[], target_groups text[], language text, zone text,
           municipality boolean, dialogue_hours int, sessions jsonb, by_data text[], answers jsonb, policy int)
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, sector = excluded.sector, motives = excluded.motives, target_groups = excluded.target_groups,
    language = excluded.language, zone = excluded.zone, municipality = excluded.municipality,
    dialogue_hours = excluded.dialogue_hours, sessions = excluded.sessions, by_data = excluded.by_data,
    answers = excluded.answers;

-- load_vacancies: The vacancies that are open.
SELECT id, owner, organisation, tandem, contract, by_data, answers, policy FROM vacancies WHERE id = ANY ($1::uuid[]);

-- save_vacancies: All changed vacancies at once.
INSERT INTO vacancies (id, owner, organisation, tandem, contract, by_data, answers, policy)
SELECT split_part(key, '/', 2)::uuid, owner, organisation, tandem, contract, by_data, answers, policy
FROM json_to_recordset($1::json)
     AS v (key text, owner text, organisation uuid, tandem boolean, contract text, by_data text[], answers jsonb, policy int)
ON CONFLICT (id) DO UPDATE SET by_data = excluded.by_data, answers = excluded.answers;

-- load_experts: The people who are known.
SELECT id, owner, missing, policy FROM experts WHERE id = ANY ($1::uuid[]);

-- save_experts: All changed people at once.
INSERT INTO experts (id, owner, missing, policy)
SELECT split_part(key, '/', 2)::uuid, owner, missing, policy
FROM json_to_recordset($1::json) AS e (key text, owner text, missing text[], policy int)
ON CONFLICT (id) DO UPDATE SET missing = excluded.missing;

-- load_submissions: Which of these events were accepted before.
SELECT id, digest, tandem_id FROM submissions WHERE id = ANY ($1::uuid[]);

-- save_submissions: The events accepted now. One that was accepted before is never accepted again, so a conflict here is a fault of ours.
INSERT INTO submissions (id, digest, tandem_id)
SELECT split_part(key, '/', 2)::uuid, decode(digest, 'base64'), tandem_id
FROM json_to_recordset($1::json) AS s (key text, digest text, tandem_id uuid);

-- forget_submissions: Ends what the contract promised, a portion at a time: an id is remembered for 30 days.
DELETE FROM submissions WHERE id IN (SELECT id FROM submissions WHERE filed_at < now() - interval '30 days' LIMIT 10000);
