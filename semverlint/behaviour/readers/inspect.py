"""Inspect AI: one log a run, as `.eval` (a zip with a JSON file a sample) or as one JSON document.

The fields are those of `log/_log.py` (version 0.3.285): `eval`, `plan` and `samples`, each sample with `id`, `epoch`,
`target` and `scores`. A score's value is `C`, `P`, `I` or `N` (right, half, wrong, no answer), a number, or several by
name. The zip's members are packed with Zstandard, deflated in older logs; pyarrow unpacks the former.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from semverlint.behaviour import lines, plain
from semverlint.behaviour.documents import document, listed, mapping, parsed
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows, Unit
from semverlint.errors import FileError
from semverlint.files import Meter
from semverlint.formats.zip_members import Member, unpacked, zip_members
from semverlint.sources.folder import LocalFile
from semverlint.text import clean, size

_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_LARGEST_SAMPLE = 256_000_000
"""Bytes of one sample, unpacked: an agent's whole transcript."""
_RATIO = 200
"""Times its own size to which a log may unpack: transcripts pack 5 to 50 times."""
_TOGETHER = 100
"""Samples of one piece, fewer where they are large."""
_WANTED = ("id", "epoch", "target", "input", "scores", "metadata")
"""What is kept of a sample: the transcript beside it may be a thousand times as long."""
_SAMPLING = ("temperature", "top_p", "top_k", "max_tokens")


@reader
class Inspect(Reader):
    """Inspect's logs."""

    def recognises(self, head: Head) -> bool:
        if head.start.startswith(b"PK\x03\x04"):
            return b"_journal/" in head.start or b"header.json" in head.start or b"samples/" in head.start[:4096]
        return head.is_document and head.mentions("status", "eval", "run_id", "task_id")

    def pieces(self, head: Head) -> Iterator[Piece]:
        if not head.start.startswith(b"PK"):
            yield Piece("inspect", head.path, head.shown)
            return
        file = _file(head.path, head.shown)
        members = {member.name: member for member in zip_members(file)}
        header = members.get("header.json") or members.get("_journal/start.json")
        if header is None:
            raise FileError(head.shown, "a zip without header.json is no log of Inspect", "name the log itself")
        said = mapping(parsed(_content(file, header), head.shown))
        names = sorted(name for name in members if name.startswith("samples/") and name.endswith(".json"))
        whole, packed = sum(members[name].size for name in names), head.path.stat().st_size
        if whole > _LARGEST_SAMPLE and whole > _RATIO * packed:
            raise FileError(head.shown, f"would unpack to {size(whole)}", "check who wrote it")
        extra = {"header": {key: said.get(key) for key in ("eval", "plan")}}
        for start, together in _apportioned([members[name].size for name in names]):
            chosen = names[start : start + together]
            yield Piece("inspect", head.path, head.shown, start, start + together, extra | {"names": chosen})

    def read(self, piece: Piece) -> list[Rows]:
        if not piece.extra:
            log = mapping(document(piece.path, piece.shown))
            return _rows(log, [mapping(sample) for sample in listed(log.get("samples"))])
        file = _file(piece.path, piece.shown)
        members = {member.name: member for member in zip_members(file)}
        samples = []
        for name in piece.extra["names"]:
            sample = mapping(parsed(_content(file, members[name]), f"{piece.shown}: {name}"))
            samples.append({key: sample[key] for key in _WANTED if key in sample})
        return _rows(piece.extra["header"], samples)


def _apportioned(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where pieces begin, and how many samples each has: no more bytes than one sample may have."""
    start = held = 0
    for at, length in enumerate(sizes):
        if at > start and (at - start == _TOGETHER or held + length > _LARGEST_SAMPLE):
            yield start, at - start
            start, held = at, 0
        held += length
    if start < len(sizes):
        yield start, len(sizes) - start


def _file(path: Path, shown: str) -> LocalFile:
    return LocalFile(shown, path, path.stat().st_size, Meter())


def _content(file: LocalFile, member: Member) -> bytes:
    """What a member holds. Raises `FileError` where it is too large, damaged or packed in an unknown way."""
    if member.size > _LARGEST_SAMPLE:
        raise FileError(
            file.path,
            f"{clean(member.name)} is larger than {size(_LARGEST_SAMPLE)}",
            "leave the sample out of both runs",
        )
    if member.packing in {"", "deflated"}:
        return unpacked(file, member)
    if member.packing != "packed by method 93":
        raise FileError(file.path, f"{clean(member.name)} is {member.packing}", "convert it with `inspect log convert`")
    try:
        from pyarrow import ArrowException, BufferReader, CompressedInputStream  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise FileError(
            file.path, "is packed with Zstandard, which pyarrow reads", "pip install 'semverlint[evals]'"
        ) from None
    try:
        with CompressedInputStream(BufferReader(file.read(member.start, member.stop)), "zstd") as stream:
            data: bytes = stream.read(member.size + 1)
    except (ArrowException, OSError) as error:
        raise FileError(file.path, f"{clean(member.name)} is damaged ({clean(error, 80)})", "fetch it again") from None
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        raise FileError(file.path, f"{clean(member.name)} is damaged", "fetch it again")
    return data


def _rows(log: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> list[Rows]:
    """One unit a scorer; samples that failed before they were scored are left out, as Inspect itself does."""
    run = mapping(log.get("eval"))
    task = str(run.get("task") or plain.EVERYTHING)
    units: dict[str, list[tuple[Mapping[str, Any], float, Any]]] = {}
    for sample in samples:
        for scorer, score in mapping(sample.get("scores")).items():
            value, answer = mapping(score).get("value"), mapping(score).get("answer")
            parts = value.items() if isinstance(value, dict) else [("", value)]
            for name, part in parts:
                units.setdefault(f"{scorer}: {name}" if name else scorer, []).append((sample, _grade(part), answer))
    return [_unit(Unit(task, metric), scored, _settings(log)) for metric, scored in units.items()]


def _grade(value: Any) -> float:  # noqa: ANN401 - JSON
    return _GRADES[value] if isinstance(value, str) and value in _GRADES else lines.number(value)


def _unit(unit: Unit, scored: Sequence[tuple[Mapping[str, Any], float, Any]], settings: dict[str, str]) -> Rows:
    samples = [sample for sample, _, _ in scored]
    questions = [_question(sample.get("input")) for sample in samples]
    answers = [answer for _, _, answer in scored]
    about = [mapping(sample.get("metadata")) for sample in samples]
    names = [name for name in plain.SLICES if any(name in one for one in about)]
    return Rows(
        unit=unit,
        ids=[_identity(sample) for sample in samples],
        scores=[grade for _, grade, _ in scored],
        answers=answers if any(answer is not None for answer in answers) else (),
        references=[_target(sample.get("target")) for sample in samples],
        prompts=questions,
        questions=questions,
        slices={name: [one.get(name) for one in about] for name in names} | {"length": plain.lengths(questions)},
        settings=settings,
    )


def _identity(sample: Mapping[str, Any]) -> str | None:
    name, epoch = sample.get("id"), sample.get("epoch", 1)
    return None if name is None else str(name) if epoch == 1 else f"{name}, epoch {epoch}"


def _question(value: Any) -> str:  # noqa: ANN401 - a text, or messages of a chat
    if isinstance(value, list):
        return "\n".join(str(mapping(message).get("content", "")) for message in value)
    return str(value)


def _target(value: Any) -> Any:  # noqa: ANN401 - a text or several
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _settings(log: Mapping[str, Any]) -> dict[str, str]:
    run = mapping(log.get("eval"))
    config = mapping(run.get("config"))
    generation = {**mapping(run.get("model_generate_config")), **mapping(mapping(log.get("plan")).get("config"))}
    sampling = {name: generation[name] for name in _SAMPLING if generation.get(name) is not None}
    wanted = {
        "task version": run.get("task_version"),
        "epochs": config.get("epochs"),
        "limit": config.get("limit"),
        "seed": generation.get("seed"),
        "generation": json.dumps(sampling, sort_keys=True) if sampling else None,
        "harness": mapping(run.get("packages")).get("inspect_ai"),
    }
    return {name: str(value) for name, value in wanted.items() if value is not None}
