"""How well names are read: beside people's labels, other readers' vectors, a study's practices; and how fast.

    python benchmarks/names.py LABELLED HUB [NAMES]

LABELLED is a file of names with their parts as JSON Lines (`name`, `family`, `version`, `size`, `stage`,
`quantization`, `format`, `date`, `other`). HUB is a folder with `ptlm_labelled_names_384.csv`, `gguf_vectors.json`,
`hf_versioned_ids.txt.gz`, `ptlm_ids_52227.csv.gz` and `ptlm_naming_practices_148.csv`; what is not there is left out.
NAMES (a million unless told) are read for speed on all cores, as the command does.
"""

import csv
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from semverlint.versions.names import Name, parse_name
from semverlint.versions.schemes import read_version

ONE = ("family", "version", "size", "quantization", "format", "date")
STUDY = {
    "identifier": "identifier", "variant": "identifier", "family": "base-model", "base": "base-model", "size": "size",
    "experts": "size", "active": "size", "version": "version", "family-version": "version", "date": "creation-date",
    "language": "language", "dataset": "dataset", "task": "task", "quantisation": "training-mechanism",
    "precision": "training-mechanism", "setting": "training-mechanism", "step": "training-mechanism",
    "epoch": "training-mechanism", "stage": "training-mechanism", "algorithm": "training-mechanism",
    "environment": "task", "modality": "identifier",
}  # fmt: skip
"""Our kinds as labels of the naming study (12 types; quantisation has none of its own there)."""
VARIANTS = {
    "finetuned",
    "finetune",
    "fine-tuned",
    "finetuning",
    "ft",
    "distilled",
    "distil",
    "quantized",
    "4bit",
    "8bit",
}
"""Words that the study calls variant types."""


def parts(row: dict[str, Any]) -> dict[str, Any]:
    """A row's parts by type: `version`, `stage`, `other.context` and so on."""
    found = {key: row[key] for key in (*ONE, "stage") if row[key]}
    return found | {f"other.{key}": value for key, value in row["other"].items()}


def labelled(path: Path) -> None:
    """Segment types and versions beside people's labels, with the confusion of types."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    confusion: Counter[tuple[str, str]] = Counter()
    right = wrong = versions = whole = 0
    ordered: list[tuple[str | None, str | None]] = []
    for row in rows:
        said, read = parts(row), parts(parse_name(row["name"]).fields())
        for key in sorted(said.keys() | read.keys()):
            if said.get(key) == read.get(key):
                right += 1
            else:
                wrong += 1
                taken = next((other for other, value in read.items() if value == said.get(key)), "nothing")
                confusion[key if key in said else "nothing", key if key in said and key in read else taken] += 1
                print(f"  {row['name']}: {key} is {said.get(key)}, read {read.get(key)}")
        versions += said.get("version") == read.get("version")
        whole += said == read
        ordered.append((said.get("version"), read.get("version")))
    pairs = [(one, other) for one in ordered for other in ordered if one[0] and other[0]]
    agree = sum(order(one[0], other[0]) == order(one[1], other[1]) for one, other in pairs)
    print(f"{len(rows)} labelled names: {right / (right + wrong):.1%} of {right + wrong} segments right;")
    print(f"  {whole / len(rows):.1%} of names are read whole, {versions / len(rows):.1%} of versions found,")
    print(f"  {agree / max(len(pairs), 1):.1%} of {len(pairs):,} pairs of versions ordered as by the labels")
    for (said_kind, read_kind), count in confusion.most_common():
        print(f"  {said_kind:18} read as {read_kind:18} {count}")


def order(one: str | None, other: str | None) -> int | None:
    """-1, 0 or 1, as two versions stand in order; None where one cannot be read."""
    first, second = (read_version(f"v{text}") if text else None for text in (one, other))
    if first is None or second is None:
        return None
    return (first.padded > second.padded) - (first.padded < second.padded)


def split_on_dash(text: str) -> set[str]:
    """The plain reader beside ours: words between dashes."""
    found = set()
    for at, word in enumerate(text.rpartition("/")[2].lower().split("-")):
        if word[:1] == "v" and word[1:].replace(".", "").isdigit():
            found.add("version")
        elif (word[-1:] in "bm" and word[:-1].replace(".", "").isdigit()) or word in {"base", "large", "small", "tiny"}:
            found.add("size")
        elif word in {
            "llama",
            "bert",
            "mistral",
            "distilbert",
            "gpt2",
            "t5",
            "roberta",
            "gemma",
            "mixtral",
            "bart",
            "opt",
        }:
            found.add("base-model")
        elif word in VARIANTS:
            found.add("variant-type")
        elif at == 0:
            found.add("identifier")
    return found


def as_study(name: Name) -> list[str]:
    """Our segments as labels of the study, in order, each run of one label once."""
    labels = []
    for segment in name.segments:
        if segment.text.lower() in VARIANTS:
            labels.append("variant-type")
        elif (
            segment.kind in {"version", "family-version"}
            and segment.text[0] not in "vV"
            and labels[-1:] == ["base-model"]
        ):
            continue  # the study counts the 2 of `phi-2` to its base model
        elif segment.kind in STUDY:
            labels.append(STUDY[segment.kind])
    return [label for label, _ in groupby(labels)]


def study(hub: Path) -> None:
    """Agreement with the study's labels, label by label: whether a name has it at all."""
    with (hub / "ptlm_labelled_names_384.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    said = [set(row["segments_label"].strip("{}").split("}{")) for row in rows]
    ours = [set(as_study(parse_name(row["model_id"]))) for row in rows]
    plain = [split_on_dash(row["model_id"]) for row in rows]
    print(f"\n{len(rows)} names of the study (noisy), a label there or not: F1 ours, split on dashes, agreement, count")
    for label in sorted(set().union(*said), key=lambda label: -sum(label in one for one in said)):
        agreement = sum((label in one) == (label in other) for one, other in zip(said, ours, strict=True)) / len(rows)
        count = sum(label in one for one in said)
        print(f"  {label:20} {f1(label, said, ours):.2f} {f1(label, said, plain):.2f} {agreement:6.1%} {count:4}")


def f1(label: str, said: list[set[str]], read: list[set[str]]) -> float:
    """The harmonic mean of precision and recall for the presence of a label."""
    both = sum(label in one and label in other for one, other in zip(said, read, strict=True))
    either = sum(label in one for one in said) + sum(label in one for one in read)
    return 2 * both / either if either else 0.0


def practices(hub: Path, ids: Iterable[str]) -> None:
    """The commonest sequences of labels on all ids of the study, beside those the study counted in its sample."""
    with (hub / "ptlm_naming_practices_148.csv").open(encoding="utf-8", newline="") as stream:
        theirs = {row["naming_practice"]: int(row["models"]) for row in csv.DictReader(stream)}
    ours = Counter("".join(f"{{{label}}}" for label in as_study(parse_name(one))) for one in ids)
    total, sampled = sum(ours.values()), sum(theirs.values())
    print(f"\n{len(ours):,} practices in {total:,} names; {len(theirs)} in the study's {sampled} labelled ones")
    covered = sum(count for practice, count in ours.items() if practice in theirs)
    print(f"  {covered / total:.1%} of the names follow one of the study's; the commonest, ours and theirs:")
    for practice, count in ours.most_common(15):
        print(f"  {practice or '(nothing of these)':56} {count / total:6.1%} {theirs.get(practice, 0) / sampled:6.1%}")


def reason(row: dict[str, Any], size: str, version: str) -> str:
    """Why a vector and our reading differ."""
    if "step" in row["other"] and version:
        return "an iteration of the training is a step here, and a version only as an alternative"
    if "active" in row["other"]:
        return "active parameters are a part of their own here, not of the size"
    if "context" in row["other"]:
        return (
            "a count of thousands is a context, and a tier of a language model a product, where only the name is known"
        )
    return (
        "the vectors know the parameters, or keep a lone name whole; by the name alone it says this"
        if not size
        else "?"
    )


def vectors(hub: Path) -> None:
    """The public vectors for model ids and GGUF file names, with every difference."""
    known = json.loads((hub / "gguf_vectors.json").read_text(encoding="utf-8"))
    same = 0
    print()
    for vector in known["model_ids"]:
        row = parse_name(vector["model_id"]).fields()
        version = (vector["version"] or "").lower().lstrip("v").replace("-", ".")
        size = (vector["size_label"] or "").lower()
        read = (row["size"] or "").lower().replace("_", ".").replace("7b1", "7.1b")
        fits = version in {row["version"] or "", row["date"] or ""} or not version
        if fits and (size == read):
            same += 1
        else:
            print(
                f"  {vector['model_id']}: version {version or '-'}, size {size or '-'}; read {row['version'] or '-'}, "
                f"{row['size'] or '-'}, {row['other']}\n    {reason(row, size, version)}"
            )
    print(f"{same} of {len(known['model_ids'])} model ids as the vectors say, the rest above")
    right = 0
    for vector in known["gguf_filenames"]:
        expected = vector["expected"]
        row = parse_name(vector["filename"]).fields()
        if expected is None:
            right += row["version"] is None
            continue
        said = (expected["Version"].lstrip("v"), expected["Encoding"], expected["Shard"])
        right += said == (row["version"], row["quantization"], row["other"].get("shard"))
    print(f"{right} of {len(known['gguf_filenames'])} GGUF file names: version, encoding and shard")


def shares(title: str, ids: list[str]) -> None:
    """How many names have a version, and that all are read."""
    names = [parse_name(one) for one in ids]
    versioned = sum(name.version is not None for name in names)
    environments = sum(name.first("environment") is not None for name in names)
    dated = sum(name.first("date") is not None for name in names)
    print(f"{title}: {len(ids):,} read; {versioned / len(ids):.1%} with a version, {dated / len(ids):.1%} with a date, "
          f"{environments / len(ids):.1%} named after an environment")  # fmt: skip


def speed(ids: list[str], count: int) -> None:
    """Names through the command, on all cores."""
    lines = "".join(f"{ids[at % len(ids)]}\n" for at in range(count))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stream:
        stream.write(lines)
        stream.seek(0)
        start = time.perf_counter()
        command = [sys.executable, "-m", "semverlint", "name", "--format", "jsonl"]
        subprocess.run(command, stdin=stream, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own command
        print(f"\n{count:,} names in {time.perf_counter() - start:.1f} s as JSON Lines")
    for length in (100_000, 1_000_000):
        start = time.process_time()
        parse_name("-v1" * (length // 3))
        print(f"a name of {length:,} characters in {time.process_time() - start:.2f} s")


def gathered(hub: Path) -> Iterator[tuple[str, list[str]]]:
    """The lists of ids that are there."""
    if (path := hub / "hf_versioned_ids.txt.gz").is_file():
        yield "ids with something like a version", gzip.decompress(path.read_bytes()).decode().split()
    if (path := hub / "ptlm_ids_52227.csv.gz").is_file():
        rows = csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines())
        yield "ids of the study", [row["model_id"] for row in rows]


def main(path: Path, hub: Path, count: int) -> None:
    """Print everything."""
    labelled(path)
    if (hub / "ptlm_labelled_names_384.csv").is_file():
        study(hub)
    if (hub / "gguf_vectors.json").is_file():
        vectors(hub)
    lists = dict(gathered(hub))
    for title, ids in lists.items():
        shares(title, ids)
    if (hub / "ptlm_naming_practices_148.csv").is_file() and "ids of the study" in lists:
        practices(hub, lists["ids of the study"])
    speed(next(iter(lists.values()), ["org/Model-7B-v1.0"]), count)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)
