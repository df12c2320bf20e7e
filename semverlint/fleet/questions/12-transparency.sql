-- title: What cards tell
-- draw: bars
SELECT tells, told AS repositories, share(told, repositories) AS share,
    low(told, repositories) AS low, high(told, repositories) AS high
FROM (SELECT count(*) AS repositories,
        count(*) FILTER (card_words > 0 OR card_fields > 0) AS "anything at all",
        count(*) FILTER (licence IS NOT NULL) AS "the licence",
        count(*) FILTER (datasets > 0) AS "training data",
        count(*) FILTER (len(base_models) > 0) AS "the base model",
        count(*) FILTER (relation IS NOT NULL) AS "how it is derived",
        count(*) FILTER (card_fields >= 5) AS "half of ten fields"
    FROM repositories)
UNPIVOT (told FOR tells IN (COLUMNS(* EXCLUDE repositories)))
