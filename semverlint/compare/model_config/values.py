"""One level of a configuration held against another, key by key."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from semverlint.changes.base import Change, Value
from semverlint.changes.config import (
    ConfigChanged,
    ContextLengthChanged,
    DefaultWritten,
    Direction,
    GenerationSettingMoved,
    KeyRenamed,
    NullWritten,
    VocabularySizeChanged,
)
from semverlint.compare.end_tokens import compare_end_tokens
from semverlint.compare.json_values import is_number, shown, token_ids
from semverlint.compare.model_config.canonical import SCORES, Level, is_unsure, label_count
from semverlint.compare.model_config.keys import effect_of
from semverlint.compare.model_config.rope import repeated
from semverlint.formats.text_files import Json, compact

_TINY = 1e-6
"""Relative difference below which two numbers are one number written by two programs."""
_EXACT = 2**53
"""Above this, a float that is a whole number may stand for another one."""
_LONG = 8
"""Entries of a list or an object above which only what differs is shown."""
_LENGTHS = frozenset(
    """
    max_position_embeddings n_positions max_sequence_length max_seq_len max_seq_length seq_length max_target_positions
    context_length
    """.split()  # noqa: SIM905 - a table of words reads better than one of quotes
)
_LEARNED = frozenset({"absolute", "relative_key", "relative_key_query"})
_WITH_LEARNED = frozenset(
    """
    gpt2 gpt_neo openai-gpt gpt_bigcode imagegpt biogpt opt bart mbart plbart led blenderbot blenderbot-small
    bigbird_pegasus clip_text_model siglip_text_model distilbert mpnet longformer xmod whisper trocr
    """.split()  # noqa: SIM905 - likewise
)
_DEPENDENT = frozenset({"dynamic", "longrope", "yarn", "llama3"})
"""Kinds of rotary scaling that take `max_position_embeddings` into their own figures."""
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "hidden_size n_embd d_model dim model_dim",
        "num_hidden_layers n_layer n_layers num_layers",
        "num_attention_heads n_head n_heads num_heads",
        "num_key_value_heads num_kv_heads n_head_kv n_kv_heads multi_query_group_num",
        "max_position_embeddings n_positions max_seq_len seq_length max_sequence_length max_seq_length",
        "intermediate_size ffn_dim n_inner ffn_hidden_size d_ff hidden_dim",
        "layer_norm_eps layer_norm_epsilon norm_eps layernorm_epsilon rms_norm_eps norm_epsilon",
        "num_experts n_routed_experts num_local_experts",
        "vocab_size padded_vocab_size",
    )
)
"""What many call by different names; only a class says whether it knows them all."""


class _Missing:
    """What stands for a key that is not there, and of which nobody knows a default."""


_MISSING = _Missing()
Found: TypeAlias = "Json | _Missing"


def compare_levels(path: str, old: Level, new: Level, elsewhere: Mapping[str, Json], *, code: bool) -> Iterator[Change]:
    """Changes from one level to the other.

    Args:
        path: The file.
        old: The level before.
        new: The level now.
        elsewhere: What the new `generation_config.json` says.
        code: Whether code of the repository loads the model.
    """
    old, new = _aligned(old, new), _aligned(new, old)
    renamed = dict(_renamed(old, new))
    for gone, came in sorted(renamed.items()):
        yield KeyRenamed(path=path, before=new.key(gone), after=new.key(came))
    skipped = {*renamed, *renamed.values(), *_of_another_scaling(old, new), "quantization_config", "compression_config"}
    for key in sorted((old.given | new.given) - skipped):
        before, after = _value(old, key, new), _value(new, key, old)
        if not _same(before, after):
            yield from _difference(path, key, (old, before), (new, after), elsewhere, code=code)


def _aligned(level: Level, other: Level) -> Level:
    """The level with its rotary settings told layer by layer where the other side tells them so."""
    values = repeated(level.values, other.values)
    if values.keys() == level.values.keys():
        return level
    ropes = (key for key in values if key.startswith("rope."))
    return replace(level, values=values, given=level.given & values.keys() | frozenset(ropes))


def _of_another_scaling(old: Level, new: Level) -> Iterator[str]:
    """Figures of a rotary scaling whose very method is another one: they came and went with it."""
    for key in old.values.keys() | new.values.keys():
        place, _, name = key.rpartition(".")
        if name == "rope_type" and old.values.get(key) != new.values.get(key):
            figures = (one for one in old.values.keys() | new.values.keys() if one.rpartition(".")[0] == place)
            yield from (one for one in figures if not one.endswith(("rope_type", "rope_theta")))


def _value(level: Level, key: str, other: Level) -> Found:
    """What a level says, worked out from other keys where the class does so and only the other side writes it."""
    value = level.values.get(key)
    if value is None and key in {"num_key_value_heads", "head_dim"} and key in other.given | level.given:
        heads, hidden = (level.values.get(name) for name in ("num_attention_heads", "hidden_size"))
        if _whole(heads) and key == "num_key_value_heads":
            return heads
        if _whole(heads) and _whole(hidden) and hidden % heads == 0:  # type: ignore[operator]  # both are whole numbers
            return hidden // heads  # type: ignore[operator]  # likewise
    if value is None and key == SCORES:
        return "torch.nn.Sigmoid" if label_count(level) == 1 else "torch.nn.Identity"  # CrossEncoder's own default
    if key in level.values:
        return value
    return None if level.known else _MISSING


def _whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _same(before: Found, after: Found) -> bool:
    if isinstance(before, _Missing) or isinstance(after, _Missing):
        return before is after
    return before == after or compact(before) == compact(after)  # NaN is no other NaN


def _difference(  # noqa: PLR0913 - the two sides of a key, and what stands around it
    path: str,
    key: str,
    old: tuple[Level, Found],
    new: tuple[Level, Found],
    elsewhere: Mapping[str, Json],
    *,
    code: bool,
) -> Iterator[Change]:
    name = new[0].key(key)
    was, now = (None if isinstance(value, _Missing) else value for value in (old[1], new[1]))
    effect = effect_of(name, argument=key in old[0].argument | new[0].argument)
    if was is None and now is None:
        yield NullWritten(path=path, key=name, written=key in new[0].given, remote_code=code)
    elif is_unsure(was) or is_unsure(now):
        yield DefaultWritten(path=path, key=name, value=shown(was if is_unsure(now) else now), written=is_unsure(was))
    elif (
        key not in new[0].given and effect in {"special-token", "generation"} and _same_setting(was, elsewhere.get(key))
    ):
        yield GenerationSettingMoved(path=path, key=name)
    elif key == "eos_token_id":
        yield from compare_end_tokens(path, was, now, name)
    elif key in _LENGTHS and _whole(was) and _whole(now):
        yield _context(path, name, old[0], new[0], (int(str(was)), int(str(now))))
    elif key == "vocab_size" and _whole(was) and _whole(now):
        sizes = int(str(was)), int(str(now))
        yield VocabularySizeChanged(
            path=path,
            key=name,
            before=sizes[0],
            after=sizes[1],
            direction="raised" if sizes[1] > sizes[0] else "lowered",
        )
    else:
        before, after = _shown_pair(old[1], new[1])
        yield ConfigChanged(
            path=path,
            key=name,
            effect=effect,
            before=before,
            after=after,
            direction=_direction(was, now),
            tiny=_tiny(was, now),
            remote_code=code,
            known=old[0].known and new[0].known,
        )


def _same_setting(before: Json, elsewhere: Json) -> bool:
    """Whether the other file says what this one said; one id and a list of it are the same."""
    return before is not None and (
        before == elsewhere or bool(token_ids(before) and token_ids(before) == token_ids(elsewhere))
    )


def _context(path: str, name: str, old: Level, new: Level, lengths: tuple[int, int]) -> Change:
    ropes = [{key: value for key, value in level.values.items() if key.startswith("rope.")} for level in (old, new)]
    kinds = {str(value) for key, value in ropes[1].items() if key.endswith("rope_type")}
    return ContextLengthChanged(
        path=path,
        key=name,
        before=lengths[0],
        after=lengths[1],
        direction="raised" if lengths[1] > lengths[0] else "lowered",
        learned=positions_are_learned(new),
        same_positions=_same(*ropes) and not kinds & _DEPENDENT,
    )


def positions_are_learned(level: Level) -> bool:
    """Whether a level's positions are rows of a trained matrix."""
    kind = level.values.get("position_embedding_type")
    rotary = any(key.startswith("rope.") for key in level.values)
    return level.kind in _WITH_LEARNED or (
        isinstance(kind, str) and kind in _LEARNED and not rotary and not _relative(level)
    )


def _relative(level: Level) -> bool:
    return level.values.get("relative_attention") is True and level.values.get("position_biased_input") is False


def _direction(before: Json, after: Json) -> Direction:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if is_number(before) and is_number(after):
        return "raised" if after > before else "lowered"  # type: ignore[operator]  # both are numbers
    kinds = [dict if isinstance(one, dict) else list if isinstance(one, list) else type(one) for one in (before, after)]
    return "changed" if kinds[0] is kinds[1] else "retyped"


def _tiny(before: Json, after: Json) -> bool:
    if not (is_number(before) and is_number(after)):
        return False
    try:
        largest = max(abs(before), abs(after))  # type: ignore[arg-type]  # both are numbers
        return bool(abs(after - before) <= _TINY * largest)  # type: ignore[operator]  # likewise
    except OverflowError:  # an integer beyond every float
        return False


def _shown_pair(before: Found, after: Found) -> tuple[Value, Value]:
    """Both values as a rule sees them; of long lists and objects only what differs."""
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after) > _LONG:
        places = [place for place, pair in enumerate(zip(before, after, strict=True)) if not _same(*pair)]
        before, after = ({str(place): side[place] for place in places[:3]} for side in (before, after))
    elif isinstance(before, dict) and isinstance(after, dict):
        keys = [key for key in sorted(before.keys() | after.keys()) if not _same(before.get(key), after.get(key))]
        before, after = ({key: side[key] for key in keys if key in side} for side in (before, after))
    different = type(before) is not type(after) and isinstance(before, str) != isinstance(after, str)
    return _shown(before, quoted=different), _shown(after, quoted=different)


def _shown(value: Found, *, quoted: bool) -> Value:
    if isinstance(value, _Missing):
        return None
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return compact(value) if quoted and isinstance(value, str) and value != "null" else shown(value)


def _renamed(old: Level, new: Level) -> Iterator[tuple[str, str]]:
    """Keys whose value is now under another common name, where no known class says that it reads both."""
    if old.known and new.known:
        return
    gone, came = old.given - new.given, new.given - old.given
    for names in _SYNONYMS:
        for before in sorted(names & gone):
            for after in sorted(names & came):
                if _same(old.values.get(before), new.values.get(after)) and old.values.get(before) is not None:
                    yield before, after
