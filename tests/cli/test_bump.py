"""`semverlint bump`: the next version, and where it is written."""

import json
from pathlib import Path

import pytest
from git_support import Clone
from hypothesis import given
from hypothesis import strategies as st
from support import Content, run

from semverlint.errors import FileError
from semverlint.versions.config_writing import with_config_version

BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}
MAJOR: dict[str, object] = {"hotword": 0.5}
CARD = "---\nlicense: mit\nversion: 1.2.0  # by hand\n---\n# Model\n"


def released(tmp_path: Path, tag: str = "v1.2.0", **more: Content) -> Clone:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE, **{name.replace("_", "."): one for name, one in more.items()}}, tag=tag)
    return clone


def test_the_version_alone_is_on_standard_output(tmp_path: Path) -> None:
    clone = released(tmp_path)
    clone.commit({"thresholds.json": MAJOR})
    done = run("bump", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "v2.0.0\n")
    assert done.stderr.endswith("semverlint: to release it: git tag v2.0.0\n")


def test_it_is_written_into_the_card_and_the_configuration(tmp_path: Path) -> None:
    config = '{"nested": {"version": "1.2.0"}, "model_version" : "1.2.0",\n "a": "\\"version\\": \\"1\\""}'
    clone = released(tmp_path, README_md=CARD, config_json=config)
    clone.commit({"thresholds.json": MAJOR})
    done = run("bump", "--write", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "v2.0.0\n")
    assert (clone.root / "README.md").read_text() == CARD.replace("1.2.0", "2.0.0")
    assert (clone.root / "config.json").read_text() == config.replace(' : "1.2.0"', ' : "2.0.0"')
    assert run("bump", cwd=clone.root).stdout == "v2.0.0\n"  # and again it is the same
    command = done.stderr.splitlines()[-1].removeprefix("semverlint: to release it: ")
    assert command == "git add README.md config.json && git commit -m 'Release v2.0.0' && git tag v2.0.0"
    for part in command.replace("'", "").replace("-m Release v2.0.0", "-mRelease").split(" && "):
        clone.git(*part.split()[1:])
    done = run("check", cwd=clone.root)
    assert done.returncode == 0
    assert "declared major, needs major: fits" in done.stdout


def test_where_nothing_changed_no_release_is_needed(tmp_path: Path) -> None:
    clone = released(tmp_path, README_md=CARD)
    done = run("bump", "--write", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing changed since v1.2.0: no release is needed" in done.stderr
    clone.commit({".gitkeep": ""})
    clone.commit({".gitkeep": ""}, tag="nightly")
    done = run("bump", cwd=clone.root)
    assert done.returncode == 0


def test_a_tag_with_a_word_keeps_it_and_the_card_has_the_number(tmp_path: Path) -> None:
    clone = released(tmp_path, tag="release-1.2.0", README_md="# No head\n")
    clone.commit({"thresholds.json": MAJOR})
    assert run("bump", "--write", cwd=clone.root).stdout == "release-2.0.0\n"
    assert "version: 2.0.0\n" in (clone.root / "README.md").read_text()


def test_what_is_undecided_has_no_next_version(tmp_path: Path) -> None:
    clone = released(tmp_path, model_mlmodel=b"one" * 100, README_md=CARD)
    clone.commit({"model.mlmodel": b"two" * 100})
    done = run("bump", "--write", cwd=clone.root)
    assert (done.returncode, done.stdout) == (1, "")
    assert "undecided: model.mlmodel" in done.stderr
    assert (clone.root / "README.md").read_text() == CARD


def test_a_date_has_no_next_version(tmp_path: Path) -> None:
    clone = released(tmp_path, tag="2024-05-01")
    clone.commit({"thresholds.json": MAJOR})
    done = run("bump", cwd=clone.root)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a major release is needed, and its name is yours to choose" in done.stderr


def test_only_a_folder_can_be_written_to(tmp_path: Path) -> None:
    done = run("bump", ".@v1.2.0", "--write", cwd=released(tmp_path).root)
    assert done.returncode == 2
    assert "without a revision" in done.stderr


def test_a_file_that_cannot_be_rewritten_leaves_the_other_as_it_is(tmp_path: Path) -> None:
    clone = released(tmp_path, README_md="---\nversion: |\n  1.2.0\n---\n", config_json='{"version": "1.2.0"}')
    clone.commit({"thresholds.json": MAJOR})
    done = run("bump", "--write", cwd=clone.root)
    assert done.returncode == 3
    assert "semverlint: README.md: " in done.stderr
    assert clone.git("status", "--porcelain") == ""


KEYS = st.sampled_from(["version", "model_version", "a", 'b"version": "1"'])
VALUES = st.recursive(
    st.text(max_size=8) | st.none(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_only_the_version_at_the_top_changes(config: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(config, indent=indent)
    after = json.loads(with_config_version(text.encode(), "3.0.0"))
    expected = {
        key: "3.0.0" if key in {"version", "model_version"} and isinstance(value, str) else value
        for key, value in config.items()
    }
    assert after == expected


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(FileError, match=r"config\.json"):
        with_config_version(text.encode(), "3.0.0")
