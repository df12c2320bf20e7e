"""Chat templates, decided by rendering them in the child process."""

from pathlib import Path

import pytest
from support import Content, changes, pair

from semverlint.changes import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.prompt import (
    PromptChanged,
    PromptRewritten,
    PromptUnread,
    TemplateAdded,
    TemplateMoved,
    TemplateRemoved,
    TemplateRenamed,
    TemplatesDisagree,
    TemplateTokenUnknown,
)
from semverlint.changes.tokenizer import TokenizerRewritten
from semverlint.compare import compare
from semverlint.probes import ProbeFailed

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
    assert not found.same_program
    assert found.unreached == 0


def test_a_comment_leaves_the_same_program(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BASE, "{# why #}" + BASE)
    assert isinstance(found, PromptRewritten)
    assert found.same_program


def test_a_difference_that_no_conversation_reaches_is_undecided(tmp_path: Path) -> None:
    hidden = BASE + "{%- if messages|length == 4711 %}{{ 'secret' }}{%- endif %}"
    both = pair(tmp_path, {"chat_template.jinja": BASE}, {"chat_template.jinja": hidden})
    (found,) = compare(both)
    assert isinstance(found, PromptRewritten)
    assert found.unreached == 1
    assert "none reached 1 of the branches" in both.undecided[0].reason


def test_a_branch_nobody_reaches_says_nothing_where_both_have_it(tmp_path: Path) -> None:
    hidden = "{%- if messages|length == 4711 %}{{ 'secret' }}{%- endif %}"
    (found,) = between(tmp_path, BASE + hidden, REWRITTEN + hidden)
    assert isinstance(found, PromptRewritten)
    assert found.unreached == 0


def test_a_generation_prompt_that_is_no_longer_always_there_changes_only_finished_conversations(tmp_path: Path) -> None:
    always = BASE.replace("{%- if add_generation_prompt %}", "{%- if true %}")
    assert what(between(tmp_path, always, BASE)) == ["history"]


def test_a_flag_that_the_old_template_did_not_know_is_an_option(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BASE, FLAGGED)
    assert isinstance(found, PromptChanged)
    assert found.what == "option"
    assert "enable_thinking" in found.case


def test_tools_that_the_old_template_passed_over_are_an_option(tmp_path: Path) -> None:
    tools = "{%- if tools %}{{ 'Tools: ' + tools|tojson }}{%- endif %}" + BASE
    assert what(between(tmp_path / "a", BASE, tools)) == ["option"]
    assert what(between(tmp_path / "b", tools, BASE)) == ["text"]


def test_texts_and_what_is_put_before_the_answer_are_told_apart(tmp_path: Path) -> None:
    new = THINKING.replace("<|im_start|>' + message", "<|start|>' + message")
    found = [c for c in between(tmp_path, BASE, new) if isinstance(c, PromptChanged)]
    assert sorted(c.what for c in found) == ["generation-prompt", "text"]
    (prompt,) = (c for c in found if c.what == "generation-prompt")
    assert prompt.before == "<|im_start|>assistant\n"


def test_a_thought_put_before_the_answer_is_a_change_of_the_generation_prompt(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BASE, THINKING)
    assert isinstance(found, PromptChanged)
    assert found.what == "generation-prompt"
    assert "<think>" in found.after
    assert "<think>" not in found.before


def test_conversations_that_are_now_refused_are_told_from_those_now_accepted(tmp_path: Path) -> None:
    assert what(between(tmp_path / "a", BASE, STRICT)) == ["refused"]
    assert what(between(tmp_path / "b", STRICT, BASE)) == ["accepted"]


def test_a_flag_that_is_forgotten_changes_texts(tmp_path: Path) -> None:
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
    assert [(c.before, c.after) for c in found if isinstance(c, TemplateRenamed)] == [("default", "tool_use")]
    both: dict[str, Content] = {**old, "additional_chat_templates/rag.jinja": BASE, "chat_template.jinja": BASE}
    found = changes(tmp_path / "more", {"chat_template.jinja": BASE}, {**both, "tokenizer_config.json": {}})
    assert [(c.template, c.beside) for c in found if isinstance(c, TemplateAdded)] == [("rag", True)]
    found = changes(tmp_path / "less", {**both, "tokenizer_config.json": {}}, {"chat_template.jinja": BASE})
    assert [c.template for c in found if isinstance(c, TemplateRemoved)] == ["rag"]


def test_a_further_template_that_changes_alone_is_compared(tmp_path: Path) -> None:
    old: dict[str, Content] = {"chat_template.jinja": BASE, "additional_chat_templates/rag.jinja": BASE}
    found = changes(tmp_path, old, {**old, "additional_chat_templates/rag.jinja": THINKING})
    assert [(c.template, c.what) for c in found if isinstance(c, PromptChanged)] == [("rag", "generation-prompt")]


def test_a_template_that_moves_back_is_only_moved(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {}, "chat_template.jinja": BASE}
    found = changes(tmp_path, old, {"tokenizer_config.json": {"chat_template": BASE}})
    assert [c.before for c in found if isinstance(c, TemplateMoved)] == ["chat_template.jinja"]
    assert not [c for c in found if isinstance(c, ReaderFloorRaised)]


def test_a_template_kept_in_two_places_with_two_texts_disagrees(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {"chat_template": BASE}, "chat_template.jinja": BASE}
    new: dict[str, Content] = {**old, "chat_template.jinja": THINKING}
    (found,) = (c for c in changes(tmp_path / "a", old, new) if isinstance(c, TemplatesDisagree))
    assert found.other == "tokenizer_config.json"
    assert not found.already
    again: dict[str, Content] = {**new, "chat_template.jinja": THINKING + "{# #}"}
    assert [c.already for c in changes(tmp_path / "b", new, again) if isinstance(c, TemplatesDisagree)] == [True]


def test_a_control_token_that_the_tokenizer_does_not_know_is_named(tmp_path: Path) -> None:
    added = [{"id": 1, "content": "<|im_start|>", "special": True}]
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    tokenizer: dict[str, object] = {"model": model, "added_tokens": added}
    old: dict[str, Content] = {"tokenizer.json": tokenizer, "chat_template.jinja": "Hi"}
    found = changes(tmp_path, old, {**old, "chat_template.jinja": BASE})
    assert [c.token for c in found if isinstance(c, TemplateTokenUnknown)] == ["<|im_end|>"]


def test_a_template_that_only_older_readers_take_is_compared_as_well(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {"chat_template": BASE}, "chat_template.jinja": BASE}
    new: dict[str, Content] = {**old, "tokenizer_config.json": {"chat_template": THINKING}}
    found = [c for c in changes(tmp_path, old, new) if isinstance(c, PromptChanged)]
    assert [(c.path, c.what) for c in found] == [("tokenizer_config.json", "generation-prompt")]


def test_a_template_changed_in_both_places_is_told_once(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer_config.json": {"chat_template": BASE}, "chat_template.jinja": BASE}
    new: dict[str, Content] = {"tokenizer_config.json": {"chat_template": THINKING}, "chat_template.jinja": THINKING}
    assert [c.path for c in changes(tmp_path, old, new)] == ["chat_template.jinja"]


def test_a_template_in_other_bytes_is_only_rewritten(tmp_path: Path) -> None:
    old: dict[str, Content] = {"chat_template.json": '{"chat_template": "x"}'}
    assert changes(tmp_path, old, {"chat_template.json": '{ "chat_template":"x" }'}) == [
        TokenizerRewritten(path="chat_template.json")
    ]


@pytest.mark.parametrize("template", [5, [{"name": "default"}], {"default": 5}])
def test_a_template_that_is_no_text_is_undecided(tmp_path: Path, template: object) -> None:
    both = pair(tmp_path, {"tokenizer_config.json": {}}, {"tokenizer_config.json": {"chat_template": template}})
    list(compare(both))
    assert [doubt.failed for doubt in both.undecided] == [True]


def test_a_template_that_cannot_be_rendered_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ProbeFailed("took longer than 5 s")

    monkeypatch.setattr("semverlint.compare.rendered.ask", fail)
    both = pair(tmp_path, {"chat_template.jinja": BASE}, {"chat_template.jinja": BASE + "x"})
    found = list(compare(both))
    assert [type(change) for change in found] == [PromptUnread]
    assert "took longer" in both.undecided[0].reason
    assert not both.undecided[0].failed


def test_without_jinja_a_template_that_differs_is_undecided_and_the_extra_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ProbeFailed("needs a library that is not installed", missing=True)

    monkeypatch.setattr("semverlint.compare.rendered.ask", fail)
    both = pair(tmp_path, {"chat_template.jinja": BASE}, {"chat_template.jinja": BASE + "x"})
    list(compare(both))
    assert both.undecided[0].would_settle == "install semverlint[templates]"
