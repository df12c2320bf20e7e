"""How well the history tells what a commit was about, on real commits of model repositories.

    python benchmarks/commits.py RECORDS [--labels benchmarks/commits_labels.jsonl] [--wrong]

RECORDS holds one real commit a line: title, files with what became of them, and the keys that changed. Each is made
into a git repository of two commits, and `semverlint log` (as a function) says what the second one did. The labels were
given in two passes by the definitions of `semverlint/history/taxonomy.py`, by readers who had not seen the classifier's
answers; the file keeps both, and the first counts where they differ. Both readers are of one kind, so that their
agreement says little of what other people would label.

Printed: agreement of the passes (Cohen's kappa over commit and category), micro- and macro-F1 with 95 % intervals
(bootstrap over commits, 2,000 draws, seeded), beside the majority baseline and one that reads titles only.
"""

import argparse
import hashlib
import json
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from semverlint.history.commit import _OF_ROLE
from semverlint.history.taxonomy import CATEGORIES
from semverlint.history.titles import claimed_parts
from semverlint.history.walk import Entry, history
from semverlint.run import Run
from semverlint.sources import parse

HERE = Path(__file__).parent
DRAWS = 2_000
Record = Mapping[str, Any]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path)
    parser.add_argument("--labels", type=Path, default=HERE / "commits_labels.jsonl")
    parser.add_argument("--wrong", action="store_true", help="list every commit that was told otherwise")
    options = parser.parse_args()
    records = [json.loads(line) for line in options.records.read_text().splitlines() if line]
    labels = {one["commit"]: one for line in options.labels.read_text().splitlines() if (one := json.loads(line))}
    known = [record for record in records if record["commit"] in labels]
    truth = [set(labels[record["commit"]]["categories"]) for record in known]
    found = [told(record) for record in known]
    print(f"{len(known)} commits, {sum(map(len, truth))} labels")
    print(f"agreement of the two passes: kappa {kappa(labels, known):.3f}")
    print(f"{'':<14}{'micro-F1':>24}{'macro-F1':>24}")
    for name, given in (
        ("semverlint", [set(entry.work.categories) for entry in found]),
        ("title only", [by_title(record) for record in known]),
        ("majority", [majority(truth)] * len(known)),
    ):
        print(f"{name:<14}{interval(truth, given, micro):>24}{interval(truth, given, macro):>24}")
    purposes = [
        (labels[record["commit"]]["purpose"], entry.work.purpose) for record, entry in zip(known, found, strict=True)
    ]
    right, common = sum(a == b for a, b in purposes), Counter(a for a, _ in purposes).most_common(1)[0]
    print(f"purpose: {right} of {len(known)} right; always {common[0]}: {common[1]}")
    for record, wanted, entry in zip(known, truth, found, strict=True):
        if options.wrong and wanted != set(entry.work.categories):
            print(f"  {record['repo']} {record['commit'][:10]} {record['message']!r}")
            print(f"    labelled {sorted(wanted)}, told {sorted(entry.work.categories)}")


def told(record: Record) -> Entry:
    """What the history says of a record, made into a repository of two commits."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        git(root, "init", "-q")
        (root / "placeholder.md").write_text("The rest of the repository is not known.\n")
        for new in (False, True):
            for file in record["files"]:
                lay(root, record, file, new=new)
            git(root, "add", "--all")
            git(root, "commit", "-q", "--allow-empty", "-m", (record["message"] if new else "") or "(no title)")
        return history(parse(str(root)), Run()).entries[0]


def lay(root: Path, record: Record, file: Record, *, new: bool) -> None:
    """Write one file of a record as it was before, or is after."""
    place = root / file["path"]
    if file["status"] == ("DELETED" if new else "ADDED"):
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    side = "new" if new else "old"
    keys = {
        one["key"]: one[side]
        for one in record["json_changes"]
        if one["file"] == file["path"] and one[side] != "__absent__"
    }
    if place.suffix == ".json":
        place.write_text(json.dumps({"architectures": ["LlamaForCausalLM"], **keys}, indent=2 + new))
    elif place.suffix == ".md":
        said = any(one["file"] == file["path"] for one in record["json_changes"])
        head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())
        place.write_text(f"---\n{head}---\n# A model\n{'' if said else side}\n")
    else:
        oid = file[f"oid_{side}"] or hashlib.sha256(f"{place}{new}".encode()).hexdigest()
        size = file[f"size_{side}"] or 1_000_000
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"
        place.write_text(text if len(oid) == 64 and isinstance(size, int) else f"{oid}\n")


def git(root: Path, *arguments: str) -> None:
    """Run git there, apart from the configuration of whoever runs this."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.attributesFile=/dev/null"]
    subprocess.run(["git", "-C", str(root), *settings, *arguments], check=True, capture_output=True)  # noqa: S603, S607 - arguments written here


def by_title(record: Record) -> set[str]:
    """What the title alone says, by the same words that are held against the diff."""
    of_part = {"metadata": "project metadata", "licence": "project metadata", **_OF_ROLE}
    return {str(of_part[part]) for part in claimed_parts(record["message"] or "") if part in of_part}


def majority(truth: Sequence[set[str]]) -> set[str]:
    """The category that most commits have."""
    return {Counter(name for one in truth for name in one).most_common(1)[0][0]}


def kappa(labels: Mapping[str, Record], known: Sequence[Record]) -> float:
    """Cohen's kappa over every pair of a commit and a category: does it have it, or not."""
    pairs = [
        (name in labels[record["commit"]]["pass_1"], name in labels[record["commit"]]["pass_2"])
        for record in known
        for name in CATEGORIES
    ]
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    first, second = (sum(pair[at] for pair in pairs) / len(pairs) for at in (0, 1))
    by_chance = first * second + (1 - first) * (1 - second)
    return (agreed - by_chance) / (1 - by_chance)


def micro(truth: Sequence[set[str]], given: Sequence[set[str]]) -> float:
    """F1 over all labels of all commits."""
    hits = sum(len(a & b) for a, b in zip(truth, given, strict=True))
    return 2 * hits / max(sum(map(len, truth)) + sum(map(len, given)), 1)


def macro(truth: Sequence[set[str]], given: Sequence[set[str]]) -> float:
    """The mean over the categories that anybody gave."""
    seen = sorted({name for one in (*truth, *given) for name in one})
    return sum(micro([one & {name} for one in truth], [one & {name} for one in given]) for name in seen) / len(seen)


def interval(truth: Sequence[set[str]], given: Sequence[set[str]], score: Callable[..., float]) -> str:
    """A score with its 95 % interval: percentiles of the bootstrap over commits."""
    draw = random.Random(0)  # noqa: S311 - the same draws in every run
    scores = []
    for _ in range(DRAWS):
        at = [draw.randrange(len(truth)) for _ in truth]
        scores.append(score([truth[i] for i in at], [given[i] for i in at]))
    scores.sort()
    low, high = scores[int(0.025 * DRAWS)], scores[int(0.975 * DRAWS)]
    return f"{score(truth, given):.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
