"""What a file is to a model, by its path alone.

Every path has exactly one role; the comparer named after a role answers for the files that have it.
"""

import re
from functools import cache
from pathlib import PurePosixPath
from typing import Literal

Role = Literal[
    "weights",  # tensors, in any format, and the indexes of shards
    "config",  # config.json of the model or of a component
    "generation",
    "tokenizer",  # every file a tokenizer is loaded from, chat templates included
    "processing",  # image, audio and video preprocessing
    "adapter",  # adapter_config.json
    "embedding",  # sentence-transformers: modules, pooling, prompts
    "pipeline",  # diffusers: model_index.json, schedulers
    "code",  # remote code
    "card",  # the model card
    "licence",
    "evals",  # .eval_results
    "training",  # left by a training run or an evaluation; nothing at inference reads it
    "repository",  # .gitattributes and its like
    "document",  # for people: text, pictures, notebooks
    "data",  # structured data no comparer knows: JSON, YAML, TOML
    "other",
]

_NAMES: dict[str, Role] = {
    **dict.fromkeys(("config.json", "quantize_config.json", "quant_config.json", "hf_quant_config.json"), "config"),
    "generation_config.json": "generation",
    **dict.fromkeys(
        (
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "tekken.json",
        ),
        "tokenizer",
    ),
    **dict.fromkeys(
        (
            "preprocessor_config.json",
            "processor_config.json",
            "video_preprocessor_config.json",
            "image_processor_config.json",
            "feature_extractor_config.json",
        ),
        "processing",
    ),
    "adapter_config.json": "adapter",
    **dict.fromkeys(
        ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json", "router_config.json"),
        "embedding",
    ),
    **dict.fromkeys(("model_index.json", "scheduler_config.json"), "pipeline"),
    "README.md": "card",
    **dict.fromkeys(
        ("training_args.bin", "trainer_state.json", "train_results.json", "all_results.json", "eval_results.json"),
        "training",
    ),
    **dict.fromkeys(
        (
            ".gitattributes",
            ".gitignore",
            ".gitkeep",
            ".gitmodules",
            ".DS_Store",
            ".pre-commit-config.yaml",
            "semverlint.toml",
            ".semverlint.toml",
        ),
        "repository",
    ),
}

_PATTERNS: tuple[tuple[str, Role], ...] = (
    (r"(.*/)?(licen[cs]e|copying|notice|use_policy)([-_.][^/]*)?", "licence"),
    (r"(.*/)?\.eval_results/.*\.ya?ml", "evals"),
    (r"\.(github|gitlab|circleci|vscode|idea|ci)/.*", "repository"),
    (r"(.*/)?chat_templates?/.*\.jinja|(.*/)?additional_chat_templates/.*\.jinja", "tokenizer"),
    # 1_Pooling/config.json, 2_Dense/config.json; 0_Transformer/config.json is the model's own
    (r"(.*/)?\d+_(?!\w*Transformer/|CLIPModel/)[A-Z]\w*/config\.json", "embedding"),
    (r"(.*/)?scheduler/.*\.json", "pipeline"),
    (r"(.*/)?(optimizer|scheduler|scaler|rng_state|random_states|optim_states)[^/]*\.(pt|pth|bin|pkl)", "training"),
    (
        r"(.*/)?((evals?|evaluations?|predictions)/.*\.(jsonl?|csv|tsv|parquet|eval)|(samples|details)_[^/]*\.(jsonl|parquet))",
        "training",
    ),  # logs of evaluations
    (r"(.*/)?(events\.out\.tfevents\..*|runs/.*|logs?/.*|.*\.log|wandb/.*)", "training"),
    (
        r"(.*/)?(sentencepiece[^/]*|spiece|tokenizer|source|target|[^/]*\.?spm|[^/]*bpe[^/]*)\.model(\.v\d+)?",
        "tokenizer",
    ),
    (r"(.*/)?[^/]*\.(tiktoken|spm)", "tokenizer"),
    (
        r".*\.(safetensors|bin|pt|pth|ckpt|gguf|ggml|onnx|onnx_data|h5|keras|msgpack|tflite|npz|npy|pkl|pickle|joblib)",
        "weights",
    ),
    (
        r".*\.(jit|mlmodel|mlpackage/.*|pdparams|pdmodel|nemo|engine|llamafile|mar|torchscript|ptl|th|ort|data-\d+-of-\d+)",
        "weights",
    ),
    (
        # of other runtimes, whose numbers nobody reads here: ExecuTorch, torch.export, Core ML, Paddle, MNN, Caffe,
        # NPUs, TensorRT, fastText, XGBoost and CatBoost
        r".*\.(pte|pt2|mlmodelc/.*|pdiparams|mnn|caffemodel|rknn|hef|om|axmodel|espdl|dlc|trt|plan|ftz|ubj|cbm)",
        "weights",
    ),
    (r".*\.(safetensors|bin)(\.[\w-]+)?\.index(\.[\w-]+)?\.json", "weights"),
    (r"(.*/)?(fingerprint|keras_metadata)\.pb", "document"),
    (r"(.*/)?(variables|[^/]*\.ckpt(-\d+)?|ckpt-\d+)\.(index|data-\d{5}-of-\d{5})", "weights"),
    (r".*\.onnx[._]data.*|(.*/)?saved_model\.pb|(.*/)?(pb|.*\.pb|.*\.params|.*\.weights)", "weights"),
    (r".*\.pyi?", "code"),
    (r".*\.(md|rst|txt|pdf|png|jpe?g|gif|svg|webp|mp4|ipynb|html|bib|cff|csv|tsv)", "document"),
    (r".*\.(json|ya?ml|toml|jsonl|xml|ini|cfg)", "data"),
)
_BEFORE_NAMES = 5
"""Patterns that come before the names: a pooling module's config.json is not the model's."""


@cache
def role(path: str) -> Role:
    """The one role of the file at `path`."""
    name = PurePosixPath(path).name
    for pattern, found in _PATTERNS[:_BEFORE_NAMES]:
        if re.fullmatch(pattern, path, re.IGNORECASE):
            return found
    if name in _NAMES:
        return _NAMES[name]
    later = _PATTERNS[_BEFORE_NAMES:]
    return next((found for pattern, found in later if re.fullmatch(pattern, path, re.IGNORECASE)), "other")


def folder(path: str) -> str:
    """The folder a file stands in, empty for the top: one component of a model (`unet`, `text_encoder`)."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent
