"""What the tiny models read and are asked: sentences of a made-up language, and which of four moods they have.

Every word has a hidden weight for each mood, `not` turns the word behind it around, and people do not always agree: the
mood of a sentence is drawn by its weights. Whoever reads much of the language learns which words are alike, since
neighbours are; whoever is told moods learns what they stand for. No model can be right always, as on real benchmarks.
"""

from dataclasses import dataclass

import numpy as np

WORDS, MOODS, LENGTH = 240, 4, 10
"""Words of the language, moods, words of a sentence."""
NOT = WORDS
ASK = WORDS + 1
"""The word that asks for the mood; the answer is the word behind it."""
ANSWERS = WORDS + 2
"""The first of the words that are moods."""
VOCABULARY = ANSWERS + MOODS
_DECISION = 1.6
"""How much the weights of a sentence decide its mood; people agree in about nine of ten."""
_NEGATED = 0.15


@dataclass(frozen=True)
class Sentences:
    """Sentences with their moods.

    Attributes:
        questions: Ids of words and `ASK`, a row each: `[count, LENGTH + 1]`.
        answers: The ids of their moods: `[count]`.
    """

    questions: np.ndarray
    answers: np.ndarray


@dataclass(frozen=True)
class Language:
    """One made-up language.

    Attributes:
        weights: Of every word for every mood: `[WORDS, MOODS]`.
        follows: The chance of every word to follow every other one: `[WORDS, WORDS]`.
    """

    weights: np.ndarray
    follows: np.ndarray

    @staticmethod
    def made(seed: int) -> "Language":
        """A language; words of like weights follow each other more often."""
        generator = np.random.default_rng(seed)
        weights = generator.normal(size=(WORDS, MOODS))
        chances = np.exp(0.8 * weights @ weights.T)
        np.fill_diagonal(chances, 0)
        return Language(weights, chances / chances.sum(axis=1, keepdims=True))

    def sentences(self, count: int, seed: int) -> Sentences:
        """Sentences drawn anew, with the moods that people gave them."""
        generator = np.random.default_rng(seed)
        words = np.empty((count, LENGTH), dtype=np.int64)
        words[:, 0] = generator.integers(WORDS, size=count)
        summed = self.follows.cumsum(axis=1)
        for place in range(1, LENGTH):
            chance = generator.random((count, 1))
            words[:, place] = (summed[words[:, place - 1]] < chance).sum(axis=1).clip(max=WORDS - 1)
        weights = self.weights[words]
        negated = generator.random((count, LENGTH - 1)) < _NEGATED
        words[:, :-1][negated] = NOT
        weights[:, :-1][negated] = 0
        weights[:, 1:][negated] *= -1
        told = _DECISION * weights.sum(axis=1) + generator.gumbel(size=(count, MOODS))
        asked = np.concatenate([words, np.full((count, 1), ASK)], axis=1)
        return Sentences(asked, ANSWERS + told.argmax(axis=1))
