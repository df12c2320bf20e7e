"""What an adapter is and which base it belongs to: `adapter_config.json`, defaults filled in.

Reference: the configuration classes of peft, and `PeftConfigMixin.from_peft_type`, which since 0.14.0 drops keys it
does not know with a warning (huggingface/peft#2038); before, each of them was a TypeError.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from semverlint.changes.adapter import (
    AdapterAdded,
    AdapterBaseChanged,
    AdapterBaseDisagrees,
    AdapterBaseLocal,
    AdapterInitChanged,
    AdapterMethodChanged,
    AdapterModulesChanged,
    AdapterReformatted,
    AdapterRemoved,
    AdapterRevisionChanged,
    AdapterSettingChanged,
    AdapterWithoutWeights,
    Role,
)
from semverlint.changes.base import Change, Value
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.class_defaults import class_defaults
from semverlint.compare.json_values import same_value, shown
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.formats.adapter import NAME_SETS, AdapterFacts, read_adapter
from semverlint.formats.card import read_card
from semverlint.formats.text_files import Json
from semverlint.roles import folder, role
from semverlint.snapshot import Snapshot
from semverlint.text import clean, some

_ROLES: dict[Role, str] = {
    "rank": "r rank_pattern layer_replication num_virtual_tokens token_dim hidden_dim num_layers num_attention_heads",
    "scale": "lora_alpha alpha alpha_pattern use_rslora scaling",
    "modules": "layers_to_transform layers_pattern target_parameters feedforward_modules fan_in_fan_out",
    "whole": "trainable_token_indices ensure_weight_tying",
    "method": """
        use_dora use_qalora qalora_group_size lora_bias bias alora_invocation_tokens use_bdlora kasa_config arrow_config
        monteclora_config
        """,
    "task": "task_type auto_mapping",
    "training": """
        lora_dropout eva_config corda_config loftq_config lora_ga_config velora_config init_weights init_ia3_weights
        rank_dropout module_dropout target_r init_r tinit tfinal deltaT beta1 beta2 orth_reg_weight total_step
        """,
    "runtime": "inference_mode megatron_config megatron_core runtime_config peft_version",
}
_ROLE_OF: dict[str, Role] = {key: role for role, keys in _ROLES.items() for key in keys.split()}
_BY_THEMSELVES = frozenset(
    {"peft_type", "base_model_name_or_path", "revision", "init_lora_weights", "auto_mapping", *NAME_SETS}
)
_SINCE: dict[tuple[int, int], str] = {
    (0, 3): "init_lora_weights",
    (0, 4): "layers_to_transform layers_pattern auto_mapping revision",
    (0, 6): "rank_pattern alpha_pattern",
    (0, 7): "megatron_config megatron_core loftq_config",
    (0, 8): "use_rslora",
    (0, 9): "use_dora",
    (0, 10): "layer_replication",
}
"""LoRA's keys by the release that brought them; any later one is dropped with a warning from 0.14 on."""
_KNOWN_SINCE = {key: version for version, keys in _SINCE.items() for key in keys.split()}
_FIRST_KEYS = frozenset(
    """
    peft_type task_type inference_mode base_model_name_or_path r target_modules lora_alpha lora_dropout fan_in_fan_out
    bias modules_to_save runtime_config
    """.split()  # noqa: SIM905 - a table of words reads better than one of quotes
)
_FORGIVING = (0, 14)
_BASE_MOVERS = ("pissa", "olora", "loftq", "corda", "lora_ga")


@comparer
def compare_adapter(pair: Pair) -> Iterator[Change]:
    """Changes of every adapter, and what contradicts itself in the new ones."""
    for path in pair.paths("adapter"):
        with pair.attempt(path):
            old, new = pair.facts(read_adapter, path)
            if old is None:
                yield AdapterAdded(path=path)
            elif new is None:
                yield AdapterRemoved(path=path)
            else:
                yield from _difference(path, old, new)
    yield from _contradictions(pair)


def _difference(path: str, old: AdapterFacts, new: AdapterFacts) -> Iterator[Change]:
    found = [*_identity(path, old, new), *_settings(path, old, new), *_floor(path, old, new)]
    yield from found or [AdapterReformatted(path=path)]


def _identity(path: str, old: AdapterFacts, new: AdapterFacts) -> Iterator[Change]:
    method = (old.text("peft_type"), new.text("peft_type"))
    if method[0] != method[1]:
        yield AdapterMethodChanged(path=path, before=method[0], after=method[1])
    before, after = old.text("base_model_name_or_path") or None, new.text("base_model_name_or_path") or None
    if before != after:
        yield AdapterBaseChanged(
            path=path,
            before=before,
            after=after,
            same_name=before is not None and after is not None and _repository(before) == _repository(after),
            before_local=_local(before),
            after_local=_local(after),
        )
    if (old.text("revision") or None) != (new.text("revision") or None):
        yield AdapterRevisionChanged(path=path, before=old.text("revision") or None, after=new.text("revision") or None)


def _settings(path: str, old: AdapterFacts, new: AdapterFacts) -> Iterator[Change]:
    known = class_defaults("adapter", new.text("peft_type") or "") or {}
    for key in NAME_SETS:
        yield from _names(path, key, old.values.get(key), new.values.get(key))
    before, after = _auto_class(old), _auto_class(new)
    if before != after:
        yield AdapterSettingChanged(
            path=path, key="auto_mapping", role="task", before=before, after=after, new_key=False
        )
    begun = [shown(facts.values.get("init_lora_weights", True)) for facts in (old, new)]
    if begun[0] != begun[1]:
        moves = any(str(way).lower().startswith(_BASE_MOVERS) for way in begun)
        yield AdapterInitChanged(path=path, before=begun[0], after=begun[1], moves_base=moves)
    same_method = old.text("peft_type") == new.text("peft_type")
    for key in sorted(old.values.keys() | new.values.keys()):
        if key in _BY_THEMSELVES or (not same_method and (key not in old.values or key not in new.values)):
            continue  # settings of the other method come and go with it
        left, right = (_canonical(key, facts.values.get(key, known.get(key))) for facts in (old, new))
        if not same_value(left, right) and not (_unset(left) and _unset(right)):
            yield AdapterSettingChanged(
                path=path,
                key=key,
                role=_ROLE_OF.get(key, "method" if key in known else "unknown"),
                before=shown(left),
                after=shown(right),
                new_key=key not in old.values and _needs(key, new.text("peft_type") or "") > (0, 0),
            )


def _names(path: str, key: str, before: Json, after: Json) -> Iterator[Change]:
    """Lists are sets; a text is a pattern (or `all-linear`) that only the base model can resolve."""
    old, new = _name_set(before), _name_set(after)
    if old != new or (bool(old) and isinstance(before, str) != isinstance(after, str)):
        yield AdapterModulesChanged(
            path=path,
            key=key,
            gained=some(sorted(new - old)),
            lost=some(sorted(old - new)),
            pattern=isinstance(before, str) or isinstance(after, str),
        )


def _name_set(value: Json) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {name for name in value if isinstance(name, str)} if isinstance(value, list) else set()


def _auto_class(facts: AdapterFacts) -> Value:
    """The base class that `auto_mapping` names; the library it is imported from may move."""
    mapping = facts.values.get("auto_mapping")
    name = mapping.get("base_model_class") if isinstance(mapping, dict) else mapping
    return shown(name)


def _floor(path: str, old: AdapterFacts, new: AdapterFacts) -> Iterator[Change]:
    """New keys that say nothing new: PEFT before 0.14 refuses a configuration with any key it does not know."""
    method = new.text("peft_type") or ""
    known = class_defaults("adapter", method) or {}
    silent = {
        key: _needs(key, method)
        for key, value in new.values.items()
        if key not in old.values and (_unset(value) or value == known.get(key) or _ROLE_OF.get(key) == "runtime")
    }
    before = max((_needs(key, method) for key in old.values), default=(0, 0))
    needed = max(silent.values(), default=(0, 0))
    if needed > before:
        yield ReaderFloorRaised(
            path=path,
            form=f"{some(sorted(key for key, since in silent.items() if since > before))} in the configuration",
            reader="peft",
            since=".".join(map(str, (*needed, 0))),
            older="refuse",
        )


def _needs(key: str, method: str) -> tuple[int, int]:
    """The first release of PEFT that bears the key in an adapter's configuration; (0, 0) for all of them."""
    if key in _FIRST_KEYS or key in _KNOWN_SINCE:
        return _KNOWN_SINCE.get(key, (0, 0))
    of_lora = class_defaults("adapter", "LORA") or {}
    of_method = class_defaults("adapter", method) or {}
    return (0, 0) if key in of_method and key not in of_lora else _FORGIVING


def _contradictions(pair: Pair) -> Iterator[Change]:
    """An adapter whose base is nowhere, or another than the card's, or that has no weights."""
    for path in sorted(pair.new.files):
        if role(path) != "adapter":
            continue
        beside = {other for other in pair.touched if folder(other) == folder(path)}
        if not (beside or "README.md" in pair.touched or pair.options.full):
            continue
        with pair.attempt(path):
            facts = pair.new.facts(read_adapter, path)
            base = facts.text("base_model_name_or_path") if facts else None
            if base and _local(base):
                yield AdapterBaseLocal(path=path, base=clean(base), already=_base(pair.old, path) == base)
            elif base and (card := _card_disagrees(pair.new, base)):
                before = _base(pair.old, path)
                already = bool(before) and _card_disagrees(pair.old, before) is not None
                yield AdapterBaseDisagrees(path=path, base=clean(base), card=card, already=already)
            if not _weights(pair.new, path):
                already = path in pair.old.files and not _weights(pair.old, path)
                yield AdapterWithoutWeights(path=path, already=already)


def _base(snapshot: Snapshot, path: str) -> str | None:
    try:
        facts = snapshot.facts(read_adapter, path)
    except FileError:
        return None
    return facts.text("base_model_name_or_path") if facts else None


def _card_disagrees(snapshot: Snapshot, base: str | None) -> str | None:
    """The bases the card names, if it names some and none has the adapter's base's name; owners may be mirrors."""
    try:
        card = snapshot.facts(read_card, "README.md")
    except FileError:
        return None  # whoever compares the card says so
    named = card.listed("base_model") if card else ()
    if not named or base is None or any(_repository(name) == _repository(base) for name in named):
        return None
    return some(named)


def _weights(snapshot: Snapshot, path: str) -> bool:
    """Whether weights stand beside the configuration; PEFT calls them `adapter_model.safetensors` or `.bin`."""
    return any(role(other) == "weights" for other in snapshot.files if folder(other) == folder(path))


def _local(base: str | None) -> bool:
    """Whether a base is a path and no repository: repositories are `name` or `owner/name`."""
    if not base:
        return False
    return base.startswith((".", "/", "~", "file:")) or "\\" in base or base.count("/") > 1 or base[1:2] == ":"


def _repository(name: str) -> str:
    """The name without its owner; the Hub minds no case."""
    return PurePosixPath(name.replace("\\", "/")).name.lower()


def _canonical(key: str, value: Json) -> Json:
    if key == "layers_to_transform" and isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if key == "layers_pattern" and isinstance(value, str):
        return [value]
    return value


def _unset(value: Json) -> bool:
    """Off, null and empty: how a PEFT configuration says that a feature is not used."""
    return value is None or value is False or (isinstance(value, list | dict) and not value)
