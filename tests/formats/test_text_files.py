from pathlib import Path

import pytest
from support import snapshot, write

from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json


def read(tmp_path: Path, text: str) -> Json:
    return snapshot(write(tmp_path, {"a.json": text})).facts(read_json, "a.json")


def test_a_hundred_levels_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "[" * 100 + "]" * 100)


@pytest.mark.parametrize("depth", [101, 900, 100_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")])
def test_more_are_refused_before_anybody_walks_them(tmp_path: Path, depth: int, begin: str, end: str) -> None:
    with pytest.raises(FileError, match="nested too deeply"):
        read(tmp_path, begin * depth + "1" + end * depth)


def test_width_is_no_depth(tmp_path: Path) -> None:
    assert read(tmp_path, "[" + ",".join(["[[]]"] * 5_000) + "]")
