"""Which paths are staged: one question to git, asked before anything else is imported."""

import os
from pathlib import Path

from semverlint.errors import UsageError
from semverlint.sources.git import places
from semverlint.sources.git.process import Git, index_in_use
from semverlint.text import clean


def staged_paths(place: Path) -> list[str]:
    """The paths below a folder, relative to it, that differ between the last commit and the index, deletions included.

    Before the first commit that is everything in the index; while a merge is made, everything it brings.

    Raises:
        UsageError: If the folder is in no clone with a working tree.
        SourceError: If git cannot read it.
    """
    root = places.work_tree_of(place)
    if root is None or places.is_bare(root):
        raise UsageError(f"{clean(place)} is in no clone with a working tree", "run the hook inside one")
    below = place.resolve().relative_to(root.resolve()).as_posix()
    prefix = "" if below == "." else f"{below}/"
    listed = Git(root, str(place)).run(
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--no-relative",
        "--ignore-submodules=dirty",
        index=index_in_use(root),
    )
    paths = [os.fsdecode(path) for path in listed.split(b"\0")[:-1]]
    return [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]
