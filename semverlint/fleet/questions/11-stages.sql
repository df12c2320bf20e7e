-- title: Kinds of modification in names
-- draw: bars
SELECT stage, count(*) AS repositories FROM (SELECT lower(unnest(stage)) AS stage FROM repositories)
GROUP BY stage ORDER BY repositories DESC, stage LIMIT 40
