"""
A live record served over HTTP on a clock that the story moves: clerk, letters and desks as `daylight serve` runs them.

Nobody here is invented by a demo: whoever works on the site came in by a link, with devices of her own.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser

from ledger.entry import format_time
from portal.app import compose
from portal.cli import main
from portal.clock import SimulatedClock
from portal.commands.clerk import Clerk
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.state_module import state_module
from portal.commands.state_party import state_party
from portal.identity.carriers import Outbox
from portal.identity.mail import Postman
from portal.identity.public_address import read_address
from portal.identity.tables import Tables
from portal.procurement.case import Case
from portal.web.api.limits import Limits
from portal.web.cache import App
from portal.web.desk.letters import LetterWriter
from portal.web.desk.news import tell_news
from portal.web.render import Renderer
from portal.web.views.frame import Site
from tests.browser.served import served
from tests.portal.town import START

ORIGIN = "test.example/log"
OPERATOR = "Alder County Clerk"
ROUND_S = 0.1
PATIENCE_S = 20.0


@dataclass
class LiveSite:
    """The served record, its letters, and what pages wrote to their consoles."""

    office: Office
    clock: SimulatedClock
    address: str
    browser: Browser
    folder: Path
    first_link: str
    tables: Tables
    postman: Postman
    errors: list[str] = field(default_factory=list)
    _read: set[str] = field(default_factory=set)

    def later(self, **much: float) -> None:
        """Let time pass."""
        self.clock.advance_to(self.clock.now() + timedelta(**much))

    def until(self, moment: datetime) -> None:
        """Let time pass until a moment of the record."""
        self.clock.advance_to(moment)

    def case(self, name: str) -> Case:
        """A pilot as the record has it."""
        with self.office.store.reading() as connection:
            found = Library(self.office.store, connection).case(f"opportunity:{name}")
        assert found is not None
        return found

    def letters(self, to: str) -> list[EmailMessage]:
        """What was written to somebody, oldest first."""
        tell_news(self.office, self.tables)
        self.postman.deliver(self.clock.now())
        read = [message_from_bytes(each.read_bytes(), policy=policy.SMTP) for each in self._outbox()]
        return [cast("EmailMessage", each) for each in read if each["To"] == to]

    def _outbox(self) -> list[Path]:
        found = self.office.folder.outbox.glob("*.eml")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def link_to(self, to: str, path: str) -> str:
        """The address of this kind in the newest unread letter to somebody; the server's own postman may have it in hand."""
        waiting = threading.Event()
        for _ in range(int(PATIENCE_S / ROUND_S)):
            for letter in reversed(self.letters(to)):
                found = re.search(rf"{self.address}({path}\S*)", str(letter.get_content()))
                if found and letter["Message-ID"] not in self._read:
                    self._read.add(letter["Message-ID"])
                    return self.address + found[1]
            waiting.wait(ROUND_S)
        raise AssertionError(f"no new letter to {to} names {path}")


def registrars_link(data: Path, moment: datetime) -> str:
    """The path of the link that `daylight invite` prints for the registrar, at a moment that the machine's clock is not at."""
    pinned = data / "moment"
    pinned.write_text(format_time(moment), encoding="ascii")
    said = StringIO()
    with redirect_stdout(said):
        assert main(["invite", "--data", str(data), "--name", "Rae Registrar", "--email", "rae@clerk.example"]) == 0
    pinned.unlink()
    return "/desk/invitation/" + said.getvalue().strip().rpartition("/")[2]


@contextmanager
def live_site(folder: Path, browser: Browser) -> Iterator[LiveSite]:
    """A live record that nobody has joined yet."""
    clock = SimulatedClock(START)
    data = folder / "data"
    office = Office.create(data, purpose="live", operator_name=OPERATOR, origin=ORIGIN, clock=clock)
    office.publish()
    link = registrars_link(data, START)
    office.share_commits()
    state_module(office)
    kept = folder / "kept"
    kept.mkdir()
    tables = Tables(office.folder.desk)
    clerk = Clerk(office, ROUND_S)

    def make(address: str) -> App:
        state_party(office, address, read_address(address).host)
        return compose(office, address, Limits(burst=1000))

    with served(make) as address:
        site = Site(operator=OPERATOR, purpose="live", origin=ORIGIN, address=address)
        writer = LetterWriter(Renderer(site))
        postman = Postman(tables, Outbox(office.folder.outbox), writer, "Desk <desk@clerk.example>", "clerk.example")
        clerk.start()
        try:
            yield LiveSite(office, clock, address, browser, kept, link, tables, postman)
        finally:
            clerk.stop()
    tables.close()
    office.close()
