"""Every rule of the book: its card is whole, its examples are true, its pages are fresh."""

from pathlib import Path

import pytest

from semverlint.changes import Incoherence, kinds
from semverlint.rulebook import Rulebook, load_rulebook
from semverlint.rulebook.card import Rule
from semverlint.rulebook.pages import pages

ROOT = Path(__file__).parents[1]
BOOK = load_rulebook()
RULES = sorted(BOOK.rules.values(), key=lambda rule: rule.id)
by_id = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


@by_id
def test_its_examples_fire_and_stay_silent(rule: Rule) -> None:
    alone = Rulebook({rule.id: rule})
    for example in rule.examples:
        findings = alone.judge([example.change])
        assert bool(findings) is example.fires, example.change
        for finding in findings:
            assert "{" not in finding.message.replace('{"', "")
            assert finding.message
    several = [example.change for example in rule.examples if example.fires] * 2
    assert sum(finding.count for finding in alone.judge(several)) == len(several)


@by_id
def test_its_card_is_whole(rule: Rule) -> None:
    assert rule.path.parent.parent == ROOT / "rules"
    for text in (rule.why, rule.fix):
        assert text.endswith("."), text
        assert "!" not in text
    for text in (rule.title, rule.message, rule.summary):
        assert not text.endswith("."), text
    assert rule.consumers
    assert any(example.fires for example in rule.examples)
    assert any(not example.fires for example in rule.examples)


@by_id
def test_its_opposite_exists(rule: Rule) -> None:
    assert bool(rule.opposite) is not bool(rule.no_opposite)
    if rule.opposite:
        assert rule.opposite in BOOK.rules
        assert rule.opposite != rule.id


def test_there_are_at_least_a_hundred_rules_over_every_area() -> None:
    assert len(RULES) >= 100
    assert {rule.area for rule in RULES} >= {
        "files", "weights", "config", "tokenizer", "prompt", "processing", "generation", "adapters", "pipelines",
        "code", "card", "licence", "embedding", "floor", "coherence", "versions",
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_of_change_has_a_rule(kind: str) -> None:
    assert [rule.id for rule in RULES if rule.change == kind]


def test_rules_about_contradictions_stand_under_coherence_or_naming() -> None:
    for rule in RULES:
        contradiction = issubclass(kinds()[rule.change], Incoherence)
        assert contradiction if rule.area == "coherence" else not contradiction or rule.area == "naming", rule.id


def test_every_line_of_the_design_s_policy_is_there() -> None:
    lines = {
        "reserialised", "resharded", "reordered", "cast-lossless", "cast-lossy", "fine-tuned", "partial", "continued",
        "vocab-appended", "quantised", "renamed", "reshaped", "depth-changed", "vocab-moved", "retrained", "corrupted",
    }  # fmt: skip
    assert lines <= BOOK.policy.keys()


@pytest.mark.parametrize("name", sorted(pages(BOOK)))
def test_the_generated_pages_are_fresh(name: str) -> None:
    path = ROOT / name
    assert path.is_file(), "run `semverlint rules --write .`"
    assert path.read_text(encoding="utf-8") == pages(BOOK)[name], "run `semverlint rules --write .`"


def test_no_page_is_left_of_a_rule_that_is_gone() -> None:
    assert {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} == set(BOOK.rules)
