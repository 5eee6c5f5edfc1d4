"""A firm's own page at its desk: what is public of it, what waits, and nothing of a bid that is still sealed."""

from pathlib import Path
from typing import Any

import pytest

from portal.app import compose
from tests.portal.stations import at_open, at_ranking, town_with_neighbours
from tests.portal.town import PILOT, Town
from tests.web.desk_seats import PEOPLE, Hall, seat
from tests.web.test_desk import ADDRESS, Browser

NAME = PILOT.partition(":")[2]


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = town_with_neighbours(tmp_path / "data")
    yield made
    made.office.close()


def page_of(town: Town, name: str = "Ridge") -> str:
    browser = Browser(compose(town.office, ADDRESS))
    browser.be(name)
    return browser.get("/desk/firm").text


def test_before_offers_open_the_page_is_the_same_for_a_bidder_and_for_a_firm_that_sent_nothing(town: Town) -> None:
    before = page_of(town)
    at_open(town)
    after = page_of(town)
    told = {line for line in after.splitlines() if "token" not in line} - set(before.splitlines())
    assert told == set()
    assert "A sealed bid carries no name" in after
    assert "Ridge Data" in after
    assert NAME not in after


def test_once_offers_are_open_the_page_shows_its_bids_how_they_were_judged_and_what_is_due(town: Town) -> None:
    at_ranking(town)
    page = page_of(town)
    assert f'href="/desk/prove/{NAME}"' in page
    assert f'href="/opportunities/{NAME}/bids/' in page
    assert "1 of 2" in page
    other = page_of(town, "Hollow")
    assert f'href="/desk/prove/{NAME}"' not in other
    assert "2 of 2" in other
    town.prove("ridge")
    assert "The agency checks your firm" in page_of(town)


def test_a_firm_that_has_signed_nothing_yet_is_told_what_to_do(town: Town) -> None:
    hall = Hall.over(town)
    newcomer = seat("newcomer", "firm", firm="firm:newcomer")
    page = hall.ask(newcomer, "GET", "/desk/firm", accept="text/html").text
    assert 'href="/desk/keys/new"' in page
    assert "is not in the public record yet" in page
    assert hall.ask(PEOPLE["officer"], "GET", "/desk/firm").status_code == 403
    hall.tables.close()
