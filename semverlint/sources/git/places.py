"""Where a repository begins, and where git keeps its own files; found by looking, without starting a process."""

from pathlib import Path


def work_tree_of(place: Path) -> Path | None:
    """The root of the work tree that a folder belongs to, or the folder itself where it is a bare repository.

    A clone, a linked worktree and a submodule all have a `.git` at their root: a folder, or a file that names one. Only
    the folder itself can be a bare repository: what lies below one (`hooks/`) is no part of a model.
    """
    resolved = place.resolve()
    if _is_git_dir(resolved) and not _has_dot_git(resolved):
        return resolved
    return next((folder for folder in (resolved, *resolved.parents) if _has_dot_git(folder)), None)


def is_bare(root: Path) -> bool:
    """Whether a root that `work_tree_of` found has no work tree."""
    return not _has_dot_git(root)


def git_dir(root: Path) -> Path:
    """The repository's own git folder: of this worktree alone, with its index and `HEAD`."""
    dot_git = root / ".git"
    if is_bare(root):
        return root
    if _is_file(dot_git):
        return (root / _first_line(dot_git).removeprefix("gitdir:").strip()).resolve()
    return dot_git.resolve()


def common_dir(root: Path) -> Path:
    """The git folder that all worktrees of a clone share, with its objects, refs and LFS content."""
    own = git_dir(root)
    shared = own / "commondir"
    return (own / _first_line(shared)).resolve() if _is_file(shared) else own


def _has_dot_git(folder: Path) -> bool:
    dot_git = folder / ".git"
    return _is_git_dir(dot_git) or (_is_file(dot_git) and _first_line(dot_git).startswith("gitdir:"))


def _is_git_dir(folder: Path) -> bool:
    """Git's own test, but for the content of `HEAD` (setup.c, `is_git_directory`)."""
    try:
        has_head = (folder / "HEAD").is_symlink() or (folder / "HEAD").is_file()
        return has_head and (
            ((folder / "objects").is_dir() and (folder / "refs").is_dir()) or (folder / "commondir").is_file()
        )
    except OSError:
        return False


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:
        return False


def _first_line(place: Path) -> str:
    """The first line of one of git's own small files, empty where it cannot be read."""
    try:
        with place.open(encoding="utf-8", errors="surrogateescape") as stream:
            return stream.readline(4096).rstrip("\r\n")
    except OSError:
        return ""
