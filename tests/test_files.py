import hashlib
from typing import Any

import pytest
from git_support import blob_id

from semverlint.errors import FileError
from semverlint.files import File, same_content


class Bytes(File):
    """A file in memory that counts its reads, and can be told to know digests, to be short, or to refuse."""

    def __init__(self, content: bytes, *digests: str, path: str = "a.bin", **digest: Any) -> None:  # noqa: ANN401 - str
        known = {"sha256": hashlib.sha256(content).hexdigest(), "git": blob_id(content)}
        super().__init__(path, len(content), {name: known[name] for name in digests} | digest)
        self.content: bytes | None = content
        self.reads: list[tuple[int, int]] = []

    def _read(self, start: int, stop: int) -> bytes:
        if self.content is None:
            raise FileError(self.path, "is not here", "fetch it")
        self.reads.append((start, stop))
        return self.content[start:stop]


def absent(content: bytes, *digests: str) -> Bytes:
    file = Bytes(content, *digests)
    file.content = None
    return file


def test_a_range_is_read_exactly() -> None:
    file = Bytes(b"abcdef")
    assert (file.read(), file.read(2), file.read(1, 3), file.read(6), file.read(3, 3)) == (
        b"abcdef",
        b"cdef",
        b"bc",
        b"",
        b"",
    )
    assert file.reads == [(0, 6), (2, 6), (1, 3)]


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 7), (4, 2), (7, None)])
def test_a_range_outside_the_file_is_refused_before_reading(start: int, stop: int | None) -> None:
    file = Bytes(b"abcdef")
    with pytest.raises(FileError, match=r"a\.bin: bytes .* lie outside its 6; it is truncated; fetch it again"):
        file.read(start, stop)
    assert file.reads == []


def test_fewer_bytes_than_asked_for_are_an_error() -> None:
    file = Bytes(b"abcdef")
    file.content = b"abc"
    with pytest.raises(FileError, match="6 bytes were asked for, 3 came"):
        file.read()


def test_the_whole_is_refused_above_its_limit() -> None:
    assert Bytes(b"abc").read_all(3) == b"abc"
    with pytest.raises(FileError, match="4 bytes is more than the 3 bytes read of such a file"):
        Bytes(b"abcd").read_all(3)


def test_blocks_cover_the_content_without_holding_it() -> None:
    file = Bytes(b"abcdefg")
    assert list(file.blocks(3)) == [b"abc", b"def", b"g"]
    assert list(Bytes(b"").blocks()) == []


def test_digests_are_those_of_sha256sum_and_of_git() -> None:
    file = Bytes(b"hello\n")
    assert file.digest("sha256") == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert file.digest("git") == "ce013625030ba8dba906f756967f9e9ca394464a"
    file.content = None
    assert file.digest("git") == "ce013625030ba8dba906f756967f9e9ca394464a"  # computed once


def test_a_size_decides_without_a_digest_or_a_read() -> None:
    assert not same_content(absent(b"abc"), absent(b"abcd"))


@pytest.mark.parametrize("name", ["sha256", "git"])
def test_a_digest_both_know_decides_without_a_read(name: str) -> None:
    assert same_content(absent(b"abc", name), absent(b"abc", name))
    assert not same_content(absent(b"abc", name), absent(b"abd", name))


def test_digests_that_contradict_each_other_are_no_agreement() -> None:
    assert not same_content(absent(b"abc", "sha256", "git"), Bytes(b"abc", "sha256", git="0" * 40))


def test_without_digests_the_bytes_decide() -> None:
    old, new = Bytes(b"abc"), Bytes(b"abc")
    assert same_content(old, new)
    assert not same_content(old, Bytes(b"abd"))
    assert old.digests == {}


@pytest.mark.parametrize("name", ["sha256", "git"])
def test_a_digest_one_side_knows_is_computed_for_the_other(name: str) -> None:
    assert same_content(absent(b"abc", name), Bytes(b"abc"))
    assert same_content(Bytes(b"abc"), absent(b"abc", name))
    assert not same_content(Bytes(b"abd"), absent(b"abc", name))


def test_a_file_moved_into_git_lfs_is_the_same_though_its_content_is_not_here() -> None:
    assert same_content(Bytes(b"abc", "git"), absent(b"abc", "sha256"))
    assert same_content(absent(b"abc", "sha256"), Bytes(b"abc", "git"))
    assert not same_content(Bytes(b"abd", "git"), absent(b"abc", "sha256"))


def test_content_that_is_needed_and_not_here_is_an_error() -> None:
    with pytest.raises(FileError, match="is not here"):
        same_content(absent(b"abc", "git"), absent(b"abc"))


def test_a_path_is_made_safe_in_errors() -> None:
    file = Bytes(b"", path="a\n\x1b[31m")
    with pytest.raises(FileError) as caught:
        file.read(1)
    assert str(caught.value).startswith(r"a\n\x1b[31m: ")
    assert caught.value.path == file.path
