"""The firm that came first proves at its desk that it may have the pilot; its papers are read on record by who checks them."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from portal.app import compose
from portal.commands.erase_fields import erase_fields
from portal.identity.accounts import Account, make_account
from portal.identity.tables import Tables
from portal.procurement.events.party import AppointmentEnded
from portal.procurement.readings import readings
from portal.web.desk.news import tell_news
from tests.portal.stations import at_ranking, town_with_neighbours
from tests.portal.town import AGENCY, PILOT, Town, size_of
from tests.web.test_desk import ADDRESS, Browser

NAME = PILOT.partition(":")[2]
PROVE = f"/desk/prove/{NAME}"
PAPERS = f"/desk/pilots/{NAME}/papers"
LEASE = b"%PDF-1.7 a lease that only the agency reads"
FACTS = {
    "place": "harlan-county",
    "months_present": "40",
    "founded": "2020-05-01",
    "staff_with_affiliates": "4",
    "register_number": "NC-0042",
}


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = town_with_neighbours(tmp_path / "data")
    at_ranking(made)
    yield made
    made.office.close()


def at_desk(town: Town, name: str) -> Browser:
    browser = Browser(compose(town.office, ADDRESS))
    assert browser.be(name).status_code == 303
    return browser


def hand_in(browser: Browser, files: dict[str, tuple[str, bytes]] | None = None, **facts: str) -> httpx.Response:
    """Send the form as a browser does, with files."""
    fields = {"token": browser.token(), **FACTS, **facts}
    parts = [f'--edge\r\ncontent-disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    for field, (name, data) in (files or {}).items():
        head = f'--edge\r\ncontent-disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    headers = {"content-type": "multipart/form-data; boundary=edge", "accept": "text/html"}
    return browser.ask_raw("POST", PROVE, b"".join(parts) + b"--edge--\r\n", headers)


def papers_kept(town: Town) -> list[bytes]:
    folder = town.office.folder.vault / "papers"
    return sorted(path.read_bytes() for path in folder.glob("*")) if folder.is_dir() else []


def test_the_firm_that_came_first_is_told_and_proves_what_its_offer_declared(town: Town) -> None:
    browser = at_desk(town, "Ridge")
    home = browser.get("/desk").text
    assert f'href="{PROVE}"' in home
    assert "until" in home
    page = browser.get(PROVE).text
    assert page.count('<strong class="mark">Yes</strong>') == 5
    assert "No</strong>" not in page
    where = hand_in(browser, {"paper_2": ("../lease of 2021\n.pdf", LEASE)}).headers["location"]
    shown = browser.get(where).text
    assert "NC-0042" in shown
    assert "lease of 2021.pdf" in shown
    assert LEASE.decode() not in shown
    browser.sign(where)
    (proof,) = town.case().proofs.values()
    assert "lease" not in str(proof.body)
    assert len(proof.commitments) == 8
    assert papers_kept(town) == [LEASE]
    home = browser.get("/desk").text
    assert f'href="{PROVE}"' not in home
    assert "The agency checks your firm" in home
    assert browser.get(PROVE).status_code == 404


def test_facts_that_do_not_meet_the_conditions_are_named_before_anybody_signs(town: Town) -> None:
    browser = at_desk(town, "Ridge")
    before = size_of(town)
    page = hand_in(browser, months_present="1", founded="2015-01-01")
    assert page.status_code == 422
    assert page.text.count('<strong class="mark">No</strong>') == 1
    assert "Bid again in" in page.text
    assert 'value="NC-0042"' in page.text
    assert size_of(town) == before
    where = hand_in(browser, months_present="1", founded="2015-01-01", anyway="yes").headers["location"]
    browser.sign(where)
    officer = at_desk(town, "Ada")
    page = officer.get(f"/desk/pilots/{NAME}/proof").text
    assert page.count('<strong class="mark">No</strong>') == 1
    assert "NC-0042" in page
    accepted = officer.post(f"/desk/pilots/{NAME}/proof", accepted="accept", why="It is near enough.")
    assert accepted.status_code == 422


WRONG = {
    "nothing said": ({"place": "", "months_present": "", "register_number": " "}, 3),
    "no numbers": ({"months_present": "many", "staff_with_affiliates": "0"}, 2),
    "more than anybody has": ({"months_present": "2401", "staff_with_affiliates": "1000001"}, 2),
    "figures of another script": ({"months_present": "٤٠"}, 1),
    "a day that is none": ({"founded": "2020-02-30"}, 1),
    "a place of no rules": ({"place": "atlantis"}, 1),
    "a number without an end": ({"register_number": "9" * 301}, 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_that_cannot_be_read_comes_back_with_its_error_and_nothing_is_kept(town: Town, name: str) -> None:
    fields, errors = WRONG[name]
    before = size_of(town)
    answer = hand_in(at_desk(town, "Ridge"), {"paper_1": ("extract.pdf", LEASE)}, **fields)
    assert answer.status_code == 422
    assert len(re.findall(r'class="wrong"', answer.text)) == errors
    assert (size_of(town), papers_kept(town)) == (before, [])


PAPERS_REFUSED = {
    "a page with a script": b"<html><script>alert(1)</script>",
    "larger than is taken": b"%PDF-" + bytes(4_000_000),
}


@pytest.mark.parametrize("name", PAPERS_REFUSED)
def test_a_paper_that_is_none_or_too_large_is_not_kept(town: Town, name: str) -> None:
    answer = hand_in(at_desk(town, "Ridge"), {"paper_1": ("extract.pdf", PAPERS_REFUSED[name])})
    assert answer.status_code == 422
    assert papers_kept(town) == []


def test_papers_of_a_proof_that_is_refused_or_dropped_do_not_stay(town: Town) -> None:
    browser = at_desk(town, "Ridge")
    where = hand_in(browser, {"paper_1": ("a.pdf", LEASE)}).headers["location"]
    assert papers_kept(town) == [LEASE]
    browser.post(f"{where}/drop")
    assert papers_kept(town) == []
    assert hand_in(browser, {"paper_1": ("a.pdf", LEASE)}, register_number="x" * 301).status_code == 422
    assert papers_kept(town) == []


def test_papers_are_read_on_record_and_by_nobody_else(town: Town) -> None:
    firm = at_desk(town, "Ridge")
    firm.sign(hand_in(firm, {"paper_1": ("extract.pdf", LEASE)}).headers["location"])
    officer = at_desk(town, "Ada")
    assert PAPERS in officer.get(f"/desk/pilots/{NAME}/proof").text
    assert "extract.pdf" not in officer.get(PAPERS).text
    assert officer.get(f"{PAPERS}/paper_1").headers["location"] == PAPERS
    assert readings(town.case()) == []
    officer.post(PAPERS)
    officer.post(PAPERS)
    assert [row.reader for row in readings(town.case())] == ["person:ada"]
    assert "extract.pdf" in officer.get(PAPERS).text
    paper = officer.get(f"{PAPERS}/paper_1")
    assert paper.content == LEASE
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["content-disposition"] == 'attachment; filename="extract.pdf"'
    assert officer.get(f"{PAPERS}/{quote('../keys', safe='')}").status_code == 404
    for other in ("Ridge", "Hollow", "Eve"):
        assert at_desk(town, other).get(f"{PAPERS}/paper_1").status_code == 403
    assert "extract.pdf" not in at_desk(town, "Ben").get(PAPERS).text
    left = at_desk(town, "Ada")
    town.act("appointment-ended", AGENCY, AppointmentEnded(person="person:ada", why="Left."), "head")
    assert left.get(f"{PAPERS}/paper_1").status_code == 404, "read before, and not hers any more"
    town.appoint("ada", ["verify"], None)
    assert officer.get(f"{PAPERS}/paper_1").content == LEASE
    (proof,) = town.case().proofs.values()
    erase_fields(town.office, proof.index, "erasure-request", "The firm asked.")
    assert papers_kept(town) == []
    assert officer.get(f"{PAPERS}/paper_1").status_code == 404


def test_another_firm_has_no_such_page_until_it_is_its_turn(town: Town) -> None:
    other = at_desk(town, "Hollow")
    assert other.get(PROVE).status_code == 404
    assert hand_in(other).status_code == 404
    town.prove("ridge", months_present=1)
    town.decide_eligibility("ridge", accepted=False)
    assert other.get(PROVE).status_code == 200


def test_the_firm_whose_turn_it_is_gets_a_letter_that_names_nothing(town: Town) -> None:
    tables = Tables(town.office.folder.desk)
    with tables.writing() as rows:
        for name in ("ridge", "hollow"):
            mail = f"{name}@firms.example"
            make_account(rows, Account(id=name, name=name, email=mail, role="firm", firm=f"firm:{name}"), "2027")
        rows.run("INSERT INTO desk_mark (name, entry) VALUES ('followers', 0)")

    def told() -> list[tuple[str, str]]:
        tell_news(town.office, tables)
        with tables.reading() as rows:
            found = [tuple(row) for row in rows.rows("SELECT recipient, figures FROM desk_mail ORDER BY rowid")]
        return [(str(row[0]), str(row[1])) for row in found]

    ((to, figures),) = told()
    assert to == "ridge@firms.example"
    assert "ridge" not in figures
    assert NAME not in figures
    assert len(told()) == 1
    town.prove("ridge", months_present=1)
    town.decide_eligibility("ridge", accepted=False)
    assert [to for to, _ in told()] == ["ridge@firms.example", "hollow@firms.example"]
    tables.close()


def test_a_second_try_takes_the_place_of_the_first_and_of_its_papers(town: Town) -> None:
    browser = at_desk(town, "Ridge")
    first = hand_in(browser, {"paper_1": ("old.pdf", b"%PDF-old")}).headers["location"]
    second = hand_in(browser, {"paper_1": ("lease.pdf", LEASE)}).headers["location"]
    assert papers_kept(town) == [LEASE]
    assert browser.sign(first).status_code >= 400
    browser.sign(second)
    assert len(town.case().proofs) == 1
    assert papers_kept(town) == [LEASE]
