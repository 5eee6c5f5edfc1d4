"""
`policy`: rules for agencies, before a record exists.

    daylight policy list                            which sets of rules come with this release
    daylight policy check FOLDER                    read a folder of rules; say file, line and reason of the first fault
    daylight policy memo NAME --out FILE            print two pages for counsel
"""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from policies import Jurisdiction, available, load_jurisdiction
from policies.wording import counted
from portal.cli import UsageError, add_command


def add(commands: Any) -> None:
    """Add the command of this module."""
    policy = add_command(
        commands,
        "policy",
        "Rules for agencies: list them, check a folder, print the memo for counsel.",
        _EXAMPLES["memo"],
    )
    steps = policy.add_subparsers(title="steps", metavar="STEP", required=True)
    names = add_command(steps, "list", "List the sets of rules of this release.", _EXAMPLES["list"])
    names.set_defaults(run=run_list)
    check = add_command(
        steps,
        "check",
        "Read a folder of rules and name the first fault with file, line and reason.",
        _EXAMPLES["check"],
    )
    check.add_argument("folder", type=Path, metavar="FOLDER", help="a folder of rule files")
    check.set_defaults(run=run_check)
    memo = add_command(
        steps, "memo", "Print two pages for counsel: every value with source and status.", _EXAMPLES["memo"]
    )
    memo.add_argument("name", metavar="NAME", help="a set of rules by name, or a folder")
    memo.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the PDF is written")
    memo.add_argument(
        "--on", type=_day, metavar="DAY", help="the day whose rules are shown (default today), YYYY-MM-DD"
    )
    memo.set_defaults(run=run_memo)


_EXAMPLES = {
    "list": "daylight policy list",
    "check": "daylight policy check my-county",
    "memo": "daylight policy memo english-council --out memo.pdf",
}


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{written} is no day written YYYY-MM-DD") from error


def run_list(_options: argparse.Namespace) -> int:
    """One line for each set of rules: its name, what for, and its fingerprint."""
    for name in available():
        policy = load_jurisdiction(name)
        sys.stdout.write(f"{name}\t{policy.name}\t{policy.purpose}\t{policy.digest}\n")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Read the folder; a fault is a refusal, which the caller prints."""
    policy = _read(options.folder)
    rules = len({one.rule for one in policy.statements})
    unsure = sum(one.status == "to-confirm" for one in policy.statements)
    sys.stdout.write(
        f"{options.folder}: {policy.name}, {len(policy.statements)} values of {rules} rules, fingerprint {policy.digest}\n"
    )
    if unsure:
        sys.stderr.write(f"{counted(unsure, 'value')} of law to be confirmed by counsel\n")
    return 0


def run_memo(options: argparse.Namespace) -> int:
    """Print the memo; the same rules on the same day give the same bytes."""
    from portal.clock import SystemClock  # noqa: PLC0415 -- only this command needs what follows
    from portal.documents.pdf import PaperError  # noqa: PLC0415
    from portal.web.policy_memo import print_policy_memo  # noqa: PLC0415

    policy = _read(Path(options.name)) if Path(options.name).is_dir() else load_jurisdiction(options.name)
    day = options.on or SystemClock().now().astimezone(ZoneInfo(policy.zone)).date()
    if options.out.exists():
        raise UsageError(f"{options.out} exists already; name a new file")
    try:
        printed = print_policy_memo(policy, day)
    except PaperError as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    options.out.write_bytes(printed.pdf)
    sys.stdout.write(f"{options.out}: {policy.name} on {day.isoformat()}, fingerprint {policy.digest}\n")
    return 0


def _read(folder: Path) -> Jurisdiction:
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    return load_jurisdiction(folder)
