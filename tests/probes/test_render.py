"""Templates rendered in the child process: which branches are reached, and what hostile ones come to."""

from pathlib import Path

import pytest

from semverlint.probes import Limits, ProbeFailed, ask

QUICK = Limits(seconds=1, memory=400_000_000, output=1_000_000)
PLAIN = "{% for message in messages %}[{{ message.role }}]{{ message.content }}{% endfor %}"


def differences(old: str, new: str) -> dict[str, dict[str, object]]:
    answer: dict[str, dict[str, dict[str, object]]] = ask("render", {"old": old, "new": new}, QUICK)
    return answer["changes"]


REFUSED = {
    "a range of a thousand million": "{% for i in range(10**9) %}x{% endfor %}",
    "a text of ten thousand million letters": "{{ 'x' * 10**10 }}",
    "a list of them": "{{ [0] * 10**10 }}",
    "more text than a prompt has": "{% for i in range(99999) %}{{ 'x' * 99 }}{% endfor %}",
    "a macro that calls itself": "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "the globals of a class": "{{ cycler.__init__.__globals__.os.system('true') }}",
    "the classes of Python": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "attributes through a filter": "{{ ('' | attr('__class__')).__mro__ }}",
    "attributes through a format": "{{ '{0.__class__.__mro__}'.format('') }}{{ ''.__class__.x }}",
    "a change of the conversation": "{{ messages.append(1) }}",
    "its own marks": "{{ _semverlint_mark.__globals__.os }}",
}


@pytest.mark.parametrize("bomb", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_sandbox_refuses_is_undecided(bomb: str) -> None:
    with pytest.raises(ProbeFailed, match=r"refused by the sandbox|more than"):
        ask("render", {"old": PLAIN, "new": bomb}, QUICK)


SLOW = {
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a power without end": "{{ ((9**9**9)**9**9)|string|length }}",
}


@pytest.mark.parametrize("bomb", SLOW.values(), ids=SLOW.keys())
def test_what_takes_too_long_is_killed(bomb: str) -> None:
    with pytest.raises(ProbeFailed):
        ask("render", {"old": PLAIN, "new": bomb}, QUICK)


@pytest.mark.parametrize(
    "odd",
    [
        "{% include '/etc/passwd' %}",
        "{% extends '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% if %}",
        "{{ raise_exception('no') }}",
        "{{ undefined.attribute }}",
        "{{ 1 / 0 }}",
    ],
)
def test_what_fails_refuses_every_conversation(odd: str) -> None:
    found = differences(PLAIN, odd)
    assert list(found) == ["refused"]
    assert "root:" not in str(found)


@pytest.mark.parametrize(
    "bomb", ["{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}", "{{" * 5_000, "{% if 1 %}" * 5_000]
)
def test_a_program_nested_too_deeply_is_undecided(bomb: str) -> None:
    with pytest.raises(ProbeFailed):
        ask("render", {"old": PLAIN, "new": bomb}, QUICK)


def test_an_answer_too_long_to_read_is_not_read() -> None:
    with pytest.raises(ProbeFailed, match="too long to read"):
        ask("render", {"old": PLAIN, "new": PLAIN}, Limits(seconds=2, output=10))


def test_the_child_sees_no_environment_and_no_package_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jinja2.py").write_text("raise SystemExit(77)")
    (tmp_path / "json.py").write_text("raise SystemExit(78)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert differences(PLAIN, PLAIN) == {}


def test_marks_change_nothing_that_is_rendered() -> None:
    busy = (
        "{%- macro m(x) -%}{{ x if x else 'none' }}{%- endmacro -%}"
        "{%- for message in messages -%}{%- if loop.first -%}first {%- elif loop.last -%}last "
        "{%- else -%}mid {%- endif -%}"
        "{{- m(message.content) }}{{ loop.index }}{%- else -%}nobody{%- endfor -%}"
    )
    same = busy.replace("'none'", '"none"')
    assert differences(busy, same) == {}
    assert "first" in str(differences(busy, "{{ '' }}")["text"]["before"])


def test_documents_tools_and_none_are_passed_as_transformers_does() -> None:
    told = "{{ 'tools' if tools is not none }}{{ 'documents' if documents is not none }}"
    assert list(differences(told, told + "{{ 'given' if tools is defined and documents is defined else 'gone' }}")) == [
        "text"
    ]
    found = differences("{{ 'x' }}", "{{ 'x' if tools is none else 'y' }}")
    assert list(found) == ["option"]


def test_the_clock_stands_still() -> None:
    found = differences("{{ 'x' }}", "{{ strftime_now('%Y-%m-%d %H:%M') }}")
    assert found["text"]["after"] == "2024-07-26 12:00"


def test_a_generation_block_renders_its_body_and_loops_can_be_left() -> None:
    template = "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% break %}{% endfor %}"
    assert differences(template, "{% for m in messages %}{{ m.content }}{% break %}{% endfor %}") == {}


def test_without_its_library_the_child_says_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    boot = "import sys; sys.modules['jinja2'] = None; sys.path.insert(0, sys.argv[1]); "
    monkeypatch.setattr("semverlint.probes._BOOT", boot + "from semverlint.probes.worker import main; main()")
    with pytest.raises(ProbeFailed) as failed:
        ask("render", {"old": PLAIN, "new": PLAIN}, QUICK)
    assert failed.value.missing
