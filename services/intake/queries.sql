-- load_organisations: The organisations that are known.
SELECT id, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours, sessions, by_data, answers,
       policy
FROM organisations WHERE id = ANY ($1::uuid[]);

-- save_organisations: All changed organisations at once. Lists of codes travel as one text each, as arrays of arrays cannot be unrolled.
INSERT INTO organisations (id, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours, sessions,
                           by_data, answers, policy)
SELECT id, owner, status, sector, string_to_array(motives, ','), string_to_array(target_groups, ','), language, zone, municipality,
       dialogue_hours, sessions, string_to_array(by_data, ','), answers, policy
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[],
            $10::int[], $11::jsonb[], $12::text[], $13::jsonb[], $14::int[])
     AS o (id, owner, status, sector, motives, target_groups, language, zone, municipality, dialogue_hours, sessions, by_data, answers,
           policy)
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, sector = excluded.sector, motives = excluded.motives, target_groups = excluded.target_groups,
    language = excluded.language, zone = excluded.zone, municipality = excluded.municipality,
    dialogue_hours = excluded.dialogue_hours, sessions = excluded.sessions, by_data = excluded.by_data,
    answers = excluded.answers;

-- load_vacancies: The vacancies that are open.
SELECT id, owner, organisation, tandem, contract, by_data, answers, policy FROM vacancies WHERE id = ANY ($1::uuid[]);

-- save_vacancies: All changed vacancies at once.
INSERT INTO vacancies (id, owner, organisation, tandem, contract, by_data, answers, policy)
SELECT id, owner, organisation, tandem, contract, string_to_array(by_data, ','), answers, policy
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::jsonb[], $8::int[])
     AS v (id, owner, organisation, tandem, contract, by_data, answers, policy)
ON CONFLICT (id) DO UPDATE SET by_data = excluded.by_data, answers = excluded.answers;

-- load_experts: The people who are known.
SELECT id, owner, missing, policy FROM experts WHERE id = ANY ($1::uuid[]);

-- save_experts: All changed people at once.
INSERT INTO experts (id, owner, missing, policy)
SELECT id, owner, string_to_array(missing, ','), policy
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) AS e (id, owner, missing, policy)
ON CONFLICT (id) DO UPDATE SET missing = excluded.missing;

-- load_submissions: Which of these events were accepted before.
SELECT id, digest, tandem_id FROM submissions WHERE id = ANY ($1::uuid[]);

-- save_submissions: The events accepted now. One that was accepted before is never accepted again, so a conflict here is a fault of ours.
INSERT INTO submissions (id, digest, tandem_id)
SELECT id, digest, tandem_id FROM unnest($1::uuid[], $2::bytea[], $3::uuid[]) AS s (id, digest, tandem_id);

-- forget_submissions: Ends what the contract promised, a portion at a time: an id is remembered for 30 days.
DELETE FROM submissions WHERE id IN (SELECT id FROM submissions WHERE filed_at < now() - interval '30 days' LIMIT 10000);
