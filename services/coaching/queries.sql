-- load_tandems: Load tandems by entity key.
SELECT 'tandem/' || t.tandem AS key, t.tandem, t.policy_version, t.start_blocked, t.exploring_since, t.invited,
       to_jsonb(f) AS formed, to_jsonb(e) AS evaluation
FROM tandems t CROSS JOIN LATERAL (
    SELECT t.match, t.vacancy, t.organisation, t.expert, t.tandem, t.tandem_form, t.starts_on, t.zone, t.language
) AS f CROSS JOIN LATERAL (
    SELECT t.evaluation_on AS "on", t.evaluation_at AS at, t.evaluation_zone AS zone, t.sequence, t.held_on
) AS e
WHERE t.tandem = ANY (ARRAY (SELECT split_part(key, '/', 2)::uuid FROM unnest($1::text[]) AS key));

-- save_tandems: Insert or update tandems. The values from `TandemFormed` never change.
INSERT INTO tandems (tandem, policy_version, match, vacancy, organisation, expert, tandem_form, starts_on, zone, language,
                     start_blocked, exploring_since, invited, evaluation_on, evaluation_at, evaluation_zone, sequence, held_on)
SELECT s.tandem, s.policy_version, f.match, f.vacancy, f.organisation, f.expert, f.tandem_form, f.starts_on, f.zone, f.language,
       s.start_blocked, s.exploring_since, s.invited, e."on", e.at, e.zone, e.sequence, e.held_on
FROM json_to_recordset($1::json) AS s (
         tandem uuid, policy_version int, formed json, evaluation json, start_blocked boolean, exploring_since date, invited boolean)
     CROSS JOIN LATERAL json_to_record(s.formed) AS f (
         match uuid, vacancy uuid, organisation uuid, expert uuid, tandem_form text, starts_on date, zone text, language text)
     CROSS JOIN LATERAL json_to_record(s.evaluation) AS e ("on" date, at time, zone text, sequence int, held_on date)
ON CONFLICT (tandem) DO UPDATE SET
    policy_version = excluded.policy_version, start_blocked = excluded.start_blocked, exploring_since = excluded.exploring_since,
    invited = excluded.invited, evaluation_on = excluded.evaluation_on, evaluation_at = excluded.evaluation_at,
    evaluation_zone = excluded.evaluation_zone, sequence = excluded.sequence, held_on = excluded.held_on;

-- load_readiness: Load missing items by entity key.
SELECT key, missing_b, missing_s FROM readiness WHERE key = ANY ($1::text[]);

-- save_readiness: Insert or update missing items.
INSERT INTO readiness (key, missing_b, missing_s)
SELECT key, missing_b, missing_s FROM json_to_recordset($1::json) AS r (key text, missing_b text[], missing_s text[])
ON CONFLICT (key) DO UPDATE SET missing_b = excluded.missing_b, missing_s = excluded.missing_s;
