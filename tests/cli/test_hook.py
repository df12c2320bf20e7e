"""`semverlint hook`: what is staged, and what is pushed, from hooks that git itself runs."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from git_support import Clone, pointer
from support import run, write

BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}
MAJOR: dict[str, object] = {"hotword": 0.5}
MINOR: dict[str, object] = {**BASE, "extra": 1}


def card(version: str, text: str = "A model.") -> str:
    return f"---\nversion: {version}\n---\n\n# Model\n\n{text}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "README.md": card("1.2.0")}, "First", tag="v1.2.0")
    return made


def stage(clone: Clone, **files: dict[str, object] | str | bytes) -> subprocess.CompletedProcess[str]:
    write(clone.root, {name.replace("__", "."): content for name, content in files.items()})
    clone.git("add", "--all")
    return run("hook", "pre-commit", cwd=clone.root)


def test_staged_changes_that_the_card_does_not_declare_are_refused_in_a_sentence(clone: Clone) -> None:
    done = stage(clone, thresholds__json=MAJOR)
    assert done.returncode == 1
    assert done.stderr == "semverlint: these staged changes need a major release; README.md still says 1.2.0\n"
    assert "data-key-removed" in done.stdout
    done = stage(clone, README__md=card("1.3.0"))
    assert done.returncode == 1
    assert done.stderr == "semverlint: these staged changes need a major release; README.md says 1.3.0, only a minor\n"
    done = stage(clone, README__md=card("2.0.0"))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2


def test_where_only_tags_declare_the_next_version_is_named(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="v1.2.0")
    done = stage(clone, thresholds__json=MAJOR)
    assert done.returncode == 0
    assert done.stderr == "semverlint: these staged changes need a major release: the next version is v2.0.0\n"


def test_where_nothing_of_the_model_is_staged_it_ends_at_once(clone: Clone) -> None:
    write(clone.root, {"thresholds.json": MAJOR})  # not staged
    write(clone.root, {"docs/use.md": "Use it.", "semverlint.toml": "", "logs/run.log": "."})
    clone.git("add", "docs", "semverlint.toml", "logs")
    done = run("hook", "pre-commit", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "semverlint: nothing that the model consists of is staged\n"


def test_a_deletion_is_staged_too(clone: Clone) -> None:
    clone.git("rm", "-q", "thresholds.json")
    done = run("hook", "pre-commit", cwd=clone.root)
    assert done.returncode == 1
    assert "thresholds.json" in done.stdout


def test_a_first_commit_and_a_first_release_pass(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    done = stage(clone, thresholds__json=BASE, README__md=card("1.0.0"))
    assert (done.returncode, done.stdout) == (0, "")
    assert "a first release passes" in done.stderr
    clone.git("commit", "-q", "-m", "First")
    clone.git("tag", "v1.0.0")
    head = clone.git("rev-parse", "HEAD")
    done = push(clone, f"refs/tags/v1.0.0 {head} refs/tags/v1.0.0 {'0' * 40}")
    assert (done.returncode, done.stdout) == (0, "")
    assert "a first release passes" in done.stderr


def test_a_merge_is_held_against_the_last_release_with_all_it_brings(clone: Clone) -> None:
    clone.git("checkout", "-q", "-b", "side")
    clone.commit({"thresholds.json": MAJOR})
    clone.git("checkout", "-q", "main")
    clone.commit({"README.md": card("1.2.0", "Better words.")})
    clone.git("merge", "-q", "--no-commit", "--no-ff", "side")
    done = run("hook", "pre-commit", cwd=clone.root)
    assert done.returncode == 1
    assert "need a major release; README.md still says 1.2.0" in done.stderr


def test_one_model_of_several_in_a_clone_is_looked_at(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "models")
    clone.commit({"a/thresholds.json": BASE, "a/README.md": card("1.2.0"), "b/thresholds.json": BASE}, tag="v1.2.0")
    write(clone.root, {"a/thresholds.json": MAJOR})
    clone.git("add", "--all")
    assert run("hook", "pre-commit", "a", cwd=clone.root).returncode == 1
    assert "nothing that the model consists of" in run("hook", "pre-commit", "b", cwd=clone.root).stderr


def test_lfs_content_that_was_never_downloaded_blocks_only_where_it_could_change_the_answer(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit(
        {"thresholds.json": BASE, "README.md": card("1.2.0"), "model.safetensors": pointer(b"one")}, tag="v1.2.0"
    )
    assert stage(clone, thresholds__json=MINOR, README__md=card("1.3.0")).returncode == 0
    done = stage(clone, model__safetensors=pointer(b"two"))
    assert done.returncode == 3
    assert "run `git lfs fetch origin v1.2.0`" in done.stderr
    assert run("hook", "pre-commit", "--fail-on", "under-declared", cwd=clone.root).returncode == 0
    assert stage(clone, README__md=card("2.0.0")).returncode == 0


def test_outside_a_clone_it_says_so(tmp_path: Path) -> None:
    done = run("hook", "pre-commit", cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "semverlint: . is in no clone with a working tree; run the hook inside one\n"


def test_nothing_a_repository_configures_is_run(clone: Clone, tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    for name in ("diff.external", "filter.x.clean", "filter.x.process", "core.fsmonitor", "diff.x.textconv"):
        clone.git("config", name, f"touch {shlex.quote(str(trap))}")
    clone.git("config", "diff.relative", "true")
    write(clone.root, {".gitattributes": "*.json filter=x diff=x\n", "thresholds.json": MAJOR})
    clone.git("-c", "filter.x.clean=cat", "-c", "filter.x.process=", "-c", "core.fsmonitor=false", "add", "--all")
    trap.unlink(missing_ok=True)
    assert run("hook", "pre-commit", cwd=clone.root).returncode == 1
    assert not trap.exists()


def push(clone: Clone, *lines: str) -> subprocess.CompletedProcess[str]:
    """The pre-push hook with the lines that git would write to it."""
    return subprocess.run(
        [sys.executable, "-m", "semverlint", "hook", "pre-push"],
        cwd=clone.root,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture
def remote(clone: Clone, tmp_path: Path) -> Clone:
    """Where the clone pushes to, with the clone's hook installed as plain git would have it."""
    there = Clone(tmp_path / "remote.git", "--bare")
    clone.git("remote", "add", "origin", str(there.root))
    clone.git("push", "-q", "--tags", "origin", "main")
    hook = clone.root / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -m semverlint hook pre-push\n")
    hook.chmod(0o755)
    return there


def pushed(clone: Clone, *arguments: str) -> tuple[bool, str]:
    """Whether git let a push through, and what was said."""
    done = subprocess.run(
        ["git", "-C", str(clone.root), "push", *arguments], capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode == 0, done.stdout + done.stderr


def test_a_tag_that_declares_too_little_does_not_leave(clone: Clone, remote: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR, "README.md": card("1.3.0")}, tag="v1.3.0")
    through, said = pushed(clone, "origin", "main")
    assert through
    assert "no version tag is pushed" in said
    through, said = pushed(clone, "origin", "v1.3.0")
    assert not through
    assert "under-declared" in said
    assert remote.git("tag") == "v1.2.0"
    clone.git("tag", "v2.0.0", "v1.3.0")
    clone.git("tag", "-d", "v1.3.0")
    clone.commit({"README.md": card("2.0.0")})
    clone.git("tag", "--force", "v2.0.0")
    assert pushed(clone, "--follow-tags", "origin", "main", "v2.0.0")[0]


def test_a_released_tag_is_not_moved_to_other_content(clone: Clone, remote: Clone) -> None:
    clone.commit({"thresholds.json": MINOR})
    clone.git("tag", "--force", "v1.2.0")
    through, said = pushed(clone, "--force", "origin", "v1.2.0")
    assert not through
    assert "mutated" in said
    assert remote.git("rev-parse", "v1.2.0") != clone.git("rev-parse", "v1.2.0")
    assert pushed(clone, "origin", ":refs/tags/v1.2.0")[0]  # to take a release back is no release


def test_tags_that_are_no_versions_are_let_through(clone: Clone, remote: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="nightly")
    assert pushed(clone, "origin", "nightly")[0]
    assert "nightly" in remote.git("tag")
