-- title: How large releases and steps are
SELECT what, round(quantile_cont(v, 0.25)) AS lower_quartile, round(quantile_cont(v, 0.5)) AS median,
    round(quantile_cont(v, 0.75)) AS upper_quartile, max(v) AS largest FROM (
SELECT 'bytes of a release' AS what, size AS v FROM rows WHERE status <> 'failed'
UNION ALL SELECT 'files of a step', files FROM pairs
UNION ALL SELECT 'files with weights of a step', weight_files FROM pairs) GROUP BY what
ORDER BY what
