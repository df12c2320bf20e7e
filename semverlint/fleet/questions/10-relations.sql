-- title: What repositories are derived from, and how
-- draw: stacks
SELECT base_model, count(*) AS repositories, count(*) FILTER (relation = 'finetune') AS finetune,
    count(*) FILTER (relation = 'quantized') AS quantized, count(*) FILTER (relation = 'adapter') AS adapter,
    count(*) FILTER (relation = 'merge') AS merge, count(*) FILTER (relation IS NULL) AS unsaid
FROM (SELECT relation, unnest(base_models) AS base_model FROM repositories)
GROUP BY base_model ORDER BY repositories DESC, base_model LIMIT 40
