-- title: Why commits are made
-- draw: bars
-- table: commits
SELECT purpose, count(*) AS commits, share(count(*), sum(count(*)) OVER ()) AS share,
    low(count(*), sum(count(*)) OVER ()) AS low, high(count(*), sum(count(*)) OVER ()) AS high
FROM commits WHERE purpose IS NOT NULL GROUP BY purpose ORDER BY commits DESC
