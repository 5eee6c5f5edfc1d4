"""Officers and auditors read what is not public: never before their time, and never without a record that says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.commands.erase_proposals import erase_proposals
from portal.procurement.readings import readings
from tests.portal.town import PILOT, size_of
from tests.web import seen
from tests.web.desk_seats import PEOPLE, STRANGERS, Hall, Halls

NAME = PILOT.partition(":")[2]
PROPOSALS, PAPERS, LIST = f"/desk/pilots/{NAME}/proposals", f"/desk/pilots/{NAME}/papers", "/desk/reading"
AUDITOR, ADA, OLGA = PEOPLE["auditor"], PEOPLE["officer"], STRANGERS["an officer of another agency"]


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("halls"))
    yield made
    made.close()


def shown(hall: Hall, who: object, path: str) -> str:
    return seen.read(hall.ask(who, "GET", path, accept="text/html").text)  # type: ignore[arg-type]  # an account


def test_an_auditor_reads_proposals_and_papers_after_the_award_each_on_record(halls: Halls) -> None:
    hall = halls.at("awarded")
    before = size_of(hall.town)
    listed = hall.ask(AUDITOR, "GET", LIST, accept="text/html").text
    assert PROPOSALS in listed
    assert PAPERS in listed
    assert "answers booking" not in shown(hall, AUDITOR, PROPOSALS)
    assert size_of(hall.town) == before
    assert hall.ask(AUDITOR, "POST", PROPOSALS).headers["location"] == PROPOSALS
    count = size_of(hall.town) - before
    assert count > 0
    assert {(row.reader, row.what) for row in readings(hall.town.case())[-count:]} == {
        ("auditor:seat-auditor", "proposal")
    }
    assert "answers booking" in shown(hall, AUDITOR, PROPOSALS)
    hall.ask(AUDITOR, "POST", PROPOSALS)
    assert size_of(hall.town) == before + count
    hall.ask(AUDITOR, "POST", PAPERS)
    assert size_of(hall.town) - before - count == (1 if _proved_with_papers(hall) else 0)


def _proved_with_papers(hall: Hall) -> bool:
    return any(act.commitments for act in hall.town.case().proofs.values())


@pytest.mark.parametrize("station", ["scoring", "ranked", "chosen", "cancelled"])
def test_an_auditor_finds_nothing_before_the_award(halls: Halls, station: str) -> None:
    hall = halls.at(station)
    before = size_of(hall.town)
    assert "once it is awarded" in shown(hall, AUDITOR, LIST)
    for method, path in (("GET", PROPOSALS), ("POST", PROPOSALS), ("GET", PAPERS), ("POST", PAPERS)):
        assert hall.ask(AUDITOR, method, path).json()["reason"] == "role-state", path
    assert size_of(hall.town) == before


def test_an_officer_finds_the_proposals_of_her_own_agency_once_there_is_a_ranking(halls: Halls) -> None:
    assert "ranking is published" in shown(halls.at("scoring"), ADA, LIST)
    hall = halls.at("ranked")
    assert PROPOSALS in hall.ask(ADA, "GET", LIST, accept="text/html").text
    assert PROPOSALS not in hall.ask(OLGA, "GET", LIST, accept="text/html").text
    assert hall.ask(OLGA, "POST", PROPOSALS).json()["reason"] == "role-whose"
    assert hall.ask(PEOPLE["evaluator"], "GET", LIST).json()["reason"] == "role-deed"


def test_what_was_erased_is_shown_to_nobody_and_the_pages_say_why(tmp_path: Path) -> None:
    halls = Halls(tmp_path)
    hall = halls.at("awarded")
    hall.ask(AUDITOR, "POST", PROPOSALS)
    both = shown(hall, AUDITOR, PROPOSALS)
    assert ("Proposal 1" in both, "Proposal 2" in both) == (True, True)
    erase_proposals(hall.town.office, PILOT)
    told = "1 proposal that was not chosen was erased on"
    left = shown(hall, AUDITOR, PROPOSALS)
    assert told in left
    assert ("Proposal 1" in left) != ("Proposal 2" in left)
    page = shown(hall, None, f"/opportunities/{NAME}")
    assert told in page
    assert "under the rule that it goes once the award is final" in page
    assert "1 proposal that was not chosen was erased: the award is final" in page
    halls.close()
