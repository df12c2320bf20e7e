"""Proof by the terms of a store of chunks: never false, and whole where the store says enough."""

import random
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hf_xet import XetSession  # type: ignore[import-untyped]  # a compiled module
from hypothesis import given
from hypothesis import strategies as st
from weights_support import Edits, Held

from semverlint.compare.weights.proof import Proof
from semverlint.files import Term

SMALLEST, LARGEST, MASK = 8, 128, 0x1F


class Store:
    """A store of chunks of a few bytes: cut by content, many to a block, deduplicated as far as a client cares to."""

    def __init__(self, seed: int, care: float, in_a_block: int = 12) -> None:
        self._random = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._care = care
        self._in_a_block = in_a_block
        self._known: dict[bytes, tuple[int, int]] = {}
        self._blocks: list[list[bytes]] = [[]]

    def put(self, content: bytes) -> list[Term]:
        """Store a file; the terms it is put together from."""
        places = []
        for chunk in chunks(content):
            place = self._known.get(chunk)
            if place is None or self._random.random() > self._care:
                if len(self._blocks[-1]) >= self._in_a_block or self._random.random() < 0.05:
                    self._blocks.append([])
                self._blocks[-1].append(chunk)
                place = len(self._blocks) - 1, len(self._blocks[-1]) - 1
                self._known[chunk] = place
            places.append((*place, len(chunk)))
        return list(self._joined(places))

    def _joined(self, places: Sequence[tuple[int, int, int]]) -> Iterator[Term]:
        at = 0
        while at < len(places):
            block, first, length = places[at]
            last = first + 1
            at += 1
            while at < len(places) and places[at][:2] == (block, last) and self._random.random() < 0.97:
                length += places[at][2]
                last, at = last + 1, at + 1
            yield Term(f"block {block}", first, last, length)


def chunks(content: bytes) -> Iterator[bytes]:
    """Cut where a rolling sum of the last few bytes says so, as content-defined chunking does."""
    start = 0
    for at in range(len(content)):
        length = at + 1 - start
        if length == LARGEST or (length >= SMALLEST and zlib.crc32(content[at - 3 : at + 1]) & MASK == 0):
            yield content[start : at + 1]
            start = at + 1
    if start < len(content):
        yield content[start:]


def proved(proof: Proof, old: Held, new: Held, start: int = 0, other: int = 0, length: int | None = None) -> int:
    """How many bytes of two ranges are proved equal; each of them is checked."""
    length = min(old.size - start, new.size - other) if length is None else length
    found, behind = 0, 0
    for first, last in proof.equal((old, start), (new, other), length):
        assert behind <= first < last <= length
        assert old.content[start + first : start + last] == new.content[other + first : other + last]
        found, behind = found + last - first, last
    return found


def both(store: Store, before: bytes, after: bytes) -> tuple[Proof, Held, Held]:
    old, new = Held(before, "old"), Held(after, "new")
    return Proof({old: store.put(before), new: store.put(after)}), old, new


EDITS = st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 60), st.binary(max_size=60)), max_size=5)
CARE = st.sampled_from([1.0, 0.9, 0.5])


@given(st.integers(0, 1 << 30), CARE, EDITS, st.lists(st.tuples(*[st.integers(0, 6000)] * 3), max_size=20))
def test_what_is_proved_is_so(seed: int, care: float, edits: Edits, asked: list[tuple[int, ...]]) -> None:
    source = random.Random(seed)  # noqa: S311 - chance, not secrets
    repeated = source.randbytes(300)
    before = source.randbytes(3000) + repeated + bytes(400) + repeated + source.randbytes(1000)
    after = before
    for place, gone, came in edits:
        after = after[:place] + came + after[place + gone :]
    proof, old, new = both(Store(seed, care), before, after)
    assert proved(proof, old, new) <= min(old.size, new.size)
    assert proved(proof, old, old) == old.size
    for place, other, length in asked:
        start, beside = place % old.size, other % new.size
        proved(proof, old, new, start, beside, min(length, old.size - start, new.size - beside))


@given(st.integers(0, 1 << 30), st.integers(0, 9999), st.integers(0, 1))
def test_all_but_the_neighbourhood_of_an_edit_is_proved(seed: int, place: int, insert: int) -> None:
    before = random.Random(seed).randbytes(10_000)  # noqa: S311 - chance, not secrets
    after = before[:place] + bytes([before[place] ^ 1]) + before[place + 1 - insert :]
    proof, old, new = both(Store(seed, 1.0), before, after)
    around = 3 * LARGEST
    front, back = max(0, place - around), min(old.size, place + around)
    ahead = proved(proof, old, new, 0, 0, front)
    behind = proved(proof, old, new, back, back + insert, old.size - back)
    assert (ahead, behind) == (front, old.size - back)


def test_split_points_follow_from_the_terms_of_both_sides() -> None:
    content = random.Random(0).randbytes(1000)  # noqa: S311 - chance, not secrets
    old, new = Held(content, "old"), Held(content[:700] + b"x" + content[701:], "new")
    before = [Term("a", 0, 309, 1000)]
    after = [Term("a", 0, 80, 700), Term("b", 0, 1, 1), Term("a", 81, 309, 299)]
    assert list(Proof({old: before, new: after[:2]}).equal((old, 0), (new, 0), 1000)) == []
    assert list(Proof({old: before, new: after}).equal((old, 0), (new, 0), 1000)) == [(0, 700), (701, 1000)]


def test_runs_that_share_no_end_prove_nothing() -> None:
    old, new = Held(bytes(80), "old"), Held(bytes(80), "new")
    proof = Proof({old: [Term("a", 0, 8, 80)], new: [Term("a", 4, 12, 80)]})
    assert proved(proof, old, new) == 0
    third = Held(bytes(40), "third")
    placed = Proof({old: [Term("a", 0, 8, 80)], new: [Term("a", 4, 12, 80)], third: [Term("a", 4, 8, 40)]})
    assert proved(placed, old, new, 40, 0, 40) == 40


def test_terms_that_contradict_each_other_or_the_size_are_not_believed() -> None:
    old, new = Held(bytes(80), "old"), Held(bytes(80), "new")
    whole = [Term("a", 0, 8, 80)]
    assert proved(Proof({old: whole, new: whole}), old, new) == 80
    other_length = [Term("a", 0, 8, 79), Term("b", 0, 1, 1)]
    assert proved(Proof({old: whole, new: other_length}), old, new) == 0
    backwards = [Term("a", 0, 5, 60), Term("a", 0, 6, 20)]
    assert proved(Proof({old: backwards, new: backwards}), old, new) == 0
    assert proved(Proof({old: whole, new: [Term("a", 0, 7, 70)]}), old, new) == 0
    assert proved(Proof({old: whole}), old, new) == 0
    assert proved(Proof({old: [], new: []}), old, new) == 0


def genuine_terms(shards: Path) -> dict[int, list[Term]]:
    """The terms of the files in a store that the Hub's own client wrote, by the files' sizes.

    A shard begins with 48 bytes, then has a header of 48 bytes a file, and one entry of 48 bytes a term; flags say
    what else of that length follows (xet-core, `mdb_shard`).
    """
    found: dict[int, list[Term]] = {}
    for shard in shards.glob("*.mdb"):
        content, at = shard.read_bytes(), 48
        while content[at : at + 32] != b"\xff" * 32:
            flags, count = struct.unpack_from("<II", content, at + 32)
            entries = [struct.unpack_from("<32sIIII", content, at + 48 * (one + 1)) for one in range(count)]
            terms = [Term(block.hex(), first, last, length) for block, _, length, first, last in entries]
            found[sum(term.length for term in terms)] = terms
            at += 48 * (1 + count + count * (flags >> 31 & 1) + (flags >> 30 & 1))
    return found


def test_genuine_terms_prove_all_but_the_chunks_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    before = random.Random(1).randbytes(8_000_000)  # noqa: S311 - chance, not secrets
    after = before[:3_000_000] + b"one more" + before[3_000_000:6_000_000] + before[6_000_500:]
    (tmp_path / "store").mkdir()
    session = XetSession()
    for content in (before, after):
        with session.new_upload_commit(endpoint=f"local://{tmp_path}/store") as commit:
            commit.start_upload_bytes(content)
    terms = genuine_terms(tmp_path / "store" / "xet" / "xorbs" / "shards")
    old, new = Held(before, "old"), Held(after, "new")
    proof = Proof({old: terms[old.size], new: terms[new.size]})
    largest = 2 * 131_072  # an edit touches a chunk, and may move where the next one begins
    assert proved(proof, old, new, 0, 0, 3_000_000) >= 3_000_000 - largest
    assert proved(proof, old, new, 3_000_000, 3_000_008, 3_000_000) == 0  # between two edits no end is shared
    assert proved(proof, old, new, 6_000_500, 6_000_008, 1_999_500) >= 1_999_500 - largest
