"""What passes by is held against the digest, however it is cut; and what is read again, against what passed by."""

import hashlib
from itertools import pairwise

import pytest
from git_support import blob_id
from hypothesis import given
from hypothesis import strategies as st

from semverlint.sources.hub.memory import ROOM, Memory
from semverlint.sources.hub.witness import CELL, Witness, is_content

CONTENT = bytes(range(256)) * (2 * CELL // 256) + b"a tail"
SHA256 = {"sha256": hashlib.sha256(CONTENT).hexdigest()}


def passed(content: bytes, cuts: list[int], digests: dict[str, str]) -> Witness:
    witness = Witness(len(CONTENT), digests)
    ends = [0, *sorted(cuts), len(content)]
    for start, stop in pairwise(ends):
        witness.add(start, content[start:stop])
    return witness


@given(st.lists(st.integers(0, len(CONTENT)), max_size=6), st.integers(0, len(CONTENT) - 1))
def test_any_cuts_agree_and_any_other_byte_does_not(cuts: list[int], place: int) -> None:
    spoilt = bytearray(CONTENT)
    spoilt[place] ^= 1
    right, wrong = passed(CONTENT, cuts, SHA256), passed(bytes(spoilt), cuts, SHA256)
    assert (right.agrees, wrong.agrees) == (True, False)
    start, stop = right.cells(place, place + 1)
    assert right.fits(start, CONTENT[start:stop])
    assert not right.fits(start, bytes(spoilt[start:stop]))


def test_bytes_behind_a_gap_are_no_help_and_overlaps_do_no_harm() -> None:
    witness = Witness(len(CONTENT), SHA256)
    witness.add(100, CONTENT[100:])
    assert (witness.at, witness.agrees) == (0, None)
    witness.add(0, CONTENT[:200])
    witness.add(100, CONTENT[100:])
    assert witness.agrees is True


@pytest.mark.parametrize("content", [b"", b"x", CONTENT])
def test_whole_contents_are_told_by_either_digest(content: bytes) -> None:
    for digests in ({"sha256": hashlib.sha256(content).hexdigest()}, {"git": blob_id(content)}):
        assert is_content(content, digests)
        assert not is_content(content + b"!", digests)


def test_memory_holds_what_came_last_and_tells_contradictions() -> None:
    memory = Memory()
    for number in range(6):
        memory.hold("a", number * ROOM // 4, bytes([number]) * (ROOM // 4))
    assert memory.find("a", 0, 1) is None
    assert memory.find("a", 5 * ROOM // 4, 5 * ROOM // 4 + 2) == b"\5\5"
    assert memory.find("b", 5 * ROOM // 4, 5 * ROOM // 4 + 2) is None
    assert memory.contradicts("a", 5 * ROOM // 4 - 1, b"\4\6")
    assert not memory.contradicts("a", 5 * ROOM // 4 - 1, b"\4\5")
    assert memory.forget("a", 5 * ROOM // 4, 5 * ROOM // 4 + 1) == 1
    assert memory.find("a", 5 * ROOM // 4, 5 * ROOM // 4 + 2) is None
