"""A bid that goes on elsewhere: another device, a slow line, a price by parts, and what its receipt tells after the ranking."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ledger.bidkey import Receipt
from portal.procurement.events import opening, opportunity
from tests.browser.bidders import NAME, SECRETS, Rig
from tests.browser.test_bidding import later
from tests.browser.test_page_types import violations
from tests.portal.town import OFFICERS, PILOT

SHARING = """
  window.handed = [];
  navigator.canShare = (what) => what.files?.length === 1;
  navigator.share = async ({ files: [file] }) => { window.handed.push([file.name, await file.text()]); };
"""
SLOW = {"offline": False, "latency": 900, "downloadThroughput": 50_000, "uploadThroughput": 30_000}


def handed_on(page: Page) -> tuple[str, dict[str, Any]]:
    """What the page gave to the device's own way of sharing."""
    page.locator("#move summary").click()
    page.locator("#share-draft").click()
    page.wait_for_function("window.handed.length === 1")
    ((name, text),) = page.evaluate("window.handed")
    return name, json.loads(text.splitlines()[-1] if text.startswith('{"log"') else text)


def test_a_phone_hands_the_draft_to_another_device(rig: Rig) -> None:
    page = rig.page()
    page.add_init_script(SHARING)
    rig.write(rig.open(page))
    name, draft = handed_on(page)
    assert (name, draft["fields"]["approach"]) == (f"bid-{NAME}.draft.txt", SECRETS["approach"])
    assert page.locator("#move svg").is_visible()
    assert page.locator("#move .address").inner_text() == f"{rig.address}/opportunities/{NAME}/bid"


def test_once_a_bid_is_sent_it_is_the_receipt_that_is_handed_on(rig: Rig) -> None:
    page = rig.page()
    page.add_init_script(SHARING)
    rig.write(rig.open(page))
    rig.send(page)
    name, _ = handed_on(page)
    assert name == f"bid-{NAME}.receipt.txt"


def test_a_device_that_cannot_hand_files_on_offers_to_save_them(rig: Rig) -> None:
    page = rig.open(rig.page())
    page.locator("#move summary").click()
    assert page.locator("#share-draft").is_hidden()
    assert page.locator("#save-draft").is_visible()


def write_priced(rig: Rig, page: Page, *prices: str) -> None:
    """The whole form, with a price for each part."""
    rig.write(page, **{f"part-{number}": price for number, price in enumerate(prices, 1)})


def test_a_price_is_given_part_by_part_and_stands_so_in_the_record(priced: Rig) -> None:
    page = priced.open(priced.page())
    write_priced(priced, page, "9,000", "7 000.50", "999.5")
    assert page.locator("#price-total").inner_text() == "Together 17,000.00 USD"
    receipt = Receipt.parse(priced.send(page).read_bytes())
    priced.town.to_ranking()
    bid = receipt.master.signing_key.public.hex()
    opened = priced.town.case().opened[bid].body
    assert isinstance(opened, opening.BidOpened)
    assert (opened.status, opened.price_minor) == ("valid", 1_700_000)
    assert opened.milestone_prices == [900_000, 700_050, 99_950]
    page.goto(f"{priced.address}/opportunities/{NAME}/bids/{bid}")
    assert "7,000.50\u00a0USD" in page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("prices", "words"),
    {
        "a part without a price": (("9000", "", "1000"), "Say your price, as a number: In use"),
        "a part that is no number": (("9000", "many", "1000"), "Say your price, as a number: In use"),
        "more than the agency can pay": (("20000", "4000", "0.01"), "above 24,000.00 USD"),
    }.values(),
)
def test_a_price_that_cannot_be_taken_is_named_beside_its_part(
    priced: Rig, prices: tuple[str, ...], words: str
) -> None:
    page = priced.open(priced.page())
    write_priced(priced, page, *prices)
    page.locator("button[type=submit]").click()
    assert words in page.locator("#summary-list").inner_text()
    assert violations(page) == []
    assert priced.town.case().bids == {}


def test_a_bid_goes_out_over_a_slow_line_that_breaks(rig: Rig) -> None:
    page = rig.written()
    broken = []

    def break_once(route: Any) -> None:
        broken.append(route.request.url)
        if len(broken) < 3:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/bids", break_once)
    rig.contexts[-1].new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.set_default_timeout(60_000)
    receipt = rig.send(page)
    assert len(broken) == 3
    assert Receipt.parse(receipt.read_bytes()).papers is not None
    assert len(rig.town.case().bids) == 1


def test_what_waits_goes_out_by_itself_when_the_line_is_back(rig: Rig) -> None:
    page = rig.written()
    page.set_default_timeout(30_000)
    rig.contexts[-1].set_offline(True)
    page.locator("button[type=submit]").click()
    page.locator("#summary", has_text="Everything is still on this device").wait_for()
    rig.save_from(page, lambda: rig.contexts[-1].set_offline(False))
    assert len(rig.town.case().bids) == 1


def test_a_change_that_matters_is_said_on_both_pages_until_when(rig: Rig) -> None:
    page = rig.open(rig.page())
    assert page.locator("header .banner").count() == 0
    body = opportunity.AddendumPublished(material=True, changes=later(rig.town, need="Also offline."), why="Asked.")
    rig.town.act("addendum-published", PILOT, body, *OFFICERS)
    for path in ("", "/bid"):
        page.goto(f"{rig.address}/opportunities/{NAME}{path}")
        banner = page.locator("header .banner").inner_text()
        assert "in a way that matters" in banner
        assert str(rig.town.case().closes.day) in banner


def test_the_receipt_leads_to_how_the_bid_was_judged(rig: Rig) -> None:
    path = rig.send(rig.written())
    rig.town.to_ranking()
    page = with_receipt(rig, path)
    assert "was opened and judged" in page.locator("#yours-words").inner_text()
    assert page.locator("#write").is_hidden()
    page.locator("#yours-judged a").click()
    assert "came first" in page.locator(".lede").inner_text()


def test_the_receipt_of_a_bid_that_was_not_confirmed_says_so_after_the_close(rig: Rig) -> None:
    path = rig.send(rig.written())
    rig.town.bid("hollow")
    body = opportunity.AddendumPublished(material=True, changes=later(rig.town, need="Also offline."), why="Asked.")
    rig.town.act("addendum-published", PILOT, body, *OFFICERS)
    rig.town.bid("hollow", proposal={"approach": "Sealed after the change."})
    rig.town.declare_interests()
    rig.town.close()
    page = with_receipt(rig, path)
    assert "was not confirmed before the close" in page.locator("#yours-words").inner_text()
    assert violations(page) == []


def with_receipt(rig: Rig, path: Path) -> Page:
    """The bid page on a new device, with a receipt file opened."""
    page = rig.open(rig.page())
    page.locator("#any-file").set_input_files(path)
    page.locator("#yours").wait_for()
    return page
