-- load_experts: Load experts by id.
SELECT expert, policy_version, profile, open_proposals, placement, possible_duplicates FROM experts WHERE expert = ANY ($1::uuid[]);

-- save_experts: Insert or update experts, with the columns that the pool is searched by; regions come joined by commas, traits as text.
INSERT INTO experts (expert, policy_version, profile, open_proposals, placed_match, placement, hours_min, hours_max, available_from, regions, traits,
                     possible_duplicates)
SELECT expert, policy_version, profile, open_proposals, placed_match, placement, hours_min, hours_max, available_from,
       string_to_array(regions, ','), traits::varbit, string_to_array(possible_duplicates, ',')::uuid[]
FROM unnest($1::uuid[], $2::int[], $3::json[], $4::json[], $5::uuid[], $6::json[], $7::int[], $8::int[], $9::date[], $10::text[],
            $11::text[], $12::text[])
     AS e (expert, policy_version, profile, open_proposals, placed_match, placement, hours_min, hours_max, available_from, regions, traits,
           possible_duplicates)
ON CONFLICT (expert) DO UPDATE SET
    policy_version = excluded.policy_version, profile = excluded.profile, open_proposals = excluded.open_proposals,
    placed_match = excluded.placed_match, placement = excluded.placement, hours_min = excluded.hours_min, hours_max = excluded.hours_max,
    available_from = excluded.available_from, regions = excluded.regions, traits = excluded.traits,
    possible_duplicates = excluded.possible_duplicates;

-- load_vacancies: Load vacancies by id.
SELECT vacancy, policy_version, opened, last_request_number, revision, eligible_count, candidate_ids, shortlist_digest,
       declined_experts, proposal_count, proposal, placed_expert
FROM vacancies WHERE vacancy = ANY ($1::uuid[]);

-- save_vacancies: Insert or update vacancies.
INSERT INTO vacancies (vacancy, policy_version, opened, last_request_number, revision, eligible_count, candidate_ids, shortlist_digest,
                       declined_experts, proposal_count, proposal, placed_expert)
SELECT vacancy, policy_version, opened, last_request_number, revision, eligible_count, candidate_ids, shortlist_digest,
       declined_experts, proposal_count, proposal, placed_expert
FROM unnest($1::uuid[], $2::int[], $3::json[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[], $9::json[], $10::int[],
            $11::json[], $12::uuid[])
     AS v (vacancy, policy_version, opened, last_request_number, revision, eligible_count, candidate_ids, shortlist_digest,
           declined_experts, proposal_count, proposal, placed_expert)
ON CONFLICT (vacancy) DO UPDATE SET
    policy_version = excluded.policy_version, opened = excluded.opened, last_request_number = excluded.last_request_number,
    revision = excluded.revision, eligible_count = excluded.eligible_count, candidate_ids = excluded.candidate_ids,
    shortlist_digest = excluded.shortlist_digest, declined_experts = excluded.declined_experts,
    proposal_count = excluded.proposal_count, proposal = excluded.proposal, placed_expert = excluded.placed_expert;

-- request_shortlists: Request one more shortlist for each vacancy, due after $4. All requests of a vacancy keep its first cause.
INSERT INTO shortlist_requests (vacancy, cause_id, correlation_id, requested, due_at)
SELECT DISTINCT ON (vacancy) vacancy, cause_id, correlation_id, 1, now() + $4::interval
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS r (vacancy, cause_id, correlation_id, position)
ORDER BY vacancy, position
ON CONFLICT (vacancy) DO UPDATE SET
    requested = shortlist_requests.requested + 1,
    due_at = CASE WHEN shortlist_requests.requested > shortlist_requests.completed THEN shortlist_requests.due_at
                  ELSE excluded.due_at END;

-- record_pool_change: Record that the pool changed. An insert, so that concurrent batches do not wait for each other.
INSERT INTO pool_changes DEFAULT VALUES;

-- request_all: If the pool has changed, request a shortlist for each vacancy without a proposal, due after $1.
-- The delay combines a burst of changes into one request.
WITH changes AS (
    DELETE FROM pool_changes
    WHERE id IN (SELECT id FROM pool_changes ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING id
), without_proposal AS (
    SELECT r.vacancy FROM shortlist_requests r JOIN vacancies v USING (vacancy)
    WHERE v.proposal IS NULL AND EXISTS (SELECT FROM changes) ORDER BY r.vacancy FOR UPDATE OF r
)
UPDATE shortlist_requests r SET
    requested = r.requested + 1,
    due_at = CASE WHEN r.requested > r.completed THEN r.due_at ELSE now() + $1::interval END
FROM without_proposal w WHERE r.vacancy = w.vacancy;

-- claim_requests: Claim up to $1 due requests for $2; a claim that is not completed by then expires.
UPDATE shortlist_requests r SET claimed_until = now() + $2::interval
FROM (
    SELECT vacancy FROM shortlist_requests WHERE requested > completed AND due_at <= now() AND claimed_until <= now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
) AS claimable
WHERE r.vacancy = claimable.vacancy
RETURNING r.vacancy, r.cause_id, r.correlation_id, r.requested AS request_number;

-- complete_requests: Complete these requests and release their claims; a later request of the same vacancy stays due.
UPDATE shortlist_requests r SET completed = greatest(r.completed, c.request_number), claimed_until = '-infinity'
FROM unnest($1::uuid[], $2::int[]) AS c (vacancy, request_number) WHERE r.vacancy = c.vacancy;

-- top_candidates: Fetch the best $13 eligible experts, except those in $12, and count the eligible ones. Masks come as text.
-- An expert who may be one of $12, or may have a tandem, under another id is left out too; few experts have possible duplicates.
SELECT best.eligible_count, e.profile, e.possible_duplicates
FROM (
    SELECT expert, points, count(*) OVER () AS eligible_count
    FROM (
        SELECT expert,
               bit_count(traits & mask_1) + 2 * bit_count(traits & mask_2) + 4 * bit_count(traits & mask_4) + 8 * bit_count(traits & mask_8)
               + CASE WHEN region = ANY (regions) THEN region_points ELSE 0 END
               + CASE WHEN available_from <= starts_on THEN on_time_points ELSE 0 END AS points
        FROM experts CROSS JOIN (
            SELECT $1::text::varbit AS mask_1, $2::text::varbit AS mask_2, $3::text::varbit AS mask_4, $4::text::varbit AS mask_8,
                   $5::text::varbit AS language_mask, $6::text AS region, $7::int AS region_points, $8::int AS hours,
                   $9::date AS starts_on, $10::int AS on_time_points, $11::date AS available_by
            OFFSET 0 -- keeps this apart: the generic plan of a prepared statement would cast the masks again for each expert
        ) AS query
        WHERE placed_match IS NULL AND traits IS NOT NULL
          AND hours_min <= hours AND hours_max >= hours AND available_from <= available_by
          AND (language_mask IS NULL OR bit_count(traits & language_mask) > 0) AND expert <> ALL ($12::uuid[])
          AND (possible_duplicates IS NULL OR NOT possible_duplicates && $12::uuid[] AND NOT EXISTS (
              SELECT FROM experts AS d
              WHERE d.expert = ANY (experts.possible_duplicates) AND d.placed_match IS NOT NULL))
        OFFSET 0 -- computes the points first: the rows to count and sort are narrow then, and stay in memory
    ) AS eligible
    ORDER BY points DESC, expert LIMIT $13
) AS best JOIN experts e USING (expert)
ORDER BY best.points DESC, best.expert;
