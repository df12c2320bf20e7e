-- title: What was audited
SELECT count(DISTINCT target) AS repositories, count(*) FILTER (status NOT IN ('failed', 'no-baseline')) AS pairs,
    count(*) FILTER (status = 'no-baseline') AS single_releases, count(*) FILTER (status = 'failed') AS failed
FROM rows
