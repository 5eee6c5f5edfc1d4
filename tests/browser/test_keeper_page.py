"""
The keeper's page in a real browser: her keys locked by a passkey's own secret, which leaves the machine in nobody's hands.

The authenticator is Chromium's virtual one with the `prf` extension (ctap2_1, hasPrf).
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from portal.app import compose
from portal.commands.open_proposals import open_proposals
from portal.keeper.home import Home
from portal.keeper.locks import is_locked
from portal.keeper.page.desk import KeeperDesk
from portal.keeper.page.holder import Holder
from portal.keeper.page.server import PageServer
from portal.keeper.reaching import WebPortal
from portal.keeper.ring import Ring
from portal.procurement.events import party
from portal.web.api.limits import Limits
from tests.browser.served import served
from tests.browser.test_page_types import violations
from tests.portal.town import PILOT, Town, key_of

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Rig:
    """A town behind a served portal, a keeper's home, her page, and everything that her browser asked for."""

    def __init__(self, town: Town, address: str, home: Home, browser: Browser, stack: ExitStack) -> None:
        self.town, self.address, self.home = town, address, home
        self.desk = KeeperDesk(Holder(home), WebPortal(address), town.clock, demo=True)
        self.server = PageServer(self.desk)
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stack.callback(self.server.server_close)
        stack.callback(thread.join)
        stack.callback(self.server.shutdown)
        self.browser = browser
        self.asked: list[Request] = []
        self.errors: list[str] = []

    def open(self, **options: Any) -> Page:
        """The printed link, in a fresh browser."""
        page = self.browser.new_context(**options).new_page()
        page.set_default_timeout(10_000)
        page.on("request", self._sent)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.server.link)
        return page

    def _sent(self, request: Request) -> None:
        self.asked.append(request)

    def device(self, page: Page, *, prf: bool = True) -> Any:
        """Give the browser a virtual authenticator."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "hasPrf": prf}})
        return session, made["authenticatorId"]

    def finish(self, page: Page) -> None:
        """Wait for what runs, and go back."""
        page.get_by_role("link", name="Back to what waits").click()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town.found(tmp_path_factory.mktemp("town") / "data", "demo")
    made.publish()
    made.bid("ridge")
    made.bid("hollow")
    made.declare_interests()
    made.close()
    made.clock.advance_to(made.case().objection_until)
    made.office.publish()
    yield made
    made.office.close()


@pytest.fixture
def rig(town: Town, tmp_path: Path, browser: Browser) -> Iterator[Callable[[str], Rig]]:
    with ExitStack() as stack:
        address = stack.enter_context(served(lambda at: compose(town.office, at, Limits(burst=1000))))

        def make(name: str) -> Rig:
            home = Home(tmp_path / name)
            home.pin(address, town.office.folder.vkeys.read_bytes())
            if name in town.packs:
                Ring.adopt(f"keeper:{name}", key_of(name), town.packs[name]).save(home.ring)
            return Rig(town, address, home, browser, stack)

        yield make


def test_a_keeper_locks_her_keys_with_a_passkey_releases_and_confirms(rig: Callable[[str], Rig]) -> None:
    made = rig("kim")
    page = made.open()
    session, device = made.device(page)
    page.get_by_role("link", name="My keys").click()
    page.get_by_label("A name for this passkey").fill("laptop")
    page.get_by_label("I have a backup file or the words on paper").check()
    page.get_by_role("button", name="Lock with a passkey").click()
    page.get_by_role("button", name="Add another passkey").wait_for()
    assert is_locked(made.home.ring.read_bytes())
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1
    page.get_by_role("button", name="Lock this page now").click()
    expect(page.locator(".lede")).to_have_text("The keys of keeper:kim are locked.")
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.get_by_role("button", name="Look into the record").click()
    made.finish(page)
    expect(page.locator(".lede")).to_have_text("1 thing waits for you.")
    page.get_by_role("link", name="Release the key").click()
    page.get_by_role("button", name="Check everything, then release my key").click()
    expect(page.get_by_text("The key is released.")).to_be_visible()
    made.finish(page)
    made.town.release("proposal", names=("mae",))
    open_proposals(made.town.office, PILOT)
    made.town.office.publish()
    page.get_by_role("button", name="Look again").click()
    made.finish(page)
    page.get_by_role("link", name="Confirm the opening").click()
    page.get_by_role("button", name="Work it out again, then confirm").click()
    expect(page.get_by_text("The opening is confirmed.")).to_be_visible()
    assert len(made.town.case().confirmations) == 1
    assert {request.url.startswith(made.server.origin) for request in made.asked} == {True}
    assert page.evaluate("document.cookie") == ""
    assert made.errors == []
    page.context.close()


def test_what_the_passkey_answers_goes_into_the_form_alone(rig: Callable[[str], Rig]) -> None:
    made = rig("lou")
    page = made.open()
    made.device(page)
    page.goto(f"{made.server.origin}{made.server.path}keys")
    page.get_by_label("I have a backup file or the words on paper").check()
    page.get_by_role("button", name="Lock with a passkey").click()
    page.get_by_role("button", name="Lock this page now").click()
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.get_by_role("button", name="Look into the record").wait_for()
    answers = {
        re.search(r"answer=([\w-]+)", request.post_data or "")[1]  # type: ignore[index]  # both forms have one
        for request in made.asked
        if request.method == "POST" and request.url.endswith(("/lock", "/unlock"))
    }
    assert len(answers) == 1, "the same device answers the same"
    (answer,) = answers
    carried = [request.url for request in made.asked if answer in request.url or answer in (request.post_data or "")]
    assert {url.rpartition("/")[2] for url in carried} == {"lock", "unlock"}
    page.context.close()


def test_another_device_does_not_open_what_the_first_one_locked(rig: Callable[[str], Rig]) -> None:
    made = rig("mae")
    page = made.open()
    session, device = made.device(page)
    page.goto(f"{made.server.origin}{made.server.path}keys")
    page.get_by_label("I have a backup file or the words on paper").check()
    page.get_by_role("button", name="Lock with a passkey").click()
    page.get_by_role("button", name="Lock this page now").click()
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "hasPrf": True}})
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.locator(".told")).to_have_text("Your device did not answer.")
    page.get_by_text("I have a backup file").click()
    ring = Ring.adopt("keeper:mae", key_of("mae"), made.town.packs["mae"])
    chosen = {"name": "ring", "mimeType": "text/plain", "buffer": ring.encode()}
    page.locator("#backup-file").set_input_files([chosen])  # type: ignore[list-item]  # a file out of memory
    expect(page.locator("#backup")).to_have_value(re.compile("keeper:mae"))
    page.get_by_role("button", name="Unlock with the backup file").click()
    page.get_by_role("button", name="Look into the record").wait_for()
    page.context.close()


def test_a_passkey_that_cannot_lock_files_changes_nothing(rig: Callable[[str], Rig]) -> None:
    made = rig("kim")
    page = made.open()
    made.device(page, prf=False)
    before = made.home.ring.read_bytes()
    page.goto(f"{made.server.origin}{made.server.path}keys")
    page.get_by_label("I have a backup file or the words on paper").check()
    page.get_by_role("button", name="Lock with a passkey").click()
    expect(page.locator(".told")).to_contain_text("This passkey cannot lock files.")
    assert made.home.ring.read_bytes() == before
    page.context.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_every_page_is_accessible_and_never_scrolls_sideways(rig: Callable[[str], Rig], theme: Any, width: int) -> None:
    made = rig("kim")
    fresh = rig("zoe")
    page = fresh.open(color_scheme=theme, viewport={"width": width, "height": 900})
    found = {"first": violations(page)}
    page.goto(made.server.link)
    page.get_by_role("button", name="Look into the record").click()
    page.get_by_role("link", name="Back to what waits").wait_for()
    for name in ("run", "", "keys", "words", f"release/{PILOT.partition(':')[2]}/offer"):
        page.goto(f"{made.server.origin}{made.server.path}{name}")
        page.evaluate("document.querySelectorAll('details').forEach(panel => { panel.open = true })")
        found[name] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert {name: faults for name, faults in found.items() if faults} == {}
    page.context.close()


def test_all_of_it_but_passkeys_works_without_script(rig: Callable[[str], Rig]) -> None:
    made = rig("lou")
    page = made.open(java_script_enabled=False)
    page.get_by_role("button", name="Look into the record").click()
    made.desk.runs.wait()
    page.get_by_role("link", name="Load this page again").or_(
        page.get_by_role("link", name="Back to what waits")
    ).click()
    page.goto(f"{made.server.origin}{made.server.path}")
    expect(page.locator(".note").first).to_contain_text("The record was last looked at")
    page.context.close()


def test_an_admitted_keeper_begins_with_nothing_and_ends_with_thirty_keys(rig: Callable[[str], Rig]) -> None:
    made = rig("zoe")
    page = made.open()
    page.get_by_label("The name you are admitted under").first.fill("keeper:zoe")
    page.get_by_role("button", name="Make my keys").click()
    key = page.locator("main code").first.text_content()
    assert key is not None
    body = party.KeeperRegistered(name="Zoe", organisation="zoo", organisation_name="Zoo", key=key)
    made.town.act("keeper-registered", "keeper:zoe", body, "operator")
    made.town.office.publish()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save a backup file").click()
    assert Path(download.value.path()).read_bytes() == made.home.ring.read_bytes()
    page.get_by_role("link", name="What waits").click()
    page.get_by_role("button", name="Look into the record").click()
    made.finish(page)
    expect(page.locator(".warn")).to_contain_text("Fewer than five")
    page.get_by_role("button", name="Register 30 more").click()
    expect(page.get_by_text("60 keys were tried and work.")).to_be_visible()
    page.context.close()
