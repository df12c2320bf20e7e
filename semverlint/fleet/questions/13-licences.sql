-- title: Licences
-- draw: bars
SELECT coalesce(licence, '(none)') AS licence, count(*) AS repositories FROM repositories
GROUP BY 1 ORDER BY repositories DESC, 1 LIMIT 30
