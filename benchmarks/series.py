"""How well series are found among real names: consecutive pairs mixed into everything their authors published.

    python benchmarks/series.py PAIRS.csv.gz IDS…

PAIRS has the columns `prev_id`, `next_id`, `created_prev`, `created_next`, `pipeline_prev`, `pipeline_next`,
`base_model_prev`, `base_model_next`, `declared_bump` and `regular_step`; IDS are lists of ids, one a line or in the
column `model_id`, plain or packed with gzip.

A pair is right where the later one follows the earlier one, or one with the same version; where both have the same
version, where that is said. Right by names alone (no dates, no cards) is printed beside right with what a listing says.
"""

import csv
import gzip
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from semverlint.versions.series import Listed, Member, find_series

_SIZE = re.compile(r"(?i)(?<![a-z0-9.])(\d+x)?\d+(\.\d+)?[bm](?![a-z0-9])")


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table, or one with the id for every line of a list."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        if ".csv" in path.suffixes:
            yield from csv.DictReader(stream)
        else:
            yield from ({"model_id": line.strip()} for line in stream)


def listing(pairs: list[dict[str, str]], ids: list[str], *, names_alone: bool) -> list[Listed]:
    """Everything the authors of the pairs published, as a listing tells it."""
    owners = {pair["next_id"].partition("/")[0] for pair in pairs}
    known = {one: Listed(one) for one in ids if one.partition("/")[0] in owners}
    for pair in pairs:
        for side in ("prev", "next"):
            told = "" if names_alone else pair[f"created_{side}"]
            pipeline = "" if names_alone else pair[f"pipeline_{side}"]
            known[pair[f"{side}_id"]] = Listed(pair[f"{side}_id"], told, pipeline)
    return sorted(known.values(), key=lambda one: one.id)


def why_wrong(pair: dict[str, str], members: dict[str, Member]) -> str:
    """In a few words, why a pair was missed."""
    old, new = members[pair["prev_id"]], members[pair["next_id"]]
    if not new.own.version or not old.own.version:
        return "no version was read in a name"
    if old.own.stem != new.own.stem:
        return "the names were read as different things"
    if not new.follows:
        return "no predecessor"
    return "another release lies between"


def sizes(name: str) -> tuple[str, ...]:
    """The sizes that a name says."""
    return tuple(match[0].lower() for match in _SIZE.finditer(name.rpartition("/")[2]))


def main(pairs_path: Path, lists: list[Path]) -> None:
    """Print the shares, and the misses by reason."""
    pairs = list(rows(pairs_path))
    ids = sorted({one.get("model_id") or one.get("id") or "" for path in lists for one in rows(path)} - {""})
    for names_alone in (True, False):
        told = listing(pairs, ids, names_alone=names_alone)
        started = time.perf_counter()
        found = find_series(told)
        seconds = time.perf_counter() - started
        members = {member.id: member for series in found for member in series.members}
        missed: defaultdict[str, list[str]] = defaultdict(list)
        agreed: Counter[str] = Counter()
        for pair in pairs:
            old, new = members[pair["prev_id"]], members[pair["next_id"]]
            if new.follows in {old.id, *old.equal} or old.id in new.equal:
                agreed["right"] += 1
                declared = str(new.step.bump) if new.step and new.step.bump is not None else "none"
                agreed["skips"] += new.skipped == (pair["regular_step"] == "False")
                agreed["early"] += new.early == (pair["created_prev"] > pair["created_next"])
                agreed[f"{pair['declared_bump']} read as {declared}"] += 1
            else:
                missed[why_wrong(pair, members)].append(f"{old.id} → {new.id}, follows {new.follows or 'nothing'}")
        across = [m.id for m in members.values() if m.follows and sizes(m.follows) != sizes(m.id)]
        print(f"\n{'names alone' if names_alone else 'with dates and pipelines'}")
        print(f"  {len(told):,} ids of {len({one.owner for one in told}):,} authors in {seconds:.2f} s")
        share = agreed["right"] / len(pairs)
        print(f"  pairs right                 {agreed['right']:,} of {len(pairs):,} = {share:.2%}")
        print(f"  across different base sizes {len(across):,}")
        print(f"  skipped numbers told alike  {agreed['skips'] / agreed['right']:.2%}")
        if not names_alone:
            print(f"  creation out of order alike {agreed['early'] / agreed['right']:.2%}")
        for reason, examples in sorted(missed.items(), key=lambda item: -len(item[1])):
            print(f"  missed: {reason} ({len(examples)})")
            for example in examples[:5]:
                print(f"    {example}")
        for one in across[:10]:
            print(f"  across sizes: {members[one].follows} → {one}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]])
