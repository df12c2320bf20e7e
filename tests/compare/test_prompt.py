"""Chat templates, decided by rendering them in the child process."""

from pathlib import Path

import pytest
from support import Content, changes, pair

from semverlint.changes import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.prompt import PromptChanged, PromptRewritten, PromptUnread, TemplateAdded, TemplateRemoved
from semverlint.compare import compare
from semverlint.probes import Limits, ProbeFailed, ask

BASE = """{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""
THINKING = BASE.replace("assistant\\n' }}", "assistant\\n<think>\\n' }}")
REWRITTEN = "{# a comment #}" + BASE.replace("message['role']", "message.role")
STRICT = "{%- if messages[0].role == 'system' %}{{ raise_exception('no system') }}{%- endif %}" + BASE
FLAGGED = BASE + "{%- if enable_thinking is defined and enable_thinking is false %}{{ 'no thoughts' }}{%- endif %}"


def between(tmp_path: Path, old: str, new: str) -> list[Change]:
    return changes(tmp_path, {"chat_template.jinja": old}, {"chat_template.jinja": new})


def what(found: list[Change]) -> list[str]:
    return sorted(change.what for change in found if isinstance(change, PromptChanged))


def test_the_same_template_says_nothing(tmp_path: Path) -> None:
    assert between(tmp_path, BASE, BASE) == []


def test_a_rewritten_template_that_renders_the_same_is_only_rewritten(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BASE, REWRITTEN)
    assert isinstance(found, PromptRewritten)
    assert found.tried > 30


def test_a_thought_put_before_the_answer_is_a_change_of_the_generation_prompt(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BASE, THINKING)
    assert isinstance(found, PromptChanged)
    assert found.what == "generation-prompt"
    assert "<think>" in found.after
    assert "<think>" not in found.before


def test_conversations_that_are_now_refused_are_told_from_those_now_accepted(tmp_path: Path) -> None:
    assert what(between(tmp_path / "a", BASE, STRICT)) == ["refused"]
    assert what(between(tmp_path / "b", STRICT, BASE)) == ["accepted"]


def test_a_branch_behind_a_flag_of_the_templates_own_is_reached(tmp_path: Path) -> None:
    found = [c for c in between(tmp_path, FLAGGED, BASE) if isinstance(c, PromptChanged)]
    assert found
    assert "enable_thinking=false" in found[0].case


def test_a_branch_behind_a_role_of_the_templates_own_is_reached(tmp_path: Path) -> None:
    special = BASE.replace(
        "{{- '<|im_start|>'", "{%- if message.role == 'ipython' %}{{ 'TOOL' }}{%- endif %}{{- '<|im_start|>'"
    )
    found = [c for c in between(tmp_path, BASE, special) if isinstance(c, PromptChanged)]
    assert found[0].case == "a message by ipython"


def test_a_template_that_moves_into_a_file_of_its_own_only_raises_the_floor(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {"chat_template": BASE}}
    new: dict[str, Content] = {"tokenizer_config.json": {}, "chat_template.jinja": BASE}
    found = changes(tmp_path, old, new)
    assert [c.form for c in found if isinstance(c, ReaderFloorRaised)] == ["chat template in a file of its own"]
    assert not [c for c in found if isinstance(c, PromptChanged | TemplateAdded | TemplateRemoved)]


def test_templates_come_and_go_by_name(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {"chat_template": [{"name": "default", "template": BASE}]}}
    new: dict[str, Content] = {"tokenizer_config.json": {"chat_template": [{"name": "tool_use", "template": BASE}]}}
    found = changes(tmp_path, old, new)
    assert [c.template for c in found if isinstance(c, TemplateRemoved)] == ["default"]
    assert [c.template for c in found if isinstance(c, TemplateAdded)] == ["tool_use"]


BOMBS = (
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "{{ 'x' * 10**10 }}",
    "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.system('touch /tmp/semverlint-was-here') }}",
    "{{ messages.append(1) }}",
    "{% include '/etc/passwd' %}",
    "{{ '%s' | format(''.__class__) }}",
    "{" * 10_000,
    "{% if %}",
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_hostile_template_ends_without_harm(bomb: str) -> None:
    limits = Limits(seconds=2, memory=1_000_000_000, output=2_000_000)
    try:
        answer = ask("render", {"old": BASE, "new": bomb}, limits)
    except ProbeFailed:
        return
    texts = " ".join(case["new"].get("text", "") for case in answer["cases"])
    assert "root:" not in texts
    assert "subprocess" not in texts
    assert not Path("/tmp/semverlint-was-here").exists()  # noqa: S108 - what the bomb would have made


def test_a_template_that_cannot_be_rendered_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ProbeFailed("took longer than 20 s")

    monkeypatch.setattr("semverlint.compare.prompt.ask", fail)
    both = pair(tmp_path, {"chat_template.jinja": BASE}, {"chat_template.jinja": BASE + "x"})
    found = list(compare(both))
    assert [type(change) for change in found] == [PromptUnread]
    assert "took longer" in both.undecided[0].reason
    assert not both.undecided[0].failed
