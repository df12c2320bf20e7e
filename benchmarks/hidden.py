"""How many changes of weights neither a version nor a document shows, on real releases, repositories and commits.

    python benchmarks/hidden.py INDEX FOLDER [HUB]

INDEX and FOLDER are those of `corpus.py`: every pair of releases is audited by the command, and the list of releases
behind the number is printed with what shows each. HUB is a folder with the facts of the naming study and real commits:

- `ptlm_weight_file_change_counts.csv.gz`: how many commits touched each file of repositories that were changed in
  place. A repository's name stays as it is, so no such change shows in a name; those under a name with a version
  contradict it. Files of training (arguments, optimizers) are no weights and are left out; a first upload is no change.
- `hf_commits_real.jsonl`: commits whose files are known; one shows its change of weights where it changes a document,
  announces a version, or says in its title that weights changed.
"""

import csv
import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from commits import told

from semverlint.history.titles import claimed_parts
from semverlint.roles import role
from semverlint.versions.names import parse_name


def main(index: Path, folder: Path, hub: Path | None = None) -> None:
    """Print the three answers."""
    with tempfile.TemporaryDirectory() as temporary:
        pairs, table = Path(temporary) / "pairs.txt", Path(temporary) / "table"
        places = [(folder.resolve() / _name(pair["package"]), pair) for pair in json.loads(index.read_text())]
        pairs.write_text("".join(f"{place / pair['new']} {place / pair['old']}\n" for place, pair in places))
        command("--from", str(pairs), "--to", str(table), "--quiet")
        asked = json.loads(command("report", str(table), "--format", "json"))["answers"]
    (told,) = asked["hidden"]["rows"]
    print(f"releases: {asked['overview']['rows'][0]['pairs']} pairs, {told['weight_changes']} of them change weights")
    for row in asked["hidden-releases"]["rows"]:
        release = row["target"].partition(" ")[0].removeprefix(f"{folder.resolve()}/")
        print(f"  {release:32} {row['weights'] or '':14} {row['shown_by']}")
    print(told)
    if hub is not None:
        in_place(hub / "ptlm_weight_file_change_counts.csv.gz")
        of_commits(hub / "hf_commits_real.jsonl")


def _name(package: str) -> str:
    return package.replace("/", "__").replace("@", "")


def command(*arguments: str) -> str:
    """What `semverlint audit` says."""
    line = [sys.executable, "-m", "semverlint", "audit", *arguments]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout  # noqa: S603 - arguments written here


def in_place(path: Path) -> None:
    """Changes of weights under a name that stayed."""
    changes: dict[str, int] = defaultdict(int)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if role(row["weight_file"]) == "weights":
                changes[row["model_id"]] += int(row["commits_touching_it"]) - 1
    versioned = [name for name in changes if parse_name(name).fields().get("version")]
    total, told = sum(changes.values()), sum(changes[name] for name in versioned)
    print(f"in place: {total:,} changes of weight files in {len(changes):,} repositories, none of which a name shows;")
    print(f"  {told:,} ({told / total:.2%}) in {len(versioned):,} whose name has a version that stayed as it was")


def of_commits(path: Path) -> None:
    """What shows the changes of weights in real commits."""
    shown: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = told(record := json.loads(line))
        if not {"weights", "adapter"} & set(entry.work.parts):
            continue
        says = {"weights", "adapter"} & set(claimed_parts(record["message"] or ""))
        by = {"version": entry.released, "document": {"card", "document"} & set(entry.work.parts), "title": says}
        shown[", ".join(name for name, found in by.items() if found) or "nothing"] += 1
    print(f"commits: {shown.total()} change weights; shown by {dict(shown.most_common())}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
