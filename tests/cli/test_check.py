"""Every status and exit status of `semverlint check`, on real clones, through the command itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from git_support import Clone
from support import run, safetensors, write

BASE: dict[str, Any] = {"hotword": 0.5, "stop": 0.1}
MAJOR: dict[str, Any] = {"hotword": 0.5}
MINOR: dict[str, Any] = {**BASE, "extra": 1}


def card(version: str | None = None, text: str = "A model.") -> str:
    head = f"version: {version}\n" if version else ""
    return f"---\nlicense: mit\n{head}---\n\n# Model\n\n{text}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "README.md": card()}, "First", tag="v1.2.0")
    return made


def check(clone: Clone, *arguments: str, target: str = ".") -> tuple[dict[str, Any], int]:
    result = run("check", target, "--format", "json", *arguments, cwd=clone.root)
    assert result.stdout, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["exit_status"] == result.returncode
    return report, result.returncode


@pytest.mark.parametrize(
    ("changed", "tag", "status", "code", "required", "right"),
    [
        (MAJOR, "v2.0.0", "fits", 0, "major", "v2.0.0"),
        (MINOR, "v1.3.0", "fits", 0, "minor", "v1.3.0"),
        (MAJOR, "v1.3.0", "under-declared", 1, "major", "v2.0.0"),
        (MAJOR, "v1.2.1", "under-declared", 1, "major", "v2.0.0"),
        (MINOR, "v1.2.1", "under-declared", 1, "minor", "v1.3.0"),
        (MINOR, "v2.0.0", "over-declared", 0, "minor", "v1.3.0"),
        (BASE, "v1.3.0", "over-declared", 0, "none", None),
    ],
)
def test_a_tagged_release_is_held_against_the_tag_below(
    clone: Clone, changed: dict[str, Any], tag: str, status: str, code: int, required: str, right: str | None
) -> None:
    clone.commit({"thresholds.json": changed}, tag=tag)
    report, exit_status = check(clone, target=f".@{tag}")
    assert (report["status"], exit_status) == (status, code)
    assert report["required"]["bump"] == required
    assert report["next_version"] == right
    assert report["baseline"]["revision"] == "v1.2.0"
    assert report["declared"]["old"] == "v1.2.0"
    assert report["declared"]["new"] == tag


def test_the_working_tree_at_a_tag_is_that_release(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.3.0")
    report, code = check(clone)
    assert (report["status"], code) == ("under-declared", 1)


def test_the_repository_s_own_settings_ask_for_no_release(tmp_path: Path) -> None:
    made = Clone(tmp_path / "model")
    made.commit({"README.md": "---\nversion: 1.2.0\n---\n", "thresholds.json": {"a": 1}}, tag="v1.2.0")
    made.commit(
        {".gitattributes": "*.bin binary", "semverlint.toml": "", ".github/workflows/semverlint.yml": "on: push"}
    )
    result = run("check", ".", cwd=made.root)
    assert result.returncode == 0
    assert result.stdout.splitlines()[0].endswith("declared none, needs no release: fits")


def test_changes_past_the_last_tag_are_not_declared_yet_and_the_next_version_is_named(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR})
    report, code = check(clone)
    assert (report["status"], code) == ("not-declared", 0)
    assert report["next_version"] == "v2.0.0"
    assert report["baseline"]["revision"] == "v1.2.0"


def test_a_card_that_still_says_the_old_version_is_undeclared(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE, "README.md": card("1.2.0")}, tag="v1.2.0")
    clone.commit({"thresholds.json": MAJOR})
    report, code = check(clone)
    assert (report["status"], code) == ("undeclared", 1)
    assert report["declared"]["source"] == "README.md"


def test_staged_changes_are_checked_and_unstaged_ones_are_not(clone: Clone) -> None:
    write(clone.root, {"thresholds.json": MINOR, "README.md": card("1.2.0")})
    clone.git("add", "--all")
    write(clone.root, {"thresholds.json": MAJOR})
    report, code = check(clone, "--staged")
    assert (report["status"], code) == ("undeclared", 1)
    assert report["required"]["bump"] == "minor"
    assert report["target"]["revision"] == ":staged"


def test_nothing_staged_needs_no_release(clone: Clone) -> None:
    report, code = check(clone, "--staged")
    assert (report["required"]["bump"], code) == ("none", 0)


def test_a_tag_that_was_moved_is_mutated(clone: Clone) -> None:
    clone.git("config", "core.logAllRefUpdates", "always")
    clone.commit({"thresholds.json": MINOR}, tag="v1.3.0")
    clone.commit({"thresholds.json": MAJOR})
    clone.git("tag", "--force", "v1.3.0")
    report, code = check(clone, target=".@v1.3.0")
    assert (report["status"], code) == ("mutated", 1)


def test_the_same_tag_with_other_content_elsewhere_is_mutated(clone: Clone, tmp_path: Path) -> None:
    other = Clone(tmp_path / "other")
    other.commit({"thresholds.json": MAJOR, "README.md": card()}, tag="v1.2.0")
    report, code = check(clone, "--against", f"{other.root}@v1.2.0", target=".@v1.2.0")
    assert (report["status"], code) == ("mutated", 1)


def test_numbers_nobody_can_read_are_undecided(clone: Clone) -> None:
    clone.commit({"model.mlmodel": b"one" * 100}, tag="v1.3.0")
    clone.commit({"model.mlmodel": b"two" * 100}, tag="v1.3.1")
    report, code = check(clone, target=".@v1.3.1")
    assert (report["status"], code) == ("undecided", 1)
    assert report["undecided"][0]["path"] == "model.mlmodel"
    assert report["undecided"][0]["would_settle"]


def test_what_is_undecided_fails_nobody_where_a_major_is_declared(clone: Clone) -> None:
    clone.commit({"model.mlmodel": b"one" * 100}, tag="v1.3.0")
    clone.commit({"model.mlmodel": b"two" * 100}, tag="v2.0.0")
    report, code = check(clone, target=".@v2.0.0")
    assert (report["status"], code) == ("undecided", 0)


def test_without_tags_the_last_commit_with_other_content_is_the_baseline(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    first = clone.commit({"thresholds.json": BASE})
    clone.commit({"thresholds.json": MAJOR})
    clone.commit({"README.md": card()})
    report, code = check(clone)
    assert (report["status"], code) == ("not-declared", 0)
    assert report["baseline"]["commit"] == first
    assert report["required"]["bump"] == "major"


def test_a_first_release_has_no_baseline(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="v1.0.0")
    result = run("check", ".", cwd=clone.root)
    assert result.returncode == 4
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "--against" in result.stderr


@pytest.mark.parametrize("tag", ["v1.2", "v1.1.0"], ids=["the same version", "a lower one"])
def test_a_tag_with_none_below_it_is_told_what_to_hold_it_against(clone: Clone, tag: str) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag=tag)
    result = run("check", ".", cwd=clone.root)
    assert (result.returncode, result.stdout) == (4, "")
    assert f"no version tag lies below {tag}; name one with --against, such as v1.2.0" in result.stderr


def test_under_pre_commit_a_first_release_passes_with_a_sentence(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    write(clone.root, {"thresholds.json": BASE})
    clone.git("add", "--all")
    result = run("check", ".", "--staged", "--offline", cwd=clone.root, PRE_COMMIT="1")
    assert (result.returncode, result.stdout) == (0, "")
    assert "no earlier release" in result.stderr


def test_a_backport_follows_its_own_line(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v2.0.0")
    clone.git("checkout", "-q", "v1.2.0")
    clone.commit({"README.md": card(text="A better description.")}, tag="v1.2.1")
    report, _ = check(clone, target=".@v1.2.1")
    assert report["baseline"]["revision"] == "v1.2.0"
    assert report["status"] == "fits"


def test_against_takes_a_tag_of_the_same_repository(clone: Clone) -> None:
    clone.commit({"thresholds.json": MINOR}, tag="v1.3.0")
    clone.commit({"thresholds.json": MINOR, "README.md": card(text="Again.")}, tag="v1.3.1")
    for against in ("v1.2.0", "@v1.2.0"):
        report, _ = check(clone, "--against", against, target=".@v1.3.1")
        assert report["baseline"]["revision"] == "v1.2.0"
        assert report["required"]["bump"] == "minor"


def test_all_releases_are_walked_oldest_first(clone: Clone) -> None:
    clone.commit({"thresholds.json": MINOR}, tag="v1.3.0")
    clone.commit({"thresholds.json": MAJOR}, tag="v1.3.1")
    result = run("check", ".", "--all-releases", "--format", "json", cwd=clone.root)
    document = json.loads(result.stdout)
    assert [report["status"] for report in document["releases"]] == ["fits", "under-declared"]
    assert result.returncode == 1


def test_fail_on_chooses_what_fails(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.3.0")
    assert check(clone, "--fail-on", "mutated")[1] == 0
    assert check(clone, "--fail-on", "none")[1] == 0
    clone.commit({"thresholds.json": MAJOR}, tag="v3.0.0")
    assert check(clone, "--fail-on", "over-declared,mutated")[1] == 1


@pytest.mark.parametrize("size", ["-1", "-5MB", "nan", "inf", "16 parsecs", ""])
def test_a_budget_that_is_no_size_is_refused(tmp_path: Path, size: str) -> None:
    done = run("check", str(tmp_path), f"--max-download={size}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "not a size; write it as 500kB, 16MB or 2GB" in done.stderr


def test_only_promised_consumers_count(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.2.1")
    report, code = check(clone, "--consumer", "output")
    assert (report["required"]["bump"], code) == ("none", 0)
    assert report["findings"]


def test_an_accepted_finding_no_longer_counts_and_is_still_shown(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.2.1")
    (clone.root / "semverlint.toml").write_text(
        '[[accept]]\nrule = "data-key-removed"\npath = "*.json"\nreason = "nobody read it"\nexpires = 2999-01-01\n'
        '[[accept]]\nrule = "data-key-removed"\npath = "other.json"\nreason = "unused"\n'
        '[[accept]]\nrule = "data-key-removed"\nreason = "old"\nexpires = 2001-01-01\n'
    )
    report, code = check(clone, target=".@v1.2.1")
    assert report["required"]["bump"] == "none"
    assert code == 0
    assert [accepted["reason"] for accepted in report["accepted"]] == ["nobody read it"]
    assert [unused["problem"] for unused in report["unused_acceptances"]] == [
        "matches nothing",
        "expired on 2001-01-01",
    ]


def test_a_rule_is_made_smaller_quieter_or_turned_off(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.2.1")
    config = clone.root / "semverlint.toml"
    config.write_text('[rules.data-key-removed]\nbump = "patch"\nlevel = "note"\n')
    report, code = check(clone, target=".@v1.2.1")
    assert (report["status"], code) == ("fits", 0)
    assert report["findings"][0]["level"] == "note"
    config.write_text('[rules.data-key-removed]\nlevel = "off"\n')
    assert check(clone, target=".@v1.2.1")[0]["findings"] == []
    config.write_text('[rules.data-key-remvoed]\nlevel = "off"\n')
    result = run("check", ".@v1.2.1", cwd=clone.root)
    assert result.returncode == 2
    assert "did you mean data-key-removed?" in result.stderr


def weights(turn: float) -> bytes:
    """A matrix that is turned away from where it began: 0 is the beginning, a quarter is unrelated to it."""
    random = np.random.default_rng(0)
    begin, away = random.normal(0, 0.02, (2, 64, 64))
    angle = turn * 2 * np.pi
    return safetensors({"w": ("F32", [64, 64], (np.cos(angle) * begin + np.sin(angle) * away).astype("<f4").tobytes())})


def test_small_steps_that_add_up_leave_their_line_once(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    for minor in range(5):
        clone.commit({"model.safetensors": weights(minor / 16)}, tag=f"v1.{minor}.0")
    reports = json.loads(run("check", ".", "--all-releases", "--format", "json", cwd=clone.root).stdout)["releases"]
    assert [report["status"] for report in reports] == ["fits", "fits", "under-declared", "fits"]
    assert [f["rule"] for f in reports[2]["findings"] if f["bump"] == "major"] == ["drifted-to-major"]


def test_a_break_that_was_told_is_not_told_again_for_every_later_release(clone: Clone) -> None:
    clone.commit({"thresholds.json": MAJOR}, tag="v1.3.0")
    clone.commit({"thresholds.json": {**MAJOR, "more": 1}}, tag="v1.4.0")
    report, _ = check(clone, target=".@v1.4.0")
    assert report["status"] == "fits"


def test_the_release_behind_a_candidate_is_promised_nothing_and_told_what_changed_since(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="v1.0.0-rc.2")
    clone.commit({"thresholds.json": MINOR}, tag="v1.0.0-rc.10")
    clone.commit({"thresholds.json": MAJOR}, tag="v1.0.0")
    report, code = check(clone, target=".@v1.0.0")
    assert (report["status"], report["required"]["bump"], code) == ("not-declared", "major", 0)
    assert report["baseline"]["revision"] == "v1.0.0-rc.10"
    assert report["declared"]["why"] == "pre-releases promise nothing"
    assert [finding["rule"] for finding in report["findings"]] == ["data-key-removed"]


def test_a_post_release_may_hold_what_does_not_touch_the_model(clone: Clone) -> None:
    clone.commit({"README.md": card(text="A better text.")}, tag="v1.2.0.post1")
    report, code = check(clone, target=".@v1.2.0.post1")
    assert (report["status"], report["declared"]["bump"], code) == ("fits", "patch", 0)
    clone.commit({"thresholds.json": MINOR}, tag="v1.2.0.post2")
    report, code = check(clone, target=".@v1.2.0.post2")
    assert (report["status"], report["next_version"], code) == ("under-declared", "v1.3.0", 1)


def test_the_first_version_behind_dates_follows_the_last_of_them(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"thresholds.json": BASE}, tag="2024-05-01")
    clone.commit({"thresholds.json": MAJOR}, tag="v1.0.0")
    report, code = check(clone, target=".@v1.0.0")
    assert (report["baseline"]["revision"], report["status"], code) == ("2024-05-01", "not-declared", 0)
