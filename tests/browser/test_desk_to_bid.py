"""A firm that came in at the desk bids with the same key: the device knows it, and the bid page still knows no session."""

import json
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from ledger.bidkey import Receipt
from portal.commands.state_party import state_party
from portal.identity.tables import Tables
from portal.procurement.events import opening
from portal.recompute import recompute
from tests.browser.bidders import NAME, NUMBERS, SECRETS, Rig
from tests.browser.test_firm_keys import AUTHENTICATOR
from tests.browser.test_page_types import violations
from tests.browser.test_passkeys import FIRM
from tests.web.letters import link_to

TITLE = f"You bid as {FIRM['name']}"


@pytest.fixture
def stated(rig: Rig) -> Rig:
    """The record states where passkeys sign: here."""
    state_party(rig.town.office, rig.address, "localhost")
    return rig


def device(rig: Rig, *, passkeys: bool) -> Page:
    """A browser of its own, with an authenticator or without one."""
    context = rig.browser.new_context(accept_downloads=True, viewport={"width": 360, "height": 800})
    rig.contexts.append(context)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: rig.errors.append(str(error)))
    if passkeys:
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def comes_in(rig: Rig, page: Page) -> None:
    """The firm enters its name at the desk, and opens the link in the letter that comes."""
    page.goto(f"{rig.address}/desk/register")
    for name, value in FIRM.items():
        page.locator(f"#f-{name}").fill(value)
    page.get_by_role("button", name="Send me the link to go on").click()
    page.get_by_text(FIRM["email"]).wait_for()
    folder = rig.town.office.folder
    tables = Tables(folder.desk)
    page.goto(rig.address + link_to(tables, FIRM["email"], outbox=folder.outbox))
    tables.close()


def with_passkeys(rig: Rig, page: Page) -> None:
    """Two clicks for the keys, one to sign."""
    comes_in(rig, page)
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("button", name="Sign with Passkey").click()
    page.get_by_role("heading", name="On the public record").wait_for()


def with_a_key_of_this_browser(rig: Rig, page: Page) -> None:
    """A password and a code, then a key that never leaves this browser."""
    comes_in(rig, page)
    page.get_by_text("I cannot make a passkey").click()
    page.get_by_text("Choose a password instead").click()
    secret = page.locator("input[name=totp]").input_value()
    page.locator("#password").fill("heron quince theodolite")
    page.locator("#again").fill("heron quince theodolite")
    page.locator("#code").fill(pyotp.TOTP(secret).at(rig.town.clock.now()))
    page.get_by_role("button", name="Open the desk").click()
    page.get_by_text("I cannot make a passkey").click()
    page.get_by_role("button", name="Make a key in this browser").click()
    page.get_by_role("button", name="Sign with This browser").click()
    page.get_by_role("heading", name="On the public record").wait_for()


def bids(rig: Rig, page: Page) -> Receipt:
    """Write and send, without one word about a key."""
    sent: list[dict[str, str]] = []
    rig.open(page)
    page.on("request", lambda request: sent.append(request.all_headers()) if "/api/" in request.url else None)
    expect(page.locator("#firm-name")).to_contain_text(TITLE)
    for field, value in {**NUMBERS, **SECRETS}.items():
        page.locator(f"#{field}").fill(value)
    page.locator("#no_conflict").check()
    receipt = Receipt.parse(rig.send(page).read_bytes())
    assert [name for headers in sent for name in headers if name == "cookie"] == []
    return receipt


def opened(rig: Rig, receipt: Receipt) -> opening.BidOpened:
    rig.town.to_ranking()
    rig.town.office.publish()
    assert recompute(str(rig.town.office.folder.root)).differences == []
    body = rig.town.case().opened[receipt.master.signing_key.public.hex()].body
    assert isinstance(body, opening.BidOpened)
    return body


@pytest.mark.parametrize("come_in", [with_passkeys, with_a_key_of_this_browser])
def test_a_firm_of_the_desk_bids_on_the_same_device_without_opening_any_file(stated: Rig, come_in: Any) -> None:
    page = device(stated, passkeys=come_in is with_passkeys)
    come_in(stated, page)
    body = opened(stated, bids(stated, page))
    assert (body.name, body.status) == (FIRM["name"], "valid")


def test_the_firm_s_own_page_hands_a_key_to_the_bid_page_and_takes_none_from_elsewhere(stated: Rig) -> None:
    page = device(stated, passkeys=True)
    with_passkeys(stated, page)
    page.evaluate("localStorage.clear()")
    page.get_by_role("link", name="Your firm").click()
    expect(page.get_by_text("The bid page on this device signs with it.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    card = stated.save_from(page, lambda: page.get_by_role("button", name="card").click())
    assert "secret" not in card.read_text()
    elsewhere = json.dumps({**json.loads(card.read_text()), "key": "es256:02" + "ab" * 32, "credential": ""})
    other = stated.folder / "other.daylight-firm.txt"
    other.write_text(elsewhere)
    page.goto(f"{stated.address}/opportunities/{NAME}/bid")
    expect(page.locator("#firm-name")).to_contain_text(TITLE)
    page.locator("#key").set_input_files(other)
    page.locator("#summary", has_text="lies in another browser").wait_for()
    expect(page.locator("#firm-name")).to_contain_text(TITLE)
