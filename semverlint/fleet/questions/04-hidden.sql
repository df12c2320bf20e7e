-- title: Weight changes that neither the version nor a document shows
-- note: A pair counts where a file with weights was added, removed or changed; hidden are those whose two revisions
--   declare the same version and whose card and documents stayed as they were; understated are those whose version
--   moved, by less than they need. (The 40.87 % of arXiv 2409.10472
--   is another figure: the share of weight files among all file changes.)
SELECT count(*) AS weight_changes, count(*) FILTER (NOT renamed AND NOT documented) AS hidden,
    share(hidden, weight_changes) AS share, low(hidden, weight_changes) AS low,
    high(hidden, weight_changes) AS high, count(*) FILTER (NOT renamed) AS same_version,
    count(*) FILTER (NOT documented) AS undocumented, count(*) FILTER (renamed AND status = 'under-declared') AS understated
FROM pairs WHERE weight_files > 0
