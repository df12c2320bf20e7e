"""`tokenizer_config.json` and `special_tokens_map.json`, in canonical form."""

from collections.abc import Iterator
from typing import Literal, get_args

from semverlint.changes.base import Change, Value
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import (
    ExtraTokenListed,
    ExtraTokenUnlisted,
    MaxLengthChanged,
    SpecialTokenChanged,
    TokenizerClassChanged,
    TokenizerSettingChanged,
)
from semverlint.compare.tokenizer.view import ADDED, CONFIG, ROLES, Tokenizer
from semverlint.formats.text_files import Json, compact

_BACKEND = "TokenizersBackend"
Role = Literal["bos", "eos", "unk", "sep", "cls", "mask", "pad"]
ROLE_NAMES: tuple[Role, ...] = get_args(Role)
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
            "backend", "vocab_file", "merges_file", "transformers_version", "local_files_only",
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
    "tokenize_chinese_chars": True,
    "do_basic_tokenize": True,
    "sp_model_kwargs": {},
}
"""What an absent setting means in the base class, or in the only classes that read it."""

_ELSEWHERE = {f"{role}_token" for role in ROLE_NAMES} | {
    "model_max_length",
    "tokenizer_class",
    "chat_template",
    "additional_special_tokens",
    "extra_special_tokens",
    "model_specific_special_tokens",
    "added_tokens_decoder",
}


def compare_settings(before: Tokenizer, after: Tokenizer, touched: frozenset[str]) -> Iterator[Change]:
    """Settings, special tokens by their role, the class, and the longest input.

    Args:
        before: The old tokenizer.
        after: The new one.
        touched: Paths that are not the same in both revisions.
    """
    path = after.at(CONFIG)
    old, new = before.config, after.config
    if old and new and path in touched:
        yield from _class(path, old, new)
        yield from _max_length(path, old, new)
        yield from _others(path, old, new)
        yield from _extra_tokens(path, old, new, before, after)
    if (old or before.roles) and (new or after.roles):
        where = path if path in touched else after.at(ROLES)
        for role in ROLE_NAMES:
            was, now = (
                token_of(old, role) or token_of(before.roles, role),
                token_of(new, role) or token_of(after.roles, role),
            )
            if was != now:
                yield SpecialTokenChanged(path=where, role=role, before=was, after=now)


def repeats(name: str, holder: Tokenizer, other: Tokenizer) -> bool:
    """Whether all that a file of settings says stands in another file of the tokenizer as well.

    Args:
        name: The file's name.
        holder: The tokenizer that has the file.
        other: The one whose other files are asked.
    """
    if name == ADDED:
        vocabulary = next((other.base(path).vocabulary for path in other.forms()), {})
        return all(vocabulary.get(token) == number for token, number in holder.added.items())
    if name == ROLES:
        said = {role for role in ROLE_NAMES if token_of(holder.roles, role) is not None}
        same = all(token_of(holder.roles, role) == token_of(other.config, role) for role in said)
        return same and listed_tokens(holder.roles) <= listed_tokens(other.config)
    return False


def token_of(settings: dict[str, Json], role: str) -> str | None:
    """The token that plays a role: as text, or as the `content` of an object."""
    token = settings.get(f"{role}_token")
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else None


def _class(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    old, new = _class_name(before), _class_name(after)
    if old == new:
        return
    if new == _BACKEND:
        # transformers 5 writes it for whatever it loads from tokenizer.json (GPTQModel#2403, transformers#47553).
        yield ReaderFloorRaised(path=path, form=new, reader="transformers", since="5.0", older="refuse")
    elif old == _BACKEND:
        yield TokenizerSettingChanged(path=path, key="tokenizer_class", effect="nothing", before=old, after=new)
    else:
        yield TokenizerClassChanged(path=path, before=old, after=new)


def _class_name(settings: dict[str, Json]) -> str | None:
    """The class, whichever of its two implementations is named; the names of the base class stand for one another."""
    name = settings.get("tokenizer_class")
    return name.removesuffix("Fast") if isinstance(name, str) else None


def _max_length(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    old, new = _limit(before.get("model_max_length")), _limit(after.get("model_max_length"))
    if old != new:
        raised = old is not None and (new is None or new > old)
        yield MaxLengthChanged(path=path, before=old, after=new, direction="raised" if raised else "lowered")


def _limit(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value > _UNLIMITED:
        return None
    return int(value)


def _extra_tokens(
    path: str, before: dict[str, Json], after: dict[str, Json], old: Tokenizer, new: Tokenizer
) -> Iterator[Change]:
    if isinstance(after.get("extra_special_tokens"), list) and not isinstance(before.get("extra_special_tokens"), list):
        # transformers 4 takes only a mapping there (mlx-lm#661, transformers#45566).
        form = "extra_special_tokens as a list"
        yield ReaderFloorRaised(path=path, form=form, reader="transformers", since="5.0", older="refuse")
    was, now = listed_tokens(before), listed_tokens(after)
    if was != now:
        known = _vocabulary(old) & _vocabulary(new)  # tokens that come or go are told of the vocabulary
        yield from (ExtraTokenUnlisted(path=path, token=token) for token in sorted((was - now) & known))
        yield from (ExtraTokenListed(path=path, token=token) for token in sorted((now - was) & known))


def listed_tokens(settings: dict[str, Json]) -> frozenset[str]:
    """The special tokens that play no role of their own, under their old name and the new one, in any of the forms."""
    found: set[str] = set()
    for key in ("additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens"):
        value = settings.get(key)
        for token in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            content = token.get("content") if isinstance(token, dict) else token
            found |= {content} if isinstance(content, str) else set()
    return frozenset(found)


def _vocabulary(tokenizer: Tokenizer) -> frozenset[str]:
    return frozenset().union(*(tokenizer.source(path).vocabulary for path in [*tokenizer.forms()][:1]))


def _others(path: str, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Change]:
    for key in sorted((before.keys() | after.keys()) - _ELSEWHERE):
        old, new = (side[key] if side.get(key) is not None else _DEFAULTS.get(key) for side in (before, after))
        if old != new:
            effect = _EFFECTS.get(key, "unknown")
            yield TokenizerSettingChanged(path=path, key=key, effect=effect, before=_shown(old), after=_shown(new))  # type: ignore[arg-type]  # the table's words


def _shown(value: Json) -> Value:
    return compact(value) if isinstance(value, dict | list) else value
