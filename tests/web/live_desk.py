"""A live record's desk for tests: people with devices, and its tables as a thief or a clerk would see them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from ledger.entry import format_time
from portal.app import compose
from portal.commands.state_party import state_party
from portal.identity.invitations import Invitation, make_invitation
from portal.identity.tables import Tables
from portal.procurement.events.party import AppointmentMade
from tests.portal.town import AGENCY, START, Town
from tests.web.devices import Device, Person
from tests.web.test_desk import ADDRESS


class Desk:
    """A live record's desk, and its tables as a thief or a clerk would see them."""

    def __init__(self, folder: Path) -> None:
        self.town = Town.found(folder / "data")
        for name in ("oak", "ash", "elm"):
            self.town.appoint(name, ["plan"], None)
            self.town.keeper(name, AGENCY, person=f"person:{name}")
        self.town.office.publish()
        state_party(self.town.office, ADDRESS, "localhost")
        self.app = compose(self.town.office, ADDRESS)
        self.tables = Tables(self.town.office.folder.desk)

    def invite(
        self, name: str = "Ada Byrd", email: str = "ada@harlan.example", role: Any = "officer", **whose: Any
    ) -> str:
        whose = whose or {"agency": AGENCY, "person": "person:x"}
        invitation = Invitation(id=email, email=email, name=name, role=role, **whose)
        with self.tables.writing() as rows:
            return f"/desk/invitation/{make_invitation(rows, invitation, self.town.clock.now())}"

    def recomposed(self) -> Any:
        """The application again, as a new start makes it."""
        return compose(self.town.office, ADDRESS)

    def person(self, device: Device | None = None) -> Person:
        return Person(self.app, device)

    def joined(self, email: str = "ada@harlan.example") -> Person:
        person = self.person()
        assert person.accept(self.invite(email=email)).status_code == 200
        return person

    def officer(self, name: str = "ada", duties: tuple[Any, ...] = ("plan", "publish", "answer")) -> Person:
        """An officer who came by invitation and whose passkey the head appointed."""
        link = self.invite(name.title(), f"{name}@harlan.example", agency=AGENCY, person=f"person:{name}-live")
        person = self.person()
        assert person.accept(link).status_code == 200
        assert person.make_acting_key().status_code == 200
        self.appoint(f"person:{name}-live", person.acting.key_id, duties)
        return person

    def appoint(self, person: str, key: str, duties: tuple[Any, ...]) -> None:
        """The town's head appoints somebody, with her key file."""
        body = AppointmentMade(
            person=person,
            key=key,
            duties=list(duties),
            limit_minor=5_000_000,
            begins=format_time(START),
            ends="2029-01-01T00:00:00.000Z",
            resolution="Resolution 14 of 2027",
        )
        self.town.act("appointment-made", AGENCY, body, "head")

    def letters(self) -> list[tuple[str, str]]:
        """The letters that wait: to whom, and by which template."""
        with self.tables.reading() as rows:
            return [
                (row[0], row[1]) for row in rows.rows("SELECT recipient, template FROM desk_mail ORDER BY made_at, id")
            ]

    def later(self, time: timedelta) -> None:
        self.town.clock.advance_to(self.town.clock.now() + time)

    def close(self) -> None:
        self.tables.close()
        self.town.office.close()
