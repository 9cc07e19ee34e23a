-- load_tandems: These tandems, each as the JSON of its state.
SELECT 'tandem/' || s.tandem AS key, to_json(s)::text AS state
FROM (
    SELECT t.tandem, t.policy, t.waits, t.exploring_since, t.invited, to_json(f) AS formed, to_json(e) AS evaluation
    FROM tandems t CROSS JOIN LATERAL (
        SELECT t.match, t.vacancy, t.organisation, t.expert, t.tandem, t.tandem_form, t.starts_on, t.zone, t.language
    ) AS f CROSS JOIN LATERAL (
        SELECT t.evaluation_on AS "on", t.evaluation_at AS at, t.evaluation_zone AS zone, t.sequence, t.held_on
    ) AS e
    WHERE t.tandem = ANY ($1::uuid[])
) AS s;

-- save_tandems: All changed tandems at once.
INSERT INTO tandems (tandem, policy, match, vacancy, organisation, expert, tandem_form, starts_on, zone, language, waits,
                     exploring_since, invited, evaluation_on, evaluation_at, evaluation_zone, sequence, held_on)
SELECT s.tandem, s.policy, f.match, f.vacancy, f.organisation, f.expert, f.tandem_form, f.starts_on, f.zone, f.language, s.waits,
       s.exploring_since, s.invited, e."on", e.at, e.zone, e.sequence, e.held_on
FROM json_to_recordset($1::json) AS s (
         tandem uuid, policy int, formed json, evaluation json, waits boolean, exploring_since date, invited boolean)
     CROSS JOIN LATERAL json_to_record(s.formed) AS f (
         match uuid, vacancy uuid, organisation uuid, expert uuid, tandem_form text, starts_on date, zone text, language text)
     CROSS JOIN LATERAL json_to_record(s.evaluation) AS e ("on" date, at time, zone text, sequence int, held_on date)
ON CONFLICT (tandem) DO UPDATE
SET (policy, waits, exploring_since, invited, evaluation_on, evaluation_at, evaluation_zone, sequence, held_on)
    = ROW (excluded.policy, excluded.waits, excluded.exploring_since, excluded.invited, excluded.evaluation_on,
           excluded.evaluation_at, excluded.evaluation_zone, excluded.sequence, excluded.held_on);

-- load_readiness: What these still miss.
SELECT about, missing_b, missing_s FROM readiness WHERE about = ANY ($1::text[]);

-- save_readiness: All changed ones at once.
INSERT INTO readiness (about, missing_b, missing_s) SELECT about, missing_b, missing_s
FROM json_to_recordset($1::json) AS r (about text, missing_b text[], missing_s text[])
ON CONFLICT (about) DO UPDATE SET (missing_b, missing_s) = ROW (excluded.missing_b, excluded.missing_s);
