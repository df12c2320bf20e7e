-- title: Files with weights among all changed files
SELECT sum(files)::BIGINT AS changed_files, sum(weight_files)::BIGINT AS with_weights,
    share(sum(weight_files), sum(files)) AS share FROM pairs
