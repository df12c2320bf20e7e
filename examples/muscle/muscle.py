"""MUSCLE as a recipe: train an update so that fewer answers that used to be right break, and let semverlint count them.

An old and a new base model are fine-tuned on the same task with an adapter each. The new one is better on average and
breaks answers all the same. A compatibility adapter, begun as a copy of the new one, is then trained with the paper's
masked distillation loss (Echterhoff et al., MUSCLE, arXiv 2407.09435), which keeps the new answers where they are right
and leans on the old model where they are wrong. As a control, another copy is trained on as long with the plain loss.

Run it as README.md says. It ends with 1 where the claim does not hold: fewer flips for every seed, and the accuracy
no lower than half a point below that of the new model.
"""

import argparse
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from task import ANSWERS, VOCABULARY, Language, Sentences
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

READ = {"old": 400, "new": 800}
"""Steps for which each base model reads the language: the new one has read twice as much."""
BATCH = 64
TOLD, ASKED = 12_000, 10_000
"""Sentences to learn the task from, and sentences to be asked."""
EPOCHS = 4
RANK = 16
"""Of the adapters; alpha is twice that, and all linear layers have one, as in the paper."""
COST = 0.005
"""By how much the accuracy may fall before it no longer holds."""

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Of logits, right answers and questions."""


def muscle_loss(
    mine: torch.Tensor, old: torch.Tensor, new: torch.Tensor, answers: torch.Tensor, temperature: float = 1.0
) -> torch.Tensor:
    """MUSCLE's masked distillation: from the old model where I am wrong, from the new one where I am right.

    L = mean(m * KL(old || mine) + (1 - m) * KL(new || mine)), m = 1 where the largest of my logits is no right answer.

    Args:
        mine: Logits of the model that is trained: `[places, vocabulary]`.
        old: Logits of the old model's adapter.
        new: Logits of the new model's adapter.
        answers: Right tokens: `[places]`.
        temperature: Divides all logits.
    """
    wrong = (mine.argmax(-1) != answers).float()
    told = functional.log_softmax(mine / temperature, -1)

    def distance(teacher: torch.Tensor) -> torch.Tensor:
        return functional.kl_div(
            told, functional.log_softmax(teacher / temperature, -1), reduction="none", log_target=True
        ).sum(-1)

    return (wrong * distance(old) + (1 - wrong) * distance(new)).mean()


def base_model(language: Language, steps: int, seed: int) -> LlamaForCausalLM:
    """A tiny language model that has read `steps` batches of sentences and was never told of moods."""
    torch.manual_seed(seed)
    shape = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=32, pad_token_id=None, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = LlamaForCausalLM(shape)
    parameters = [*model.parameters()]
    optimiser = torch.optim.AdamW(parameters)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for batch in torch.tensor(language.sentences(steps * BATCH, seed).questions).split(BATCH):
        logits = model(batch).logits[:, :-1]
        loss = functional.cross_entropy(logits.reshape(-1, VOCABULARY), batch[:, 1:].reshape(-1))
        _step(loss, parameters, optimiser, pace)
    return model


def with_adapter(model: LlamaForCausalLM, seed: int) -> Any:  # noqa: ANN401 - peft's classes are many
    """The model, frozen, with an adapter that can be trained."""
    torch.manual_seed(seed)
    return get_peft_model(model, LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear"))


def trained(model: Any, told: Sentences, loss: Loss, seed: int) -> Any:  # noqa: ANN401 - as above
    """The model after its adapter was trained on the task."""
    torch.manual_seed(seed)
    questions, answers = torch.tensor(told.questions), torch.tensor(told.answers)
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(parameters)
    steps = EPOCHS * -(-len(questions) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps)
    model.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(questions)).split(BATCH):
            _step(loss(at_end(model, questions[batch]), answers[batch], questions[batch]), parameters, optimiser, pace)
    return model.eval()


def _step(loss: torch.Tensor, parameters: list[Any], optimiser: Any, pace: Any) -> None:  # noqa: ANN401 - of torch
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    pace.step()


def at_end(model: Any, questions: torch.Tensor) -> torch.Tensor:  # noqa: ANN401 - as above
    """Logits for the word behind each question: `[count, VOCABULARY]`."""
    logits: torch.Tensor = model(questions).logits[:, -1]
    return logits


def plain(logits: torch.Tensor, answers: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """What both models were fine-tuned with."""
    return functional.cross_entropy(logits, answers)


def four_models(language: Language, seed: int) -> dict[str, Any]:
    """The old and the new model, the control, and the compatible one."""
    told = language.sentences(TOLD, 1_000 + seed)
    old, new = (
        trained(with_adapter(base_model(language, READ[which], number + seed), number), told, plain, number)
        for which, number in (("old", 10), ("new", 20))
    )

    def masked(logits: torch.Tensor, answers: torch.Tensor, questions: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            teachers = at_end(old, questions), at_end(new, questions)
        return muscle_loss(logits, *teachers, answers)

    longer = trained(copy.deepcopy(new), told, plain, 30)
    return {"old": old, "new": new, "longer": longer, "compatible": trained(copy.deepcopy(new), told, masked, 30)}


def write_log(path: Path, model: Any, asked: Sentences, seed: int) -> None:  # noqa: ANN401 - as above
    """What the model answers, as semverlint reads it: a JSON object a line."""
    with torch.no_grad():
        said = torch.cat([at_end(model, part).argmax(-1) for part in torch.tensor(asked.questions).split(1_000)])
    with path.open("a", encoding="utf-8") as log:
        for number, (right, answer) in enumerate(zip(asked.answers.tolist(), said.tolist(), strict=True)):
            sample = {"id": f"{seed}-{number}", "reference": right - ANSWERS, "prediction": answer - ANSWERS}
            log.write(json.dumps(sample) + "\n")


def measured(old: Path, new: Path) -> Mapping[str, Any]:
    """What `semverlint flips` measures of two logs."""
    command = [sys.executable, "-m", "semverlint", "flips", str(old), str(new), "--format", "json"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - paths of our own
    measures: Mapping[str, Any] = json.loads(found.stdout)["tasks"][0]["measures"]
    return measures


def main() -> int:
    """Train for every seed, measure, print the table; 1 where the claim does not hold."""
    parser = argparse.ArgumentParser(description="Train an update that breaks fewer answers, and count them.")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (3)")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="a new folder for the models' answers (logs)")
    given = parser.parse_args()
    torch.set_num_threads(1)  # the same sums in the same order
    if given.logs.exists():
        parser.error(f"--logs {given.logs}: is there already; name a new folder")
    given.logs.mkdir(parents=True)
    for seed in range(given.seeds):
        language = Language.made(seed)
        asked = language.sentences(ASKED, 2_000 + seed)
        for name, model in four_models(language, seed).items():
            for run in (f"seed-{seed}", "all"):
                (given.logs / run).mkdir(exist_ok=True)
                write_log(given.logs / run / f"{name}.jsonl", model, asked, seed)
        print(f"seed {seed} is trained", file=sys.stderr)
    return table(given.logs)


def table(logs: Path) -> int:
    """Print what semverlint measures of every run; 1 where flips did not fall, or accuracy did."""
    print("| run | update | accuracy old → new | negative flips (95 %) |\n|---|---|---|---|")
    held = True
    for run in sorted(logs.iterdir(), key=lambda folder: (folder.name == "all", folder.name)):
        found = {name: measured(run / "old.jsonl", run / f"{name}.jsonl") for name in ("new", "longer", "compatible")}
        for name, measures in found.items():
            old, new, flips = (measures[key] for key in ("accuracy_old", "accuracy_new", "negative_flip_rate"))
            interval = f"{flips['value']:.2%} ({flips['low']:.2%} to {flips['high']:.2%})"
            print(f"| {run.name} | {name} | {old['value']:.2%} → {new['value']:.2%} | {interval} |")
        before, after = found["new"], found["compatible"]
        fewer = after["negative_flip_rate"]["value"] < before["negative_flip_rate"]["value"]
        as_good = after["accuracy_new"]["value"] >= before["accuracy_new"]["value"] - COST
        held = held and fewer and as_good
    print("\nFewer answers break, and accuracy holds." if held else "\nThe claim does not hold here.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
