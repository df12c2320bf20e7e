"""`semverlint notes`: release notes in Markdown, and `--explain`."""

from pathlib import Path

import pytest
from git_support import Clone
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from support import run

BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}
HOSTILE = "<script>x</script>|`@team` [a](https://x) \x1b[31m\u202e"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "README.md": "---\nversion: 1.2.0\n---\n# M\n"}, tag="v1.2.0")
    made.commit({"thresholds.json": {"hotword": 0.6, "extra": 1}, "README.md": "---\nversion: 2.0.0\n---\n# M\n"})
    made.git("tag", "v2.0.0")
    return made


def test_notes_for_a_release(clone: Clone) -> None:
    done = run("notes", ".@v2.0.0", cwd=clone.root)
    assert done.returncode == 0
    assert done.stdout == snapshot("""\
## v2.0.0

Major release after v1.2.0. What used to work may not.

### Added

- new key extra (`thresholds.json`; data-key-added)

### Changed

- hotword holds something else (`thresholds.json`; data-value-changed)

### Removed

- **Breaking** for load: stop is gone (`thresholds.json`; data-key-removed)
  A program that reads the file looks its values up by these keys. \
One that is gone raises an error, or is quietly taken for a default.
""")


def test_notes_for_a_card_go_into_a_file(clone: Clone) -> None:
    done = run("notes", ".@v2.0.0", "--for", "card", "--output", "notes.md", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert (clone.root / "notes.md").read_text() == snapshot("""\
## What is new in v2.0.0

Major release after v1.2.0. What used to work may not.

### Added

- new key extra (`thresholds.json`)

### Changed

- hotword holds something else (`thresholds.json`)

### Removed

- **Breaking** for load: stop is gone (`thresholds.json`)
""")


def test_what_is_not_released_yet_has_the_name_that_would_be_right(clone: Clone) -> None:
    clone.commit({"thresholds.json": {"hotword": 0.6, "extra": 1, "more": 2}})
    assert run("notes", cwd=clone.root).stdout.startswith("## v2.1.0\n")


def test_what_a_model_says_stays_text(clone: Clone) -> None:
    clone.commit({"thresholds.json": {"hotword": 0.6, HOSTILE: 1}, f"{HOSTILE.replace('/', '')}.json": {}})
    text = run("notes", cwd=clone.root).stdout
    page = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script" not in page
    assert "<a " not in page
    assert "&lt;script&gt;" in page


def test_how_a_verdict_came_about_is_explained_on_standard_error(clone: Clone) -> None:
    done = run("check", ".@v2.0.0", "--explain", "--format", "json", cwd=clone.root)
    assert done.returncode == 0
    assert done.stdout.startswith("{")
    lines = [line.replace(clone.git("rev-parse", "v1.2.0")[:12], "COMMIT") for line in done.stderr.splitlines()]
    assert lines == snapshot(
        [
            "baseline: .@v1.2.0, commit COMMIT: the version tag below v2.0.0",
            "declared before: v1.2.0 (the tag, semver)",
            "declared now: v2.0.0 (the tag, semver)",
            "the step allows a major",
            "needed for everyone: a major release, out of 4 findings",
            "  because of data-key-removed in thresholds.json",
            "so the status is fits; the right version is v2.0.0",
            "and the exit status 0: it fails on under-declared, undeclared, mutated, undecided",
        ]
    )


def test_zero_major_doubts_and_acceptances_are_explained(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE, "model.mlmodel": b"one" * 100}, tag="v0.1.0")
    clone.commit({"thresholds.json": {"hotword": 0.5}, "model.mlmodel": b"two" * 100}, tag="v0.1.1")
    (clone.root / "semverlint.toml").write_text('[[accept]]\nrule = "data-key-removed"\nreason = "unused"\n')
    done = run("check", ".@v0.1.1", "--explain", "-q", "--consumer", "load", cwd=clone.root)
    lines = [line.replace(clone.git("rev-parse", "v0.1.0")[:12], "COMMIT") for line in done.stderr.splitlines()]
    assert lines == snapshot(
        [
            "baseline: .@v0.1.0, commit COMMIT: the version tag below v0.1.1",
            "declared before: v0.1.0 (the tag, semver)",
            "declared now: v0.1.1 (the tag, semver)",
            "the step allows a minor (0.y.z is read as cargo), and is too big where less than a patch is needed",
            "needed for load: no release, out of 1 finding",
            "  not counted, since it matters for nobody promised: weights-unread",
            "  not counted, since it is accepted: data-key-removed (unused)",
            (
                "undecided: model.mlmodel: its bytes differ, and semverlint does not read the numbers in .mlmodel "
                "files; it could ask for a major"
            ),
            "so the status is undecided",
            "and the exit status 1: it fails on under-declared, undeclared, mutated, undecided",
        ]
    )
