"""`demo` and `reenact`: a record filled by running the real commands on a simulated clock."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from portal.cli import UsageError, add_command
from portal.cli.progress import progress_bar


def add(commands: Any) -> None:
    """Add the commands of this module."""
    demo = add_command(
        commands,
        "demo",
        "Fill a data folder with fictional pilots by running the real commands, verify it, and serve it.",
        "daylight demo --data data --port 8000",
    )
    demo.add_argument("--no-serve", action="store_true", help="stop before serving")
    demo.add_argument("--port", type=int, default=8000, metavar="N", help="the port (default 8000)")
    demo.set_defaults(run=run_demo, address="")

    reenact = add_command(
        commands,
        "reenact",
        "Run recorded procurements (OCDS 1.1 compiled releases) through the real commands, into a record of their own.",
        "daylight reenact compiled.jsonl --data reenactment --json",
    )
    reenact.add_argument("file", type=Path, metavar="FILE", help="JSON lines, a JSON array or a record package")
    reenact.add_argument("--json", action="store_true", help="end with one JSON line")
    reenact.set_defaults(run=run_reenact)


def run_demo(options: argparse.Namespace) -> int:
    """Fill or resume the demo, verify it with the auditor's tool, then serve it."""
    from portal.rehearsal import demo  # noqa: PLC0415 -- loads the database

    with progress_bar("Playing the demo's procurements") as tell:
        report = demo.run(options.data, progress=tell)
    sys.stderr.write(report.words + "\n")
    status = _verify(options.data)
    if status or options.no_serve:
        return status
    from portal.cli.serving import run_serve  # noqa: PLC0415

    return run_serve(options)


def _verify(data: Path) -> int:
    from ledger.auditor import main as auditor  # noqa: PLC0415

    sys.stderr.write(f"Verifying with the auditor's tool: python -m ledger verify {data}\n")
    return auditor(["verify", str(data)])


def run_reenact(options: argparse.Namespace) -> int:
    """Re-enact the file; exit 1 when a computed award is not the recorded one."""
    from portal.rehearsal import reenact  # noqa: PLC0415

    if not options.file.is_file():
        raise UsageError(f"no such file: {options.file}")
    with progress_bar("Re-enacting") as tell:
        report = reenact.run(options.file, options.data, progress=tell)
    for line in report.problems:
        sys.stderr.write(f"{options.file}: {line}\n")
    figures = {name: getattr(report, name) for name in ("processes", "bids", "skipped", "awards", "matching")}
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.write(", ".join(f"{name} {value}" for name, value in figures.items()) + "\n")
    return 0 if report.matching == report.awards else 1
