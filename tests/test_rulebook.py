"""Rule files that are wrong, told with their place and what was meant; and what a book makes of changes."""

from pathlib import Path

import pytest
from inline_snapshot import snapshot
from support import run, write

from semverlint.changes.data import DataKeyRemoved
from semverlint.changes.tokenizer import TokenMoved
from semverlint.config import Config
from semverlint.config.overrides import RuleOverride
from semverlint.errors import ConfigError
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

GOOD = """\
id: house-rule
title: A token has another id
change: token-moved
when:
  special: {is: false}
bump: major
level: error
consumers: [input, adapt]
no-opposite: A token moved back has moved.
summary: "{count} tokens have another id"
message: "{token}: {before} → {after}"
why: Because.
fix: Mend it.
references: []
examples:
  fires: [{token: "a", before: 1, after: 2, special: false}]
  silent: [{token: "a", before: 1, after: 2, special: true}]
"""


def mistakes(tmp_path: Path, text: str, name: str = "house-rule.yaml") -> list[str]:
    folder = write(tmp_path / "rules", {name: text})
    with pytest.raises(ConfigError) as caught:
        load_rulebook(Config(rule_folders=(folder,)))
    return [line.replace(f"{folder}/", "") for line in str(caught.value).splitlines()]


def test_a_good_rule_of_ones_own_is_taken_in(tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", {"house-rule.yaml": GOOD})
    assert "house-rule" in load_rulebook(Config(rule_folders=(folder,))).rules


def test_a_misspelt_field(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("level:", "lvel:")) == snapshot(
        [
            "house-rule.yaml:7:1: a rule has no field lvel; did you mean level?",
            "house-rule.yaml:1:1: the field level is missing",
        ]
    )


def test_a_wrong_operator(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("{is: false}", "{iss: false}")) == snapshot(
        ["house-rule.yaml:5:13: there is no operator iss; did you mean is?"]
    )


def test_an_operator_that_does_not_fit_the_field(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("special: {is: false}", "token: {above: 3}")) == snapshot(
        ["house-rule.yaml:5:11: token above: the field is a text, which has no order"]
    )


def test_a_field_that_the_change_has_not(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("special: {is: false}", "specal: {is: false}")) == snapshot(
        ["house-rule.yaml:5:3: the change has no field specal; did you mean special?"]
    )


def test_a_value_of_the_wrong_type(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("{is: false}", "{is: maybe}")) == snapshot(
        ['house-rule.yaml:5:13: special is: the field is true or false, never "maybe"']
    )


def test_a_bump_that_does_not_exist(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("bump: major", "bump: mayor")) == snapshot(
        ["house-rule.yaml:6:1: bump is one of none, patch, minor, major, not 'mayor'; did you mean major?"]
    )


def test_a_duplicate_key(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD + "level: note\n") == snapshot(
        ["house-rule.yaml:18:1: the key level stands here again (first in line 7); keep one"]
    )


def test_an_alias_bomb(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert mistakes(tmp_path, bomb) == snapshot(
        ["house-rule.yaml:1:4: the anchor &a has no meaning here; leave it out"]
    )


def test_an_unsafe_placeholder(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("{token}:", "{token.__class__}:")) == snapshot(
        ["house-rule.yaml:11:1: {token.__class__} is no placeholder of message"]
    )


def test_a_conversion_in_a_placeholder(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("{token}:", "{token!r}:")) == snapshot(
        ["house-rule.yaml:11:1: {token!r} is no placeholder of message; did you mean token?"]
    )


def test_a_change_that_does_not_exist(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("change: token-moved", "change: token-mvoed")) == snapshot(
        ["house-rule.yaml:3:1: there is no change token-mvoed; did you mean token-moved?"]
    )


def test_an_example_with_a_wrong_type(tmp_path: Path) -> None:
    assert mistakes(
        tmp_path, GOOD.replace("before: 1, after: 2, special: false", "before: one, after: 2, special: false")
    ) == snapshot(["house-rule.yaml:16:24: before is a number, not 'one'"])


def test_an_id_that_is_not_the_file_s_name(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD, "other.yaml") == snapshot(
        ["other.yaml:1:1: the id house-rule is not the file's name other in lower-case words with hyphens"]
    )


def test_a_rule_cannot_take_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, GOOD.replace("id: house-rule", "id: token-moved"), "token-moved.yaml")
    assert "the id token-moved is taken by" in line


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "rules", {"a.yaml": GOOD, "b.yaml": "x: [", "c.yaml": GOOD.replace("bump: major", "bump: 3")}
    )
    with pytest.raises(ConfigError) as caught:
        load_rulebook(Config(rule_folders=(folder,)))
    assert {line.split(":")[0].rpartition("/")[2] for line in str(caught.value).splitlines()} == {
        "a.yaml",
        "b.yaml",
        "c.yaml",
    }


def test_a_wrong_rule_is_told_before_anything_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", {"house-rule.yaml": GOOD.replace("level:", "lvel:")})
    result = run("check", str(tmp_path / "no-such-model"), "--rules", str(folder))
    assert result.returncode == 2
    assert "did you mean level?" in result.stderr
    assert "no-such-model" not in result.stderr


def test_many_changes_of_one_cause_are_one_finding_with_the_worst_few() -> None:
    moved = [
        TokenMoved(path="tokenizer.json", token=f"t{n}", before=n, after=n + 1, special=False) for n in range(20_000)
    ]
    (finding,) = load_rulebook().judge(moved)
    assert finding.count == 20_000
    assert finding.message == "20,000 tokens have another id"
    assert finding.examples == ("t0: 0 → 1", "t1: 1 → 2", "t2: 2 → 3")


def test_strings_of_a_stranger_are_cleaned() -> None:
    (finding,) = load_rulebook().judge([DataKeyRemoved(path="a.json", key="\x1b[2Jevil\u202e\n" + "x" * 500)])
    assert finding.message.isprintable()
    assert len(finding.message) < 200


def test_a_fingerprint_depends_on_facts_alone() -> None:
    change = DataKeyRemoved(path="a.json", key="k")
    plain = load_rulebook().judge([change])[0]
    quiet = load_rulebook(Config(rules={"data-key-removed": RuleOverride(level="note", bump=Bump.PATCH)})).judge(
        [change]
    )[0]
    assert plain.fingerprint == quiet.fingerprint
    assert plain.fingerprint != load_rulebook().judge([DataKeyRemoved(path="a.json", key="l")])[0].fingerprint


def test_the_policy_sets_the_bump_of_its_lines() -> None:
    book = load_rulebook(Config(policy={"fine-tuned": Bump.MAJOR, "reader-floor": Bump.NONE}))
    assert book.rules["weights-fine-tuned"].bump is Bump.MAJOR
    assert book.rules["floor-misread"].bump is Bump.NONE


def test_an_unknown_line_of_the_policy_is_told_with_what_was_meant() -> None:
    with pytest.raises(ConfigError, match="did you mean fine-tuned"):
        load_rulebook(Config(policy={"fine-tunned": Bump.MAJOR}))
