"""semverlint's verdict on pairs of real releases, beside what people judged.

    python benchmarks/corpus.py INDEX FOLDER

INDEX is a JSON list of pairs with `package`, `old`, `new` and `judged` (`minor`, or `minor|patch` where either is
right). FOLDER holds the model files of each release as `<package>/<version>/` (`@scope/x` as `scope__x`). Printed is
a row a pair: what was judged, what is required, whether something is undecided, and how the two stand:

    agrees      the required bump is a judged one
    undecided   it is lower, and what is undecided could raise it to a judged one
    DIFFERS     anything else
"""

import json
import sys
from collections import Counter
from pathlib import Path

from semverlint.check import diff
from semverlint.run import Run
from semverlint.sources import parse
from semverlint.terms import Bump
from semverlint.verdict import Report


def standing(report: Report, judged: set[Bump]) -> str:
    """How a report stands to what people judged."""
    if report.required in judged:
        return "agrees"
    return "undecided" if report.could_rise and max(judged) > report.required else "DIFFERS"


def main(index: Path, folder: Path) -> None:
    """Print the table."""
    counts: Counter[str] = Counter()
    for pair in json.loads(index.read_text()):
        place = folder / pair["package"].replace("/", "__").replace("@", "")
        old, new = place / pair["old"], place / pair["new"]
        if not (old.is_dir() and new.is_dir()):
            print(f"{pair['package']} {pair['old']} → {pair['new']}: not here")
            continue
        report = diff(parse(str(old.resolve())), parse(str(new.resolve())), Run())
        result = standing(report, {Bump.named(name) for name in pair["judged"].split("|")})
        counts[result] += 1
        debatable = " (debatable)" if pair.get("debatable") else ""
        doubts = f"{len(report.undecided)} undecided" if report.undecided else ""
        rules = ", ".join(sorted({finding.rule for finding in report.findings if finding.bump == report.required})[:4])
        print(
            f"{result:9} {pair['package'][:24]:24} {pair['old']:>7} → {pair['new']:7} "
            f"judged {pair['judged'] + debatable:24} required {report.required!s:6} {doubts:12} {rules}"
        )
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
