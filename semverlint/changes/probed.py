"""What running the graphs of both revisions on the same inputs shows."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, change

Outcome = Literal["equal", "rounding", "choices", "different"]
"""Outputs are the same bit for bit; no further apart than rounding takes them; different numbers of which the largest
stand in the same places; or different."""
OUTCOMES: tuple[Outcome, ...] = ("equal", "rounding", "choices", "different")
"""From best to worst."""


@change
class GraphProbed(Change):
    """Both revisions of a graph were run on the same inputs, drawn from what it declares to take.

    Attributes:
        outcome: The worst of all outputs on all draws.
        draws: How many draws of inputs both graphs answered.
        outputs: How many outputs were held together.
        output: The output that is furthest apart; empty where none is.
        apart: How far: the largest difference, as a share of the output's largest value; None where that is no number
            (another shape, NaN, texts).
        rounding: How far rounding alone takes that output, likewise.
        choices: Of outcome `choices`: how many places of the largest value were held together.
        detail: How the output differs, or that the new graph refused inputs.
        unreached: What of the graph the draws may not have reached; empty where every number takes part in every draw.
    """

    outcome: Outcome
    draws: int
    outputs: int
    output: str = ""
    apart: float | None = None
    rounding: float = 0.0
    choices: int = 0
    detail: str = ""
    unreached: str = ""

    @property
    def subject(self) -> str:
        return self.output

    @property
    def evidence(self) -> Evidence:
        return "sampled"

    @property
    def magnitude(self) -> float:
        return self.apart or 0.0
