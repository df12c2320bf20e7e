-- title: The releases behind that number
-- note: The first hundred; all of them by --sql.
SELECT target, old, new, weights, weight_files FROM pairs WHERE weight_files > 0 AND NOT renamed AND NOT documented ORDER BY target, old, new LIMIT 100
