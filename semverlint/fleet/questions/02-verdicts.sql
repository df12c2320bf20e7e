-- title: How the declared versions stand to what the changes need
-- draw: bars
SELECT status, count(*) AS pairs, share(count(*), sum(count(*)) OVER ()) AS share,
    low(count(*), sum(count(*)) OVER ()) AS low, high(count(*), sum(count(*)) OVER ()) AS high
FROM pairs GROUP BY status ORDER BY pairs DESC, status
