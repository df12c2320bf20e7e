"""What the configurations of one revision say about each other, and `config.json` about itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from semverlint.changes.base import Incoherence
from semverlint.changes.config_coherence import (
    DtypesDisagree,
    EndTokensDisagree,
    ExpertsDoNotSuffice,
    GenerationIdsDisagree,
    HeadsDoNotDivide,
    LabelCountDisagrees,
    LabelTablesDisagree,
    LayerCountDisagrees,
    MaxLengthExceedsPositions,
    PadEndsGeneration,
    QuantizationsDisagree,
    TokenIdOutsideVocabulary,
)
from semverlint.compare.json_values import shown, token_ids, whole_number
from semverlint.compare.model_config.canonical import Canonical, Level, canonical, label_names
from semverlint.compare.model_config.labels import label_ids
from semverlint.compare.model_config.values import positions_are_learned
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, compact, read_json_object
from semverlint.snapshot import Snapshot

_CONFIG, _GENERATION, _SETTINGS, _TOKENIZER = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "tokenizer.json",
)
_QUANTISERS = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
_SAME_PACKING = {"w_bit": "bits", "wbits": "bits", "q_group_size": "group_size"}
_PACKING = ("bits", "group_size", "desc_act", "sym", "zero_point", "quant_algo", "kv_cache_quant_algo")
_SPECIAL = (
    *("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "mask_token_id", "sep_token_id"),
    *("cls_token_id", "unk_token_id", "forced_bos_token_id", "forced_eos_token_id"),
)
_SHARED_IDS = ("bos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id")
_OWN_WIDTH = frozenset(
    {"d_kv", "kv_channels", "v_head_dim", "kv_lora_rank", "attention_head_dim", "attention_head_size"}
)
"""Keys by which a class gives its heads a width of their own."""
_UNLIMITED = 10**12


@dataclass(frozen=True)
class _Place:
    """The files of one folder of one revision, as far as relations between them go.

    Attributes:
        path: The folder, with its slash; empty for the top.
        touched: Whether one of some files was touched, so that a relation between them may be new.
    """

    pair: Pair
    snapshot: Snapshot
    path: str

    def touched(self, *names: str) -> bool:
        return self.pair.options.full or any(self.path + name in self.pair.touched for name in names)

    def read(self, name: str) -> Mapping[str, Json]:
        """A JSON object of the folder; empty where there is none, or where reading it would cost a download."""
        file = self.snapshot.files.get(self.path + name)
        if file is None or (file.remote and name == _TOKENIZER and not self.touched(name)):
            return {}
        try:
            return self.snapshot.facts(read_json_object, file.path) or {}
        except FileError:
            return {}  # whoever compares that file says so


def contradictions(pair: Pair, place: str) -> Iterator[Incoherence]:
    """Contradictions in the new revision's folder, marked where the old one had the same."""
    path = f"{place}/" if place else ""
    found = list(_of(_Place(pair, pair.new, path)))
    before = set(_of(_Place(pair, pair.old, path))) if found else set()
    for one in found:
        yield replace(one, already=one in before)


def _of(place: _Place) -> Iterator[Incoherence]:
    path, raw = place.path + _CONFIG, place.read(_CONFIG)
    if not raw and not place.touched(_GENERATION, _SETTINGS):
        return
    config = canonical(raw)
    if place.touched(_CONFIG):
        for level in config.levels.values():
            yield from _alone(path, level)
        yield from _labels(path, config.top)
    if place.touched(_CONFIG, *_QUANTISERS):
        yield from _packings(place, config)
    if place.touched(_CONFIG, _GENERATION):
        yield from _ids(path, config, place.read(_GENERATION))
    if place.touched(_CONFIG, _GENERATION, _SETTINGS, _TOKENIZER):
        yield from _ends(place, config)
    if place.touched(_CONFIG, _SETTINGS):
        yield from _lengths(place, config.text)


def _alone(path: str, level: Level) -> Iterator[Incoherence]:
    """What one level contradicts by itself."""
    values = level.values
    size = whole_number(values.get("vocab_size"))
    for key in _SPECIAL:
        for number in sorted(token_ids(level.raw.get(key))):
            if 0 < size <= number:
                yield TokenIdOutsideVocabulary(path=path, already=False, key=level.key(key), id=number, vocab_size=size)
    layers, types = whole_number(values.get("num_hidden_layers")), level.raw.get("layer_types")
    if layers and isinstance(types, list) and len(types) != layers:
        yield LayerCountDisagrees(path=path, already=False, layers=layers, types=len(types))
    hidden, heads = whole_number(values.get("hidden_size")), whole_number(values.get("num_attention_heads"))
    if hidden and heads and hidden % heads and values.get("head_dim") is None and not _OWN_WIDTH & values.keys():
        yield HeadsDoNotDivide(path=path, already=False, what="hidden", whole=hidden, parts=heads)
    groups = whole_number(level.raw.get("num_key_value_heads"))
    if heads and groups and heads % groups:
        yield HeadsDoNotDivide(path=path, already=False, what="groups", whole=heads, parts=groups)
    experts = next((n for key in ("num_local_experts", "num_experts", "n_routed_experts") if (n := whole_number(values.get(key)))), 0)  # fmt: skip  # noqa: E501 - one question
    chosen = whole_number(values.get("num_experts_per_tok"))
    if experts and chosen > experts:
        yield ExpertsDoNotSuffice(path=path, already=False, chosen=chosen, experts=experts)
    one, other = level.raw.get("dtype"), level.raw.get("torch_dtype")
    if isinstance(one, str) and isinstance(other, str) and one.removeprefix("torch.") != other.removeprefix("torch."):
        yield DtypesDisagree(path=path, already=False, dtype=one, torch_dtype=other)


def _labels(path: str, level: Level) -> Iterator[Incoherence]:
    names, count = level.raw.get("id2label"), whole_number(level.raw.get("num_labels"))
    if not isinstance(names, dict):
        return
    if count and len(names) != count:
        yield LabelCountDisagrees(path=path, already=False, num_labels=count, labels=len(names))
    by_id, by_label = {name: index for index, name in label_names(level).items()}, label_ids(level)
    if len(by_id) != len(names):
        return  # two classes of one name: no table can be turned round
    wrong = [label for label in sorted(by_id.keys() | by_label.keys()) if by_id.get(label) != by_label.get(label)]
    if wrong and isinstance(level.raw.get("label2id"), dict):
        yield LabelTablesDisagree(
            path=path,
            already=False,
            label=wrong[0],
            by_id=by_id.get(wrong[0]),
            by_label=shown(by_label.get(wrong[0])),
            count=len(wrong),
        )


def _packings(place: _Place, config: Canonical) -> Iterator[Incoherence]:
    packing = config.top.raw.get("quantization_config")
    for name in _QUANTISERS:
        written = place.read(name)
        inner = written.get("quantization")
        one = _same_names(packing if isinstance(packing, dict) else {})
        other = _same_names(inner if isinstance(inner, dict) else written)
        for key in _PACKING:
            if one.get(key) is not None and other.get(key) is not None and one[key] != other[key]:
                yield QuantizationsDisagree(
                    path=place.path + _CONFIG,
                    already=False,
                    other=place.path + name,
                    key=key,
                    config=shown(one[key]),
                    value=shown(other[key]),
                )


def _same_names(packing: Mapping[str, Json]) -> dict[str, Json]:
    return {_SAME_PACKING.get(key, key): value for key, value in packing.items()}


def _ids(path: str, config: Canonical, generation: Mapping[str, Json]) -> Iterator[Incoherence]:
    for key in _SHARED_IDS:
        one, other = config.top.raw.get(key, config.text.raw.get(key)), generation.get(key)
        if one is not None and other is not None and token_ids(one) != token_ids(other):
            yield GenerationIdsDisagree(path=path, already=False, key=key, config=shown(one), generation=shown(other))


def _ends(place: _Place, config: Canonical) -> Iterator[Incoherence]:
    """The ids at which each file ends generation; `generate` asks `generation_config.json` first."""
    generation, settings = place.read(_GENERATION), place.read(_SETTINGS)
    found = {
        _GENERATION: token_ids(generation.get("eos_token_id")),
        _CONFIG: token_ids(config.top.raw.get("eos_token_id", config.text.raw.get("eos_token_id"))),
        _SETTINGS: _id_of(place, settings, "eos_token"),
    }
    named = {name: ids for name, ids in found.items() if ids}
    (other, decisive), *rest = list(named.items()) or [("", frozenset[int]())]
    for name, ids in rest:
        if ids != decisive:
            yield EndTokensDisagree(
                path=place.path + name,
                already=False,
                file=name,
                ids=_listed(ids),
                other=other,
                other_ids=_listed(decisive),
                shared=bool(ids & decisive),
            )
    pads = token_ids(generation.get("pad_token_id", config.top.raw.get("pad_token_id")))
    if pads & decisive and settings.get("pad_token") is None:  # else it is the tokenizer that says so
        yield PadEndsGeneration(path=place.path + other, already=False, id=min(pads & decisive))


def _listed(ids: frozenset[int]) -> str:
    return compact([*sorted(ids)])


def _id_of(place: _Place, settings: Mapping[str, Json], role: str) -> frozenset[int]:
    """The id of a special token, from the tables of added tokens; none where these do not say."""
    token = settings.get(role)
    text = token.get("content") if isinstance(token, dict) else token
    if not isinstance(text, str):
        return frozenset()
    table = settings.get("added_tokens_decoder")
    if isinstance(table, dict):
        for key, one in table.items():
            if isinstance(one, dict) and one.get("content") == text and key.isdecimal() and len(key) < 10:  # noqa: PLR2004 - digits of any id
                return frozenset({int(key)})
    listed = place.read(_TOKENIZER).get("added_tokens")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("content") == text:
            return token_ids(one.get("id"))
    return frozenset()


def _lengths(place: _Place, level: Level) -> Iterator[Incoherence]:
    longest = whole_number(place.read(_SETTINGS).get("model_max_length"))
    positions = whole_number(level.values.get("max_position_embeddings"))
    if "max_position_embeddings" in level.given and 0 < positions < longest < _UNLIMITED:
        yield MaxLengthExceedsPositions(
            path=place.path + _CONFIG,
            already=False,
            model_max_length=longest,
            positions=positions,
            learned=positions_are_learned(level),
        )
