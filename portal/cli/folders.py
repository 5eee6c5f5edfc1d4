"""Commands about data folders: `init`, `export`, `rebuild`, `erase`, `erase-proposals`, `recompute`, `advance`."""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from portal.cli import UsageError, add_command
from portal.cli.progress import progress_bar


def add(commands: Any) -> None:
    """Add the commands of this module."""
    init = add_command(
        commands,
        "init",
        "Open a new public record in an empty data folder.",
        'daylight init --data data --origin pilots.harlan.example/log --operator "Harlan County Clerk"',
    )
    init.add_argument("--origin", required=True, help="the record's name for ever, e.g. pilots.example.org/log")
    init.add_argument("--operator", required=True, help="who operates the portal, as pages print it")
    init.add_argument("--address", default="", metavar="URL", help="the site's public address, where passkeys sign")
    init.set_defaults(run=run_init)

    export = add_command(
        commands,
        "export",
        "Copy everything public (log/ and vkeys) into a new folder for an auditor.",
        "daylight export public-copy --data data",
    )
    export.add_argument("target", type=Path, metavar="DIR", help="a folder that does not exist yet")
    export.set_defaults(run=run_export)

    rebuild = add_command(
        commands,
        "rebuild",
        "Make the pages' tables again from the record alone, and print their fingerprint.",
        "daylight rebuild --data data    (or, from an auditor's copy: daylight rebuild --from public-copy)",
    )
    rebuild.add_argument(
        "--from", dest="source", metavar="DIR", help="read a published folder instead; nothing is kept"
    )
    rebuild.set_defaults(run=run_rebuild)

    _add_erasing(commands)

    advance = add_command(
        commands,
        "advance",
        "Do what is due on the operator's side: close lists, open what keys allow, rank; then publish.",
        "daylight advance --data data",
    )
    advance.set_defaults(run=run_advance)

    recompute = add_command(
        commands,
        "recompute",
        "Recompute every list, opening, ranking and award from a published folder; exit 1 on a difference.",
        "daylight recompute --from public-copy --json",
    )
    recompute.add_argument("--from", dest="source", required=True, metavar="DIR", help="any folder with log/ and vkeys")
    recompute.add_argument("--json", action="store_true", help="print the result as one JSON object")
    recompute.set_defaults(run=run_recompute)


def _add_erasing(commands: Any) -> None:
    erase = add_command(
        commands,
        "erase",
        "Erase the withheld fields behind a record for good; the record stays and stays valid.",
        'daylight erase 42 --ground erasure-request --why "Asked by the person on 3 May."',
    )
    erase.add_argument("entry", type=int, metavar="N", help="the number of the record")
    erase.add_argument(
        "--ground",
        required=True,
        choices=("retention-over", "erasure-request", "court-order", "correction"),
        help="why it may be erased",
    )
    erase.add_argument("--why", required=True, help="one sentence for the public record")
    erase.set_defaults(run=run_erase)

    proposals = add_command(
        commands,
        "erase-proposals",
        "Erase the proposals that were not chosen, once nobody can challenge any more; the record says so, and stays valid.",
        "daylight erase-proposals opportunity:book-septic --data data",
    )
    proposals.add_argument("opportunity", metavar="PILOT", help="the pilot, e.g. opportunity:book-septic")
    proposals.set_defaults(run=run_erase_proposals)


def run_init(options: argparse.Namespace) -> int:
    """Make the folder, the keys and entry 0, and publish."""
    from portal.commands.office import Office  # noqa: PLC0415 -- only this command needs a database
    from portal.commands.state_party import state_party  # noqa: PLC0415
    from portal.identity.public_address import cookies_are_plain, holds_passkeys, read_address  # noqa: PLC0415

    address = read_address(options.address) if options.address else None
    if address is not None:
        cookies_are_plain(address, demo=False)
    office = Office.create(options.data, purpose="live", operator_name=options.operator, origin=options.origin)
    if address is not None and holds_passkeys(address):
        state_party(office, address.origin, address.host)
    office.publish()
    sys.stderr.write(
        f"Opened {options.origin} in {options.data}. Keep {options.data / 'keys'} secret and backed up apart;\n"
        f"give {options.data / 'vkeys'} to whoever audits. Next, the first desk:\n"
        f"daylight invite --data {options.data} --name NAME --email EMAIL\n"
    )
    office.close()
    return 0


def run_export(options: argparse.Namespace) -> int:
    """Copy the public files, all of them and nothing else."""
    from portal.settings import DataFolder  # noqa: PLC0415

    folder = DataFolder(options.data)
    if not folder.log.is_dir():
        raise UsageError(f"{options.data} holds no published log")
    if options.target.exists():
        raise UsageError(f"{options.target} exists already; name a new folder")
    files = [path for path in sorted(folder.log.rglob("*")) if path.is_file()]
    with progress_bar("Copying public files") as tell:
        for done, path in enumerate(files, 1):
            target = options.target / "log" / path.relative_to(folder.log)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            tell(done, len(files))
    shutil.copyfile(folder.vkeys, options.target / "vkeys")
    sys.stdout.write(f"{options.target}: {len(files)} files and vkeys\n")
    return 0


def run_rebuild(options: argparse.Namespace) -> int:
    """Rebuild the read models beside the old ones and swap; or fill some from a copy, to compare."""
    from portal import projections  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415

    if options.source is not None:
        return _replay(options.source)
    office = Office.open(options.data, rebuilding=True)
    with progress_bar("Reading the record") as tell:
        read = projections.rebuild(office.store, tell)
    with office.store.reading() as connection:
        digest = sha256(projections.dump(connection)).hexdigest()
    sys.stdout.write(f"{options.data}: rebuilt from {read} entries, fingerprint {digest}\n")
    office.close()
    return 0


def _replay(source: str) -> int:
    from ledger.database import open_engine, writer_of  # noqa: PLC0415
    from ledger.folder import LogFolder  # noqa: PLC0415
    from portal import projections  # noqa: PLC0415

    folder = LogFolder.open(source)
    with tempfile.TemporaryDirectory() as place:
        engine = open_engine(Path(place) / "replay.sqlite")
        with writer_of(engine).connect() as connection, connection.begin():
            read = projections.replay(connection, folder.entries())
            digest = sha256(projections.dump(connection)).hexdigest()
        engine.dispose()
    sys.stdout.write(f"{source}: rebuilt from {read} entries, fingerprint {digest}\n")
    return 0


def run_erase(options: argparse.Namespace) -> int:
    """State the erasure in the record, then erase."""
    from portal.cli.serving import clock_of  # noqa: PLC0415
    from portal.commands.erase_fields import erase_fields  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    done = erase_fields(office, options.entry, options.ground, options.why)
    office.publish()
    sys.stdout.write(f"record no. {done.index}: the withheld fields of record no. {options.entry} are erased\n")
    office.close()
    return 0


def run_erase_proposals(options: argparse.Namespace) -> int:
    """State which proposals are erased, and by which rule; then erase them."""
    from portal.cli.serving import clock_of  # noqa: PLC0415
    from portal.commands.erase_proposals import erase_proposals  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    erasure = erase_proposals(office, options.opportunity)
    office.publish()
    record = "the record says so already" if erasure.done is None else f"record no. {erasure.done.index} says so"
    sys.stdout.write(f"{options.opportunity}: {erasure.were_here} proposals erased; {record}\n")
    office.close()
    return 0


def run_advance(options: argparse.Namespace) -> int:
    """Do what is due, and publish."""
    from portal.cli.serving import clock_of  # noqa: PLC0415
    from portal.commands.advance import advance  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    for step in advance(office):
        sys.stdout.write(f"{step.opportunity} {step.name}" + (f": {step.refused}" if step.refused else "") + "\n")
    office.publish()
    office.close()
    return 0


def run_recompute(options: argparse.Namespace) -> int:
    """Play the folder again and say what differs."""
    from portal.recompute import recompute  # noqa: PLC0415

    if "://" not in options.source and not Path(options.source).is_dir():
        raise UsageError(f"{options.source} is not a folder")
    with progress_bar("Recomputing") as tell:
        found = recompute(options.source, tell)
    for row in found.differences:
        sys.stderr.write(f"{row.opportunity} record no. {row.entry}: {row.detail}\n")
    if options.json:
        told = {
            "entries": found.entries,
            "pilots": found.pilots,
            "rankings": found.rankings,
            "rankings_equal": found.rankings_equal,
            "awards": found.awards,
            "packs": found.packs,
            "packs_proven": found.packs_proven,
            "differences": [asdict(row) for row in found.differences],
        }
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write(
            f"{found.pilots} pilots checked, {found.rankings_equal} of {found.rankings} rankings equal, "
            f"{found.awards} awards, {found.packs_proven} of {found.packs} key packs proven, {len(found.differences)} differences\n"
        )
    return 1 if found.differences else 0
