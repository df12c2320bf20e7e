"""TensorFlow's variables: indexes that TensorFlow 2.21 wrote, and files that lie refused by name."""

from pathlib import Path

import numpy as np
import pytest
import weights_support
from hypothesis import given, settings
from support import Content, pair
from weights_support import Edits, damaged, edits

from semverlint.changes.weights import WeightsChanged
from semverlint.compare import compare
from semverlint.errors import FileError

SAMPLES = Path(__file__).parent / "samples" / "tensorflow"
WHOLE = (SAMPLES / "variables.index").read_bytes()
DATA = (SAMPLES / "variables.data-00000-of-00001").read_bytes()
SLICED = (SAMPLES / "sliced.index").read_bytes()
VALID = {"whole": WHOLE, "sliced": SLICED}
INDEX, SHARD = "variables/variables.index", "variables/variables.data-00000-of-00001"


def test_variables_are_told_without_what_only_a_training_needs() -> None:
    found = weights_support.read(WHOLE, INDEX)
    assert {name: (one.dtype, one.shape) for name, one in found.tensors.items()} == {
        "b": ("F32", (16,)),
        "h": ("BF16", (8, 8)),
        "n": ("I64", ()),
        "v": ("F32", (32, 16)),
        "w": ("F32", (40, 32)),
    }
    assert {one.beside for one in found.tensors.values()} == {SHARD.rpartition("/")[2]}
    assert found.left_out == ("a tensor of texts",)
    one = found.tensors["w"]
    expected = np.random.default_rng(7).standard_normal((40, 32)).astype("<f4")  # as it was made
    assert DATA[one.start : one.stop] == expected.tobytes()


def test_slices_of_a_variable_are_tensors_of_their_own() -> None:
    found = weights_support.read(SLICED, "model.ckpt-7.index").tensors
    assert {name: (one.shape, one.start) for name, one in found.items()} == {
        "emb/part_0": ((4, 4), 64),
        "emb/part_1": ((3, 4), 128),
        "emb/part_2": ((3, 4), 176),
        "dense/kernel": ((4, 4), 0),
    }


def moved(step: float) -> bytes:
    """The data with every value of `w` and `v` moved."""
    values = np.frombuffer(DATA[:7168], "<f4")
    noise = np.random.default_rng(3).standard_normal(values.shape)
    return (values + step * noise).astype("<f4").tobytes() + DATA[7168:]


@pytest.mark.parametrize(("step", "what"), [(0.02, "fine-tuned"), (5.0, "retrained")])
def test_values_are_compared(tmp_path: Path, step: float, what: str) -> None:
    old: dict[str, Content] = {INDEX: WHOLE, SHARD: DATA}
    both = pair(tmp_path, old, old | {SHARD: moved(step)})
    assert [(one.path, one.what) for one in compare(both) if isinstance(one, WeightsChanged)] == [(INDEX, what)]
    assert [one.reason for one in both.undecided] == [
        "beside the tensors that were compared it holds a tensor of texts"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (WHOLE[:40], "is too short for an index"),
        (WHOLE[:-1], "does not end as an index of TensorFlow does"),
        (WHOLE[:-48] + bytes([0, 0, *[0xFF] * 12]).ljust(40, b"\0") + WHOLE[-8:], "is damaged: a number"),
        (WHOLE[:-48] + bytes([0, 0, 0xFF, 0x7F, 8]).ljust(40, b"\0") + WHOLE[-8:], "has a block that lies outside it"),
        (b"\xff\xff\xff\xff\x7f" + WHOLE[5:], "has an entry that lies outside its block"),
    ],
    ids=range(5),
)
def test_a_file_that_lies_is_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(FileError, match=said):
        weights_support.read(content, INDEX)


def test_a_compressed_block_is_refused() -> None:
    end = next(
        at for at in range(len(WHOLE) - 48, 0, -1) if WHOLE[at - 5] == 0 and WHOLE[at - 9 : at - 5] == b"\1\0\0\0"
    )
    with pytest.raises(FileError, match="is compressed"):
        weights_support.read(WHOLE[: end - 5] + b"\1" + WHOLE[end - 4 :], INDEX)


@settings(max_examples=300)
@given(wrong=edits([WHOLE, SLICED]))
def test_a_damaged_file_is_read_within_its_bounds_or_refused(wrong: Edits) -> None:
    try:
        found = weights_support.read(damaged(WHOLE, wrong), INDEX)
    except FileError:
        return
    assert all(0 <= one.start <= one.stop for one in found.tensors.values())
