"""
`keeper`: hold keys for bids that nobody may read yet. Runs on the keeper's own machine.

    daylight keeper pack --name NAME --out FILE       draw keys for the next notices; the file never leaves the keeper
    daylight keeper drill --pack FILE --as KEYFILE --subject keeper:ID      prove that every key opens, and register it
    daylight keeper list --pack FILE                  which notices use which keys, and when they may be released
    daylight keeper release --pack FILE --as KEYFILE --subject opportunity:ID --label proposal --keep DIR
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ledger.keys import load_key
from ledger.sealing import KeeperPack
from portal.cli import UsageError, add_command

MEANS = {
    "pack": "Draw the keys for the next notices into a file that only you may read.",
    "drill": "Answer a challenge for every key, and register the pack: you sign, the operator signs as a witness.",
    "list": "Say which notices have taken which of the pack's keys, and when each may be released.",
    "release": "Check clock, list and envelopes, keep a copy of every envelope, and release one key.",
}


def add(commands: Any) -> None:
    """Add the command of this module."""
    keeper = add_command(
        commands,
        "keeper",
        "Hold keys for sealed bids: make a pack, drill and register it, list, release.",
        "daylight keeper pack --name law-school --out law-school.pack",
    )
    steps = keeper.add_subparsers(title="steps", metavar="STEP", required=True)
    for name, run, wants in (
        ("pack", run_pack, ("name", "out", "notices")),
        ("drill", run_drill, ("pack", "as", "subject")),
        ("list", run_list, ("pack", "json")),
        ("release", run_release, ("pack", "as", "subject", "label", "keep")),
    ):
        step = add_command(steps, name, MEANS[name], _EXAMPLES[name])
        for want in wants:
            _OPTIONS[want](step)
        step.set_defaults(run=run)


_EXAMPLES = {
    "pack": "daylight keeper pack --name law-school --out law-school.pack",
    "drill": "daylight keeper drill --pack law-school.pack --as law-school.key --subject keeper:law-school",
    "list": "daylight keeper list --pack law-school.pack --data data",
    "release": "daylight keeper release --pack law-school.pack --as law-school.key"
    " --subject opportunity:book-septic --label proposal --keep envelopes",
}
_OPTIONS = {
    "name": lambda p: p.add_argument("--name", required=True, help="the keeper's name"),
    "out": lambda p: p.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where the pack is written"
    ),
    "notices": lambda p: p.add_argument(
        "--notices", type=int, default=30, metavar="N", help="for so many (default 30)"
    ),
    "pack": lambda p: p.add_argument("--pack", type=Path, required=True, metavar="FILE", help="the keeper's pack"),
    "as": lambda p: p.add_argument(
        "--as", dest="key", type=Path, required=True, metavar="KEYFILE", help="your signing key"
    ),
    "subject": lambda p: p.add_argument("--subject", required=True, metavar="ID", help="keeper:ID or opportunity:ID"),
    "label": lambda p: p.add_argument("--label", required=True, choices=("proposal", "offer"), help="which half"),
    "keep": lambda p: p.add_argument(
        "--keep", type=Path, required=True, metavar="DIR", help="where envelopes are kept"
    ),
    "json": lambda p: p.add_argument("--json", action="store_true", help="print JSON"),
}


def run_pack(options: argparse.Namespace) -> int:
    """Draw a pack."""
    pack = KeeperPack.generate(options.name, options.notices)
    pack.save(options.out)
    sys.stderr.write(
        f"{options.out}: keys for {options.notices} notices. Keep a copy offline; nobody can replace it.\n"
    )
    return 0


def run_drill(options: argparse.Namespace) -> int:
    """Drill every key and register the pack."""
    from ledger.entry import sign  # noqa: PLC0415
    from portal.commands.register_pack import answer_pack, drill_digest, finish_drill, start_drill  # noqa: PLC0415
    from portal.procurement.events.party import KeeperPackRegistered, PackKey  # noqa: PLC0415

    office = _office(options.data)
    pack, key = KeeperPack.load(options.pack), load_key(options.key)
    keys = [PackKey(**pair) for pair in pack.public_list]
    drill = start_drill(keys)
    answers = answer_pack(pack, drill.shares)
    body = KeeperPackRegistered(keys=keys, drill=drill_digest(answers))
    signed = sign(office.statement("keeper-pack-registered", options.subject, body, key), key)
    done = finish_drill(office, drill, signed, answers)
    office.publish()
    sys.stdout.write(f"record no. {done.index}: {len(keys)} pairs of keys drilled and registered\n")
    office.close()
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Say where the pack's keys are used."""
    from portal.commands.keeper_duties import duties_of  # noqa: PLC0415

    office = _office(options.data)
    rows = duties_of(office, KeeperPack.load(options.pack))
    if options.json:
        sys.stdout.write(json.dumps([row._asdict() for row in rows]) + "\n")
    for row in [] if options.json else rows:
        sys.stdout.write(f"{row.opportunity} {row.label}: {row.state}, from {row.not_before}\n")
    if not rows:
        sys.stderr.write("No notice uses a key of this pack yet.\n")
    office.close()
    return 0


def run_release(options: argparse.Namespace) -> int:
    """Release one key, after everything a keeper must check for herself."""
    from portal.commands.keeper_duties import release_key  # noqa: PLC0415

    office = _office(options.data)
    if not options.subject.startswith("opportunity:"):
        raise UsageError("--subject names the notice: opportunity:ID")
    pack, key = KeeperPack.load(options.pack), load_key(options.key)
    done, kept = release_key(office, pack, key, options.subject, options.label, keep=options.keep)
    office.publish()
    sys.stdout.write(f"record no. {done.index}: key released; {kept} envelopes kept in {options.keep}\n")
    office.close()
    return 0


def _office(data: Path) -> Any:
    from portal.cli.serving import clock_of  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415

    return Office.open(data, clock_of(data))
