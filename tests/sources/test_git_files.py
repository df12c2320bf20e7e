"""The files of a commit and of the index."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from git_support import Clone, blob_id, keep, pointer

from semverlint.errors import FileError, SourceError
from semverlint.files import Meter, same_content
from semverlint.sources import Settings
from semverlint.sources.git import listing, objects, process, repository
from semverlint.sources.git.listing import follow
from semverlint.sources.git.repository import GitRepository

WEIGHTS = b"tensors" * 1000


def reasons(clone: Clone, revision: str = "HEAD", folder: str = ".") -> list[str]:
    return [str(problem) for problem in clone.open(folder).snapshot(revision).problems]


def test_a_commit_has_its_files_with_sizes_and_digests_known_without_reading(clone: Clone) -> None:
    commit = clone.commit({"config.json": "{}", "unet/config.json": "{ }", "empty": ""}, tag="v1")
    clone.commit({"config.json": "changed", "more": "x"})
    settings = Settings()
    found = clone.open(settings=settings).snapshot("v1")
    assert (found.name, found.revision, found.commit, found.problems) == ("./model@v1", "v1", commit, ())
    assert {path: (file.size, file.digests) for path, file in found.files.items()} == {
        "config.json": (2, {"git": blob_id(b"{}")}),
        "empty": (0, {"git": blob_id(b"")}),
        "unet/config.json": (3, {"git": blob_id(b"{ }")}),
    }
    file = found.files["unet/config.json"]
    assert (file.read(), file.read(1, 2), file.local, file.remote) == (b"{ }", b" ", None, False)
    assert found.files["empty"].read() == b""


def test_the_index_holds_what_is_staged_and_nothing_else(clone: Clone) -> None:
    clone.commit({"kept": "1", "staged": "1", "deleted": "1", "edited": "1"})
    (clone.root / "staged").write_text("2")
    clone.git("add", "staged")
    clone.git("rm", "-q", "deleted")
    (clone.root / "staged").write_text("3")
    (clone.root / "edited").write_text("2")
    (clone.root / "new").write_text("1")
    (clone.root / "announced").write_text("1")
    clone.git("add", "-N", "announced")
    found = clone.open().snapshot(":staged")
    assert (found.name, found.revision, found.commit) == ("./model@:staged", ":staged", None)
    assert {path: file.read() for path, file in found.files.items()} == {"edited": b"1", "kept": b"1", "staged": b"2"}


def test_a_folder_of_a_clone_counts_alone_and_paths_begin_there(clone: Clone) -> None:
    clone.commit({"config.json": "{}", "models/a/config.json": "a", "models/a/b/c": "c", "models/ab/d": "d"}, tag="v1")
    (clone.root / "models/a/new").write_text("n")
    for revision in ("v1", ":staged"):
        assert list(clone.open("models/a").snapshot(revision).files) == ["b/c", "config.json"]
    assert list(clone.open("models/a").snapshot(None).files) == ["b/c", "config.json", "new"]


def test_a_folder_with_the_signs_of_a_pattern_is_meant_literally(clone: Clone) -> None:
    clone.commit({"*/a": "1", "x/b": "2", ":(top)/c": "3"})
    for revision in ("HEAD", ":staged", ":worktree"):
        assert list(clone.open("*").snapshot(revision).files) == ["a"]
        assert list(clone.open(":(top)").snapshot(revision).files) == ["c"]


@pytest.mark.parametrize("revision", ["HEAD", ":staged", ":worktree"])
def test_names_of_any_bytes_are_kept(clone: Clone, revision: str) -> None:
    names = ['a\n"b"\x1b[31m', "tab\there", " lead", "-rf", "ümläut", os.fsdecode(b"\xff\xfe.bin"), "folder/\\x"]
    clone.commit({name: name.encode("utf-8", "surrogateescape") for name in names})
    found = clone.open().snapshot(revision)
    assert set(found.files) == set(names)
    assert all(file.read() == path.encode("utf-8", "surrogateescape") for path, file in found.files.items())


@pytest.mark.parametrize("revision", ["HEAD", ":staged", ":worktree"])
def test_an_lfs_file_counts_by_its_pointer_though_the_content_was_never_downloaded(clone: Clone, revision: str) -> None:
    clone.commit({"model.safetensors": pointer(WEIGHTS), "other.bin": pointer(WEIGHTS, end="\r\n").rstrip()})
    found = clone.open().snapshot(revision)
    for path in ("model.safetensors", "other.bin"):
        file = found.files[path]
        assert (file.size, file.digests) == (7000, {"sha256": hashlib.sha256(WEIGHTS).hexdigest()})
        assert file.local is None
        with pytest.raises(FileError, match=r"its Git LFS content was never downloaded; run `git lfs pull`"):
            file.read(0, 8)


def test_lfs_content_of_a_tag_is_fetched_by_its_name(clone: Clone) -> None:
    clone.commit({"model.safetensors": pointer(WEIGHTS)}, tag="v1")
    with pytest.raises(FileError, match="run `git lfs fetch origin v1`"):
        clone.open().snapshot("v1").files["model.safetensors"].read()


@pytest.mark.parametrize("revision", ["HEAD", ":staged", ":worktree"])
def test_an_lfs_file_is_read_where_git_lfs_keeps_it(clone: Clone, revision: str) -> None:
    clone.commit({"model.safetensors": pointer(WEIGHTS, extra=f"ext-0-x sha256:{'a' * 64}")})
    place = keep(clone.root / ".git/lfs", WEIGHTS)
    file = clone.open().snapshot(revision).files["model.safetensors"]
    assert (file.read(7, 14), file.local) == (b"tensors", place)


def test_a_linked_worktree_shares_lfs_content_and_history(clone: Clone, tmp_path: Path) -> None:
    commit = clone.commit({"model.safetensors": pointer(WEIGHTS)}, tag="v1")
    keep(clone.root / ".git/lfs", WEIGHTS)
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = GitRepository("./linked", tmp_path / "linked", tmp_path / "linked", Settings())
    for revision in ("v1", ":staged", ":worktree"):
        assert linked.snapshot(revision).files["model.safetensors"].read() == WEIGHTS
    resolved = linked.resolve("v1")
    assert resolved is not None
    assert resolved.commit == commit


@pytest.mark.parametrize("storage", ["elsewhere", "{}/absolute"])
def test_lfs_storage_set_in_the_configuration_is_used(clone: Clone, tmp_path: Path, storage: str) -> None:
    clone.commit({"model.safetensors": pointer(WEIGHTS)})
    named = storage.format(tmp_path)
    clone.git("config", "lfs.storage", named)
    keep(clone.root / ".git" / named, WEIGHTS)
    assert clone.open().snapshot("HEAD").files["model.safetensors"].read() == WEIGHTS


def test_a_file_that_moved_into_git_lfs_is_unchanged(clone: Clone) -> None:
    clone.commit({"model.bin": WEIGHTS}, tag="v1")
    clone.commit({"model.bin": pointer(WEIGHTS)}, tag="v2")
    repo = clone.open()
    assert same_content(repo.snapshot("v1").files["model.bin"], repo.snapshot("v2").files["model.bin"])


def test_links_lead_to_files_of_the_repository_and_nowhere_else(clone: Clone) -> None:
    clone.commit({"shared/vocab.txt": "abc", "unet/config.json": "{}"})
    links = {
        "vocab.txt": "shared/vocab.txt",
        "unet/vocab.txt": "../shared/./vocab.txt",
        "twice": "unet/vocab.txt",
        "folder": "shared",
        "through": "folder/vocab.txt",
        "passwd": "/etc/passwd",
        "out": "../../secret",
        "nothing": "gone.json",
        "round": "round",
        "git": ".git/config",
    }
    for path, target in links.items():
        (clone.root / path).symlink_to(target)
    clone.commit({})
    for revision in ("HEAD", ":staged", ":worktree"):
        found = clone.open().snapshot(revision)
        readable = {path: file.read() for path, file in found.files.items() if path in links}
        assert readable == dict.fromkeys(["through", "twice", "unet/vocab.txt", "vocab.txt"], b"abc")
        assert {problem.path for problem in found.problems} == {"folder", "git", "nothing", "out", "passwd", "round"}
        assert same_content(found.files["vocab.txt"], found.files["shared/vocab.txt"])
    assert "out: is a link that leads out of the repository; put the file itself there" in reasons(clone)
    assert "nothing: is a link to nothing, or no regular file; put the file itself there" in reasons(clone)


def test_a_link_out_of_the_folder_asked_for_may_stay_in_the_repository(clone: Clone) -> None:
    clone.commit({"shared/vocab.txt": "abc", "model/config.json": "{}"})
    (clone.root / "model/vocab.txt").symlink_to("../shared/vocab.txt")
    clone.commit({})
    for revision in ("HEAD", ":staged", ":worktree"):
        found = clone.open("model").snapshot(revision)
        assert {path: file.read() for path, file in found.files.items()} == {"config.json": b"{}", "vocab.txt": b"abc"}


def test_following_ends_whatever_the_links_say() -> None:
    assert follow("a/b", {"a": "c/d"}) == "c/d/b"
    assert follow("a", {"a": "b/../c"}) == "c"
    assert follow("a", {"a": "b", "b": "a"}) is None
    assert follow("a", {"a": "a/x"}) is None
    assert follow("x/a", {"x/a": "../../y"}) is None
    assert follow("x/a", {"x/a": "../y"}) == "y"
    assert follow("a", {"a": ""}) == "."


def test_a_submodule_counts_by_its_commit_and_cannot_be_read(clone: Clone, tmp_path: Path) -> None:
    part = Clone(tmp_path / "part")
    first = part.commit({"config.json": "{}"})
    second = part.commit({"config.json": "{ }"})
    settings = ["-c", "protocol.file.allow=always"]
    clone.git(*settings, "submodule", "add", "-q", str(part.root), "unet")
    clone.git("-C", "unet", "checkout", "-q", first)
    clone.commit({}, tag="v1")
    clone.commit({"a": "1"}, tag="v2")
    clone.git("-C", "unet", "checkout", "-q", second)
    clone.commit({}, tag="v3")
    repo = clone.open()
    unet = [repo.snapshot(revision).files["unet"] for revision in ("v1", "v2", "v3", ":staged", ":worktree")]
    assert same_content(unet[0], unet[1])
    assert not same_content(unet[1], unet[2])
    assert same_content(unet[2], unet[3])
    assert same_content(unet[2], unet[4])
    with pytest.raises(FileError, match="unet: is a submodule, whose files belong to another repository"):
        unet[0].read()
    inside = GitRepository("./model/unet", clone.root / "unet", clone.root / "unet", Settings())
    assert list(inside.snapshot(None).files) == ["config.json"]
    assert [commit.id for commit in inside.commits(None)] == [second, first]


def test_a_conflict_is_a_problem_of_its_file(clone: Clone) -> None:
    clone.commit({"a": "1", "b": "1"})
    clone.git("switch", "-q", "-c", "side")
    clone.commit({"a": "2"})
    clone.git("switch", "-q", "main")
    clone.commit({"a": "3"})
    with pytest.raises(Exception, match="merge"):
        clone.git("merge", "-q", "side")
    assert reasons(clone, ":staged") == ["a: is in conflict; resolve the conflict and `git add` it"]
    assert list(clone.open().snapshot(":staged").files) == ["b"]
    assert b"<<<<<<<" in clone.open().snapshot(None).files["a"].read()


def test_a_large_blob_is_copied_once_and_read_by_range(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "HELD", 1000)
    monkeypatch.setattr(objects, "COPIES", 1)
    contents = {f"{name}.bin": name.encode() * 5000 for name in "abc"}
    clone.commit(dict(contents))
    settings = Settings(meter=Meter())
    found = clone.open(settings=settings).snapshot("HEAD")
    assert [found.files["a.bin"].read(at, at + 2) for at in (0, 4998, 17)] == [b"aa"] * 3
    assert settings.meter.bytes_read == 5000
    for path, content in contents.items():
        assert found.files[path].read() == content
        assert found.files[path].digest("sha256") == hashlib.sha256(content).hexdigest()


def test_small_blobs_are_held_within_a_limit(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "HELD_TOGETHER", 5000)
    contents = {f"{name}.bin": name.encode() * 3000 for name in "abc"}
    clone.commit(dict(contents))
    settings = Settings()
    found = clone.open(settings=settings).snapshot("HEAD")
    for path in ["a.bin", "a.bin", "b.bin", "c.bin", "a.bin"]:
        assert found.files[path].read() == contents[path]
    assert settings.meter.bytes_read == 4 * 3000


def test_content_missing_from_the_clone_is_a_problem_of_its_file(clone: Clone) -> None:
    clone.commit({"a": "1", "b": "2"})
    name = blob_id(b"1")
    (clone.root / ".git/objects" / name[:2] / name[2:]).unlink()
    assert reasons(clone) == ["a: its content is missing from the clone; run `git fsck`, then fetch it again"]
    assert clone.open().snapshot("HEAD").files["b"].read() == b"2"


@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_damaged_blob_is_a_one_line_error_of_its_file(clone: Clone, damage: str) -> None:
    content = os.urandom(20_000)
    clone.commit({"a.bin": content, "b": "2"})
    found = clone.open().snapshot("HEAD")
    name = blob_id(content)
    place = clone.root / ".git/objects" / name[:2] / name[2:]
    stored = place.read_bytes()
    place.chmod(0o644)
    place.write_bytes(stored[:9000] if damage == "cut" else stored[:9000] + b"\0" * 3000 + stored[12000:])
    with pytest.raises(FileError) as caught:
        found.files["a.bin"].read(0, 8)
    assert caught.value.path == "a.bin"
    assert "\n" not in str(caught.value)
    assert found.files["b"].read() == b"2"


def test_a_replaced_object_does_not_hide_what_was_committed(clone: Clone) -> None:
    clone.commit({"a": "1", "b": "2"})
    clone.git("replace", blob_id(b"1"), blob_id(b"2"))
    assert clone.open().snapshot("HEAD").files["a"].read() == b"1"


def test_a_tree_that_stands_for_billions_of_files_is_refused(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MOST_OUTPUT", 100_000)
    monkeypatch.setattr(repository, "MOST_FILES", 3)
    clone.commit({f"{number}/x": "1" for number in range(10)})
    with pytest.raises(SourceError, match=r"\./model holds more than 3 files; name one model's folder"):
        clone.open().snapshot("HEAD")
    folder = clone.git("rev-parse", "HEAD^{tree}")
    for _ in range(9):  # each level holds the one below ten times
        lines = "".join(f"040000 tree {folder}\t{number}\n" for number in range(10))
        (clone.root / ".git/lines").write_text(lines)
        folder = clone.git("-c", "alias.t=!git mktree < .git/lines", "t")
    commit = clone.git("commit-tree", "-m", "bomb", folder)
    started = time.monotonic()
    with pytest.raises(SourceError, match="lists more files than a model can have"):
        clone.open().snapshot(commit)
    assert time.monotonic() - started < 5


def test_an_unknown_form_of_listing_is_an_error_and_not_a_shorter_list(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.commit({"a": "1"})
    shown = process.Git.run
    monkeypatch.setattr(process.Git, "run", lambda *given, **named: shown(*given, **named).replace(b"ctime", b"birth"))
    with pytest.raises(SourceError, match="git lists its files in an unknown way"):
        clone.open().snapshot(":staged")
    assert listing.LINK == "120000"


def test_two_revisions_of_92_files_take_tens_of_milliseconds(clone: Clone) -> None:
    clone.commit({f"part-{number}/config.json": f'{{"number": {number}}}' for number in range(92)}, tag="v1")
    clone.commit({"part-7/config.json": "{}"}, tag="v2")
    times = []
    for _ in range(5):
        started = time.perf_counter()
        repo = clone.open()
        old, new = repo.snapshot("v1"), repo.snapshot("v2")
        changed = [path for path, file in old.files.items() if not same_content(file, new.files[path])]
        new.files[changed[0]].read()
        times.append(time.perf_counter() - started)
        assert changed == ["part-7/config.json"]
    assert min(times) < 0.25  # some 20 ms on an idle machine
