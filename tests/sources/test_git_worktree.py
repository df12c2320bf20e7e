"""The working tree: what is there, and what need not be hashed."""

import hashlib
import os
from pathlib import Path

import pytest
from git_support import Clone, blob_id, keep, pointer

from semverlint.errors import FileError
from semverlint.files import File, same_content
from semverlint.sources import Settings
from semverlint.sources.git.repository import GitRepository

WEIGHTS = b"tensors" * 1000
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


def settle(clone: Clone, at: int = 1_700_000_000) -> None:
    """Let the index be clearly younger than the files, as it is a moment after any real checkout."""
    for path in clone.git("ls-files").splitlines():
        os.utime(clone.root / path, (at, at))
    clone.git("update-index", "--refresh", "-q")


def files(clone: Clone, folder: str = ".") -> dict[str, File]:
    return clone.open(folder).snapshot(None).files


def test_tracked_and_new_files_count_ignored_and_deleted_ones_do_not(clone: Clone) -> None:
    clone.commit({"config.json": "{}", "deleted": "1", ".gitignore": "*.log\n/ignored/\n", "folder/deleted": "1"})
    for path, text in {"new/file": "n", "x.log": "x", "ignored/x": "x", ".cache/x": "x", "nested/.git": ""}.items():
        (clone.root / path).parent.mkdir(exist_ok=True)
        (clone.root / path).write_text(text)
    (clone.root / "deleted").unlink()
    (clone.root / "folder/deleted").unlink()
    (clone.root / "folder").rmdir()
    (clone.root / "folder").write_text("a file now")
    found = clone.open().snapshot(None)
    assert list(found.files) == [".gitignore", "config.json", "folder", "new/file"]
    assert (found.name, found.revision, found.commit, found.problems) == ("./model@:worktree", ":worktree", None, ())


def test_a_repository_inside_this_one_is_no_part_of_it(clone: Clone) -> None:
    clone.commit({"config.json": "{}"})
    Clone(clone.root / "nested").commit({"a": "1"})
    assert list(files(clone)) == ["config.json"]


def test_an_unchanged_file_carries_the_digest_of_the_index_and_is_read_from_disk(clone: Clone) -> None:
    clone.commit({"config.json": "{}", "sub/config.json": "{ }"})
    settle(clone)
    settings = Settings()
    for folder, path in ((".", "sub/config.json"), ("sub", "config.json")):
        file = clone.open(folder, settings).snapshot(None).files[path]
        assert file.digests == {"git": blob_id(b"{ }")}
        assert file.local == clone.root / "sub/config.json"
    assert settings.meter.bytes_read == 5 + 3  # once for each repository: small blobs are looked at, for pointers


@pytest.mark.parametrize("same_size", [True, False])
def test_an_edited_file_counts_as_it_is_now(clone: Clone, *, same_size: bool) -> None:
    clone.commit({"config.json": '{"a": 1}'})
    settle(clone)
    (clone.root / "config.json").write_text('{"a": 2}' if same_size else '{"a": 22}')
    new = files(clone)["config.json"]
    assert new.digests == {}
    assert not same_content(clone.open().snapshot("HEAD").files["config.json"], new)


def test_an_edit_that_hides_behind_the_old_time_is_seen(clone: Clone) -> None:
    clone.commit({"config.json": '{"a": 1}'})
    settle(clone)
    (clone.root / "config.json").write_text('{"a": 2}')
    os.utime(clone.root / "config.json", (1_700_000_000, 1_700_000_000))
    assert files(clone)["config.json"].digests == {}  # its ctime tells


def test_a_file_as_young_as_the_index_is_not_trusted(clone: Clone) -> None:
    clone.commit({"config.json": '{"a": 1}'})
    index = clone.root / ".git/index"
    young = (clone.root / "config.json").stat().st_mtime_ns
    os.utime(index, ns=(young, young))
    assert files(clone)["config.json"].digests == {}
    os.utime(index, ns=(young + 1, young + 1))
    assert files(clone)["config.json"].digests == {"git": blob_id(b'{"a": 1}')}


def test_a_touched_file_is_still_the_same(clone: Clone) -> None:
    clone.commit({"config.json": "{}"})
    settle(clone)
    os.utime(clone.root / "config.json")
    assert same_content(clone.open().snapshot("HEAD").files["config.json"], files(clone)["config.json"])


def test_smudged_lfs_content_is_read_from_the_working_tree_and_never_hashed(clone: Clone) -> None:
    """What git-lfs leaves: the pointer in the index, the content on the disk, the index's memory of the content."""
    clone.commit({"model.safetensors": WEIGHTS, "config.json": "{}"})
    settle(clone)
    shown = clone.git("ls-files", "--debug", "model.safetensors")
    assert "size: 7000" in shown
    (clone.root / "filter").write_bytes(pointer(WEIGHTS))
    clone.git("config", "filter.fake.clean", f"cat {clone.root}/filter")
    (clone.root / ".gitattributes").write_text("*.safetensors filter=fake")
    clone.git("add", "--renormalize", "model.safetensors")
    settle(clone, 1_700_000_001)
    clone.git("config", "--unset", "filter.fake.clean")
    assert clone.git("show", ":model.safetensors").encode() == pointer(WEIGHTS).strip()
    settings = Settings()
    file = clone.open(settings=settings).snapshot(None).files["model.safetensors"]
    assert (file.size, file.digests, file.local) == (7000, {"sha256": SHA256}, clone.root / "model.safetensors")
    assert file.read(0, 7) == b"tensors"
    with pytest.raises(FileError, match="run `git lfs pull`"):
        clone.open().snapshot(":staged").files["model.safetensors"].read()
    (clone.root / "model.safetensors").write_bytes(b"other!!" * 1000)
    changed = files(clone)["model.safetensors"]
    assert changed.digests == {}
    assert not same_content(clone.open().snapshot("HEAD").files["model.safetensors"], changed)


def test_a_pointer_that_lies_in_the_working_tree_counts_as_its_content(clone: Clone) -> None:
    clone.commit({"model.safetensors": pointer(WEIGHTS)})
    settle(clone)
    (clone.root / "new.safetensors").write_bytes(pointer(WEIGHTS))
    for path in ("model.safetensors", "new.safetensors"):
        assert (files(clone)[path].size, files(clone)[path].digests) == (7000, {"sha256": SHA256})
    place = keep(clone.root / ".git/lfs", WEIGHTS)
    assert files(clone)["new.safetensors"].local == place


def test_line_ends_converted_at_checkout_change_nothing(clone: Clone) -> None:
    clone.commit({"vocab.txt": "a\nb\n", ".gitattributes": "*.txt text eol=crlf\n"})
    (clone.root / "vocab.txt").unlink()
    clone.git("checkout", "vocab.txt")
    assert (clone.root / "vocab.txt").read_bytes() == b"a\r\nb\r\n"
    settle(clone)
    file = files(clone)["vocab.txt"]
    assert (file.digests, file.read()) == ({"git": blob_id(b"a\nb\n")}, b"a\nb\n")


def test_a_sparse_checkout_still_has_all_files(clone: Clone) -> None:
    clone.commit({"config.json": "{}", "unet/config.json": "{ }", "link/x": "1"})
    (clone.root / "unet/link").symlink_to("config.json")
    clone.commit({})
    clone.git("sparse-checkout", "set", "link")
    assert not (clone.root / "unet").exists()
    found = clone.open().snapshot(None)
    assert found.files["unet/config.json"].read() == b"{ }"
    assert [str(problem) for problem in found.problems] == [
        "unet/link: is a link that the sparse checkout leaves out; run `git sparse-checkout disable`"
    ]


def test_a_folder_replaced_by_a_link_lets_nothing_of_elsewhere_in(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"unet/config.json": "{}", "config.json": "{}"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/config.json").write_text("secret")
    (clone.root / "unet/config.json").unlink()
    (clone.root / "unet").rmdir()
    (clone.root / "unet").symlink_to(tmp_path / "elsewhere")
    found = clone.open().snapshot(None)
    assert list(found.files) == ["config.json"]
    assert [problem.path for problem in found.problems] == ["unet"]


def test_a_pipe_in_place_of_a_file_is_named_and_not_opened(clone: Clone) -> None:
    clone.commit({"config.json": "{}"})
    (clone.root / "config.json").unlink()
    os.mkfifo(clone.root / "config.json")
    found = clone.open().snapshot(None)
    assert [str(problem) for problem in found.problems] == [
        "config.json: is no regular file; put a file there, or delete it"
    ]


def test_a_file_that_cannot_be_looked_at_is_a_problem_and_the_rest_goes_on(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.commit({"a": "1", "b": "1"})
    lstat = Path.lstat

    def refuse(place: Path) -> os.stat_result:
        if place.name == "a":
            raise PermissionError(13, "Permission denied")
        return lstat(place)

    monkeypatch.setattr(Path, "lstat", refuse)
    found = clone.open().snapshot(None)
    assert list(found.files) == ["b"]
    assert [str(problem) for problem in found.problems] == [
        "a: cannot be read (Permission denied); check its permissions"
    ]


def test_a_clone_of_a_clone_is_unchanged_at_once(clone: Clone, tmp_path: Path) -> None:
    clone.commit({f"{number}.json": str(number) for number in range(20)}, tag="v1")
    clone.git("clone", "-q", str(clone.root), str(tmp_path / "second"))
    second = GitRepository("./second", tmp_path / "second", tmp_path / "second", Settings())
    old, new = second.snapshot("v1"), second.snapshot(None)
    assert old.files.keys() == new.files.keys()
    assert all(same_content(file, new.files[path]) for path, file in old.files.items())
