"""Keepers of keys, each with the tool on a machine of her own: its page, at localhost, in her browser."""

import threading
from contextlib import ExitStack

from playwright.sync_api import expect

from portal.keeper.home import Home
from portal.keeper.page.desk import KeeperDesk
from portal.keeper.page.holder import Holder
from portal.keeper.page.server import PageServer
from portal.keeper.reaching import WebPortal
from tests.browser.live_people import Person


class Keeper:
    """Somebody with the tool's page open. The tool runs on the story's clock, and knows the portal by its address alone."""

    def __init__(self, person: Person, subject: str, stack: ExitStack) -> None:
        self.person, self.subject = person, subject
        site = person.site
        self.home = Home(site.folder / subject.replace(":", "-"))
        self.home.pin(site.address, site.office.folder.vkeys.read_bytes())
        self.desk = KeeperDesk(Holder(self.home), WebPortal(site.address), site.clock, demo=False)
        self.server = PageServer(self.desk)
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stack.callback(self.server.server_close)
        stack.callback(thread.join)
        stack.callback(self.server.shutdown)

    def make_ring(self) -> str:
        """Make her keys; the signing key, as her page shows it."""
        with self.person.job("make keys as a keeper"):
            self.person.go(self.server.link)
            self.person.type("keeper", self.subject)
            self.person.press("Make my keys")
            key = self.person.page.locator("main code").first.text_content()
        assert key is not None
        return key

    def lock(self) -> None:
        """Lock the ring with a passkey of her machine."""
        with self.person.job("make keys as a keeper", goes_on=True):
            self.page("keys")
            self.person.tick(self.person.page.get_by_label("I have a backup file or the words on paper"))
            self.person.press("Lock with a passkey")
            self.person.page.get_by_role("button", name="Add another passkey").wait_for()

    def page(self, name: str = "") -> None:
        """A page of the tool."""
        self.person.page.goto(f"{self.server.origin}{self.server.path}{name}")

    def look(self) -> None:
        """Look into the record."""
        self.page()
        waiting = self.person.page.get_by_role("button", name="Look").or_(
            self.person.page.get_by_role("button", name="Look again")
        )
        self.person.click(waiting.first)
        self.back()

    def back(self) -> None:
        """Wait for what runs, and go back."""
        self.person.click(self.person.page.get_by_role("link", name="Back to what waits"))

    def register(self) -> None:
        """Have thirty keys tried, and register them."""
        with self.person.job("make keys as a keeper", goes_on=True):
            self.look()
            self.person.press("Register 30 more")
            expect(self.person.page.get_by_text("60 keys were tried and work.")).to_be_visible()
            self.back()

    def release(self) -> None:
        """Release the one key that is wanted now, after everything was checked on her machine."""
        with self.person.job("release a key"):
            self.look()
            self.person.press("Release the key", "link")
            self.person.press("Check everything, then release my key")
            expect(self.person.page.get_by_text("The key is released.")).to_be_visible()
            self.back()

    def confirm(self) -> None:
        """Confirm what was opened."""
        with self.person.job("confirm an opening"):
            self.look()
            self.person.press("Confirm the opening", "link")
            self.person.press("Work it out again, then confirm")
            expect(self.person.page.get_by_text("The opening is confirmed.")).to_be_visible()
            self.back()


def admit_keeper(registrar: Person, person: Person, house: str, stack: ExitStack) -> Keeper:
    """A keeper makes her keys on her own machine; the registrar admits her by the signing key; she registers the rest."""
    keeper = Keeper(person, f"keeper:{person.name.lower().replace(' ', '-')}", stack)
    key = keeper.make_ring()
    with registrar.job("admit a keeper"):
        registrar.open("Admit a key keeper")
        profile = {"name": person.name, "organisation": house, "organisation_name": house.replace("-", " ").title()}
        for name, words in {**profile, "key": key, "person": person.name, "email": person.email}.items():
            registrar.type(name, words)
        registrar.press("Send the invitation")
        registrar.click(registrar.page.locator("li", has_text=person.email).get_by_role("button", name="Put on record"))
        registrar.sign()
    with person.job("come in"):
        person.go(person.site.link_to(person.email, "/desk/invitation/"))
        person.press("Make the passkey")
        person.page.wait_for_url("**/desk/keeper")
    keeper.register()
    return keeper
