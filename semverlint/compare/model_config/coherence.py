"""What the configurations of one revision say about each other."""

from collections.abc import Iterator

from semverlint.changes.base import Change, Incoherence
from semverlint.changes.config import (
    EndTokensDisagree,
    HeadsDoNotDivide,
    LabelCountDisagrees,
    LayerCountDisagrees,
    MaxLengthExceedsPositions,
    TokenIdOutsideVocabulary,
)
from semverlint.compare.json_values import token_ids, whole_number
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, compact, read_json_object
from semverlint.snapshot import Snapshot

_SPECIAL = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "mask_token_id")
_UNLIMITED = 10**12


def contradictions(pair: Pair, place: str) -> Iterator[Change]:
    """Contradictions in the new revision's folder, marked where the old one had the same."""
    try:
        before = {repr(one) for one in _of(pair.old, place, already=True)}
    except FileError:
        before = set()
    for one in _of(pair.new, place, already=True):
        again = repr(one) in before
        yield type(one)(**{**vars(one), "already": again})


def _of(snapshot: Snapshot, place: str, *, already: bool) -> Iterator[Incoherence]:  # noqa: C901 - one question after the other
    def read(name: str) -> dict[str, Json]:
        return snapshot.facts(read_json_object, f"{place}/{name}" if place else name) or {}

    path = f"{place}/config.json" if place else "config.json"
    config, generation, tokenizer = read("config.json"), read("generation_config.json"), read("tokenizer_config.json")
    end, other = token_ids(config.get("eos_token_id")), token_ids(generation.get("eos_token_id"))
    if end and other and not end & other:
        yield EndTokensDisagree(
            path=path, already=already, config=compact([*sorted(end)]), generation=compact([*sorted(other)])
        )
    size = whole_number(config.get("vocab_size"))
    if size:
        for key in _SPECIAL:
            for number in sorted(token_ids(config.get(key))):
                if number >= size:
                    yield TokenIdOutsideVocabulary(path=path, already=already, key=key, id=number, vocab_size=size)
    layers, types = whole_number(config.get("num_hidden_layers")), config.get("layer_types")
    if layers and isinstance(types, list) and len(types) != layers:
        yield LayerCountDisagrees(path=path, already=already, layers=layers, types=len(types))
    hidden, heads = whole_number(config.get("hidden_size")), whole_number(config.get("num_attention_heads"))
    if hidden and heads and hidden % heads and config.get("head_dim") is None:
        yield HeadsDoNotDivide(path=path, already=already, hidden_size=hidden, heads=heads)
    count, names = whole_number(config.get("num_labels")), config.get("id2label")
    if count and isinstance(names, dict) and len(names) != count:
        yield LabelCountDisagrees(path=path, already=already, num_labels=count, labels=len(names))
    longest, positions = (
        whole_number(tokenizer.get("model_max_length")),
        whole_number(config.get("max_position_embeddings")),
    )
    if longest and positions and positions < longest < _UNLIMITED:
        yield MaxLengthExceedsPositions(path=path, already=already, model_max_length=longest, positions=positions)
