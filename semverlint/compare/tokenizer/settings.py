"""`tokenizer_config.json` and `special_tokens_map.json`, in canonical form."""

from collections.abc import Iterator

from semverlint.changes.base import Change, Value
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import (
    MaxLengthChanged,
    SpecialTokenChanged,
    TokenizerClassChanged,
    TokenizerSettingChanged,
)
from semverlint.compare.tokenizer.view import TokenizerView
from semverlint.formats.text_files import Json, compact

_ROLES = ("bos", "eos", "unk", "sep", "cls", "mask", "pad")
_UNLIMITED = 10**12
"""transformers writes 1e30 for "no limit" (`VERY_LARGE_INTEGER`, tokenization_utils_base.py)."""

_EFFECTS = {
    **dict.fromkeys(
        (
            "add_bos_token", "add_eos_token", "add_prefix_space", "legacy", "sp_model_kwargs", "do_lower_case",
            "strip_accents", "tokenize_chinese_chars", "split_special_tokens", "do_basic_tokenize", "never_split",
            "remove_space", "keep_accents", "src_lang", "tgt_lang", "language", "task", "fix_mistral_regex",
            "from_slow", "use_default_system_prompt",
        ),
        "ids",
    ),
    **dict.fromkeys(
        (
            "padding_side", "truncation_side", "max_length", "stride", "truncation_strategy", "pad_to_multiple_of",
            "pad_token_type_id",
        ),
        "batch",
    ),
    **dict.fromkeys(
        ("clean_up_tokenization_spaces", "spaces_between_special_tokens", "decode_with_prefix_space"), "decode"
    ),
    "model_input_names": "inputs",
    "auto_map": "code",
    **dict.fromkeys(
        (
            "name_or_path", "processor_class", "use_fast", "tokenizer_file", "special_tokens_map_file", "is_local",
            "backend", "vocab_file", "merges_file", "transformers_version", "added_tokens_decoder", "local_files_only",
        ),
        "nothing",
    ),
}  # fmt: skip
"""What each setting acts on (transformers, tokenization_utils_base.py and the tokenizers' own classes)."""

_DEFAULTS: dict[str, Json] = {
    "add_prefix_space": False,
    "split_special_tokens": False,
    "padding_side": "right",
    "truncation_side": "right",
    "spaces_between_special_tokens": True,
}
"""What an absent setting means in the base class."""

_ELSEWHERE = {f"{role}_token" for role in _ROLES} | {
    "model_max_length",
    "tokenizer_class",
    "chat_template",
    "additional_special_tokens",
    "extra_special_tokens",
}


def compare_settings(before: TokenizerView, after: TokenizerView) -> Iterator[Change]:
    """Settings, special tokens by their role, the class, and the longest input."""
    path = after.config_path
    if before.config and after.config:
        yield from _class(path, before.config, after.config)
        yield from _max_length(path, before.config, after.config)
        yield from _others(path, before.config, after.config)
        yield from _extra_tokens(path, before.config, after.config)
    for role in _ROLES:
        old, new = _role(before, role), _role(after, role)
        if old != new and (before.config or before.roles) and (after.config or after.roles):
            yield SpecialTokenChanged(path=path, role=role, before=old, after=new)  # type: ignore[arg-type]  # one of _ROLES


def _role(view: TokenizerView, role: str) -> str | None:
    """The token that plays a role: as text, or as the `content` of an object."""
    for source in (view.config, view.roles):
        token = source.get(f"{role}_token")
        if isinstance(token, dict):
            token = token.get("content")
        if isinstance(token, str):
            return token
    return None


def _class(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    old, new = before.get("tokenizer_class"), after.get("tokenizer_class")
    if not isinstance(old, str) or not isinstance(new, str) or old.removesuffix("Fast") == new.removesuffix("Fast"):
        return
    if new == "TokenizersBackend":
        # transformers 5 writes it for whatever it loads from tokenizer.json (GPTQModel#2403, transformers#47553).
        yield ReaderFloorRaised(path=path, form=new, reader="transformers", since="5.0", older="refuse")
    else:
        yield TokenizerClassChanged(path=path, before=old, after=new)


def _max_length(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    old, new = _limit(before.get("model_max_length")), _limit(after.get("model_max_length"))
    if old != new:
        raised = old is not None and (new is None or new > old)
        yield MaxLengthChanged(path=path, before=old, after=new, direction="raised" if raised else "lowered")


def _limit(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value > _UNLIMITED:
        return None
    return int(value)


def _extra_tokens(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    old, new = before.get("extra_special_tokens"), after.get("extra_special_tokens")
    if isinstance(new, list) and not isinstance(old, list):
        # transformers 4 takes only a mapping there (mlx-lm#661, transformers#45566).
        yield ReaderFloorRaised(
            path=path, form="extra_special_tokens as a list", reader="transformers", since="5.0", older="refuse"
        )


def _others(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    for key in sorted((before.keys() | after.keys()) - _ELSEWHERE):
        old, new = before.get(key, _DEFAULTS.get(key)), after.get(key, _DEFAULTS.get(key))
        if old != new:
            effect = _EFFECTS.get(key, "unknown")
            yield TokenizerSettingChanged(path=path, key=key, effect=effect, before=_shown(old), after=_shown(new))  # type: ignore[arg-type]  # the table's words


def _shown(value: Json) -> Value:
    return compact(value) if isinstance(value, dict | list) else value
