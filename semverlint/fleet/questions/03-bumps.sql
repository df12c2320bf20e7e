-- title: Declared steps against needed ones
-- draw: matrix
-- note: Needed steps are lower bounds where something could not be decided.
SELECT coalesce(declared, 'nothing promised') AS declared,
    count(*) FILTER (required = 'none') AS needs_none, count(*) FILTER (required = 'patch') AS needs_patch,
    count(*) FILTER (required = 'minor') AS needs_minor, count(*) FILTER (required = 'major') AS needs_major
FROM pairs GROUP BY pairs.declared
ORDER BY array_position(['none', 'patch', 'minor', 'major'], pairs.declared) NULLS LAST
