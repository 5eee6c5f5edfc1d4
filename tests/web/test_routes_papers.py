"""The award notice: only after the award, only with its proof, printed once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from ledger.checkpoint import parse_vkeys
from ledger.proof import parse_proof, verify_proof
from portal.app import make_door
from portal.web.press import KEPT, Key, Press
from portal.web.problems import Problem, ProblemWriter
from portal.web.public.papers import paper_routes
from portal.web.reading import Door
from portal.web.views.notice import AwardNotice
from tests.web.made_site import ADDRESS, HTML, MadeSite, ask, made_site

PAPER = "/opportunities/septic/award.pdf"


class PaperWithoutInk(Press):
    """Keeps what it was asked to print."""

    def __init__(self, door: Door, *, broken: bool = False) -> None:
        super().__init__(door.renderer.site)
        self.asked: list[tuple[Key, AwardNotice]] = []
        self.broken = broken

    async def make(self, key: Key, view: AwardNotice) -> bytes:
        if self.broken:
            raise Problem("pdf-unavailable", 503)
        self.asked.append((key, view))
        self.keep(key, b"%PDF-1.7 " + view.title.encode())
        return b"%PDF-1.7 " + view.title.encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MadeSite]:
    with made_site(tmp_path) as made:
        yield made


def asked_through(site: MadeSite, press: Press, path: str, accept: str = HTML["accept"]) -> httpx.Response:
    door = make_door(site.office, ADDRESS)
    writer = ProblemWriter(door.renderer)
    router: Any = Litestar(
        route_handlers=paper_routes(door, press),
        exception_handlers={Exception: writer.answer},
        openapi_config=None,
        logging_config=None,
    )
    return ask(router, "GET", path, {"accept": accept})


def test_a_notice_is_printed_once_for_each_paper_size(site: MadeSite) -> None:
    site.office.publish()
    press = PaperWithoutInk(make_door(site.office, ADDRESS))
    for path in (PAPER, PAPER, f"{PAPER}?paper=letter", f"{PAPER}?paper=a4"):
        answer = asked_through(site, press, path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'inline; filename="award-septic.pdf"'
    assert [key[2] for key, _ in press.asked] == ["letter", "a4"]


def test_a_notice_carries_its_record_and_a_proof_that_holds(site: MadeSite) -> None:
    site.office.publish()
    press = PaperWithoutInk(make_door(site.office, ADDRESS))
    asked_through(site, press, PAPER)
    ((key, view),) = press.asked
    assert key[0] == view.fingerprint
    proven = verify_proof(parse_proof(view.receipt), parse_vkeys(site.office.folder.vkeys.read_bytes()), every=True)
    assert (proven.index, proven.entry) == (view.index, view.entry)
    assert view.path == f"/ledger/entries/{view.index}"
    assert (view.firm, view.bids, len(view.ranking), len(view.reasons)) == ("Blue Ridge Data", 1, 1, 1)


@pytest.mark.parametrize("path", ["/opportunities/two/award.pdf", "/opportunities/nothing/award.pdf"])
def test_there_is_no_notice_before_an_award(site: MadeSite, path: str) -> None:
    site.office.publish()
    press = PaperWithoutInk(make_door(site.office, ADDRESS))
    assert asked_through(site, press, path).status_code == 404
    assert press.asked == []


def test_a_notice_waits_for_the_snapshot_that_proves_it(site: MadeSite) -> None:
    press = PaperWithoutInk(make_door(site.office, ADDRESS))
    answer = asked_through(site, press, PAPER, "application/json")
    assert (answer.status_code, answer.json()["reason"]) == (404, "receipt-waiting")


def test_a_server_without_the_libraries_says_so(site: MadeSite) -> None:
    site.office.publish()
    press = PaperWithoutInk(make_door(site.office, ADDRESS), broken=True)
    answer = asked_through(site, press, PAPER, "application/json")
    assert (answer.status_code, answer.json()["reason"]) == (503, "pdf-unavailable")
    assert "browser" in answer.json()["fix"]


def test_the_press_forgets_the_oldest_papers(site: MadeSite) -> None:
    press = PaperWithoutInk(make_door(site.office, ADDRESS))
    for number in range(KEPT + 3):
        press.keep((str(number), "", "a4"), b"x")
    assert press.find(("2", "", "a4")) is None
    assert press.find(("3", "", "a4")) == b"x"


def test_a_real_press_prints_a_pdf_or_says_that_it_cannot(site: MadeSite) -> None:
    site.office.publish()
    ink = PaperWithoutInk(make_door(site.office, ADDRESS))
    asked_through(site, ink, PAPER)
    ((key, view),) = ink.asked
    press = Press(make_door(site.office, ADDRESS).renderer.site)
    try:
        printed = asyncio.run(press.make(key, view))
    except Problem as problem:
        assert problem.reason == "pdf-unavailable"  # noqa: PT017 -- either is right, by the machine's libraries
    else:
        assert printed.startswith(b"%PDF-1.7")
        assert press.find(key) == printed
    finally:
        press.close()
