"""Every measure by hand to the last digit, against the usual libraries, and what must hold for any two runs."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from behaviour_support import cells, table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests

from semverlint.behaviour.aggregates import Bound
from semverlint.behaviour.intervals import at_least, at_most, beta_below, lower_bound, of_mean, proportion, upper_bound
from semverlint.behaviour.matching import Paired
from semverlint.behaviour.measures import Evidence, measured
from semverlint.behaviour.samples import Piece, Rows, Unit, condense
from semverlint.behaviour.significance import benjamini_hochberg, equivalence, holm, mcnemar, paired_difference_z

PIECE = Piece("plain_jsonl", Path("none"), "none")
counts = st.tuples(*[st.integers(0, 60)] * 4).filter(any)


def evidence(old: list[float], new: list[float], answers: tuple[list[str], list[str]] | None = None) -> Evidence:
    sides = [
        condense(Rows(Unit("task", "score"), range(len(old)), scores, answers[side] if answers else ()), PIECE)
        for side, scores in enumerate((old, new))
    ]
    return Evidence(Paired(Unit("task", "score"), sides[0], sides[1], None))


def of_counts(right: int, negative: int, positive: int, wrong: int) -> Evidence:
    old = [1.0] * (right + negative) + [0.0] * (positive + wrong)
    new = [1.0] * right + [0.0] * negative + [1.0] * positive + [0.0] * wrong
    return evidence(old, new)


def test_a_table_by_hand(tmp_path: Path) -> None:
    task = table(tmp_path, *cells(right=50, negative=8, positive=12, wrong=30, otherwise=6))
    values = {name: measure.value for name, measure in task.measures.items()}
    assert values == {
        "accuracy_old": 58 / 100,
        "accuracy_new": 62 / 100,
        "accuracy_change": 4 / 100,
        "negative_flip_rate": 8 / 100,
        "positive_flip_rate": 12 / 100,
        "negative_flip_rate_mc": 14 / 100,
        "inconsistent_wrong_answers": 6 / 30,
        "backward_trust_compatibility": 50 / 58,
        "backward_error_compatibility": 30 / 38,
        "negative_flip_impact": 8 / 38,
        "relative_negative_flip_rate": 8 * 100 / (58 * 38),
        "agreement": 74 / 100,
        # p_o = 0.80, p_e = 0.58 * 0.62 + 0.42 * 0.38
        "kappa_correctness": pytest.approx((0.80 - 0.5192) / (1 - 0.5192), abs=1e-15),
        # of the answers A, 58 and 62; of B, 42 and 32; of C, none and 6
        "kappa_answers": pytest.approx((0.74 - (58 * 62 + 42 * 32) / 1e4) / (1 - (58 * 62 + 42 * 32) / 1e4), abs=1e-15),
    }
    assert (task.negative, task.positive) == (8, 12)
    assert task.p_value == 2 * sum(math.comb(20, k) for k in range(9)) / 2**20


def test_scores_that_are_more_than_right_or_wrong(tmp_path: Path) -> None:
    old = [{"id": at, "score": score, "output": "a"} for at, score in enumerate([0.5, 0.25, 0.75, 0.5])]
    new = [{"id": at, "score": score, "output": "b"} for at, score in enumerate([0.25, 0.5, 0.25, 0.5])]
    values = {name: measure.value for name, measure in table(tmp_path, old, new).measures.items()}
    assert values["smooth_negative_flip_rate"] == 2 / 4
    assert values["smooth_positive_flip_rate"] == 1 / 4
    assert values["smooth_regression_magnitude"] == (0.25 + 0.5) / 2
    assert values["smooth_gain_magnitude"] == 0.25
    assert values["smooth_change"] == (-0.25 + 0.25 - 0.5 + 0) / 4
    assert values["unobserved_inconsistency"] == 1 / 4
    assert "negative_flip_rate" not in values


def test_likelihoods_and_calibration_by_hand(tmp_path: Path) -> None:
    old = [{"id": 1, "label": 0, "probs": [0.75, 0.25]}, {"id": 2, "label": 1, "probs": [0.5, 0.5]}]
    new = [{"id": 1, "label": 0, "probs": [0.25, 0.75]}, {"id": 2, "label": 1, "probs": [0.25, 0.75]}]
    task = table(tmp_path, old, new)
    values = {name: measure.value for name, measure in task.measures.items()}
    assert (task.negative, task.positive) == (1, 1)
    assert values["likelihood_regression_magnitude"] == 0.5
    assert values["likelihood_gain_magnitude"] == 0.25
    # before: right at 0.75, wrong at 0.5; after: one right and one wrong at 0.75
    assert values["calibration_error_old"] == pytest.approx((0.25 + 0.5) / 2)
    assert values["calibration_error_new"] == pytest.approx(0.25)
    assert values["calibration_shift"] == pytest.approx(-0.125)


def test_logits_become_probabilities(tmp_path: Path) -> None:
    old = [{"id": 1, "label": "cat", "logits": [math.log(3), 0.0], "choices": ["cat", "dog"]}]
    new = [{"id": 1, "label": "cat", "logits": [0.0, math.log(3)], "choices": ["cat", "dog"]}]
    task = table(tmp_path, old, new)
    assert task.measures["likelihood_regression_magnitude"].value == pytest.approx(0.5)
    assert [(one.old, one.new, one.reference) for one in task.examples] == [("cat", "dog", "cat")]


@given(counts)
def test_flips_decompose_the_change_of_accuracy(table: tuple[int, int, int, int]) -> None:
    right, negative, positive, wrong = table
    n = sum(table)
    found = {name: measure.value for name, measure in measured(of_counts(*table)).items()}
    old, new, nfr = found["accuracy_old"], found["accuracy_new"], found["negative_flip_rate"]
    assert old is not None
    assert new is not None
    assert nfr is not None
    assert found["accuracy_change"] == (positive - negative) / n
    if right + negative:
        assert found["backward_trust_compatibility"] == pytest.approx(1 - nfr / old)
    if wrong + negative:
        assert found["backward_error_compatibility"] == pytest.approx(1 - nfr / (1 - new))
    bound = Bound(Unit("task", "acc"), old, new)
    assert bound.low - 1e-12 <= nfr <= bound.high + 1e-12


@given(counts)
def test_symmetric_measures_are_symmetric(table: tuple[int, int, int, int]) -> None:
    right, negative, positive, wrong = table
    one, other = measured(of_counts(*table)), measured(of_counts(right, positive, negative, wrong))
    assert mcnemar(negative, positive) == mcnemar(positive, negative)
    assert one["negative_flip_rate"] == other["positive_flip_rate"]
    if "kappa_correctness" in one:
        assert one["kappa_correctness"].value == pytest.approx(other["kappa_correctness"].value)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1, max_size=80))
def test_inconsistency_lies_between_flips_and_errors(pairs: list[tuple[str, str]]) -> None:
    answers = [old for old, _ in pairs], [new for _, new in pairs]
    scores = [[float(answer == "A") for answer in side] for side in answers]
    found = measured(evidence(scores[0], scores[1], answers))
    nfr, mc, accuracy = (found[name].value for name in ("negative_flip_rate", "negative_flip_rate_mc", "accuracy_new"))
    assert nfr is not None
    assert mc is not None
    assert accuracy is not None
    assert nfr <= mc <= 1 - accuracy + 1e-12


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=2, max_size=80))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    answers = [old for old, _ in pairs], [new for _, new in pairs]
    scores = [[float(answer == "A") for answer in side] for side in answers]
    found = measured(evidence(scores[0], scores[1], answers))
    if "kappa_answers" in found:
        assert found["kappa_answers"].value == pytest.approx(cohen_kappa_score(*answers))
    if "kappa_correctness" in found:
        assert found["kappa_correctness"].value == pytest.approx(cohen_kappa_score(*scores))


def test_the_interval_of_kappa_is_close_to_the_asymptotic_one() -> None:
    right, negative, positive, wrong = 900, 100, 150, 850
    theirs = cohens_kappa([[wrong, positive], [negative, right]])
    ours = measured(of_counts(right, negative, positive, wrong))["kappa_correctness"]
    assert ours.value == pytest.approx(theirs.kappa)
    assert (ours.low, ours.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=0.003)


@given(st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=60)
def test_mcnemar_is_that_of_statsmodels(negative: int, positive: int) -> None:
    theirs = their_mcnemar([[0, negative], [positive, 0]], exact=True).pvalue if negative + positive else 1.0
    assert mcnemar(negative, positive) == pytest.approx(theirs, rel=1e-9, abs=1e-300)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=60)
def test_intervals_are_those_of_scipy(case: tuple[int, int]) -> None:
    count, n = case
    theirs = binomtest(count, n).proportion_ci(0.95, method="exact")
    assert proportion(count, n) == pytest.approx((theirs.low, theirs.high), abs=1e-10)
    low = binomtest(count, n, alternative="greater").proportion_ci(0.95, method="exact").low
    high = binomtest(count, n, alternative="less").proportion_ci(0.95, method="exact").high
    assert (lower_bound(count, n, 0.05), upper_bound(count, n, 0.05)) == pytest.approx((low, high), abs=1e-10)
    assert at_least(count, n, 0.1) == pytest.approx(binomtest(count, n, 0.1, "greater").pvalue, abs=1e-10)
    assert at_most(count, n, 0.1) == pytest.approx(binomtest(count, n, 0.1, "less").pvalue, abs=1e-10)


@given(st.floats(0, 1), st.floats(0.5, 1e6), st.floats(0.5, 1e6))
def test_the_beta_function_stays_within_its_bounds(x: float, a: float, b: float) -> None:
    assert -1e-12 <= beta_below(x, a, b) <= 1 + 1e-12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_are_those_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])


def test_means_have_the_interval_of_their_standard_error() -> None:
    values = np.random.default_rng(3).normal(2, 1, 4_000)
    reach = 1.96 / math.sqrt(4_000)
    assert of_mean(values) == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.01)
    many = np.tile(values, 20)
    assert of_mean(many) == pytest.approx(
        (many.mean() - 1.96 / math.sqrt(80_000), many.mean() + 1.96 / math.sqrt(80_000)), abs=1e-3
    )


def test_the_score_statistic_of_tango() -> None:
    # Without a difference it is McNemar's: (c - b) / sqrt(b + c)
    assert paired_difference_z(8, 12, 100, 0.0) == pytest.approx(4 / math.sqrt(20))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(60, 500), st.integers(-200, 200))
@settings(max_examples=40)
def test_its_variance_is_that_of_the_most_likely_table(negative: int, positive: int, n: int, thousandths: int) -> None:
    """The share of negative flips that maximises the likelihood if the difference is as given, by search."""
    apart = thousandths / 1000

    def unlikely(share: float) -> float:
        cells = ((negative, share), (positive, share + apart), (n - negative - positive, 1 - 2 * share - apart))
        return -sum(count * math.log(max(p, 1e-300)) for count, p in cells)

    low, high = max(0.0, -apart), (1 - apart) / 2
    share = minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-10}).x
    theirs = (positive - negative - n * apart) / math.sqrt(n * (2 * share + apart * (1 - apart)) or 1e-300)
    assert paired_difference_z(negative, positive, n, apart) == pytest.approx(theirs, rel=0.01, abs=0.01)


def test_equivalence_needs_enough_samples() -> None:
    assert equivalence(0, 0, 200, 0.01) > 0.05
    assert equivalence(0, 0, 400, 0.01) < 0.05
    assert equivalence(0, 30, 400, 0.01) > 0.05  # better by too much is not equivalent


def test_the_tables_of_the_paper_hold_what_they_must() -> None:
    """MUSCLE, tables 4 to 6: the flip rates printed, their change in per cent, and the bounds from the accuracies."""
    with Path(__file__).with_name("muscle_tables.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 16
    for row in rows:
        nfr, change = float(row["nfr"]), float(row["delta_nfr_compat"])
        assert 100 * change / nfr == pytest.approx(float(row["pct_delta_nfr"]), abs=0.25)
        assert float(row["score_compat"]) - float(row["score_new"]) == pytest.approx(
            float(row["delta_score"]), abs=0.011
        )
        if row["metric"] != "rouge1":
            bound = Bound(Unit(row["task"], "acc"), float(row["score_old"]) / 100, float(row["score_new"]) / 100)
            assert 100 * bound.low <= nfr <= 100 * bound.high
    assert [row["task"] for row in rows if float(row["delta_nfr_compat"]) > 0] == ["HellaSwag"]
