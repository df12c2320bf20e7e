"""Bad input, through the command: one line that names the file and the way out, the right exit status, no traceback."""

import json
import os
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from git_support import Clone
from support import Content, run, safetensors, write

GOOD: dict[str, Content] = {
    "config.json": {"model_type": "bert", "hidden_size": 64},
    "tokenizer.json": {"model": {"type": "WordLevel", "vocab": {"a": 0}}},
    "model.safetensors": safetensors({"w": ("F32", [2, 2], b"\0" * 16)}),
    "README.md": "---\nlicense: mit\n---\n# A model\n",
}


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[Any], offsets: list[Any], dtype: str = "F32") -> dict[str, Any]:
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


HUGE = 2**62
HOSTILE: dict[str, tuple[str, Content]] = {
    "a truncated header": ("model.safetensors", struct.pack("<Q", 500) + b'{"w":'),
    "a header longer than the file": ("model.safetensors", struct.pack("<Q", HUGE) + b"{}"),
    "a file of three bytes": ("model.safetensors", b"abc"),
    "offsets outside the file": ("model.safetensors", header(entry([4], [0, 16]))),
    "offsets that contradict the shape": ("model.safetensors", header(entry([4], [0, 8]), b"\0" * 8)),
    "a shape of 10^18 values": ("model.safetensors", header(entry([10**9, 10**9], [0, 4]), b"\0" * 4)),
    "a negative shape": ("model.safetensors", header(entry([-1], [0, 4]), b"\0" * 4)),
    "an unknown type": ("model.safetensors", header(entry([1], [0, 4], "F99"), b"\0" * 4)),
    "bytes nobody claims": ("model.safetensors", header(entry([1], [0, 4]), b"\0" * 9)),
    "a header that is a list": ("model.safetensors", struct.pack("<Q", 2) + b"[]"),
    "a header that is no UTF-8": ("model.safetensors", struct.pack("<Q", 2) + b"\xff\xfe"),
    "a name twice": ("model.safetensors", struct.pack("<Q", 13) + b'{"a":1,"a":2}'),
    "an LFS pointer": (
        "model.safetensors",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n",
    ),
    "a config that is a list": ("config.json", [1, 2]),
    "a config nested 100,000 deep": ("config.json", "[" * 100_000),
    "a config that is no JSON": ("config.json", "{"),
    "a config that is no UTF-8": ("config.json", b'{"a": "\xff"}'),
    "a config of the wrong types": (
        "config.json",
        {"model_type": 3, "hidden_size": "x", "id2label": [1], "rope_scaling": 1},
    ),
    "an alias bomb in the card": ("README.md", "---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n---\n"),
    "a card whose head is a list": ("README.md", "---\n- a\n---\n"),
    "a card whose head is broken": ("README.md", "---\na: [\n---\n"),
    "a card nested too deep": ("README.md", "---\na: " + "[" * 5_000 + "\n---\n"),
    "a tokenizer that is a list": ("tokenizer.json", [1]),
    "a tokenizer without a model": ("tokenizer.json", {"version": "1.0"}),
    "a tokenizer with ids that are words": ("tokenizer.json", {"model": {"vocab": {"a": "b"}}}),
    "a tokenizer with broken merges": ("tokenizer.json", {"model": {"vocab": {"a": 0}, "merges": [["a"]]}}),
}
CONTRADICTS_ITSELF_ONLY = {"a config of the wrong types"}
"""Wrong, and yet readable: what it says is compared like anything else."""


def refused(old: Path, new: Path, name: str) -> str:
    """The one line that the command says about a file, once it has given its report and status 3."""
    result = run("diff", str(old), str(new))
    assert "Traceback" not in result.stderr
    assert result.returncode == 3, result.stdout + result.stderr
    lines = [line for line in result.stderr.splitlines() if name in line]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("semverlint: ")
    assert "; " in lines[0]
    assert result.stdout.startswith("?") or "undecided" in result.stdout
    return lines[0]


@pytest.mark.parametrize("case", sorted(HOSTILE.keys() - CONTRADICTS_ITSELF_ONLY))
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_hostile_file_is_one_line_and_status_3(tmp_path: Path, case: str, side: str) -> None:
    name, content = HOSTILE[case]
    other = "new" if side == "old" else "old"
    write(tmp_path / other, GOOD)
    write(tmp_path / side, {**GOOD, name: content})
    line = refused(tmp_path / "old", tmp_path / "new", name)
    assert line.isprintable()


@pytest.mark.parametrize("case", sorted(CONTRADICTS_ITSELF_ONLY))
def test_wrong_types_are_compared_without_a_crash(tmp_path: Path, case: str) -> None:
    name, content = HOSTILE[case]
    result = run("diff", str(write(tmp_path / "old", GOOD)), str(write(tmp_path / "new", {**GOOD, name: content})))
    assert "Traceback" not in result.stderr
    assert result.returncode in {0, 3}


def test_what_was_found_beside_a_hostile_file_is_still_reported(tmp_path: Path) -> None:
    old = write(tmp_path / "old", GOOD)
    new = write(
        tmp_path / "new",
        {**GOOD, "model.safetensors": b"abc", "config.json": {"model_type": "bert", "hidden_size": 32}},
    )
    result = run("diff", str(old), str(new))
    assert result.returncode == 3
    assert "shape-changed" in result.stdout


def test_a_tokenizer_of_200_mb_is_refused_by_its_size(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", GOOD), write(tmp_path / "new", GOOD)
    with (new / "tokenizer.json").open("wb") as stream:
        stream.truncate(200_000_000)
    assert "200.0 MB" in refused(old, new, "tokenizer.json")


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret.json": {"password": "hunter2"}})
    old, new = write(tmp_path / "old", GOOD), write(tmp_path / "new", GOOD)
    (new / "extra.json").symlink_to("../secret.json")
    assert "leads out of the repository" in refused(old, new, "extra.json")


def test_names_with_line_breaks_and_escape_codes_are_shown_cleaned(tmp_path: Path) -> None:
    old = write(tmp_path / "old", GOOD)
    new = write(tmp_path / "new", {**GOOD, "evil\x1b[2J\nname.json": {"a": 1}})
    result = run("diff", str(old), str(new))
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert "evil\\x1b[2J\\nname.json" in result.stdout
    assert "evil\\u001b[2J\\nname.json" in run("diff", str(old), str(new), "--format", "json").stdout


def test_a_file_without_permission(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", GOOD), write(tmp_path / "new", {**GOOD, "config.json": {"model_type": "gpt2"}})
    (new / "config.json").chmod(0)
    if os.access(new / "config.json", os.R_OK):
        (new / "config.json").chmod(0o644)
        (new / "config.json").unlink()
        os.mkfifo(new / "config.json")  # the superuser may read anything but waits for nobody: no regular file
    refused(old, new, "config.json")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["diff", "./none", "./none"], 3, "there is no such folder"),
        (["check", "not a model"], 2, "neither a path nor a model id"),
        (["check", "models/my model"], 2, "write a path as ./"),
        (["check", ".@"], 2, "no revision after the @"),
        (["check", "@v1.0.0"], 2, "write .@v1.0.0"),
        (["diff", "plain", "./plain"], 2, "write ./plain for the folder"),
        (["check", ".@v9.9.9"], 3, "v9.9.9"),
        (["check", "./plain@v1"], 2, "it has no revision"),
        (["check", "./plain"], 4, "--against"),
        (["check", ".", "--format", "yaml"], 2, "choose one of"),
        (["check", ".", "--consumer", "nobody"], 2, "choose from load"),
        (["check", ".", "--fail-on", "everything"], 2, "choose from fits"),
        (["check", ".", "--max-download", "much"], 2, "16MB"),
        (["check", ".", "--config", "none.toml"], 2, "cannot be read"),
        (["check", ".", "--rules", "none"], 2, "no such folder of rules"),
        (["check", ".", "--staged", "--all-releases"], 2, "leave"),
        (["diff", "./plain", "./plain", "--output", "./none/report.txt"], 2, "cannot be written"),
        (["rule", "no-such-rule"], 2, "there is no rule"),
    ],
)
def test_a_wrong_call_is_one_line_that_says_what_to_do(
    tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    clone = Clone(tmp_path / "clone")
    clone.commit({"a.json": {"x": 1}}, tag="v1.0.0")
    clone.commit({"a.json": {"x": 1, "y": 1}}, tag="v1.1.0")
    write(tmp_path / "plain", GOOD)
    place = tmp_path if "./plain" in " ".join(arguments) else clone.root
    result = run(*arguments, cwd=place)
    assert "Traceback" not in result.stderr
    assert result.returncode == status, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("semverlint: ")
    assert says in line
    assert result.stdout == ""


def test_a_shallow_clone_without_the_tag_says_how_to_get_it(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    clone.commit({"a.json": {"x": 1}}, tag="v1.0.0")
    clone.commit({"a.json": {"y": 1}}, tag="v2.0.0")
    shallow = tmp_path / "shallow"
    clone.git("clone", "-q", "--depth", "1", f"file://{clone.root}", str(shallow))
    for target, status in ((".@v1.0.0", 3), (".", 4)):
        result = run("check", target, cwd=shallow)
        assert result.returncode == status
        (line,) = result.stderr.splitlines()
        assert "git fetch --unshallow --tags" in line


def test_a_repository_with_one_commit_has_no_baseline(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    clone.commit({"a.json": {"x": 1}})
    result = run("check", ".", cwd=clone.root)
    assert result.returncode == 4
    assert len(result.stderr.splitlines()) == 1


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", GOOD), write(tmp_path / "new", {**GOOD, "config.json": "["})
    target = tmp_path / "report.json"
    run("diff", str(old), str(new), "--format", "json", "--output", str(target))
    assert json.loads(target.read_text())["exit_status"] == 3
    assert {path.name for path in tmp_path.iterdir()} == {"old", "new", "report.json"}
    assert not [path for path in tmp_path.iterdir() if re.match(r"\.report", path.name)]
