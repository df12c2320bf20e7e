-- title: The releases behind that number, and what shows their change
-- note: The first hundred, hidden ones first; all of them by --sql.
SELECT target, old, new, weights, weight_files,
    CASE WHEN renamed AND documented THEN 'version, document' WHEN renamed THEN 'version'
        WHEN documented THEN 'document' ELSE 'nothing' END AS shown_by
FROM pairs WHERE weight_files > 0
ORDER BY renamed OR documented, renamed AND documented, renamed, target, old, new LIMIT 100
