"""The files a tokenizer is loaded from: `tokenizer.json`, vocabularies, merges and the added tokens."""

from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, compact, read_json_object, read_text
from semverlint.text import clean

LARGEST = 100_000_000
"""Bytes; the largest known `tokenizer.json` has 34 MB, and reading takes about ten times its size in memory."""
_MOST_TOKENS = 5_000_000
_LARGEST_SCORE = 1e300
_PARTS = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "padding")
_FLAGS = ("special", "single_word", "lstrip", "rstrip", "normalized")

Merges = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AddedToken:
    """A token beside the vocabulary, with how it is matched.

    Attributes:
        id: Its id.
        flags: `special`, `single_word`, `lstrip`, `rstrip` and `normalized`, as far as they are given.
    """

    id: int
    flags: dict[str, bool]


@dataclass(frozen=True)
class TokenizerFacts:
    """What `tokenizer.json` says.

    Attributes:
        algorithm: `BPE`, `Unigram`, `WordPiece`, `WordLevel`, or what else is written.
        vocabulary: Token → id.
        scores: Token → score, of a Unigram model; empty for others.
        merges: The merges of a BPE model, in order, as pairs.
        merges_as_pairs: Whether they are written as pairs, which tokenizers refuses before 0.20; None without any.
        added: The added tokens by their text.
        parts: The other parts of the pipeline as canonical JSON text; None where a part is absent or null.
        settings: The model's settings without vocabulary and merges, as canonical JSON text.
        truncation: The length at which texts are cut; None where they are not.
    """

    algorithm: str
    vocabulary: dict[str, int]
    scores: dict[str, float]
    merges: Merges
    merges_as_pairs: bool | None
    added: dict[str, AddedToken]
    parts: dict[str, str | None]
    settings: str
    truncation: int | None


def read_tokenizer(file: File) -> TokenizerFacts:
    """The facts of a `tokenizer.json`.

    Raises:
        FileError: If it is larger than `LARGEST`, or no tokenizer.
    """
    data = read_json_object(file, LARGEST)
    model = data.get("model")
    if not isinstance(model, dict):
        raise FileError(file.path, "has no `model`, so it is no tokenizer", "save it with the tokenizers library")
    vocabulary, scores = _vocabulary(file, model.get("vocab"))
    merges, as_pairs = _merges(file, model.get("merges"))
    algorithm = model.get("type")
    if not isinstance(algorithm, str):  # files from before tokenizers 0.10 leave it out
        algorithm = (
            "BPE"
            if merges
            else "Unigram"
            if scores
            else "WordPiece"
            if "max_input_chars_per_word" in model
            else "WordLevel"
        )
    settings = {key: value for key, value in model.items() if key not in {"vocab", "merges", "type"}}
    return TokenizerFacts(
        algorithm,
        vocabulary,
        scores,
        merges,
        as_pairs,
        _added(file, data.get("added_tokens")),
        {part: None if (value := data.get(part)) is None else compact(value) for part in _PARTS},
        compact(_without_defaults(settings)),
        _longest(data.get("truncation")),
    )


def _longest(truncation: Json) -> int | None:
    length = truncation.get("max_length") if isinstance(truncation, dict) else None
    return length if type(length) is int else None


_MODEL_DEFAULTS: dict[str, Json] = {
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": False,
}
"""What a BPE model means where a key is left out (tokenizers, `src/models/bpe/serialization.rs`)."""


def _without_defaults(settings: dict[str, Json]) -> dict[str, Json]:
    """Settings without those that say what holds anyway: an empty prefix or suffix is none."""
    kept = {key: None if value == "" and key in _MODEL_DEFAULTS else value for key, value in settings.items()}
    return {key: value for key, value in kept.items() if key not in _MODEL_DEFAULTS or value != _MODEL_DEFAULTS[key]}


def _vocabulary(file: File, vocab: Json) -> tuple[dict[str, int], dict[str, float]]:
    if isinstance(vocab, dict):
        return _ids(file, vocab), {}
    if isinstance(vocab, list) and len(vocab) <= _MOST_TOKENS:  # Unigram: [[token, score], …], the position is the id
        scores: dict[str, float] = {}
        for entry in vocab:
            match entry:
                case [str(token), int() | float() as score] if abs(score) < _LARGEST_SCORE:
                    scores[token] = float(score)
                case _:
                    raise FileError(file.path, "an entry of its vocabulary is no [token, score]", "mend the file")
        return {entry[0]: index for index, entry in enumerate(vocab)}, scores  # type: ignore[index, misc]  # checked above
    raise FileError(file.path, "its model has no vocabulary", "save it with the tokenizers library")


def _ids(file: File, vocab: dict[str, Json]) -> dict[str, int]:
    if len(vocab) > _MOST_TOKENS:
        raise FileError(file.path, f"{len(vocab):,} tokens are more than a tokenizer has", "check who wrote it")
    wrong = next((token for token, number in vocab.items() if type(number) is not int or number < 0), None)
    if wrong is not None:
        raise FileError(file.path, f"the token {clean(wrong, 60)} has no whole number as its id", "mend the file")
    return vocab  # type: ignore[return-value]  # every value was checked to be an int


def _merges(file: File, merges: Json) -> tuple[Merges, bool | None]:
    if not merges:
        return (), None
    if not isinstance(merges, list) or len(merges) > _MOST_TOKENS:
        raise FileError(file.path, "its merges are no list a tokenizer could have", "mend the file")
    pairs: list[tuple[str, str]] = []
    for merge in merges:
        match merge:
            case str() if merge.count(" ") == 1:
                left, _, right = merge.partition(" ")
                pairs.append((left, right))
            case [str(left), str(right)]:
                pairs.append((left, right))
            case _:
                raise FileError(file.path, "a merge is no pair of tokens", "mend the file")
    return tuple(pairs), isinstance(merges[0], list)


def _added(file: File, tokens: Json) -> dict[str, AddedToken]:
    added: dict[str, AddedToken] = {}
    for entry in tokens if isinstance(tokens, list) else []:
        match entry:
            case {"content": str(content), "id": int(number), **others} if number >= 0 and number is not True:
                added[content] = AddedToken(number, {flag: bool(others[flag]) for flag in _FLAGS if flag in others})
            case _:
                raise FileError(file.path, "an added token lacks its content or its id", "mend the file")
    return added


def read_vocabulary(file: File) -> dict[str, int]:
    """Token → id of a `vocab.json` or `added_tokens.json` (an object), or a `vocab.txt` (a token a line)."""
    if file.path.endswith(".json"):
        return _ids(file, read_json_object(file, LARGEST))
    lines = read_text(file, LARGEST).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > _MOST_TOKENS:
        raise FileError(file.path, f"{len(lines):,} tokens are more than a tokenizer has", "check who wrote it")
    return {line.rstrip("\r"): number for number, line in enumerate(lines)}


def read_merges(file: File) -> Merges:
    """The merges of a `merges.txt`, in order; a first line of `#version` is none."""
    text = read_text(file, LARGEST)  # not splitlines: some merges hold characters it takes for the end of a line
    lines = [line for line in text.replace("\r", "").split("\n") if line and not line.startswith("#version")]
    return tuple((left, right) for left, _, right in (line.partition(" ") for line in lines))
