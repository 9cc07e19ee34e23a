-- load_experts: These experts.
SELECT expert, policy, profile, proposed, placed FROM experts WHERE expert = ANY ($1::uuid[]);

-- save_experts: All changed experts at once. What a draw asks of the pool stands beside the profile: regions as one text, codes as bits.
INSERT INTO experts (expert, policy, hours_min, hours_max, available_from, traits, regions, profile, proposed, placed)
SELECT expert, policy, hours_min, hours_max, available_from, traits::bit(224), string_to_array(regions, ','), profile, proposed, placed
FROM unnest($1::uuid[], $2::int[], $3::json[], $4::json[], $5::uuid[], $6::int[], $7::int[], $8::date[], $9::text[], $10::text[])
     AS e (expert, policy, profile, proposed, placed, hours_min, hours_max, available_from, regions, traits)
ON CONFLICT (expert) DO UPDATE SET
    policy = excluded.policy, hours_min = excluded.hours_min, hours_max = excluded.hours_max, available_from = excluded.available_from,
    traits = excluded.traits, regions = excluded.regions, profile = excluded.profile, proposed = excluded.proposed,
    placed = excluded.placed;

-- load_vacancies: These vacancies.
SELECT vacancy, policy, sought, drawn, revision, eligible_count, listed, reasons, declined, proposals, proposal, placed IS NOT NULL AS filled
FROM vacancies WHERE vacancy = ANY ($1::uuid[]);

-- save_vacancies: All changed vacancies at once.
INSERT INTO vacancies (vacancy, policy, sought, drawn, revision, eligible_count, listed, reasons, declined, proposals, proposal, placed)
SELECT vacancy, policy, sought, drawn, revision, eligible_count, listed, reasons, declined, proposals, proposal, placed
FROM unnest($1::uuid[], $2::int[], $3::json[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[], $9::json[], $10::int[],
            $11::json[], $12::uuid[])
     AS v (vacancy, policy, sought, drawn, revision, eligible_count, listed, reasons, declined, proposals, proposal, placed)
ON CONFLICT (vacancy) DO UPDATE SET
    policy = excluded.policy, sought = excluded.sought, drawn = excluded.drawn, revision = excluded.revision, eligible_count = excluded.eligible_count,
    listed = excluded.listed, reasons = excluded.reasons, declined = excluded.declined, proposals = excluded.proposals,
    proposal = excluded.proposal, placed = excluded.placed;

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
    WHERE v.proposal IS NULL AND EXISTS (SELECT FROM seen) ORDER BY d.vacancy FOR UPDATE OF d
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
SELECT b.eligible_count, e.profile
FROM (
    SELECT expert, points, count(*) OVER () AS eligible_count
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
) AS b JOIN experts e USING (expert)
ORDER BY b.points DESC, b.expert;
