"""Lines of findings: certain, or not given."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import snapshot, write

from semverlint.findings import Finding
from semverlint.lines import with_lines
from semverlint.terms import Bump


def line(tmp_path: Path, path: str, text: str | bytes, *subjects: str) -> int | None:
    folder = write(tmp_path, {path: text})
    finding = Finding(
        rule="a-rule", title="", bump=Bump.PATCH, level="note", consumers=(), path=path, subjects=subjects, message="",
        fingerprint="",
    )  # fmt: skip
    return with_lines([finding], snapshot(folder))[0].line


CONFIG = json.dumps(
    {
        "hidden_size": 1,
        "text_config": {"hidden_size": 2, "rope": {"theta": 1}},
        "layers": [{"hidden_size": 5}, {"hidden_size": 6, "é\n": 1}],
        "eos_token": "</s>",
        "note": 'hidden_size": "text_config',
    },
    indent=1,
)


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["hidden_size"], 2),
        (["text_config.hidden_size"], 4),
        (["text_config.rope.theta"], 6),
        (["layers.1.hidden_size"], 14),
        (["é\n"], 15),
        (["eos"], 18),
        (["</s>"], None),  # a value is no subject
        (["gone", "theta"], 6),
        (["gone"], None),
        (["vision_config.hidden_size"], None),  # there are several, none of them this one
        ([], None),
    ],
)
def test_keys_of_json(tmp_path: Path, subjects: list[str], expected: int | None) -> None:
    assert line(tmp_path, "config.json", CONFIG, *subjects) == expected


@pytest.mark.parametrize(
    ("path", "text", "subject", "expected"),
    [
        ("tokenizer.json", '{"added_tokens": [\n{"id": 9,\n"content": "<s>"}]}', "<s>", 3),
        ("tokenizer.json", '{"vocab": [["a", -1.5],\n["b", -2.5]]}', "b", 2),
        ("tokenizer.json", '{"merges": [["a", "b"],\n["ab", "c"]]}', "c", None),
        ("README.md", "---\nlicense: mit\nversion: 1\n---\n\nversion: none\n", "version", 3),
        ("README.md", "---\nlicense: mit\n---\nversion: none\n", "version", None),
        (".eval_results/a.yaml", "- dataset: x\n  value: 1\n", "value", 2),
        ("model.py", "import os\n\nclass Net:\n    def forward(self): ...\n", "Net.forward", 4),
        ("vocab.txt", "a\nb\n##b\n", "##b", 3),
        ("vocab.txt", "a\nb\nb\n", "b", None),
        ("model.bin", "a", "a", None),
    ],
)
def test_other_texts(tmp_path: Path, path: str, text: str, subject: str, expected: int | None) -> None:
    assert line(tmp_path, path, text, subject) == expected


@pytest.mark.parametrize("text", [b"\xff", b"", b'{"a": ', b"]]]", b'"a": 1', b'{"x": {"a": 1}, "a"', b"[:,:]"])
def test_what_is_no_json_has_no_lines_and_does_no_harm(tmp_path: Path, text: bytes) -> None:
    assert line(tmp_path, "config.json", text, "a", "b.a") in {None, 1}


def test_files_that_are_gone_or_huge_have_no_lines(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.json": '{"a": 1}'})
    (folder / "big.json").write_bytes(b'{"a": 1}' + b" " * 16_000_000)
    for path in ("gone.json", "big.json"):
        finding = Finding(
            rule="r", title="", bump=Bump.PATCH, level="note", consumers=(), path=path, subjects=("a",), message="",
            fingerprint="",
        )  # fmt: skip
        assert with_lines([finding], snapshot(folder))[0].line is None


names = st.text(min_size=1, max_size=4)
values = st.recursive(
    st.integers() | st.text(max_size=4),
    lambda inner: st.dictionaries(names, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, min_size=1, max_size=4), st.data())
def test_a_line_that_is_given_holds_the_key(document: dict[str, Any], data: st.DataObject) -> None:
    from semverlint.lines import _in_json  # noqa: PLC0415 - the property is of this one function

    key = data.draw(st.sampled_from(sorted(document)))
    text = json.dumps(document, indent=1, ensure_ascii=data.draw(st.booleans()))
    at = _in_json(text, key)
    if at is not None:
        read, _ = json.JSONDecoder().raw_decode(text[at:])
        assert read in {key, key.rpartition(".")[2], f"{key}_token"}
