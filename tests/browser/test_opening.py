"""Following an opening in a real browser: live with script, by a link without."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

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
