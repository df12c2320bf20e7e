import os
from pathlib import Path

import pytest
from support import write

from semverlint.errors import FileError, SourceError, UsageError
from semverlint.snapshot import Snapshot
from semverlint.sources import Settings, folder
from semverlint.sources.folder import FolderRepository


def take(place: Path, settings: Settings | None = None) -> Snapshot:
    return FolderRepository("./model", place, settings or Settings()).snapshot(None)


def problems(place: Path) -> list[str]:
    return sorted(str(problem) for problem in take(place).problems)


def test_every_file_is_taken_in_with_its_size(tmp_path: Path) -> None:
    write(tmp_path, {"config.json": "{}", "unet/config.json": "{ }", ".gitattributes": ""})
    found = take(tmp_path)
    assert {path: file.size for path, file in found.files.items()} == {
        ".gitattributes": 0,
        "config.json": 2,
        "unet/config.json": 3,
    }
    assert (found.name, found.revision, found.commit, found.problems) == ("./model", None, None, ())


def test_what_tools_leave_behind_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "x", ".cache/huggingface/a": "x", "code/__pycache__/a.pyc": "x", "config.json": "{}"})
    assert list(take(tmp_path).files) == ["config.json"]


def test_a_range_is_read_and_counted(tmp_path: Path) -> None:
    settings = Settings()
    file = take(write(tmp_path, {"vocab.txt": "abcdef"}), settings).files["vocab.txt"]
    assert file.read(2, 4) == b"cd"
    assert file.local == tmp_path / "vocab.txt"
    assert settings.meter.bytes_read == 2


def test_a_plain_folder_has_no_revisions(tmp_path: Path) -> None:
    repository = FolderRepository("./model", tmp_path, Settings())
    with pytest.raises(UsageError, match=r"\./model is a plain folder; it has no revision v1; leave the @ out"):
        repository.snapshot("v1")
    with pytest.raises(UsageError, match="plain folder"):
        repository.resolve(":staged")
    assert repository.resolve(None) is None
    assert repository.tags() == []
    assert list(repository.commits(None)) == []
    assert repository.earlier("v1") is None


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    write(tmp_path, {"model.bin": "abc"})
    (tmp_path / "link.bin").symlink_to("model.bin")
    assert take(tmp_path).files["link.bin"].read() == b"abc"


def test_a_link_out_of_the_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret": "x", "model/config.json": "{}"})
    (tmp_path / "model/vocab.txt").symlink_to("../secret")
    (tmp_path / "model/unet").symlink_to(tmp_path)
    assert list(take(tmp_path / "model").files) == ["config.json"]
    assert problems(tmp_path / "model") == [
        "unet: is a link that leads out of the repository; put the file itself there",
        "vocab.txt: is a link that leads out of the repository; put the file itself there",
    ]


def test_links_to_nothing_in_circles_and_pipes_are_named(tmp_path: Path) -> None:
    (tmp_path / "nothing").symlink_to("gone")
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "pipe")
    assert [line.split(":")[0] for line in problems(tmp_path)] == ["nothing", "pipe", "round"]


def test_a_snapshot_of_the_hub_cache_reads_its_blobs(tmp_path: Path) -> None:
    home = tmp_path / "models--org--name"
    write(home, {"blobs/0123": '{"a": 1}', "snapshots/abc/README.md": "x"})
    (home / "snapshots/abc/config.json").symlink_to("../../blobs/0123")
    (home / "snapshots/abc/vocab.txt").symlink_to("../../../secret")
    found = take(home / "snapshots/abc")
    assert found.files["config.json"].read() == b'{"a": 1}'
    assert [problem.path for problem in found.problems] == ["vocab.txt"]


def test_a_name_of_control_characters_is_kept_and_shown_safely(tmp_path: Path) -> None:
    name = 'a\n"b"\x1b[31m'
    write(tmp_path, {name: "x"})
    (tmp_path / "bad\x1b").symlink_to("gone")
    assert name in take(tmp_path).files
    assert all(line.isprintable() for line in problems(tmp_path))


def test_a_name_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"\xff.bin")
    place.write_bytes(b"x")
    assert take(tmp_path).files["\udcff.bin"].read() == b"x"


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_FILES", 2)
    write(tmp_path, {"a": "", "b": "", "c": ""})
    with pytest.raises(SourceError, match=r"\./model holds more than 2 files; name the folder of one model"):
        take(tmp_path)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(place: object) -> object:
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SourceError, match=r"cannot be listed \(Permission denied\); check its permissions"):
        take(tmp_path)


def test_a_file_that_shrank_or_vanished_since_is_an_error_of_that_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.bin": "abcdef", "b.bin": "abcdef"})
    found = take(tmp_path)
    (tmp_path / "a.bin").write_text("abc")
    (tmp_path / "b.bin").unlink()
    with pytest.raises(FileError, match="6 bytes were asked for, 3 came"):
        found.files["a.bin"].read()
    with pytest.raises(FileError, match=r"b\.bin: cannot be read \(No such file or directory\)"):
        found.files["b.bin"].read()
