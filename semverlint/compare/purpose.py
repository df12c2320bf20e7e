"""What a model is for, as far as comparing must know it."""

import re

from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.text_files import read_text
from semverlint.roles import role
from semverlint.snapshot import Snapshot

_EMBEDDING_CARD = re.compile(
    r"^(pipeline_tag: *[\"']?(sentence-similarity|feature-extraction)|library_name: *[\"']?sentence-transformers)",
    re.MULTILINE,
)


def has_same_tokens(pair: Pair) -> bool:
    """Whether there is a tokenizer, and nobody touched it."""
    tokenizers = {path for path in pair.new.files if role(path) == "tokenizer"}
    return bool(tokenizers) and not tokenizers & pair.touched


def is_embedding_model(snapshot: Snapshot) -> bool:
    """Whether people store this model's vectors: sentence-transformers modules, or a card that says so."""
    if snapshot.files.keys() & {"modules.json", "config_sentence_transformers.json"}:
        return True
    try:
        card = snapshot.facts(read_text, "README.md")
    except FileError:
        return False
    head = card.split("\n---", 1)[0] if card is not None and card.startswith("---") else ""
    return _EMBEDDING_CARD.search(head) is not None
