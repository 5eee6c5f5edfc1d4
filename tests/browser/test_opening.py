"""Following an opening in a real browser: live with script, by a link without."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from portal.app import compose
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from tests.browser.served import served
from tests.browser.test_page_types import violations
from tests.portal.town import PILOT, Town, reopened

PATH = f"/opportunities/{PILOT.partition(':')[2]}/opening"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town.found(tmp_path_factory.mktemp("ready") / "data")
    town.publish()
    town.bid("ridge")
    town.bid("hollow")
    town.declare_interests()
    town.close()
    town.clock.advance_to(town.case().objection_until)
    yield town
    town.office.close()


@pytest.fixture
def town(ready: Town, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(ready.office.folder.root, tmp_path / "data")
    made = reopened(ready, tmp_path / "data")
    yield made
    made.office.close()


def opened(browser: Browser, address: str, **options: object) -> Page:
    context = browser.new_context(**options)  # type: ignore[arg-type]  # passed on as given
    page = context.new_page()
    page.goto(f"{address}{PATH}")
    return page


def test_the_page_follows_the_record_by_itself_until_everything_is_open(browser: Browser, town: Town) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        page = opened(browser, address)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        lede = page.locator(".lede")
        expect(page.locator("#line")).to_have_text("This page follows the record by itself.")
        expect(lede).to_contain_text("0 of the 2 keys")
        page.locator("details.proof").first.locator("summary").click()
        page.evaluate("window.sameDocument = true")
        town.release("proposal", names=("kim",))
        expect(lede).to_contain_text("1 of the 2 keys")
        expect(page.locator(".seats .given")).to_have_text(re.compile("Kim, bar-association.*key given"))
        assert page.locator("details.proof").first.evaluate("panel => panel.open"), "what was open stays open"
        town.release("proposal", names=("mae",))
        open_proposals(town.office, PILOT)
        expect(lede).to_contain_text("The proposals are open, without names.")
        assert violations(page) == []
        town.score()
        town.release("offer")
        open_offers(town.office, PILOT)
        expect(lede).to_have_text("Everything is open: 2 bids, their names and their prices.")
        expect(page.locator("#line")).to_have_text("Nothing more happens here.")
        assert page.evaluate("window.sameDocument")
        assert page.evaluate("document.cookie") == ""
        assert errors == []
        page.context.close()


def test_when_the_line_is_lost_the_page_says_so_and_a_link_loads_it_again(browser: Browser, town: Town) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        context = browser.new_context()
        page = context.new_page()
        page.route(f"{address}{PATH}/events", lambda route: route.fulfill(status=503, body=""))
        page.goto(f"{address}{PATH}")
        expect(page.locator("#line")).to_contain_text("The line is lost")
        town.release("proposal", names=("kim",))
        page.locator("#line a").click()
        expect(page.locator(".lede")).to_contain_text("1 of the 2 keys")
        context.close()


def _followed(browser: Browser, address: str, line: Callable[[Route], None]) -> Page:
    """The page with time in the test's hands, and with a line to the portal that somebody else holds."""
    page = browser.new_context().new_page()
    page.clock.install()
    page.route(f"{address}{PATH}/events", line)
    page.goto(f"{address}{PATH}")
    return page


def _hangs(_route: Route) -> None:
    """A proxy that holds everything back: neither an answer nor an end."""


LINES: dict[str, Callable[[Route], None]] = {
    "a line that is refused": lambda route: route.fulfill(status=503, body=""),
    "a line that is cut off at once": lambda route: route.abort("connectionreset"),
    "a line that never answers": _hangs,
}


@pytest.mark.parametrize("name", LINES)
def test_without_a_line_the_page_says_so_and_looks_by_itself(browser: Browser, town: Town, name: str) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        page = _followed(browser, address, LINES[name])
        page.clock.fast_forward(41_000)
        expect(page.locator("#line")).to_contain_text("The line is lost")
        town.release("proposal", names=("kim",))
        page.clock.fast_forward(31_000)
        expect(page.locator(".lede")).to_contain_text("1 of the 2 keys")
        expect(page.locator("#line")).to_contain_text("looks again every half minute")
        expect(page.locator("#line a")).to_be_visible()
        page.unroute(f"{address}{PATH}/events")
        page.clock.fast_forward(31_000)
        expect(page.locator("#line")).to_have_text("This page follows the record by itself.")
        town.release("proposal", names=("mae",))
        expect(page.locator(".lede")).to_contain_text("2 of the 2 keys")
        page.context.close()


def test_a_line_that_falls_silent_is_noticed(browser: Browser, town: Town) -> None:
    """A half-open line: it stood, and whatever comes after its first words is lost on the way."""
    stream = {"content-type": "text/event-stream", "cache-control": "no-store"}
    with served(lambda address: compose(town.office, address)) as address:
        page = _followed(browser, address, lambda route: route.fulfill(headers=stream, body="retry: 9999999\n\n"))
        expect(page.locator("#line")).to_have_text("This page follows the record by itself.")
        town.release("proposal", names=("kim",))
        page.clock.fast_forward(41_000)
        expect(page.locator("#line")).to_contain_text("The line is lost")
        page.clock.fast_forward(31_000)
        expect(page.locator(".lede")).to_contain_text("1 of the 2 keys")
        page.context.close()


def test_without_script_a_link_loads_the_page_again(browser: Browser, town: Town) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        page = opened(browser, address, java_script_enabled=False)
        town.release("proposal", names=("kim",))
        page.get_by_role("link", name="Load this page again").click()
        expect(page.locator(".lede")).to_contain_text("1 of the 2 keys")
        page.context.close()


def test_a_server_that_is_told_to_stop_does_not_wait_for_its_followers(browser: Browser, town: Town) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        page = opened(browser, address)
        expect(page.locator("#line")).to_have_text("This page follows the record by itself.")
    page.context.close()
