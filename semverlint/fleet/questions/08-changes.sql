-- title: The rules that asked for a step, by the declared step
-- draw: stacks
SELECT rule, count(*) AS pairs, count(*) FILTER (declared = 'major') AS major,
    count(*) FILTER (declared = 'minor') AS minor, count(*) FILTER (declared = 'patch') AS patch,
    count(*) FILTER (declared = 'none') AS same, count(*) FILTER (declared IS NULL) AS unpromised
FROM (SELECT declared, split_part(unnest(rules), ' ', 2) AS rule FROM pairs)
GROUP BY rule ORDER BY pairs DESC, rule LIMIT 40
