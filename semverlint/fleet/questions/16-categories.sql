-- title: What commits are about, year by year
-- draw: lines
-- table: commits
-- note: The share of a year's commits that are about it; a commit may be about several things.
WITH dated AS (
    SELECT left(date, 4) AS year, categories, count(*) OVER (PARTITION BY left(date, 4)) AS all_of_year FROM commits
), counted AS (
    SELECT year, unnest(categories) AS category, all_of_year FROM dated
)
SELECT year, category, count(*) AS commits, share(count(*), any_value(all_of_year)) AS share,
    low(count(*), any_value(all_of_year)) AS low, high(count(*), any_value(all_of_year)) AS high
FROM counted GROUP BY year, category ORDER BY year, commits DESC, category
