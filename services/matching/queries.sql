-- load_experts: These experts, each as the JSON of its state.
SELECT 'expert/' || s.expert AS key, to_json(s)::text AS state
FROM (
    SELECT e.expert, e.policy, e.proposed, e.placed, CASE WHEN e.traits IS NOT NULL THEN to_json(p) END AS profile
    FROM experts e CROSS JOIN LATERAL (
        SELECT e.expert, e.experience, e.task_categories, e.target_groups, e.qualities, e.interests, e.competences, e.languages,
               e.regions, e.hours_min, e.hours_max, e.available_from, e.language, e.zone
    ) AS p
    WHERE e.expert = ANY ($1::uuid[])
) AS s;

-- save_experts: All changed experts at once, with their codes as bits.
INSERT INTO experts (expert, policy, experience, task_categories, target_groups, qualities, interests, competences, languages,
                     regions, hours_min, hours_max, available_from, language, zone, traits, proposed, placed)
SELECT s.expert, s.policy, p.experience, p.task_categories, p.target_groups, p.qualities, p.interests, p.competences, p.languages,
       p.regions, p.hours_min, p.hours_max, p.available_from, p.language, p.zone, s.traits::bit(224), s.proposed, s.placed
FROM ROWS FROM (
         json_to_recordset($1::json) AS (expert uuid, policy int, profile json, proposed jsonb, placed uuid),
         unnest($2::text[])
     ) AS s (expert, policy, profile, proposed, placed, traits)
     CROSS JOIN LATERAL json_to_record(coalesce(s.profile, '{}')) AS p (
         experience text, task_categories text[], target_groups text[], qualities text[], interests text[], competences text[],
         languages text[], regions text[], hours_min int, hours_max int, available_from date, language text, zone text)
ON CONFLICT (expert) DO UPDATE
SET (policy, experience, task_categories, target_groups, qualities, interests, competences, languages, regions, hours_min,
     hours_max, available_from, language, zone, traits, proposed, placed)
    = ROW (excluded.policy, excluded.experience, excluded.task_categories, excluded.target_groups, excluded.qualities,
           excluded.interests, excluded.competences, excluded.languages, excluded.regions, excluded.hours_min,
           excluded.hours_max, excluded.available_from, excluded.language, excluded.zone, excluded.traits, excluded.proposed,
           excluded.placed);

-- load_vacancies: These vacancies, each as the JSON of its state.
SELECT 'vacancy/' || s.vacancy AS key, to_json(s)::text AS state
FROM (
    SELECT v.vacancy, v.policy, v.drawn, v.revision, v.total, v.listed, v.reasons, v.declined, v.proposals, v.filled,
           to_json(o) AS sought, CASE WHEN v.match IS NOT NULL THEN to_json(p) END AS proposal
    FROM vacancies v CROSS JOIN LATERAL (
        SELECT v.vacancy, v.organisation, v.motives, v.target_groups, v.tasks, v.qualities, v.interests, v.competences,
               v.languages, v.region, v.hours, v.cooperation_form, v.tandem_form, v.partner_type, v.partners, v.starts_on,
               v.language, v.zone, v.missing_s
    ) AS o CROSS JOIN LATERAL (
        SELECT v.match, v.proposed_to AS expert, v.proposed_form AS tandem_form, v.proposed_start AS starts_on,
               v.proposed_zone AS zone, v.expert_answers_by, v.organisation_answers_by, v.yes
    ) AS p
    WHERE v.vacancy = ANY ($1::uuid[])
) AS s;

-- save_vacancies: All changed vacancies at once.
INSERT INTO vacancies (vacancy, policy, organisation, motives, target_groups, tasks, qualities, interests, competences, languages,
                       region, hours, cooperation_form, tandem_form, partner_type, partners, starts_on, language, zone, missing_s,
                       drawn, revision, total, listed, reasons, declined, proposals, match, proposed_to, proposed_form, proposed_start,
                       proposed_zone, expert_answers_by, organisation_answers_by, yes, filled)
SELECT s.vacancy, s.policy, o.organisation, o.motives, o.target_groups, o.tasks, o.qualities, o.interests, o.competences,
       o.languages, o.region, o.hours, o.cooperation_form, o.tandem_form, o.partner_type, o.partners, o.starts_on, o.language,
       o.zone, o.missing_s, s.drawn, s.revision, s.total, s.listed, s.reasons, s.declined, s.proposals, p.match, p.expert, p.tandem_form,
       p.starts_on, p.zone, p.expert_answers_by, p.organisation_answers_by, p.yes, s.filled
FROM json_to_recordset($1::json) AS s (
         vacancy uuid, policy int, sought json, drawn int, revision int, total int, listed uuid[], reasons text, declined uuid[],
         proposals int, proposal json, filled boolean)
     CROSS JOIN LATERAL json_to_record(s.sought) AS o (
         organisation uuid, motives text[], target_groups text[], tasks jsonb, qualities text[], interests text[],
         competences text[], languages text[], region text, hours int, cooperation_form text, tandem_form text,
         partner_type text, partners int, starts_on date, language text, zone text, missing_s text[])
     CROSS JOIN LATERAL json_to_record(coalesce(s.proposal, '{}')) AS p (
         match uuid, expert uuid, tandem_form text, starts_on date, zone text, expert_answers_by date,
         organisation_answers_by date, yes text[])
ON CONFLICT (vacancy) DO UPDATE
SET (policy, organisation, motives, target_groups, tasks, qualities, interests, competences, languages, region, hours,
     cooperation_form, tandem_form, partner_type, partners, starts_on, language, zone, missing_s, drawn, revision, total,
     listed, reasons, declined, proposals, match, proposed_to, proposed_form, proposed_start, proposed_zone, expert_answers_by,
     organisation_answers_by, yes, filled)
    = ROW (excluded.policy, excluded.organisation, excluded.motives, excluded.target_groups, excluded.tasks, excluded.qualities,
           excluded.interests, excluded.competences, excluded.languages, excluded.region, excluded.hours,
           excluded.cooperation_form, excluded.tandem_form, excluded.partner_type, excluded.partners, excluded.starts_on,
           excluded.language, excluded.zone, excluded.missing_s, excluded.drawn, excluded.revision, excluded.total,
           excluded.listed, excluded.reasons, excluded.declined, excluded.proposals, excluded.match, excluded.proposed_to,
           excluded.proposed_form, excluded.proposed_start, excluded.proposed_zone, excluded.expert_answers_by,
           excluded.organisation_answers_by, excluded.yes, excluded.filled);

-- want_draws: One more draw for each of these vacancies, soon; what opened a vacancy stays the cause of all its draws.
INSERT INTO draws (vacancy, cause, correlation, wanted, due)
SELECT DISTINCT ON (vacancy) vacancy, cause, correlation, 1, now() + interval '300 ms'
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS w (vacancy, cause, correlation, nth) ORDER BY vacancy, nth
ON CONFLICT (vacancy) DO UPDATE
SET wanted = draws.wanted + 1, due = CASE WHEN draws.wanted > draws.drawn THEN draws.due ELSE excluded.due END;

-- note_change: The pool is not what it was. A row of its own, so that batches do not wait for each other.
INSERT INTO pool_changes DEFAULT VALUES;

-- mark: Every open vacancy that nobody was picked for is to be drawn again, if the pool has changed; a burst is one draw.
WITH seen AS (
    DELETE FROM pool_changes
    WHERE id IN (SELECT id FROM pool_changes ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id
), open AS (
    SELECT d.vacancy FROM draws d JOIN vacancies v USING (vacancy)
    WHERE v.match IS NULL AND EXISTS (SELECT FROM seen) ORDER BY d.vacancy FOR UPDATE OF d
)
UPDATE draws d SET wanted = d.wanted + 1, due = CASE WHEN d.wanted > d.drawn THEN d.due ELSE now() + interval '300 ms' END
FROM open WHERE d.vacancy = open.vacancy;

-- claim: Draws that are due and that nobody is at work on; whoever claims one and stops loses it after a while.
UPDATE draws d SET claimed_until = now() + interval '30 s'
FROM (
    SELECT vacancy FROM draws WHERE wanted > drawn AND due <= now() AND claimed_until <= now()
    ORDER BY due LIMIT 20 FOR UPDATE SKIP LOCKED
) AS mine
WHERE d.vacancy = mine.vacancy
RETURNING d.vacancy, d.cause, d.correlation, d.wanted;

-- drawn: These draws are made; one that was wanted meanwhile is still to come.
UPDATE draws d SET drawn = greatest(d.drawn, m.draw), claimed_until = '-infinity'
FROM unnest($1::uuid[], $2::int[]) AS m (vacancy, draw) WHERE d.vacancy = m.vacancy;

-- best: The twenty best of all who can do it, and how many those are. Points are shared bits, worth 1, 2, 4 and 8.
SELECT b.total, to_json(p)::text AS profile
FROM (
    SELECT expert, points, count(*) OVER () AS total
    FROM (
        SELECT expert,
               bit_count(traits & $1::text::bit(224)) + 2 * bit_count(traits & $2::text::bit(224))
               + 4 * bit_count(traits & $3::text::bit(224)) + 8 * bit_count(traits & $4::text::bit(224))
               + CASE WHEN $5::text = ANY (regions) THEN $6::int ELSE 0 END
               + CASE WHEN available_from <= $7::date THEN $8::int ELSE 0 END AS points
        FROM experts
        WHERE placed IS NULL AND traits IS NOT NULL AND hours_min <= $9::int AND hours_max >= $9::int AND available_from <= $10::date
          AND ($11::text::bit(224) = 0::bit(224) OR traits & $11::text::bit(224) <> 0::bit(224)) AND expert <> ALL ($12::uuid[])
        OFFSET 0 -- points first: what is counted is narrow then, and stays in memory
    ) AS able
    ORDER BY points DESC, expert LIMIT 20
) AS b JOIN experts e USING (expert) CROSS JOIN LATERAL (
    SELECT e.expert, e.experience, e.task_categories, e.target_groups, e.qualities, e.interests, e.competences, e.languages,
           e.regions, e.hours_min, e.hours_max, e.available_from, e.language, e.zone
) AS p
ORDER BY b.points DESC, b.expert;
