"""`semverlint name` as people run it: names as arguments and on standard input, as tables and as JSON."""

import json
import subprocess
import sys
from pathlib import Path

from inline_snapshot import snapshot
from support import run

HEAVY = ("numpy", "huggingface_hub", "pydantic", "rich", "yaml", "packaging")


def piped(content: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "semverlint", "name", *arguments], input=content, capture_output=True, check=False
    )


def test_a_table_a_name_in_eighty_columns() -> None:
    result = run("name", "allenai/OLMo-2-1124-7B-Instruct", "gpt2")
    assert result.returncode == 0
    assert result.stdout == snapshot("""\
allenai/OLMo-2-1124-7B-Instruct
  family OLMo, version 2
  organisation   allenai                                     100 %
  family         OLMo                                         95 %
  version        2                                            90 %
  date           1124                         11-24           85 %  or 2024-11
  size           7B                                           90 %
  stage          Instruct                                     95 %

gpt2
  family gpt, version 2
  family         gpt                                          95 %
  version        2                                            90 %
""")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_an_object_a_line_with_its_segments() -> None:
    row = json.loads(run("name", "--format", "jsonl", "Qwen/Qwen2.5-7B-1M").stdout)
    segments = row.pop("segments")
    assert row == {
        "name": "Qwen/Qwen2.5-7B-1M",
        "family": "Qwen",
        "version": "2.5",
        "size": "7B",
        "stage": [],
        "quantization": None,
        "format": None,
        "date": None,
        "other": {"context": "1M"},
    }
    assert [one["kind"] for one in segments] == ["organisation", "family", "version", "size", "context"]
    assert segments[-1] == {
        "kind": "context",
        "text": "1M",
        "start": 16,
        "end": 18,
        "value": "1M",
        "confidence": 0.85,
        "alternatives": [{"kind": "size", "value": "1M", "confidence": 0.2}],
    }


def test_many_names_come_back_in_order_whatever_ends_their_lines() -> None:
    names = [f"org/Model-{number}B-v{number % 7}" for number in range(30_000)]
    result = piped("\r\n".join(names).encode() + b"\n\n", "--format", "jsonl")
    assert result.stderr == b""
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == names


def test_a_list_and_the_lines_say_the_same() -> None:
    content = b"bge-m3\nppo-LunarLander-v2\n"
    lines = piped(content, "-f", "jsonl").stdout.splitlines()
    assert json.loads(piped(content, "-f", "json").stdout) == [json.loads(line) for line in lines]
    assert json.loads(piped(b"", "-f", "json").stdout) == []


def test_a_hostile_name_is_shown_and_does_nothing() -> None:
    content = b"\x1b[31mred-v4\n\xe2\x80\xaeevil\x00-v3\n\xff\xfe-v2\n"
    shown = piped(content)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert not {"\x1b", "\u202e", "\0"} & set(shown.stdout.decode())
    lines = piped(content, "-f", "jsonl").stdout
    assert lines.isascii()
    assert b"\x1b" not in lines
    assert [json.loads(line)["version"] for line in lines.splitlines()] == ["4", "3", "2"]


def test_a_name_of_a_megabyte_is_one_line_of_a_table() -> None:
    result = piped(b"-v1" * 333_333)
    assert result.returncode == 0
    assert max(map(len, result.stdout.decode().splitlines())) <= 80


def test_an_unknown_format_is_a_usage_error() -> None:
    result = run("name", "--format", "xml", "gpt2")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "semverlint: --format xml: no such format; choose one of text, json, jsonl\n"


def test_the_answer_may_go_to_a_file(tmp_path: Path) -> None:
    result = run("name", "gpt2", "--format", "jsonl", "--output", str(tmp_path / "names.jsonl"))
    assert (result.returncode, result.stdout) == (0, "")
    assert json.loads((tmp_path / "names.jsonl").read_text())["version"] == "2"


def test_it_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "semverlint", "name", "gpt2"]
    log = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stderr
    imported = {line.rpartition("|")[2].strip() for line in log.splitlines()}
    assert "semverlint.versions.names" in imported
    assert not imported & set(HEAVY)
