"""A training partner's desk: where it is named, and one way to say that it stands by that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.identity.drafts import Draft, waiting_drafts
from portal.procurement.act import read_body
from portal.procurement.events import opening
from portal.procurement.partners import confirmations
from tests.portal.stations import COLLEGE, town_with_neighbours
from tests.portal.town import PILOT
from tests.web import seen
from tests.web.desk_seats import PEOPLE, STRANGERS, Hall, Halls

NAME = PILOT.partition(":")[2]
PATH = f"/desk/partner/{NAME}"
PARTNER = PEOPLE["partner"]
HTML = {"accept": "text/html"}


@pytest.fixture
def halls(tmp_path: Path) -> Iterator[Halls]:
    made = Halls(tmp_path)
    yield made
    made.close()


def page(hall: Hall, path: str = "/desk") -> str:
    """The text of a page of the partner's desk."""
    answer = hall.ask(PARTNER, "GET", path, None, **HTML)
    assert answer.status_code == 200
    return seen.read(answer.text)


def test_a_partner_reads_where_it_is_named_and_signs_that_it_stands_by_it(halls: Halls) -> None:
    hall = halls.at("open")
    assert "Confirm that you train the learners of Book a septic inspection" in page(hall)
    assert "In the notice of the agency: 1 learner place" in page(hall, PATH)
    assert hall.ask(PARTNER, "POST", PATH, {"named": "notice"}).status_code == 303
    (draft,) = drafts(hall)
    assert (draft.kind, draft.subject) == ("partner-confirmed", PILOT)
    hall.town.act(draft.kind, PILOT, read_body(draft.kind, draft.statement.body), "college")
    assert (COLLEGE, None) in confirmations(hall.town.case())
    assert "Confirm that you train" not in page(hall)
    assert hall.ask(PARTNER, "GET", PATH).json()["reason"] == "page-missing"


def test_an_opened_bid_names_it_by_its_registered_name_and_a_sealed_one_nobody(tmp_path: Path) -> None:
    town = town_with_neighbours(tmp_path / "data")
    town.publish()
    said = opening.Declarations(
        place="harlan-county",
        months_present=40,
        staff=4,
        founded="2020-05-01",
        no_conflict=True,
        learner_places=2,
        training_partner="Ridge College",
    )
    town.bid("ridge", declarations=said)
    hall = Hall.over(town)
    assert "Confirm that you train" not in page(hall)
    town.to_ranking()
    assert "Confirm that you train the learners of Book a septic inspection" in page(hall)
    assert "In the bid of Ridge Data: 2 learner places" in page(hall, PATH)
    (bid,) = town.case().opened
    assert hall.ask(PARTNER, "POST", PATH, {"named": bid}).status_code == 303
    assert drafts(hall)[0].statement.body == {"bid": bid, "partner": COLLEGE}
    hall.close()


@pytest.mark.parametrize("named", ["", "00" * 32, "firm:ridge"])
def test_it_confirms_nothing_but_where_it_is_named(halls: Halls, named: str) -> None:
    hall = halls.at("open")
    answer = hall.ask(PARTNER, "POST", PATH, {"named": named}, **HTML)
    assert answer.status_code == 422
    assert 'id="f-named-error"' in answer.text
    assert drafts(hall) == []


def test_nobody_else_has_this_page(halls: Halls) -> None:
    hall = halls.at("open")
    other = STRANGERS["another training partner"]
    assert hall.ask(other, "GET", PATH).json()["reason"] == "page-missing"
    assert hall.ask(PEOPLE["firm"], "GET", PATH).json()["reason"] == "role-deed"
    assert hall.ask(PARTNER, "GET", "/desk/partner/nothing").json()["reason"] == "page-missing"


def drafts(hall: Hall) -> list[Draft]:
    """What it has begun to sign."""
    assert PARTNER is not None
    with hall.tables.reading() as rows:
        return list(waiting_drafts(rows, made_by=PARTNER.id))
