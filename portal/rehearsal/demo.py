"""
Fill a data folder with the demo: three agencies, eleven firms, two dozen promises, one pilot in every station of its life.

The folder is complete when it holds its pinned moment; until then a second start goes on where the first one stopped.
"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from msgspec import Struct

from ledger.entry import format_time
from ledger.keys import create_secret
from portal.clock import SimulatedClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.procurement.refusal import Refusal
from portal.procurement.stage import stage
from portal.projections.shelf import Shelf
from portal.rehearsal.begin import begin, come_back, open_log, pin, pinned
from portal.rehearsal.cast import Cast
from portal.rehearsal.content import Content, load_content
from portal.rehearsal.judging import Judging
from portal.rehearsal.partnering import Partnering
from portal.rehearsal.pilots import Pilot, write_plan
from portal.rehearsal.play import Player, Progress, Script, silent
from portal.settings import DataFolder

_SECRET = "secret"  # noqa: S105 -- a file's name


class DemoReport(Struct, frozen=True, kw_only=True):
    """
    What the folder holds now.

    `found` says how the start found it: "nothing", "part" (it went on) or "complete" (nothing was appended). `stages`
    counts the published pilots by station at the pinned moment; `plans` those promised, dropped ones among them.
    """

    data: str
    found: str
    origin: str
    moment: str
    entries: int
    stages: dict[str, int]
    plans: int
    agencies: int
    firms: int

    @property
    def words(self) -> str:
        """What to tell the person who started it."""
        before = {
            "nothing": "The demo is ready",
            "part": "The demo had been cut off; it went on and is ready",
            "complete": "This folder holds the whole demo already; nothing was added",
        }[self.found]
        stations = ", ".join(f"{name} {number}" for name, number in self.stages.items())
        return (
            f"{before}: {self.entries} entries by {self.agencies} invented agencies and {self.firms} invented firms, "
            f"{sum(self.stages.values())} pilots ({stations}), {self.plans} promises of work. "
            f"It stands at {self.moment}, and everything in it is fictional."
        )


def run(data: Path, *, progress: Progress = silent, content: Content | None = None) -> DemoReport:
    """
    Fill `data` with the demo, or go on, or say that it is complete.

    Raises:
        Refusal: `data-not-a-demo` when the folder holds a log of another kind; else what a command refused, which would
            be a fault of the demo's own text.
        ContentError: The demo's files contradict each other.
    """
    text = content or load_content()
    folder = DataFolder(data)
    found = "part" if folder.exists() else "nothing"
    moment = pinned(folder)
    if moment is not None:
        office = _checked(come_back(data, moment), data)
        found = "complete"
    else:
        moment = text.log.moment
        office = _play(data, folder, text, progress)
        pin(folder, moment)
    try:
        return _report(office, data, found, moment)
    finally:
        office.close()


def script_of(player: Player, content: Content) -> tuple[Script, Cast, Partnering]:
    """Everything that happens in the demo, before and after its moment, and who takes part."""
    script = Script()
    cast = Cast(player, content)
    cast.write(script)
    partnering = Partnering(cast)
    partnering.write(script)
    for plan in content.plans:
        write_plan(cast, script, plan.id, plan.agency, plan)
    for text in content.pilots:
        pilot = Pilot(cast, text)
        pilot.write(script)
        Judging(pilot).write(script)
    return script, cast, partnering


def _play(data: Path, folder: DataFolder, content: Content, progress: Progress) -> Office:
    clock = SimulatedClock(content.log.opened)
    folder.people.mkdir(parents=True, exist_ok=True)
    secret = folder.people / _SECRET
    if not secret.exists():
        create_secret(secret, token_bytes(32).hex().encode())
    log = content.log
    begun = begin(data, clock, purpose="demo", operator_name=log.operator, origin=log.origin, words=log.words)
    office = _checked(begun, data)
    player = Player(office, clock, bytes.fromhex(secret.read_text(encoding="ascii")))
    script, cast, partnering = script_of(player, content)
    cast.write_files(folder.people)
    partnering.write_files(folder.people)
    player.play(script.until(content.log.moment), progress, ends=content.log.moment)
    return office


def _checked(office: Office, data: Path) -> Office:
    log = open_log(office)
    if log is None or log.purpose != "demo":
        office.close()
        purpose = "nothing" if log is None else log.purpose
        raise Refusal("data-not-a-demo", {"data": str(data), "purpose": purpose}, fix="Choose another folder.")
    return office


def _report(office: Office, data: Path, found: str, moment: datetime) -> DemoReport:
    with office.store.reading() as connection:
        library, shelf = Library(office.store, connection), Shelf(connection)
        subjects = {
            kind: [str(row[0]) for row in shelf.rows(f"SELECT id FROM {{{kind}}} ORDER BY id")]  # noqa: S608 -- names
            for kind in ("opportunity", "plan", "agency", "firm")
        }
        cases = [library.case(subject) for subject in subjects["opportunity"]]
        size = office.store.head(connection).size
    stages = Counter(stage(case, moment) for case in cases if case is not None)
    return DemoReport(
        data=str(data),
        found=found,
        origin=office.origin,
        moment=format_time(moment),
        entries=size,
        stages=dict(sorted(stages.items())),
        plans=len(subjects["plan"]),
        agencies=len(subjects["agency"]),
        firms=len(subjects["firm"]),
    )
