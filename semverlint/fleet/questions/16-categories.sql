-- title: What commits are about, year by year
-- table: commits
WITH each AS (
    SELECT left(date, 4) AS year, unnest(categories) AS category FROM commits
), counted AS (
    SELECT year, category, count(*) AS commits FROM each GROUP BY ALL
)
SELECT year, category, commits, share(commits, sum(commits) OVER (PARTITION BY year)) AS share
FROM counted ORDER BY year, commits DESC, category
