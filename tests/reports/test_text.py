"""The text report, as people see it: in 80 columns, without colour, piped."""

import re
from pathlib import Path

import pytest
from git_support import Clone
from inline_snapshot import snapshot
from support import run

BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("text") / "model")
    made.commit({"thresholds.json": BASE, "model.mlmodel": b"1", "notes.md": "a"}, tag="v1.2.0")
    made.commit({"thresholds.json": {"hotword": 0.6, "more": 1}, "notes.md": "b"}, tag="v1.3.0")
    made.commit({"thresholds.json": {"hotword": 0.6, "more": 1, "again": 1}}, tag="v1.4.0")
    made.commit({"model.mlmodel": b"2"}, tag="v1.4.1")
    made.commit({"notes.md": "c"})
    return made


def told(clone: Clone, *arguments: str) -> str:
    text = run("check", *arguments, cwd=clone.root).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    return re.sub(r"\b[0-9a-f]{12}\b", "0123456789ab", text)


def test_a_release_that_breaks_its_promise(clone: Clone) -> None:
    assert told(clone, ".@v1.3.0") == snapshot("""\
✗ v1.2.0 → v1.3.0: declared minor, needs major: under-declared

major · 1 finding
  data-key-removed  thresholds.json  for load
    stop is gone

minor · 2 findings
  data-value-changed  thresholds.json:2  for load, behave
    hotword holds something else
  data-key-added  thresholds.json:3  for load
    new key more

patch · 1 finding
  side-file-changed  notes.md  for load
    holds something else (document)

Compared with v1.2.0 (the version tag below v1.3.0): 3 files, 71 bytes read.
Next: release this as v2.0.0: git tag v2.0.0 0123456789ab
""")


def test_a_release_that_keeps_it(clone: Clone) -> None:
    assert told(clone, ".@v1.4.0") == snapshot("""\
✓ v1.3.0 → v1.4.0: declared minor, needs minor: fits

minor · 1 finding
  data-key-added  thresholds.json:4  for load
    new key again

Compared with v1.3.0 (the version tag below v1.4.0): 3 files, 118 bytes read.
Next: nothing; the version says what the update costs.
""")


def test_numbers_nobody_read(clone: Clone) -> None:
    assert told(clone, ".@v1.4.1") == snapshot("""\
? v1.4.0 → v1.4.1: declared patch, needs at least patch: undecided

patch · 1 finding
  weights-unread  model.mlmodel  for behave, adapt, embed
    the bytes differ; what happened to the numbers is undecided (by structure)

undecided · 1 question
  model.mlmodel: its bytes differ, and semverlint does not read the numbers in
    .mlmodel files
    would settle it: publish the same weights as safetensors, or compare
      evaluations of both revisions

Compared with v1.4.0 (the version tag below v1.4.1): 3 files, 86 bytes read.
Next: settle model.mlmodel: publish the same weights as safetensors, or compare
evaluations of both revisions
""")


def test_the_same_of_several_files_is_said_once_and_paths_are_told_apart(tmp_path: Path) -> None:
    for version, languages in (("1.0", ()), ("1.1", ("de", "en", "es", "fr", "it", "nl", "pl"))):
        folder = tmp_path / "pack" / version / "models"
        folder.mkdir(parents=True)
        for language in ("ja", *languages):
            (folder / f"{language}.tflite").write_bytes(b"x")
    text = run("diff", "./pack/1.0/models", "./pack/1.1/models", cwd=tmp_path).stdout
    assert text == snapshot("""\
• 1.0 → 1.1: needs minor, no step declared

minor · 7 findings
  weights-file-added  7 files  for load
    is new (tflite)
      · de.tflite
      · en.tflite
      · es.tflite
      · fr.tflite
      · it.tflite
      · and 2 more

Compared with 1.0 (named): 8 files, 9 bytes read. No step is declared: neither
revision declares a version that could be read.
Next: this step needs a minor release.
""")


def test_what_is_not_released_yet(clone: Clone) -> None:
    assert told(clone, ".") == snapshot("""\
• v1.4.1 → the working tree: needs patch, no step declared

patch · 1 finding
  side-file-changed  notes.md  for load
    holds something else (document)

Compared with v1.4.1 (the last version tag behind it): 3 files, 51 bytes read.
No step is declared: only one revision declares a version that could be read.
Next: release this as v1.4.2: git tag v1.4.2
""")


def test_quiet_is_the_headline_and_the_next_step(clone: Clone) -> None:
    assert told(clone, ".@v1.3.0", "--quiet") == snapshot("""\
✗ v1.2.0 → v1.3.0: declared minor, needs major: under-declared
Next: release this as v2.0.0: git tag v2.0.0 0123456789ab
""")


def test_verbose_says_why_and_how_to_mend_it(clone: Clone) -> None:
    text = told(clone, ".@v1.3.0", "--verbose")
    assert "why: A program that reads the file" in text
    assert "fix: Keep the key" in text


def test_without_unicode_the_marks_are_plain(clone: Clone) -> None:
    text = run("check", ".@v1.3.0", cwd=clone.root, PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout
    assert text.startswith("x v1.2.0 -> v1.3.0: declared minor, needs major: under-declared")
    assert text.isascii()


def test_a_finding_s_head_is_broken_between_its_parts_only(hostile: Clone) -> None:
    lines = told(hostile, ".@v1.0.1").splitlines()
    (at,) = [place for place, line in enumerate(lines) if "data-key-removed" in line and "we,ird" in line]
    assert lines[at].endswith("onerror=alert(1)>.js…")
    assert lines[at + 1] == "      for load"


def test_colours_move_no_word(clone: Clone) -> None:
    from semverlint.check import check  # noqa: PLC0415 - the command has colours on a terminal only
    from semverlint.reports import Style, render  # noqa: PLC0415 - likewise
    from semverlint.run import Run  # noqa: PLC0415 - likewise
    from semverlint.sources import parse  # noqa: PLC0415 - likewise

    report = check(parse(f"{clone.root}@v1.3.0"), None, Run())
    for width in (40, 60, 80, 100):
        plain, coloured = (render("text", [report], Style(width=width, colour=colour)) for colour in (False, True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
        assert coloured != plain


def test_every_help_fits_80_columns_and_shows_an_example(tmp_path: Path) -> None:
    for command in ("", "check", "diff", "rule", "rules"):
        text = run(*filter(None, [command, "--help"]), cwd=tmp_path).stdout
        assert "Example" in text, command
        assert max(map(len, text.splitlines())) <= 80, command
