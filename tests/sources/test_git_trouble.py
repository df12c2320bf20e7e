"""Repositories that cannot be read, or that would like something run: one line with the way out, and nothing is run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from git_support import Clone

from semverlint.errors import SourceError
from semverlint.sources import Settings, open_repository, parse
from semverlint.sources.git import places, process
from semverlint.sources.git.places import work_tree_of
from semverlint.sources.git.repository import GitRepository


def refusal(clone: Clone, revision: str | None = "HEAD") -> str:
    with pytest.raises(SourceError) as caught:
        clone.open().snapshot(revision)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_git_missing_from_path(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(clone) == "./model is a git clone, and git is not on PATH; install git"


def test_git_that_cannot_be_started(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("no program")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(clone) == "git cannot be started (Exec format error); check the installation of git"


def test_a_repository_of_another_user(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.commit({"a": "1"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr(process, "_KEPT", re.compile("GIT_TEST.*|GIT_CONFIG.*"))
    for revision in ("HEAD", None, ":staged"):
        assert refusal(clone, revision) == (
            "./model belongs to another user, so git refuses to read it; if you trust it, "
            f"run `git config --global --add safe.directory {clone.root}`"
        )
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(clone.root))
    assert list(clone.open().snapshot("HEAD").files) == ["a"]


def test_git_that_falls_silent_is_ended(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.commit({"a": "1"})
    (tmp_path / "git").write_text(f"#!{sys.executable}\nimport time; time.sleep(60)")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(process, "TIMEOUT", 0.05)
    for revision in ("HEAD", None):
        assert "git did not answer for 0 s; try again when the disk is idle" in refusal(clone, revision)


def test_a_permission_git_lacks(clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho 'fatal: cannot open .git/index: Permission denied' >&2; exit 128")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert refusal(clone, ":staged") == "./model cannot be read by git (permission denied); check its permissions"


def test_a_git_folder_that_is_broken(clone: Clone) -> None:
    clone.commit({"a": "1"})
    (clone.root / ".git/HEAD").write_text("nonsense")
    assert "has a .git that git cannot read; mend it" in refusal(clone)


def test_a_worktree_whose_clone_has_moved_away(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a": "1"})
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"))
    clone.root.rename(tmp_path / "moved")
    repository = open_repository(parse(str(tmp_path / "linked")), Settings())
    with pytest.raises(SourceError, match=r"has a \.git that git cannot read"):
        repository.snapshot(None)


def test_a_broken_index(clone: Clone) -> None:
    clone.commit({"a": "1"})
    (clone.root / ".git/index").write_bytes(b"nonsense" * 10)
    assert refusal(clone, ":staged") == "./model has an index that git cannot read; run `git status` there"


def test_a_repository_of_a_newer_git(clone: Clone) -> None:
    clone.git("config", "core.repositoryFormatVersion", "99")
    assert refusal(clone) == "./model needs a newer git; update git"


def test_a_complaint_nobody_foresaw_is_shown_in_one_safe_line(clone: Clone) -> None:
    said = process.Git(clone.root, "./model").refusal("warning: x\nfatal: bad \x1b[31mthing\nhint: y")
    assert str(said) == r"./model: git failed (bad \x1b[31mthing); see what `git status` and `git fsck` say there"


def test_a_partial_clone_fetches_nothing_and_says_how(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a": "1"}, tag="v1")
    clone.commit({"a": "2"})
    clone.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    clone.git("clone", "-q", "--filter=blob:none", clone.root.as_uri(), str(partial))
    evil = {
        "protocol.file.allow": "always",
        "protocol.allow": "always",
        "remote.origin.uploadpack": f"touch {tmp_path}/ran; git-upload-pack",
    }
    for name, value in evil.items():
        clone.git("-C", str(partial), "config", name, value)
    repository = GitRepository("./partial", partial, partial, Settings())
    with pytest.raises(SourceError) as caught:
        repository.snapshot("v1")
    assert str(caught.value) == (
        "./partial is a partial clone that lacks the content of this revision; "
        "fetch it with `git fetch --refetch --no-filter`"
    )
    assert repository.snapshot("HEAD").files["a"].read() == b"2"
    assert not (tmp_path / "ran").exists()


def test_nothing_a_repository_configures_is_run(clone: Clone, tmp_path: Path) -> None:
    clone.commit(
        {"config.json": "{}", "model.bin": "x", ".gitattributes": "* filter=evil diff=evil merge=evil\n"}, tag="v1"
    )
    clone.git("config", "core.logAllRefUpdates", "always")
    ran = tmp_path / "ran"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {ran}\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    for name, value in {
        "core.fsmonitor": program,
        "core.hooksPath": hooks,
        "core.pager": program,
        "pager.log": program,
        "core.sshCommand": program,
        "core.askPass": program,
        "core.editor": program,
        "core.gitProxy": program,
        "core.alternateRefsCommand": program,
        "core.untrackedCache": "true",
        "filter.evil.clean": program,
        "filter.evil.smudge": program,
        "filter.evil.process": program,
        "filter.evil.required": "true",
        "diff.evil.textconv": program,
        "diff.evil.command": program,
        "diff.external": program,
        "gpg.program": program,
        "log.showSignature": "true",
        "credential.helper": program,
        "alias.ls-files": f"!{program}",
        "uploadpack.packObjectsHook": program,
    }.items():
        clone.git("config", name, str(value))
    (clone.root / "model.bin").write_text("y")
    (clone.root / "new").write_text("z")
    repository = clone.open()
    for revision in ("v1", "HEAD", ":staged", ":worktree"):
        assert [file.read() for file in repository.snapshot(revision).files.values()]
    assert repository.tags()
    assert list(repository.commits(None))
    assert repository.earlier("v1") is None
    assert not ran.exists()
    with pytest.raises(subprocess.CalledProcessError):
        clone.git("status")
    assert ran.exists()  # the trap was real


def test_no_configuration_moves_the_working_tree(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a": "1"})
    (tmp_path / "private").mkdir()
    (tmp_path / "private/key").write_text("secret")
    clone.git("config", "core.worktree", str(tmp_path / "private"))
    found = clone.open().snapshot(None)
    assert (list(found.files), found.problems) == (["a"], ())


def test_a_repository_is_not_changed_by_reading_it(clone: Clone) -> None:
    clone.commit({"a": "1"}, tag="v1")
    (clone.root / "a").touch()
    before = {path: path.stat().st_mtime_ns for path in clone.root.rglob("*")}
    repository = clone.open()
    for revision in ("v1", ":staged", ":worktree"):
        repository.snapshot(revision).files["a"].read()
    assert list(repository.commits("v1"))
    assert {path: path.stat().st_mtime_ns for path in clone.root.rglob("*")} == before


def test_the_work_tree_is_found_from_anywhere_in_it(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"a/b/c": "1"})
    assert work_tree_of(clone.root) == clone.root
    assert work_tree_of(clone.root / "a/b") == clone.root
    (tmp_path / "link").symlink_to(clone.root / "a")
    assert work_tree_of(tmp_path / "link") == clone.root
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"))
    assert work_tree_of(tmp_path / "linked/a") == tmp_path / "linked"
    assert places.git_dir(tmp_path / "linked") == clone.root / ".git/worktrees/linked"
    assert places.common_dir(tmp_path / "linked") == clone.root / ".git"
    bare = Clone(tmp_path / "bare.git", "--bare")
    assert work_tree_of(bare.root) == bare.root
    assert work_tree_of(tmp_path) is None


@pytest.mark.parametrize("content", [None, "", "nonsense", b"\xff" * 5000])
def test_a_dot_git_that_is_none_makes_no_clone(tmp_path: Path, content: str | bytes | None) -> None:
    dot_git = tmp_path / ".git"
    if content is None:
        (dot_git / "objects").mkdir(parents=True)
    else:
        dot_git.write_bytes(content.encode() if isinstance(content, str) else content)
    assert work_tree_of(tmp_path) is None
