"""
Begin a rehearsal in a folder, or come back to it wherever it was cut off, entry 0 included.

A rehearsal is complete when its folder holds the pinned moment; that file is put in place last and at once.
"""

from datetime import datetime
from pathlib import Path

from ledger.entry import format_time, parse_time, sign
from portal.clock import FixedClock, SimulatedClock
from portal.commands.library import Library
from portal.commands.office import Office, module_digest
from portal.commands.perform import perform
from portal.procurement.events.party import LogOpened, Purpose
from portal.settings import DataFolder


def open_log(office: Office) -> LogOpened | None:
    """What entry 0 says; None when a start was cut off before it."""
    with office.store.reading() as connection:
        return Library(office.store, connection).log()


def pinned(folder: DataFolder) -> datetime | None:
    """The moment of a complete rehearsal; None while it is not complete."""
    if not folder.moment.exists():
        return None
    return parse_time(folder.moment.read_text(encoding="ascii").strip())


def pin(folder: DataFolder, moment: datetime) -> None:
    """State that the rehearsal is complete and at which moment it is shown."""
    written = folder.moment.with_suffix(".new")
    written.write_text(format_time(moment) + "\n", encoding="ascii")
    written.replace(folder.moment)


def begin(
    data: Path, clock: SimulatedClock, *, purpose: Purpose, operator_name: str, origin: str, words: str
) -> Office:
    """
    Open the folder's log, make it, or finish making it; the clock goes to its last entry.

    What belongs to another kind of log is left for the caller to refuse: nothing is appended to it.
    """
    folder = DataFolder(data)
    if not folder.exists():
        # A start that was cut off earlier may have left keys that signed nothing; they would stand in the way.
        for secret in (folder.operator_secret, folder.receipt_secret):
            secret.unlink(missing_ok=True)
        return Office.create(
            data, purpose=purpose, operator_name=operator_name, origin=origin, clock=clock, words=words
        )
    office = Office.open(data, clock)
    if open_log(office) is None and office.origin == origin:
        body = LogOpened(
            operator=operator_name,
            purpose=purpose,
            registrar=office.operator.key_id,
            sealing_module=module_digest(),
            words=words,
        )
        perform(office, sign(office.statement("log-opened", "log:self", body, office.operator), office.operator))
    with office.store.reading() as connection:
        clock.advance_to(parse_time(office.store.head(connection).time))
    return office


def come_back(data: Path, moment: datetime) -> Office:
    """Open a complete rehearsal at its own moment."""
    return Office.open(data, FixedClock(moment))
