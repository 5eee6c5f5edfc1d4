"""
Re-enact recorded procurements: their notices and bid acts go through the real commands, sealed, opened and ranked.

1. The file's events are merged by time; its lines need not be in order.
2. Every award is computed from the opened envelopes under the policy `historical`. What the file says about awards is
   looked at only after the last append, to count how many match.
3. A re-enactment has a log of its own that says so in its origin; a log that holds other entries is refused.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from portal.clock import SimulatedClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.exchange.ocds_in import Process, read_releases
from portal.procurement.case import Case
from portal.procurement.events.award import AwardMade
from portal.procurement.refusal import Refusal
from portal.rehearsal.begin import begin, come_back, open_log, pin, pinned
from portal.rehearsal.play import Player, Progress, Script, silent
from portal.rehearsal.recorded import Recorded
from portal.rehearsal.registry import Directory, Registry
from portal.settings import DataFolder

_ORIGIN = "daylight.example/re-enactment"
_EARLIER = timedelta(days=1)


class ReenactReport(Struct, frozen=True, kw_only=True):
    """What was re-enacted: counted in the log, except `skipped` (lines of the file, told in `problems`)."""

    processes: int
    bids: int
    skipped: int
    awards: int
    matching: int
    problems: list[str]


def run(file: Path, data: Path, *, progress: Progress = silent) -> ReenactReport:
    """
    Re-enact a file of OCDS 1.1 compiled releases into `data`, go on where that was cut off, or just count again.

    Raises:
        Refusal: `log-not-a-reenactment` when the folder holds a log of another kind, or of another file.

    Returns:
        All figures nought when no line could be used; then the folder is not touched.
    """
    content = file.read_bytes()
    processes, problems = read_releases(content)
    told = [str(problem) for problem in problems]
    digest = sha256(content).hexdigest()
    if not processes:
        return ReenactReport(processes=0, bids=0, skipped=len(told), awards=0, matching=0, problems=told)
    folder = DataFolder(data)
    directory = Directory(processes)
    start = min(process.opens for process in processes) - _EARLIER
    moment = pinned(folder)
    if moment is not None:
        office = _checked(come_back(data, moment), data, digest)
    else:
        office = _play(data, digest, directory, start, progress)
        pin(folder, _last(directory))
    try:
        return _count(office, directory, told)
    finally:
        office.close()


def _last(directory: Directory) -> datetime:
    return max(process.closes for process in directory.processes)


def _play(data: Path, digest: str, directory: Directory, start: datetime, progress: Progress) -> Office:
    clock = SimulatedClock(start)
    begun = begin(
        data,
        clock,
        purpose="re-enactment",
        operator_name="Daylight re-enactment",
        origin=f"{_ORIGIN}/{digest[:16]}",
        words=_words(digest),
    )
    office = _checked(begun, data, digest)
    player = Player(office, clock, bytes.fromhex(digest))
    script = Script()
    registry = Registry(player, directory)
    registry.write(script, start)
    for process in directory.processes:
        Recorded(registry, process).write(script)
    player.play(script.all(), progress, ends=_last(directory))
    return office


def _words(digest: str) -> str:
    return (
        "A re-enactment: recorded procurements, replayed by the rules they were made under. Not acts of anybody today. "
        f"The file's SHA-256 is {digest}."
    )


def _checked(office: Office, data: Path, digest: str) -> Office:
    log = open_log(office)
    if log is None or log.purpose != "re-enactment" or log.words != _words(digest):
        office.close()
        purpose = "nothing" if log is None else log.purpose
        fix = "Choose another folder with --data; a re-enactment of one file never shares a log."
        raise Refusal("log-not-a-reenactment", {"data": str(data), "purpose": purpose, "file": digest}, fix=fix)
    return office


def _count(office: Office, directory: Directory, problems: list[str]) -> ReenactReport:
    """Count in the log; only here, after the last append, is a recorded award looked at."""
    bids = awards = matching = 0
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        for process in directory.processes:
            case = library.case(directory.opportunity(process))
            if case is None:
                continue
            bids += sum(len(bid.versions) for bid in case.bids.values())
            awards += case.awarded is not None
            matching += _matches(case, process, directory)
    return ReenactReport(
        processes=len(directory.processes),
        bids=bids,
        skipped=len(problems),
        awards=awards,
        matching=matching,
        problems=problems,
    )


def _matches(case: Case, process: Process, directory: Directory) -> bool:
    if case.awarded is None or not isinstance(case.awarded.body, AwardMade):
        return False
    made, recorded = case.awarded.body, process.recorded
    if made.firm != directory.firms.get(recorded.supplier):
        return False
    return recorded.amount_minor is None or recorded.amount_minor == made.amount_minor
