"""Training partners on their own pages, on the pilot's, and in the record."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from portal.app import compose
from portal.procurement.events import partnering
from tests.portal.stations import COLLEGE, Copies
from tests.portal.town import PILOT, Town
from tests.web import seen
from tests.web.made_site import ADDRESS, HTML, ask, live_and_end

Read = Callable[[str], str]


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    copies = Copies(tmp_path_factory.mktemp("partners"))
    yield copies.at("open")
    copies.close()


@pytest.fixture
def read(town: Town) -> Iterator[Read]:
    """What a visitor reads at an address."""
    app = compose(town.office, ADDRESS)

    def text(path: str) -> str:
        answer = ask(app, "GET", path, HTML)
        assert answer.status_code == 200
        return seen.read(answer.text).replace(" ,", ",")

    yield text
    asyncio.run(live_and_end(app))


def test_a_pilot_says_that_its_partner_has_not_confirmed_yet_and_then_that_it_has(town: Town, read: Read) -> None:
    pilot, page = "/opportunities/book-a-septic-inspection", "/partners/ridge-college"
    assert "1 learner place, with Ridge College, not yet confirmed by it" in read(pilot)
    assert "It is named 1 time and has confirmed 0 of them." in read(page)
    assert "Book a septic inspection Open the notice not yet 1" in read(page)
    assert "named 1 time confirmed 0 times" in read("/partners")
    done = town.act("partner-confirmed", PILOT, partnering.PartnerConfirmed(bid=None, partner=COLLEGE), "college")
    text = read(pilot)
    assert "1 learner place, with Ridge College, confirmed by it" in text
    assert "Ridge College confirmed that it is the training partner named in the notice." in text
    assert "has confirmed 1 of them." in read(page)
    assert "named 1 time confirmed 1 time" in read("/partners")
    record = read(f"/ledger/entries/{done.index}")
    assert "Who signed Ridge College" in record


def test_a_partners_page_leads_from_its_registration(town: Town, read: Read) -> None:
    with town.office.store.reading() as connection:
        index = town.office.store.last_index(connection, COLLEGE)
    text = read(f"/ledger/entries/{index}")
    assert "Ridge College entered its name as a training partner." in text
    assert "key file" in read("/partners/ridge-college")
    assert "Training partners" in read("/firms")


def test_a_partner_nobody_registered_has_no_page(town: Town) -> None:
    app = compose(town.office, ADDRESS)
    assert ask(app, "GET", "/partners/ghost", HTML).status_code == 404
    asyncio.run(live_and_end(app))
