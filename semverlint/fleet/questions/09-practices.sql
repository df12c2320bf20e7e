-- title: How repositories are named
-- draw: bars
SELECT practice, count(*) AS repositories, share(count(*), sum(count(*)) OVER ()) AS share,
    low(count(*), sum(count(*)) OVER ()) AS low, high(count(*), sum(count(*)) OVER ()) AS high, min(target) AS example FROM repositories WHERE practice IS NOT NULL
GROUP BY practice ORDER BY repositories DESC, practice LIMIT 40
