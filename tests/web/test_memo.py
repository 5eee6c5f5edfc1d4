"""The memo for counsel from the site: only of adopted rules, as of today where they hold, in the usual sheet size."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from litestar import Litestar
from pypdf import PdfReader

from portal.app import make_door
from portal.web.fresh import Fresh
from portal.web.papers import Paper, Printable, printed
from portal.web.press import Key, Press
from portal.web.problems import ProblemWriter
from portal.web.public.memo import memo_routes, read_memo
from tests.projections.made_log import POLICY
from tests.web.made_site import ADDRESS, HTML, MadeSite, ask, made_site

MEMO = f"/policies/{POLICY.id}/memo.pdf"


class PressAtHome(Press):
    """Prints in this process, and remembers what was asked."""

    def __init__(self, site: MadeSite) -> None:
        self.renderer = make_door(site.office, ADDRESS).renderer
        super().__init__(self.renderer.site)
        self.asked: list[tuple[Key, Printable]] = []

    async def make(self, key: Key, view: Printable) -> bytes:
        self.asked.append((key, view))
        pdf = printed(self.renderer, view, key[2]).pdf
        self.keep(key, pdf)
        return pdf


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MadeSite]:
    with made_site(tmp_path) as made:
        made.office.publish()
        yield made


def asked_through(site: MadeSite, press: Press, path: str) -> httpx.Response:
    door = make_door(site.office, ADDRESS)
    router: Any = Litestar(
        route_handlers=memo_routes(door, press),
        exception_handlers={Exception: ProblemWriter(door.renderer).answer},
        openapi_config=None,
        logging_config=None,
    )
    return ask(router, "GET", path, HTML)


def test_the_memo_of_adopted_rules_has_two_pages_and_says_that_the_site_is_a_demonstration(site: MadeSite) -> None:
    press = PressAtHome(site)
    answer = asked_through(site, press, MEMO)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="rules-{POLICY.id}.pdf"'
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 2
    text = " ".join(reader.pages[0].extract_text().split())
    assert "ictional" in text
    assert POLICY.name in text


def test_a_memo_is_printed_once_for_each_day_and_sheet(site: MadeSite) -> None:
    press = PressAtHome(site)
    for query in ("", "?paper=letter", "?paper=a4", ""):
        assert asked_through(site, press, MEMO + query).status_code == 200
    sheets: list[Paper] = ["letter", "a4"]
    assert [key[2] for key, _ in press.asked] == sheets
    site.at(1)
    asked_through(site, press, f"/policies/{POLICY.digest}/memo.pdf")
    assert [key[0].split()[0] for key, _ in press.asked] == [POLICY.digest] * 3
    assert len({key[0] for key, _ in press.asked}) == 2


def test_a_memo_changes_at_midnight_where_its_rules_hold(site: MadeSite) -> None:
    fresh = Fresh()
    _, view = read_memo(make_door(site.office, ADDRESS), fresh, POLICY.id, "")
    assert fresh.until is not None
    local = fresh.until.astimezone(ZoneInfo(POLICY.zone))
    assert (local.hour, local.minute, (local.date() - view.day).days) == (0, 0, 1)
    assert view.path == f"/policies/{POLICY.digest}"


def test_rules_that_nobody_adopted_have_no_memo_here(site: MadeSite) -> None:
    press = PressAtHome(site)
    for name in ("english-council", "nothing", "roles", "lint"):
        assert asked_through(site, press, f"/policies/{name}/memo.pdf").status_code == 404
    assert press.asked == []


def test_the_page_of_the_rules_leads_to_their_memo(site: MadeSite) -> None:
    assert f"/policies/{POLICY.digest}/memo.pdf" in site.get(f"/policies/{POLICY.id}").text
