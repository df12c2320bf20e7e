"""Weights that are too large to download: what samples show of them, and what they leave open."""

from collections.abc import Callable

import numpy as np
import pytest
from far_support import Far, Values, far_pair, model

from semverlint.changes.base import Change
from semverlint.changes.weights import TensorCorrupted, TensorRemoved, TensorUpdated, WeightsChanged
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import tensors_of
from semverlint.compare.weights.kinds import large_matrices
from semverlint.compare.weights.sampling import Window, estimate, student, windows
from semverlint.compare.weights.statistics import Statistics, add_numbers

BUDGET = 200_000
KINDS = ("self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj")


def tensors(seed: int = 0, layers: int = 6, shape: tuple[int, int] = (64, 512)) -> dict[str, Values]:
    """A model whose kinds, layers and rows have norms of their own."""
    random = np.random.default_rng(seed)
    found = {"model.embed_tokens.weight": random.standard_normal((128, 512), np.float32) * np.float32(0.03)}
    for layer in range(layers):
        for number, kind in enumerate(KINDS):
            rows = np.exp(random.normal(0, 0.2, (shape[0], 1)))
            scale = 0.01 * (1 + number) * (1 + layer / layers)
            found[f"model.layers.{layer}.{kind}.weight"] = (random.standard_normal(shape) * rows * scale).astype("f4")
    return found


def stepped(before: dict[str, Values], seed: int, size: Callable[[str], float]) -> dict[str, Values]:
    """Every tensor a random step of a relative size away."""
    random = np.random.default_rng(seed)
    return {
        name: (values + random.standard_normal(values.shape) * size(name) * np.sqrt((values**2).mean())).astype("f4")
        for name, values in before.items()
    }


def compared(
    before: dict[str, Values], after: dict[str, Values], budget: int = BUDGET
) -> tuple[WeightsChanged, list[Change], Pair]:
    """What happened to the checkpoint, every change, and the pair with what is undecided."""
    pair, _ = far_pair({"model.safetensors": model(before)}, {"model.safetensors": model(after)}, budget)
    changes = list(compare(pair))
    return next(one for one in changes if isinstance(one, WeightsChanged)), changes, pair


def exactly(before: dict[str, Values], after: dict[str, Values]) -> WeightsChanged:
    return compared(before, after, 1 << 40)[0]


@pytest.mark.parametrize(
    ("what", "size"),
    [
        ("fine-tuned", lambda _: 0.01),
        ("fine-tuned", lambda name: 0.05 if "down" in name else 0.004),
        ("continued", lambda _: 0.3),
        ("partial", lambda name: 0.02 if "layers.5" in name or "layers.4" in name else 0.0),
        ("retrained", lambda _: 30.0),
    ],
)
def test_samples_find_the_kind_that_all_values_show(what: str, size: Callable[[str], float]) -> None:
    before = tensors()
    after = stepped(before, 1, size)
    whole, changes, pair = compared(before, after)
    truth = exactly(before, after)
    assert (whole.what, truth.what) == (what, what)
    assert (whole.known_from, truth.known_from) == ("sampled", "exact")
    assert whole.relative_low is not None
    assert whole.relative_high is not None
    assert truth.relative_change is not None
    assert whole.relative_low <= truth.relative_change <= whole.relative_high
    assert whole.confidence <= 0.95
    assert whole.samples
    assert whole.whole
    assert {one.evidence for one in changes if isinstance(one, TensorUpdated)} == {"sampled"}
    assert pair.undecided == []


def test_the_budget_holds_and_both_sides_are_read_alike() -> None:
    before = tensors()
    pair, store = far_pair(
        {"model.safetensors": model(before)}, {"model.safetensors": model(stepped(before, 1, lambda _: 0.01))}, BUDGET
    )
    whole = next(one for one in compare(pair) if isinstance(one, WeightsChanged))
    values = [one for one in store.fetched if one[1] > 0]
    sides = [
        [(start, stop) for file, start, stop in values if file is side.files["model.safetensors"]]
        for side in (pair.old, pair.new)
    ]
    assert sides[0] == sides[1]
    assert sum(stop - start for _, start, stop in values) <= BUDGET
    assert whole.share_read == pytest.approx(sum(stop - start for start, stop in sides[0]) / 2 / whole.parameters)
    held = pair.old.files["model.safetensors"]
    assert isinstance(held, Far)
    assert held.length < BUDGET


def test_the_same_contents_are_sampled_alike() -> None:
    before = tensors()
    after = stepped(before, 1, lambda _: 0.01)
    assert compared(before, after)[0] == compared(before, after)[0]


def test_intervals_hold_the_true_value_in_at_least_ninety_of_a_hundred_samples() -> None:
    before = tensors(layers=4)
    after = stepped(before, 1, lambda name: 0.005 * (1 + int(name.split(".")[2])) if "layers" in name else 0.01)
    pair, _ = far_pair({"model.safetensors": model(before)}, {"model.safetensors": model(after)})
    whole = exactly(before, after)
    old, new = (tensors_of(side, ["model.safetensors"]) for side in (pair.old, pair.new))
    numbers = {
        name: (old[name].floats(0, old[name].tensor.count), new[name].floats(0, new[name].tensor.count)) for name in old
    }
    inside = [0, 0]
    for seed in range(100):
        drawn = windows(large_matrices(old), old, new, BUDGET, b"%d" % seed)
        found = estimate(drawn, [figures(numbers[one.name], one) for one in drawn])
        assert whole.relative_change is not None
        assert whole.cosine is not None
        inside[0] += found.relative_interval[0] <= whole.relative_change <= found.relative_interval[1]
        inside[1] += found.cosine_interval[0] <= whole.cosine <= found.cosine_interval[1]
    assert min(inside) >= 90


def figures(sides: tuple[Values, Values], window: Window) -> Statistics:
    found = Statistics()
    add_numbers(found, *(side[window.first : window.last] for side in sides))
    return found


def test_quantiles_are_those_of_student() -> None:
    assert [round(student(freedom), 3) for freedom in (10, 23, 60, 127)] == [2.228, 2.069, 2.0, 1.979]


def test_a_cast_is_seen_in_samples() -> None:
    before = tensors()
    pair, _ = far_pair({"model.safetensors": model(before, "F32")}, {"model.safetensors": model(before)}, BUDGET)
    whole = next(one for one in compare(pair) if isinstance(one, WeightsChanged))
    assert (whole.what, whole.known_from, pair.undecided) == ("cast-lossy", "sampled", [])


def test_nothing_seen_is_not_nothing_changed() -> None:
    before = tensors()
    after = {name: values.copy() for name, values in before.items()}
    after["model.layers.3.mlp.up_proj.weight"][40, 300] += 1
    whole, _, pair = compared(before, after)
    assert (whole.what, whole.known_from) == ("unknown", "metadata")
    (doubt,) = pair.undecided
    assert "no number differs in" in doubt.reason
    assert "of the weights they can (95% sure)" in doubt.reason
    assert "--exact" in doubt.would_settle


def test_damage_in_a_window_is_damage() -> None:
    before = tensors()
    after = stepped(before, 1, lambda _: 0.01)
    after["model.layers.2.mlp.up_proj.weight"][:, ::7] = np.nan
    whole, changes, _ = compared(before, after)
    assert whole.what == "corrupted"
    assert [one.name for one in changes if isinstance(one, TensorCorrupted)] == ["model.layers.2.mlp.up_proj.weight"]


def test_a_tensor_of_zeros_is_damage_and_a_few_rows_of_zeros_are_not() -> None:
    before = tensors(layers=2, shape=(256, 512))
    after = stepped(before, 1, lambda _: 0.01)
    name = "model.layers.1.mlp.up_proj.weight"
    after[name][:] = 0
    assert compared(before, after)[0].what == "corrupted"
    after = stepped(before, 1, lambda _: 0.01)
    after[name][::2] = 0
    assert compared(before, after)[0].what != "corrupted"


def test_rows_of_embeddings_that_turned_are_a_doubt() -> None:
    before = tensors()
    after = stepped(before, 1, lambda _: 0.01)
    after["model.embed_tokens.weight"] = np.ascontiguousarray(after["model.embed_tokens.weight"][::-1])
    whole, _, pair = compared(before, after)
    assert whole.what != "retrained"
    assert ["tokens may have moved" in doubt.reason for doubt in pair.undecided] == [True]


def test_a_budget_too_small_for_samples_leaves_the_doubt() -> None:
    before = tensors()
    whole, _, pair = compared(before, stepped(before, 1, lambda _: 0.01), budget=10_000)
    assert whole.what == "unknown"
    assert ["would have to be downloaded" in doubt.reason for doubt in pair.undecided] == [True]


def test_a_cosine_on_the_border_is_a_doubt() -> None:
    before = tensors()
    whole, _, pair = compared(before, stepped(before, 1, lambda name: 3.4 if "down" in name else 1.0), budget=60_000)
    assert whole.what in {"continued", "retrained"}
    assert whole.cosine_low is not None
    assert whole.cosine_high is not None
    if whole.cosine_low < 0.5 < whole.cosine_high:
        assert whole.what == "continued"
        assert ["trained anew" in doubt.reason for doubt in pair.undecided] == [True]


def test_rows_of_embeddings_that_are_gone_need_no_reading() -> None:
    before = tensors()
    after = stepped(before, 1, lambda _: 0.01)
    after["model.embed_tokens.weight"] = after["model.embed_tokens.weight"][:100]
    whole, _, pair = compared(before, after, budget=0)
    assert (whole.what, whole.known_from, pair.undecided) == ("vocab-moved", "metadata", [])
    assert "128 → 100" in whole.detail


def appended(after: dict[str, Values], rows: int = 40) -> dict[str, Values]:
    """The same with further rows behind the embeddings."""
    more = np.random.default_rng(7).standard_normal((rows, 512), np.float32) * np.float32(0.03)
    kept = after["model.embed_tokens.weight"]
    return {**after, "model.embed_tokens.weight": np.concatenate([kept, more]).astype("f4")}


def test_rows_that_were_appended_are_told_where_no_old_one_is_seen_to_move() -> None:
    before = tensors()
    whole, _, pair = compared(before, appended(before))
    assert (whole.what, whole.known_from) == ("vocab-appended", "sampled")
    assert whole.confidence <= 0.95
    assert "128 → 168" in whole.detail
    assert "windows" in whole.samples
    assert whole.unseen.endswith("%")
    assert whole.whole.endswith("MB")
    (doubt,) = pair.undecided
    assert "no number differs in" in doubt.reason


def test_rows_that_were_appended_to_a_model_that_moved_leave_its_own_kind() -> None:
    before = tensors()
    after = stepped(before, 1, lambda _: 0.01)
    whole, _, pair = compared(before, appended(after))
    assert (whole.what, whole.known_from, pair.undecided) == ("fine-tuned", "sampled", [])
    assert exactly(before, appended(after)).what == "fine-tuned"


def test_old_rows_that_turned_beside_appended_ones_are_a_doubt() -> None:
    before = tensors()
    after = appended(before)
    after["model.embed_tokens.weight"] = np.ascontiguousarray(after["model.embed_tokens.weight"][::-1])
    whole, _, pair = compared(before, after)
    assert whole.what != "vocab-appended"
    assert any("tokens may have moved" in doubt.reason for doubt in pair.undecided)


def under_other_names(values: dict[str, Values]) -> dict[str, Values]:
    other = {name: name.replace("model.", "transformer.").replace("self_attn", "attention") for name in values}
    return {other[name]: each for name, each in values.items()}


@pytest.mark.parametrize("size", [0.0, 0.01])
def test_other_names_beyond_the_budget_are_other_names(size: float) -> None:
    before = tensors()
    after = under_other_names(stepped(before, 1, lambda _: size))
    whole, changes, _ = compared(before, after)
    assert (whole.what, exactly(before, after).what) == ("renamed", "renamed")
    assert ": model → transformer, model.layers.#.self_attn → " in whole.detail
    assert not [one for one in changes if isinstance(one, TensorRemoved)]
    pair, store = far_pair({"model.safetensors": model(before)}, {"model.safetensors": model(after)}, BUDGET)
    list(compare(pair))
    assert sum(stop - start for _, start, stop in store.fetched if start) <= BUDGET


def test_names_that_fit_by_chance_over_unrelated_values_are_other_tensors() -> None:
    whole, changes, _ = compared(tensors(), under_other_names(tensors(seed=9)))
    assert whole.what == "reshaped"
    assert [one for one in changes if isinstance(one, TensorRemoved)]


def test_an_index_that_claims_too_much_costs_no_more_than_headers_do() -> None:
    index = b'{"weight_map": {%s}}' % b",".join(
        b'"%s": "model-00001-of-00002.safetensors"' % (b"x" * 900 + b"%d" % n) for n in range(4000)
    )
    before, after = model(tensors()), model(stepped(tensors(), 1, lambda _: 0.01))
    files = {"model.safetensors.index.json": index, "model-00002-of-00002.safetensors": before}
    pair, store = far_pair(
        {**files, "model-00001-of-00002.safetensors": before}, {**files, "model-00001-of-00002.safetensors": after}, 0
    )
    list(compare(pair))
    assert max(stop - start for file, start, stop in store.fetched if file.path.endswith("safetensors")) <= 1 << 21
