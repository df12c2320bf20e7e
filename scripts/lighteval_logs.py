"""Make genuine logs of lighteval: two revisions of the tiny model of `lm_eval_logs.py`, two tasks.

    python scripts/lighteval_logs.py FOLDER

in an environment with `lighteval` and torch. Nothing is downloaded. FOLDER gets `old` and `new`, each with the details
as lighteval writes them. tests/behaviour/lighteval/ holds what this made with lighteval 0.13.
"""

import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", CUDA_VISIBLE_DEVICES="")

import torch
from huggingface_hub import HfApi
from lighteval.logging.evaluation_tracker import EvaluationTracker
from lighteval.models.transformers.transformers_model import TransformersModelConfig
from lighteval.pipeline import ParallelismManager, Pipeline, PipelineParameters

TASKS = """
from lighteval.metrics.metrics import Metrics
from lighteval.tasks.lighteval_task import LightevalTaskConfig
from lighteval.tasks.requests import Doc

def choices(line, task_name=None):
    return Doc(task_name=task_name, query=line["question"], choices=line["choices"], gold_index=line["answer"])

def written(line, task_name=None):
    return Doc(task_name=task_name, query=line["question"], choices=[line["choices"][line["answer"]]], gold_index=0)

def config(name, function, metric):
    return LightevalTaskConfig(
        name=name, prompt_function=function, hf_repo="FOLDER", hf_subset="default", metrics=[metric],
        hf_avail_splits=["test"], evaluation_splits=["test"], generation_size=3, stop_sequence=["\\\\n"],
    )

TASKS_TABLE = [
    config("sums_choice", choices, Metrics.loglikelihood_acc), config("sums_written", written, Metrics.exact_match),
]
"""


def list_models(_: HfApi, model_name: str, **_asked: object) -> list[SimpleNamespace]:
    """Every model is there."""
    return [SimpleNamespace(id=model_name)]


def stay_offline() -> None:
    """Two of lighteval's own tasks ask the network as soon as tasks are listed; they are told what they hear there."""
    HfApi.list_models = list_models
    place = Path(importlib.util.find_spec("lighteval").origin).parent / "tasks" / "tasks" / "tinyBenchmarks.pkl"
    place.touch()


def helpers() -> object:
    """What the other script makes its model with; its harness need not be installed."""
    sys.modules.setdefault("lm_eval", type(sys)("lm_eval"))
    sys.modules["lm_eval.__main__"] = type(sys)("main")
    sys.modules["lm_eval.__main__"].cli_evaluate = None
    place = Path(__file__).with_name("lm_eval_logs.py")
    spec = importlib.util.spec_from_file_location("lm_eval_logs", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder: Path) -> None:
    """Make both revisions and their logs."""
    stay_offline()
    made = helpers()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    letters = made.tokenizer()
    model = made.new_model(letters)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "data").mkdir()
        (place / "data" / "test.jsonl").write_text("".join(json.dumps(one) + "\n" for one in made.questions(60)))
        (place / "tasks.py").write_text(TASKS.replace("FOLDER", str(place / "data")))
        os.chdir(place)
        for revision, steps, seed in (("old", 320, 1), ("new", 40, 2)):
            with torch.enable_grad():  # lighteval turns it off
                made.train(model, letters, steps, seed)
            model.save_pretrained(revision)
            letters.save_pretrained(revision)
            tracker = EvaluationTracker(output_dir=str(folder / revision), save_details=True)
            pipeline = Pipeline(
                tasks="sums_choice|0,sums_written|0",
                pipeline_parameters=PipelineParameters(
                    launcher_type=ParallelismManager.ACCELERATE, custom_tasks_directory=str(place / "tasks.py")
                ),
                evaluation_tracker=tracker,
                model_config=TransformersModelConfig(model_name=revision, dtype="float32", batch_size=8),
            )
            pipeline.evaluate()
            pipeline.save_and_push_results()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
