-- lock_keys: Lock the keys in hash order, which prevents deadlocks.
-- A statement of its own: the next one must see what the previous holder committed.
SELECT count(pg_advisory_xact_lock(h))
FROM (SELECT DISTINCT hashtextextended(k, $2::bigint) AS h FROM unnest($1::text[]) AS k ORDER BY h) AS sorted;
