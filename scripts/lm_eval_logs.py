"""Make genuine logs of lm-evaluation-harness: two revisions of a tiny model, four tasks of every output type.

    python scripts/lm_eval_logs.py FOLDER

in an environment with `lm_eval[hf]` and torch (CPU suffices, nothing is downloaded). The model is made on the spot: a
Llama of two layers that learns sums of small numbers; the second revision is the first, trained on. FOLDER gets `old`
and `new` as the harness writes them. tests/behaviour/lm_eval/ holds what this made with lm_eval 0.4.13.
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", CUDA_VISIBLE_DEVICES="")

import torch
from lm_eval.__main__ import cli_evaluate
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

COMMON = """
dataset_path: json
dataset_kwargs: {data_files: {test: DATA}}
test_split: test
num_fewshot: 0
target_delimiter: ""
metadata: {version: 1.0}
"""
TASKS = {
    "sums_choice": """
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: "{{answer}}"
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
""",
    "sums_written": """
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{choices[answer]}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 4, do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
""",
    "sums_likely": """
output_type: loglikelihood
doc_to_text: "{{question}}"
doc_to_target: "{{choices[answer]}}"
metric_list:
  - {metric: perplexity, aggregation: perplexity, higher_is_better: false}
  - {metric: acc, aggregation: mean, higher_is_better: true}
""",
    "sums_rolling": """
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{question}}{{choices[answer]}}"
metric_list: [{metric: word_perplexity}, {metric: byte_perplexity}, {metric: bits_per_byte}]
""",
}


def questions(count: int) -> list[dict[str, object]]:
    """Sums of two numbers below 20, four choices each."""
    rng = random.Random(7)  # noqa: S311 - exercises, no secrets
    pairs = rng.sample([(a, b) for a in range(20) for b in range(20)], count)
    made = []
    for a, b in pairs:
        choices = [a + b, a + b + 1, a + b + 10, abs(a - b)]
        rng.shuffle(choices)
        subject = "small" if a + b < 20 else "large"
        made.append(
            {
                "question": f"{a}+{b}=",
                "choices": [str(choice) for choice in choices],
                "answer": choices.index(a + b),
                "subject": subject,
            }
        )
    return made


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, with an end of text."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bare = Tokenizer(models.BPE({"<end>": 0} | {letter: at + 1 for at, letter in enumerate(alphabet)}, []))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    special = dict.fromkeys(("eos_token", "pad_token", "bos_token"), "<end>")
    return PreTrainedTokenizerFast(tokenizer_object=bare, **special)


def new_model(letters: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Two layers that know nothing yet."""
    config = LlamaConfig(
        vocab_size=len(letters), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=64, bos_token_id=0, eos_token_id=0, pad_token_id=0,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def train(model: LlamaForCausalLM, letters: PreTrainedTokenizerFast, steps: int, seed: int) -> None:
    """Show the model sums, right ones only."""
    rng = random.Random(seed)  # noqa: S311 - likewise
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        lines = [f"{a}+{b}={a + b}\n" for a, b in ((rng.randrange(20), rng.randrange(20)) for _ in range(64))]
        batch = letters(lines, return_tensors="pt", padding=True)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        loss = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()


def evaluate(model: str, output: Path) -> None:
    """Run the harness as its command does; what it says of this machine is taken out of the results."""
    sys.argv = [
        "lm_eval", "--model", "hf", "--model_args", f"pretrained={model},dtype=float32", "--tasks", ",".join(TASKS),
        "--include_path", ".", "--device", "cpu", "--batch_size", "16", "--log_samples", "--output_path", str(output),
    ]  # fmt: skip
    cli_evaluate()
    for results in output.rglob("results_*.json"):
        said = json.loads(results.read_text())
        results.write_text(
            json.dumps({key: value for key, value in said.items() if key != "pretty_env_info"}, indent=2)
        )


def main(folder: Path) -> None:
    """Make both revisions and their logs."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    letters = tokenizer()
    model = new_model(letters)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.chdir(place)
        Path("sums.jsonl").write_text("".join(json.dumps(question) + "\n" for question in questions(60)))
        for task, body in TASKS.items():
            Path(f"{task}.yaml").write_text(f"task: {task}{COMMON.replace('DATA', 'sums.jsonl')}{body}")
        for revision, steps, seed in (("old", 320, 1), ("new", 40, 2)):
            train(model, letters, steps, seed)
            model.save_pretrained(revision)
            letters.save_pretrained(revision)
            evaluate(revision, folder / revision)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
