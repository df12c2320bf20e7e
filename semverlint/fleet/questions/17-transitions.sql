-- title: What follows what: a Markov table of categories
-- draw: matrix
-- table: commits
-- note: The probability that a commit about one thing is followed by one about another, over all pairs of them.
WITH steps AS (
    SELECT categories, lead(categories) OVER (PARTITION BY target ORDER BY date, commit) AS later FROM commits
), earlier AS (
    SELECT unnest(categories) AS earlier, later FROM steps WHERE later IS NOT NULL
), followed AS (
    SELECT earlier, following, count(*) AS times
    FROM (SELECT earlier, unnest(later) AS following FROM earlier) GROUP BY ALL
)
SELECT earlier, following, times, share(times, sum(times) OVER of_one) AS probability,
    low(times, sum(times) OVER of_one) AS low, high(times, sum(times) OVER of_one) AS high
FROM followed WINDOW of_one AS (PARTITION BY earlier)
ORDER BY earlier, probability DESC, following
