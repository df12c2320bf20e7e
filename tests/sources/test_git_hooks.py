"""What a hook of git sees: the index that will be committed, and the objects that were pushed."""

import os
import sys
from pathlib import Path

import pytest
from git_support import Clone

from semverlint.sources import Settings
from semverlint.sources.git.places import git_dir
from semverlint.sources.git.repository import GitRepository

SHOW = """
import sys
from pathlib import Path
from semverlint.sources import Settings
from semverlint.sources.git.places import work_tree_of
from semverlint.sources.git.repository import GitRepository
place = Path(sys.argv[1])
found = GitRepository("./model", work_tree_of(place), place, Settings()).snapshot(sys.argv[2])
print({path: file.read().decode() for path, file in found.files.items()}, file=open(sys.argv[3], "a"))
"""


def install(clone: Clone, name: str, *commands: str) -> None:
    """A hook of shell commands, in which `show PLACE REVISION` writes down the files semverlint sees."""
    source = Path(__file__).parents[2]
    show = clone.root.parent / "show.py"
    show.write_text(SHOW)
    hook = git_dir(clone.root) / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    function = f'show() {{ PYTHONPATH={source} {sys.executable} {show} "$1" "$2" {clone.root.parent}/seen; }}'
    hook.write_text("\n".join(["#!/bin/sh", "set -e", function, *commands]))
    hook.chmod(0o755)


def seen(clone: Clone) -> list[str]:
    return (clone.root.parent / "seen").read_text().splitlines()


@pytest.fixture
def edited(clone: Clone) -> Clone:
    clone.commit({"a": "1", "b": "1", "sub/c": "1"})
    (clone.root / "a").write_text("2")
    (clone.root / "b").write_text("2")
    return clone


def test_a_plain_commit_shows_what_was_added(edited: Clone) -> None:
    install(edited, "pre-commit", "show . :staged")
    edited.git("add", "a")
    edited.git("commit", "-q", "-m", "x")
    assert seen(edited) == ["{'a': '2', 'b': '1', 'sub/c': '1'}"]


def test_commit_all_shows_its_own_index(edited: Clone) -> None:
    install(edited, "pre-commit", "show . :staged", "cd sub && show .. :staged", "cd / && show $OLDPWD/.. :staged")
    edited.git("commit", "-q", "-a", "-m", "x")
    assert seen(edited) == ["{'a': '2', 'b': '2', 'sub/c': '1'}"] * 3


def test_a_commit_of_one_file_shows_that_file_alone_though_another_is_staged(edited: Clone) -> None:
    install(edited, "pre-commit", "show . :staged", "show sub :staged")
    edited.git("add", "a")
    edited.git("commit", "-q", "-m", "x", "b")
    assert seen(edited) == ["{'a': '1', 'b': '2', 'sub/c': '1'}", "{'c': '1'}"]


def test_a_hook_may_look_at_another_clone_and_sees_that_ones_index(edited: Clone, tmp_path: Path) -> None:
    other = Clone(tmp_path / "other")
    other.commit({"o": "1"})
    install(
        edited, "pre-commit", f"show {other.root} :staged", f"show {other.root} HEAD", f"show {other.root} :worktree"
    )
    edited.git("commit", "-q", "-a", "-m", "x")
    assert seen(edited) == ["{'o': '1'}"] * 3


def test_a_hook_of_a_linked_worktree_sees_its_own_index(edited: Clone, tmp_path: Path) -> None:
    edited.git("worktree", "add", "-q", str(tmp_path / "linked"))
    install(edited, "pre-commit", "show . :staged", f"show {edited.root} :staged")
    (tmp_path / "linked/a").write_text("3")
    edited.git("-C", str(tmp_path / "linked"), "commit", "-q", "-a", "-m", "x")
    assert seen(edited) == ["{'a': '3', 'b': '1', 'sub/c': '1'}", "{'a': '1', 'b': '1', 'sub/c': '1'}"]


def test_what_is_pushed_can_be_read_before_it_is_accepted(clone: Clone, tmp_path: Path) -> None:
    bare = Clone(tmp_path / "bare.git", "--bare")
    install(bare, "pre-receive", "read old new name", 'show . "$new"')
    clone.commit({"a": "pushed"})
    clone.git("push", "-q", str(bare.root), "main")
    assert seen(bare) == ["{'a': 'pushed'}"]


def test_git_variables_meant_for_another_repository_change_nothing(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.commit({"a": "1"})
    other = Clone(tmp_path / "other")
    other.commit({"o": "1"})
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": other.root / ".git/index",
        "GIT_OBJECT_DIRECTORY": other.root / ".git/objects",
        "GIT_COMMON_DIR": other.root / ".git",
        "GIT_NAMESPACE": "x",
        "GIT_TRACE": tmp_path / "trace",
        "GIT_QUARANTINE_PATH": other.root / ".git/objects/incoming",
    }.items():
        monkeypatch.setenv(name, str(value))
    before = dict(os.environ)
    repository = GitRepository("./model", clone.root, clone.root, Settings())
    for revision in (None, ":staged", "HEAD"):
        assert list(repository.snapshot(revision).files) == ["a"]
    assert not (tmp_path / "trace").exists()
    assert dict(os.environ) == before
