"""
Measure what the ledger, the sealing and the pages cost against the bare primitives below them: `make bench`.

Prints a line a figure and writes them to bench.json: name to ratio, the two figures behind it, and the target. The exit
status is 0 whether targets are met or not: a busy machine is no error in the code.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import appending, auditing, hashing, pages, proving, sealing
from tests.benchmarks.measure import run

if TYPE_CHECKING:
    from tests.benchmarks.measure import Result

ROOMS = (hashing, sealing, appending, auditing, proving, pages)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each side (at least 7; default 9)")
    parser.add_argument(
        "--quick", action="store_true", help="a hundredth of the work: shows that it runs, no figures to quote"
    )
    parser.add_argument("--only", default="", help="measure only the names that contain this")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    return parser.parse_args()


def line(result: Result) -> str:
    """Write one result for a person."""
    goal = "" if result.target is None else f"{result.target.bound} {result.target.value:g}"
    verdict = "" if result.target is None else ("met" if result.met else "MISSED")
    return f"{result.name:34} {result.ratio:9.3f}  {goal:14} {verdict:7} {result.ours:12.4g} {result.theirs:12.4g} {result.unit}"


def main() -> int:
    """Run the rooms one after the other, each on a folder of its own on the disk the project lies on."""
    options = arguments()
    rounds = 1 if options.quick else max(7, options.rounds)
    results: dict[str, dict[str, object]] = {}
    Path("build").mkdir(exist_ok=True)
    sys.stdout.write(f"{'':34} {'ratio':>9}  {'target':14} {'':7} {'ours':>12} {'theirs':>12}\n")
    for room in ROOMS:
        with tempfile.TemporaryDirectory(dir="build", prefix="bench-") as folder:
            for case in room.cases(Path(folder), quick=options.quick):
                if options.only not in case.name:
                    continue
                result = run(case, rounds)
                sys.stdout.write(line(result) + "\n")
                sys.stdout.flush()
                results[result.name] = {
                    "ratio": round(result.ratio, 4),
                    "ours": result.ours,
                    "theirs": result.theirs,
                    "unit": result.unit,
                    "question": result.question,
                    "target": None if result.target is None else f"{result.target.bound} {result.target.value:g}",
                    "met": result.met,
                }
    options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    missed = [name for name, row in results.items() if not row["met"]]
    sys.stdout.write(
        f"{len(results)} figures in {options.out}; {len(missed)} targets missed{': ' if missed else ''}{', '.join(missed)}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
