"""An embedding model in one form: modules by class, pooling by modes, settings with defaults filled in.

Reference: sentence-transformers 5.3, 5.4 and 6.2. 5.4 moved its classes, gave pooling one key `pooling_mode`, and wrote
other settings into `sentence_bert_config.json`; 6.0 moved `Normalize` once more. Older releases refuse all of it.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from semverlint.changes.embedding import Role
from semverlint.formats.embedding import Module, read_module_config, read_modules
from semverlint.formats.text_files import Json
from semverlint.roles import folder
from semverlint.snapshot import Snapshot

Settings = Mapping[str, Json]
Version = tuple[int, int]

MODEL_FILE = "config_sentence_transformers.json"

_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""Pooling's old flags, in the order in which their vectors are joined."""
_RENAMED = {
    "word_embedding_dimension": "embedding_dimension",
    "in_word_embedding_dimension": "in_embedding_dimension",
}
_FORWARD: Json = {"method": "forward", "method_output_name": "last_hidden_state"}

DEFAULTS: Mapping[str, Settings] = {
    "Pooling": {"include_prompt": True},
    "Dense": {
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
        "module_input_name": "sentence_embedding",
        "use_residual": False,
    },
    "Normalize": {"module_input_name": "sentence_embedding"},
    "Transformer": {
        "do_lower_case": False,
        "transformer_task": "feature-extraction",
        "module_output_name": "token_embeddings",
    },
    "model": {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine"},
}

_MEASURES: Mapping[str, Json] = {"SparseEncoder": "dot", "MultiVectorEncoder": "maxsim"}
"""How kinds of models compare vectors where they do not say; all others by cosine."""

_ROLES: Mapping[tuple[str, str], Role] = {
    ("Transformer", "do_lower_case"): "text",
    ("Transformer", "processing_kwargs"): "text",
    ("Transformer", "query_expansion"): "text",
    ("Transformer", "query_length"): "length",
    ("Transformer", "document_length"): "length",
    ("Transformer", "unpad_inputs"): "neutral",
    ("Transformer", "transformer_task"): "class",
    ("Dropout", "dropout"): "neutral",
    ("model", "model_type"): "class",
    ("model", "similarity_fn_name"): "score",
    ("model", "truncate_dim"): "vectors",
    ("model", "__version__"): "neutral",
}


def root_of(path: str) -> str:
    """The folder of the model that a file of it stands in, or in whose module's folder it stands."""
    inside = folder(path)
    return folder(inside) if re.fullmatch(r"\d+_\w+", PurePosixPath(inside).name) else inside


def under(root: str, path: str) -> str:
    """A path below a root that may be empty."""
    return f"{root}/{path}" if root and path else root or path


def role_of(module: str, key: str) -> Role:
    """What a setting is for; whatever a module is made with moves its vectors."""
    return _ROLES.get((module, key), "unknown" if module == "model" else "vectors")


def modules_of(snapshot: Snapshot, root: str) -> tuple[Module, ...] | None:
    """The modules of the model in a folder, in order; None where nothing lists them."""
    return snapshot.facts(read_modules, under(root, "modules.json"))


def config_path(root: str, module: Module) -> str:
    """Where a module's settings are."""
    name = "sentence_bert_config.json" if module.name == "Transformer" else "config.json"
    return under(root, f"{module.path}/{name}" if module.path else name)


def settings_of(snapshot: Snapshot, path: str, module: str) -> dict[str, Json] | None:
    """A module's settings in one form; None where it has no such file."""
    written = snapshot.facts(read_module_config, path)
    if written is None:
        return None
    settings = {_RENAMED.get(key, key): value for key, value in written.items()}
    settings = {**DEFAULTS.get(module, {}), **{key: value for key, value in settings.items() if value is not None}}
    if module == "model" and written.get("similarity_fn_name") is None:
        settings["similarity_fn_name"] = _MEASURES.get(str(settings["model_type"]), "cosine")
    if module == "Pooling":
        for flag in _FLAGS:
            settings.pop(flag, None)
        settings["pooling_mode"] = pooling(written)
    elif module == "Transformer":
        modality = settings.get("modality_config")
        if modality is not None and isinstance(modality, dict) and modality.get("text") == _FORWARD:
            del settings["modality_config"]
    elif module in {"Dense", "Normalize"}:
        if settings.get("module_output_name") == settings.get("module_input_name"):
            settings.pop("module_output_name", None)
        activation = settings.get("activation_function")
        if isinstance(activation, str) and activation.startswith("torch.nn."):
            settings["activation_function"] = activation.rpartition(".")[2]
    return settings


def pooling(written: Settings) -> str:
    """The modes of a pooling, joined in the order in which their vectors are."""
    mode = written.get("pooling_mode")
    if isinstance(mode, str):
        return mode.lower()
    if isinstance(mode, list):
        return "+".join(str(one) for one in mode)
    return "+".join(mode for flag, mode in _FLAGS.items() if written.get(flag) is True) or "mean"


def reader_of_module(module: Module) -> Version:
    """The first sentence-transformers that can import a module's class from where it is said to be."""
    if module.remote_code or module.type.startswith("sentence_transformers.models."):
        return (0, 0)
    if module.type == "sentence_transformers.base.modules.normalize.Normalize":
        return (6, 0)
    return (5, 4) if ".modules." in module.type else (0, 0)


def reader_of_settings(module: str, written: Settings | None) -> Version:
    """The first sentence-transformers that accepts the keys a module's settings are written with."""
    new = {
        "Pooling": {"embedding_dimension"},
        "Dense": {"module_input_name", "module_output_name"},
        "Transformer": {"transformer_task", "modality_config", "module_output_name"},
    }.get(module, set())
    return (5, 4) if written is not None and new & written.keys() else (0, 0)
