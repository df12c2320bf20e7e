"""The recipe's loss against figures worked out by hand, and its language."""

import math

import pytest
import torch
from muscle import measured, muscle_loss, write_log
from task import ANSWERS, LENGTH, NOT, VOCABULARY, Language


def logits(*chances: float) -> torch.Tensor:
    return torch.tensor([[math.log(chance) for chance in chances]])


def test_where_i_am_wrong_the_old_model_teaches() -> None:
    mine, old, new = logits(0.5, 0.25, 0.25), logits(0.25, 0.5, 0.25), logits(0.25, 0.25, 0.5)
    loss = muscle_loss(mine, old, new, torch.tensor([1]))
    assert loss.item() == pytest.approx(0.25 * math.log(0.5) + 0.5 * math.log(2), abs=1e-6)


def test_where_i_am_right_the_new_one_teaches() -> None:
    mine, old, new = logits(0.5, 0.25, 0.25), logits(0.1, 0.8, 0.1), logits(0.5, 0.25, 0.25)
    assert muscle_loss(mine, old, new, torch.tensor([0])).item() == pytest.approx(0, abs=1e-6)


def test_every_place_counts_alike_and_is_masked_by_itself() -> None:
    mine = torch.cat([logits(0.5, 0.5001), logits(0.5001, 0.5)])
    teacher, other = logits(0.9, 0.1).repeat(2, 1), mine.clone()
    both = muscle_loss(mine, teacher, other, torch.tensor([0, 0]))
    alone = muscle_loss(mine[:1], teacher[:1], other[:1], torch.tensor([0]))
    assert both.item() == pytest.approx(alone.item() / 2, abs=1e-6)


def test_a_high_temperature_makes_all_teachers_alike() -> None:
    mine, old, new = logits(0.5, 0.25, 0.25), logits(0.25, 0.5, 0.25), logits(0.25, 0.25, 0.5)
    cold, hot = (muscle_loss(mine, old, new, torch.tensor([1]), temperature) for temperature in (1.0, 100.0))
    assert hot.item() < cold.item() / 1_000


def test_the_language_is_the_same_for_the_same_seed_and_its_moods_can_be_told() -> None:
    language = Language.made(3)
    one, again, other = (language.sentences(500, seed) for seed in (1, 1, 2))
    assert (one.questions == again.questions).all()
    assert (one.answers == again.answers).all()
    assert not (one.questions == other.questions).all()
    assert one.questions.shape == (500, LENGTH + 1)
    assert one.questions.max() < VOCABULARY
    assert (one.questions == NOT).any()
    assert set(one.answers.tolist()) == set(range(ANSWERS, VOCABULARY))


class _Always(torch.nn.Module):
    """A model that gives one answer."""

    def __init__(self, answer: int) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, questions: torch.Tensor) -> "_Always":
        self.logits = torch.nn.functional.one_hot(torch.full(questions.shape, self.answer), VOCABULARY).float()
        return self


def test_semverlint_counts_the_flips_of_what_is_logged(tmp_path) -> None:  # noqa: ANN001 - a folder of pytest
    asked = Language.made(0).sentences(400, 5)
    for name, answer in (("old", ANSWERS), ("new", ANSWERS + 1)):
        write_log(tmp_path / f"{name}.jsonl", _Always(answer), asked, 0)
    flips = measured(tmp_path / "old.jsonl", tmp_path / "new.jsonl")["negative_flip_rate"]["value"]
    assert flips == pytest.approx((asked.answers == ANSWERS).mean())
