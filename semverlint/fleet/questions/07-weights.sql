-- title: What happened to the weights, by the declared step
-- draw: stacks
SELECT weights, count(*) AS pairs, count(*) FILTER (declared = 'major') AS major,
    count(*) FILTER (declared = 'minor') AS minor, count(*) FILTER (declared = 'patch') AS patch,
    count(*) FILTER (declared = 'none') AS same, count(*) FILTER (declared IS NULL) AS unpromised
FROM pairs WHERE weights IS NOT NULL GROUP BY weights ORDER BY pairs DESC, weights
