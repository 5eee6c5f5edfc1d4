"""Passkeys in a real browser: a firm comes in and signs, signs in again, and every page of the way is one for everybody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ledger import auditor
from portal.app import compose
from portal.clock import SimulatedClock
from portal.commands.office import Office
from portal.commands.state_party import state_party
from portal.identity.public_address import read_address
from portal.identity.tables import Tables
from tests.browser.served import served
from tests.browser.test_page_types import violations
from tests.portal.town import START
from tests.web.letters import link_to

FIRM = {
    "name": "Quill & Söhne Data",
    "place": "harlan-county",
    "place_name": "Harlan County",
    "founded": "2019-05-01",
    "staff": "2",
    "person": "Quinn Quill",
    "email": "quinn@quill.example",
}


@dataclass
class Site:
    """A live record served over HTTP, and browsers with a device of their own."""

    office: Office
    address: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """A fresh browser with a platform authenticator."""
        context = self.browser.new_context(**options)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        return page

    def device(self, page: Page) -> Any:
        """Give the page's browser a device with passkeys; the session that speaks to it."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def follow_letter(self, page: Page) -> None:
        """Send the form off, and open the link in the letter that it brings."""
        page.get_by_role("button", name="Send me the link to go on").click()
        page.get_by_text(FIRM["email"]).wait_for()
        tables = Tables(self.office.folder.desk)
        page.goto(self.address + link_to(tables, FIRM["email"], outbox=self.office.folder.outbox))
        tables.close()

    def registered(self, page: Page) -> Page:
        """A firm fills in its page and makes its passkeys; it stands before its signature."""
        page.goto(f"{self.address}/desk/register")
        for name, value in FIRM.items():
            page.locator(f"#f-{name}").fill(value)
        self.follow_letter(page)
        page.get_by_role("button", name="Make the passkey").click()
        page.wait_for_url("**/desk/keys/new")
        page.get_by_role("button", name="Make the key").click()
        page.wait_for_url("**/desk/sign/*")
        return page


@pytest.fixture
def site(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    office = Office.create(
        tmp_path / "data", purpose="live", operator_name="Clerk", origin="test.example/log", clock=SimulatedClock(START)
    )
    office.publish()

    def make(address: str) -> Any:
        state_party(office, address, read_address(address).host)
        return compose(office, address)

    with served(make) as address:
        made = Site(office, address, browser)
        yield made
        for context in made.contexts:
            context.close()
    office.close()


def test_a_firm_comes_in_signs_and_an_auditor_checks_what_its_device_said(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    page = site.page()
    site.device(page)
    site.registered(page)
    page.get_by_role("button", name="Sign with Passkey").click()
    page.get_by_role("heading", name="On the public record").wait_for()
    site.office.publish()
    folder = site.office.folder
    assert auditor.main(["verify", str(folder.log), "--vkeys", str(folder.vkeys)]) == 0
    assert "verified" in capsys.readouterr().out
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/desk/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").first.click()
    page.wait_for_url("**/desk")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("My device does not find my passkey").click()
    page.locator("#email").fill(FIRM["email"])
    page.get_by_role("button", name="Sign in with a passkey").last.click()
    page.wait_for_url("**/desk")
    assert site.errors == []


def test_the_page_signs_nothing_when_the_text_that_came_is_not_the_one_it_shows(site: Site) -> None:
    page = site.page()
    site.device(page)
    site.registered(page)

    def other(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("Quill", "Quilt"))

    page.route("**/statement", other)
    page.get_by_role("button", name="Sign with Passkey").click()
    page.get_by_role("alert").filter(has_text="is not the one this page shows").wait_for()
    page.unroute("**/statement")
    page.reload()
    assert page.get_by_text("Signed already by").count() == 0


def test_a_cancelled_question_is_said_and_can_be_asked_again(site: Site) -> None:
    page = site.page()
    session, device = site.device(page)
    site.registered(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Sign with Passkey").click()
    page.get_by_role("alert").filter(has_text="was closed or ran out of time").wait_for()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Sign with Passkey").click()
    expect(page.get_by_role("heading", name="On the public record")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_every_page_of_the_way_is_one_for_everybody(site: Site, theme: Any, width: int) -> None:
    page = site.page(color_scheme=theme, viewport={"width": width, "height": 900})
    site.device(page)
    found = {}

    def look(name: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach((panel) => { panel.open = true })")
        found[name] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found[name].append(f"{wide} px wide")

    page.goto(f"{site.address}/desk/sign-in")
    look("sign in")
    page.goto(f"{site.address}/desk/register")
    look("register")
    for name, value in FIRM.items():
        page.locator(f"#f-{name}").fill(value)
    site.follow_letter(page)
    page.get_by_role("button", name="Make the passkey").wait_for()
    look("invitation")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/desk/keys/new")
    look("key")
    page.get_by_role("button", name="Make the key").click()
    page.wait_for_url("**/desk/sign/*")
    look("sign")
    page.goto(f"{site.address}/desk")
    look("home")
    assert found == {name: [] for name in found}


def wrong_anywhere(page: Page) -> list[str]:
    """What axe finds on the page on a narrow phone by day and on a desk by night, and where it is wider than its window."""
    found = []
    for theme, width in (("light", 320), ("dark", 1280)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        found += violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{wide} px wide at {width}"] if wide > width else []
    return found


def test_without_a_passkey_a_password_and_a_key_of_this_browser_do(site: Site) -> None:
    page = site.page()
    page.goto(f"{site.address}/desk/register")
    for name, value in FIRM.items():
        page.locator(f"#f-{name}").fill(value)
    site.follow_letter(page)
    page.get_by_text("I cannot make a passkey").click()
    page.get_by_text("Choose a password instead").click()
    secret = page.locator("input[name=totp]").input_value()
    page.locator("#password").fill("heron quince theodolite")
    page.locator("#again").fill("heron quince theodolite")
    page.locator("#code").fill(pyotp.TOTP(secret).at(START))
    assert wrong_anywhere(page) == []
    page.get_by_role("button", name="Open the desk").click()
    page.get_by_text("I cannot make a passkey").click()
    page.get_by_role("button", name="Make a key in this browser").click()
    page.wait_for_url("**/desk/sign/*")
    page.get_by_role("button", name="Sign with This browser").click()
    page.get_by_role("heading", name="On the public record").wait_for()
    page.get_by_role("link", name="Your keys").last.click()
    expect(page.get_by_role("listitem").filter(has_text="A password and a code")).to_be_visible()
    assert wrong_anywhere(page) == []
    page.get_by_role("button", name="Draw ten recovery codes").click()
    assert page.locator("ol.codes li").count() == 10
    assert wrong_anywhere(page) == []
    refused = page.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("daylight-device-key", 1);
          opening.onsuccess = () => {
            const asked = opening.result.transaction("keys").objectStore("keys").getAll();
            asked.onsuccess = () => crypto.subtle.exportKey("pkcs8", asked.result[0]).then(
              () => resolve("handed out"), () => resolve("refused"));
          };
        })"""
    )
    assert refused == "refused"
    assert site.errors == []
