"""From what a person types to the repository it means."""

from pathlib import Path

import pytest
from git_support import Clone
from support import write

from semverlint.errors import SourceError, UsageError
from semverlint.snapshot import Snapshot
from semverlint.sources import Repository, Settings, open_repository, parse
from semverlint.sources.folder import FolderRepository
from semverlint.sources.git.repository import GitRepository


def opened(text: str) -> tuple[type[Repository], Snapshot]:
    address = parse(text)
    repository = open_repository(address, Settings())
    return type(repository), repository.snapshot(address.revision)


@pytest.fixture
def model(clone: Clone) -> Clone:
    clone.commit({"config.json": "{}", "unet/config.json": "{}", ".gitignore": "out/\n"}, tag="v1.0.0")
    return clone


def test_a_clone(model: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    (model.root / "new.json").write_text("{}")
    kind, found = opened(str(model.root))
    assert kind is GitRepository
    assert list(found.files) == [".gitignore", "config.json", "new.json", "unet/config.json"]
    kind, found = opened(f"{model.root}@v1.0.0")
    assert (kind, found.revision, len(found.files)) == (GitRepository, "v1.0.0", 3)
    assert opened(f"{model.root}@:staged")[1].revision == ":staged"
    monkeypatch.chdir(model.root)
    assert opened(".@v1.0.0")[1].name == ".@v1.0.0"


def test_a_folder_of_a_clone(model: Clone, tmp_path: Path) -> None:
    kind, found = opened(f"{model.root}/unet@v1.0.0")
    assert (kind, list(found.files)) == (GitRepository, ["config.json"])
    (tmp_path / "link").symlink_to(model.root / "unet")
    assert opened(f"{tmp_path}/link@v1.0.0")[0] is GitRepository


@pytest.mark.parametrize("folder", ["out", "new", ".git/hooks"])
def test_a_folder_git_does_not_track_stands_for_itself(model: Clone, folder: str) -> None:
    write(model.root / folder, {"config.json": "{}"})
    kind, found = opened(f"{model.root}/{folder}")
    assert kind is FolderRepository
    assert "config.json" in found.files
    with pytest.raises(UsageError, match=r"is a plain folder; it has no revision v1\.0\.0"):
        opened(f"{model.root}/{folder}@v1.0.0")


def test_a_bare_repository(model: Clone, tmp_path: Path) -> None:
    model.git("clone", "-q", "--bare", str(model.root), str(tmp_path / "bare.git"))
    kind, found = opened(f"{tmp_path}/bare.git")
    assert (kind, found.revision, len(found.files)) == (GitRepository, "HEAD", 3)
    assert opened(f"{model.root}/.git@v1.0.0")[0] is GitRepository


def test_a_bare_repository_is_opened_though_the_user_allows_only_explicit_ones(
    model: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[safe]\nbareRepository = explicit\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert len(opened(f"{model.root}/.git@v1.0.0")[1].files) == 3


def test_a_plain_folder(tmp_path: Path) -> None:
    kind, found = opened(str(write(tmp_path / "model", {"config.json": "{}"})))
    assert (kind, list(found.files), found.revision) == (FolderRepository, ["config.json"], None)
    with pytest.raises(UsageError, match="is a plain folder; it has no revision v1; leave the @ out"):
        opened(f"{tmp_path}/model@v1")


def test_a_snapshot_folder_of_the_hub_cache(tmp_path: Path) -> None:
    home = tmp_path / "hub/models--org--name"
    write(home, {"blobs/0123": "{}", "refs/main": "abc"})
    (home / "snapshots/abc").mkdir(parents=True)
    (home / "snapshots/abc/config.json").symlink_to("../../blobs/0123")
    kind, found = opened(str(home / "snapshots/abc"))
    assert kind is FolderRepository
    assert (found.files["config.json"].read(), found.problems) == (b"{}", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("./no-such-folder", r"\./no-such-folder: there is no such folder; check the path"),
        ("./no-such-folder@v1", r"\./no-such-folder: there is no such folder"),
        ("{}/file/below", "there is no such folder"),
        ("{}/a\0b", "there is no such folder"),
        ("{}/file", "file is a file; name the folder the model stands in"),
        ("{}/" + "x" * 300, r"cannot be opened \(File name too long\); check the path and its permissions"),
    ],
)
def test_nothing_there_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match=message) as caught:
        opened(text.format(tmp_path))
    assert str(caught.value).isprintable()
