"""Weights whose store of chunks proves most of them to be the same: the rest is named, and no values are read."""

import numpy as np
import pytest
from far_support import Far, FarStore, Values, far_pair, model

from semverlint.changes.weights import TensorUpdated, WeightsChanged
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.files import Term

LAYERS, SHAPE = 24, (256, 512)
CHUNK = 1 << 16
EDITED = "layers.12.weight"


def tensors() -> dict[str, Values]:
    random = np.random.default_rng(0)
    return {f"layers.{layer:02}.weight": random.standard_normal(SHAPE, np.float32) for layer in range(LAYERS)}


def chunked(store: FarStore, pair: Pair, within: int = 8) -> None:
    """Let the store know the chunks of both files: of one length, so many to a block, equal ones stored once."""
    known: dict[bytes, tuple[str, int, int]] = {}
    for side in (pair.old, pair.new):
        file = side.files["model.safetensors"]
        assert isinstance(file, Far)
        terms: list[Term] = []
        new = 0
        for start in range(0, file.size, CHUNK):
            piece = file.content[start : start + CHUNK]
            if piece not in known:
                known[piece] = f"{side.revision} {new // within}", new % within, len(piece)
                new += 1
            block, at, length = known[piece]
            last = terms[-1] if terms else None
            if last and last.block == block and last.last == at:
                terms[-1] = Term(block, last.first, at + 1, last.length + length)
            else:
                terms.append(Term(block, at, at + 1, length))
        store.known[file] = terms


def edited(*names: str, rows: int = SHAPE[0]) -> dict[str, Values]:
    after = tensors()
    for name in names:
        after[name][:rows] = np.random.default_rng(1).standard_normal((rows, SHAPE[1]))
    return after


def made(after: dict[str, Values], max_download: int = 100_000) -> tuple[Pair, FarStore]:
    pair, store = far_pair({"model.safetensors": model(tensors())}, {"model.safetensors": model(after)}, max_download)
    chunked(store, pair)
    return pair, store


def whole_of(pair: Pair) -> WeightsChanged:
    return next(one for one in compare(pair) if isinstance(one, WeightsChanged))


def read_of(pair: Pair) -> int:
    """Bytes that were read of the files in which values stand, headers included."""
    files = [side.files["model.safetensors"] for side in (pair.old, pair.new)]
    return sum(file.length for file in files if isinstance(file, Far))


def test_the_one_tensor_that_can_differ_is_named_and_no_values_are_read() -> None:
    pair, _ = made(edited(EDITED))
    whole = whole_of(pair)
    assert (whole.what, whole.known_from, whole.moved, whole.relative_change) == ("partial", "metadata", 1, None)
    assert whole.detail.startswith(EDITED)
    assert whole.known_same >= LAYERS - 3
    (doubt,) = pair.undecided
    assert doubt.reason.startswith(f"only {EDITED}")
    assert "--exact" in doubt.would_settle
    assert read_of(pair) < 10_000


def test_what_is_proved_need_not_be_read_to_decide_exactly() -> None:
    pair, _ = made(edited(EDITED), 2_000_000)
    whole = whole_of(pair)
    assert (whole.what, whole.known_from, pair.undecided) == ("partial", "exact", [])
    assert whole.known_same >= LAYERS - 3
    assert read_of(pair) < 3_000_000 < pair.new.files["model.safetensors"].size


@pytest.mark.parametrize("share", [1, 2])
def test_where_many_may_differ_samples_are_drawn_from_these_alone(share: int) -> None:
    names = [f"layers.{layer:02}.weight" for layer in range(0, LAYERS, 2 * share)]
    pair, store = made(edited(*names))
    changes = list(compare(pair))
    whole = next(one for one in changes if isinstance(one, WeightsChanged))
    assert (whole.what, whole.known_from) == ("retrained", "sampled")
    looked_at = {one.name for one in changes if isinstance(one, TensorUpdated)}
    assert looked_at <= set(names)
    assert len(store.fetched) > 20


def test_a_store_that_says_nothing_changes_the_cost_and_not_the_truth() -> None:
    asked, _ = made(edited(EDITED), 1 << 40)
    silent, store = made(edited(EDITED), 1 << 40)
    store.known.clear()
    with_proof, without = whole_of(asked), whole_of(silent)
    assert read_of(asked) < read_of(silent) / 4
    assert (with_proof.what, with_proof.relative_change, with_proof.cosine) == (
        without.what,
        without.relative_change,
        without.cosine,
    )


def test_unequal_terms_are_never_called_a_change() -> None:
    pair, store = far_pair(
        {"model.safetensors": model(tensors())}, {"model.safetensors": model(tensors()) + b""}, 100_000
    )
    old, new = (side.files["model.safetensors"] for side in (pair.old, pair.new))
    new.digests["sha256"] = "0" * 64  # another file, as far as digests tell
    store.known[old], store.known[new] = [Term("a", 0, 99, old.size)], [Term("b", 0, 99, new.size)]
    whole = whole_of(pair)
    assert (whole.what, whole.moved, whole.known_same) == ("unknown", 0, 0)
    assert ["no number differs" in doubt.reason for doubt in pair.undecided] == [True]


def test_rows_appended_to_what_is_proved_the_same_are_told_without_reading() -> None:
    before, after = tensors(), tensors()
    random = np.random.default_rng(3)
    before["embed_tokens.weight"] = random.standard_normal((512, 512), np.float32)
    after["embed_tokens.weight"] = np.concatenate([before["embed_tokens.weight"], random.standard_normal((64, 512))])
    pair, store = far_pair({"model.safetensors": model(before)}, {"model.safetensors": model(after)}, 100_000)
    chunked(store, pair)
    whole = whole_of(pair)
    assert (whole.what, whole.known_from) == ("vocab-appended", "metadata")
    assert "512 → 576" in whole.detail
    assert all("embed_tokens" in doubt.reason for doubt in pair.undecided)
    assert read_of(pair) < 100_000  # the new rows: they may be there for the hardware only
