"""What the tests share: model folders written from a few lines, and what semverlint makes of two of them."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from semverlint.changes import Change
from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Settings
from semverlint.sources.folder import FolderRepository

Content = bytes | str | dict[str, object] | list[object]
Model = Mapping[str, Content]


def write(folder: Path, model: Model) -> Path:
    """Write a model's files below a folder: bytes and text as they are, anything else as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in model.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            place.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
    return folder


def snapshot(folder: Path) -> Snapshot:
    return FolderRepository(str(folder), folder, Settings()).snapshot(None)


def pair(tmp_path: Path, old: Model, new: Model, options: Options | None = None) -> Pair:
    """Two folders under `tmp_path`, side by side."""
    return Pair(snapshot(write(tmp_path / "old", old)), snapshot(write(tmp_path / "new", new)), options)


def changes(tmp_path: Path, old: Model, new: Model, options: Options | None = None) -> list[Change]:
    """Every change between two models; a check that failed or was left undecided fails the test."""
    both = pair(tmp_path, old, new, options)
    found = list(compare(both))
    assert both.undecided == []
    return found


def safetensors(
    tensors: Mapping[str, tuple[str, list[int], bytes]], metadata: Mapping[str, str] | None = None
) -> bytes:
    """A safetensors file of (dtype, shape, bytes) by name, laid out in the order given."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    data = b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as people do: in a process of its own, in an environment that says nothing by itself."""
    kept = {
        name: value
        for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "SEMVERLINT_CACHE")
        if (value := os.environ.get(name))
    }
    settled = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "semverlint", *arguments],
        cwd=cwd,
        env={**kept, **settled, "PYTHONWARNINGS": "error", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
