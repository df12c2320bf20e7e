"""Make genuine logs of Inspect AI: two models that only pretend, two tasks, as `.eval` and as JSON.

    python scripts/inspect_logs.py FOLDER

in an environment with `inspect-ai`. Nothing is downloaded; the answers are made here and scored by Inspect's own
scorers. FOLDER gets `eval/old`, `eval/new`, `json/old` and `json/new`. tests/behaviour/inspect/ holds what this made
with inspect-ai 0.3.285.
"""

import sys
from pathlib import Path

from inspect_ai import Task, eval  # noqa: A004 - Inspect's own name
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice, match
from inspect_ai.solver import generate, multiple_choice

COUNT = 6


def sums() -> Task:
    """Numbers to be written."""
    samples = [
        Sample(id=at, input=f"{at}+3=", target=str(at + 3), metadata={"subject": "odd" if at % 2 else "even"})
        for at in range(1, COUNT + 1)
    ]
    data = MemoryDataset(samples, name="sums")
    return Task(dataset=data, solver=generate(), scorer=match(numeric=True), version=2, name="sums", epochs=2)


def letters() -> Task:
    """Letters to be chosen."""
    samples = [
        Sample(id=at, input=f"Which is letter {at % 4 + 1}?", choices=list("abcd"), target="ABCD"[at % 4])
        for at in range(1, COUNT + 1)
    ]
    data = MemoryDataset(samples, name="letters")
    return Task(dataset=data, solver=multiple_choice(), scorer=choice(), name="letters")


def answer(task: str, at: int, wrong: int) -> ModelOutput:
    """A right answer, except to one question."""
    right = at != wrong
    text = str(at + 3 + (not right)) if task == "sums" else f"ANSWER: {'ABCD'[(at + (not right)) % 4]}"
    output = ModelOutput.from_content("mockllm/model", text)
    output.usage = ModelUsage(input_tokens=5, output_tokens=2, total_tokens=7)
    return output


def main(folder: Path) -> None:
    """Run every combination."""
    for form in ("eval", "json"):
        for side, wrong in (("old", 1), ("new", 2)):
            for name, task in (("sums", sums()), ("letters", letters())):
                asked = list(range(1, COUNT + 1)) * (2 if name == "sums" else 1)
                model = get_model("mockllm/model", custom_outputs=[answer(name, at, wrong) for at in asked])
                eval(
                    task, model=model, log_dir=str(folder / form / side), log_format=form, display="none",
                    max_connections=1, max_samples=1, log_realtime=False,
                )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
