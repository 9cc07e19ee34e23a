-- lock: Keeps every other batch away from these keys. A statement of its own: what follows must see what the last holder saved.
SELECT count(pg_advisory_xact_lock(h))
FROM (SELECT DISTINCT hashtextextended(k, $2::bigint) AS h FROM unnest($1::text[]) AS k ORDER BY h) AS sorted;
