"""Each act is mailed to its author, whichever kind and by whichever door; letters tell nothing that is sealed or withheld."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ledger.entry import format_time, parse_entry
from portal.app import make_door
from portal.commands.office import Office
from portal.identity.accounts import Account, make_account
from portal.identity.public_address import read_address
from portal.identity.safe import Safe
from portal.identity.tables import Tables
from portal.procurement.kinds import KINDS
from portal.web.desk.desk import Desk
from portal.web.desk.letters import LetterWriter
from portal.web.desk.telling import tell_authors
from portal.web.render import Renderer
from portal.web.views.frame import Site
from tests.portal.stations import COLLEGE, town_at
from tests.portal.test_holders import _announce as announce
from tests.portal.town import AGENCY, key_of
from tests.web.desk_seats import ADDRESS, Hall, seat
from tests.web.live_desk import Desk as Live

OFFICERS = ("ada", "ben", "eve", "fay", "gus", "oak", "ash", "elm")


def seats() -> dict[str, Account]:
    """Everybody who signs in the town's life, with a desk; by the name of her key."""
    found = {"head": seat("head", "head", agency=AGENCY), "college": seat("college", "partner", partner=COLLEGE)}
    found |= {name: seat(name, "officer", agency=AGENCY, person=f"person:{name}") for name in OFFICERS}
    found |= {name: seat(name, "firm", firm=f"firm:{name}") for name in ("ridge", "hollow", "creek")}
    return found | {name: seat(name, "keeper", keeper=f"keeper:{name}") for name in ("kim", "lou", "mae")}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    made = Hall.over(town_at("awarded", tmp_path_factory.mktemp("town"), "live"))
    yield made
    made.close()


def desk_of(office: Office, tables: Tables) -> Desk:
    """A desk over the same record and tables, as another process has it."""
    return Desk(office, make_door(office, ADDRESS), tables, read_address(ADDRESS), Safe.at(office.folder.desk_secret))


def told(hall: Hall) -> set[tuple[str, int]]:
    """To whom, and about which record, the letters are."""
    with hall.tables.reading() as rows:
        found = rows.rows("SELECT recipient, figures FROM desk_mail WHERE template = 'signed'")
    return {(to, int(msgspec.json.decode(figures)["record"])) for to, figures in found}


def test_every_kind_of_act_that_somebody_with_a_desk_signs_is_mailed_to_her(hall: Hall) -> None:
    with hall.tables.writing() as rows:
        for account in seats().values():
            make_account(rows, account, format_time(hall.town.clock.now()))
        rows.run("UPDATE desk_mark SET entry = 0 WHERE name = 'authors'")
    while tell_authors(desk_of(hall.town.office, hall.tables)):
        pass
    names = {key_of(name).key_id: account.email for name, account in seats().items()}
    wanted, kinds = set(), set()
    office = hall.town.office
    with office.store.reading() as connection:
        for index, data in office.store.entries(connection, 0, office.store.head(connection).size):
            entry = parse_entry(data)
            signed = {names[each.key] for each in entry.signatures if each.key in names}
            wanted |= {(to, index) for to in signed}
            kinds |= {entry.statement.kind} if signed else set()
    assert told(hall) == wanted
    assert len(kinds) >= 14, kinds
    anonymous = {kind for kind, row in KINDS.items() if {"bid-key", "one-time-key"} & set(row.signers)}
    assert not kinds & anonymous


def test_no_letter_tells_what_is_withheld_or_sealed(hall: Hall) -> None:
    office = hall.town.office
    withheld = {
        str(opening["value"])
        for path in (office.vault.folder / "openings").iterdir()
        for opening in office.vault.openings(path.name)
        if len(str(opening["value"])) > 3
    }
    assert withheld
    write = LetterWriter(Renderer(Site(operator="Clerk", purpose="live", origin="test.example/log", address=ADDRESS)))
    with hall.tables.reading() as rows:
        kept = rows.rows("SELECT template, figures FROM desk_mail")
    letters = [write(template, msgspec.json.decode(figures)) for template, figures in kept]
    assert letters
    said = "\n".join(f"{letter.subject}\n{letter.text}" for letter in letters)
    assert [value for value in withheld if value in said] == []
    assert all("/ledger/entries/" in letter.text for letter in letters)


def test_an_act_by_the_command_line_is_mailed_to_whose_key_it_is_and_once(tmp_path: Path) -> None:
    live = Live(tmp_path)
    ash = Account(id="ash", name="Ash", email="ash@x.example", role="officer", agency=AGENCY, person="person:ash")
    with live.tables.writing() as rows:
        make_account(rows, ash, format_time(live.town.clock.now()))
    announce(live.town, "ash")
    two = [desk_of(live.town.office, live.tables) for _ in range(2)]
    assert [tell_authors(desk) for desk in two] == [1, 0]
    live.recomposed()
    assert live.letters() == [("ash@x.example", "signed")]
    live.close()
