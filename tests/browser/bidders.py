"""A town with an open pilot behind a served site, and bidders' devices that write, seal and send."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from portal.app import compose
from portal.commands.clerk import Clerk
from tests.browser.served import served
from tests.portal.town import PILOT, Town, key_of

NAME = PILOT.partition(":")[2]
SECRETS = {
    "answer-1": "Quinces ripen under a lantern of cobalt glass.",
    "answer-2": "Seven herons fold the tide table twice.",
    "approach": "First the marmalade, then the theodolite, then rest.",
    "team": "One luthier and two apiarists.",
    "contact": "zanzibar@ridge.example",
    "training_partner": "Xylophone College",
}
CHOICE = {"place": "harlan-county"}
NUMBERS = {"months": "37", "founded": "2020-05-01", "staff": "4", "learner_places": "2"}


@dataclass
class Rig:
    """A town with one open pilot behind a served site, and everything that went over the wire."""

    town: Town
    address: str
    browser: Browser
    folder: Path
    wire: list[bytes] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """A fresh browser context, as a new device would be."""
        context = self.browser.new_context(accept_downloads=True, **options)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", self._sent)
        page.on("response", self._came)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _sent(self, request: Request) -> None:
        headers = json.dumps(request.headers).encode()
        self.wire.append(request.url.encode() + headers + (request.post_data_buffer or b""))

    def _came(self, response: Response) -> None:
        assert "set-cookie" not in response.headers

    def open(self, page: Page) -> Page:
        """The bid page, ready to write."""
        page.goto(f"{self.address}/opportunities/{NAME}/bid")
        page.locator("form#bid").wait_for()
        return page

    def key_file(self, name: str) -> Path:
        """The key file of a firm of the town."""
        path = self.folder / f"{name}.daylight-key.txt"
        if not path.exists():
            key_of(name).save(path)
        return path

    def write(self, page: Page, firm: str = "ridge", **changes: str) -> None:
        """Fill in the whole form."""
        for name, value in {**NUMBERS, **SECRETS, **changes}.items():
            page.locator(f"#{name}").fill(value)
        page.locator("#place").select_option(CHOICE["place"])
        page.locator("#key").set_input_files(self.key_file(firm))
        page.locator("#firm-name", has_text=re.compile("You bid as")).wait_for()
        page.locator("#no_conflict").check()

    def save_from(self, page: Page, act: Any) -> Path:
        """Do something that makes the device write a file."""
        with page.expect_download() as waiting:
            act()
        path = self.folder / f"{len(list(self.folder.iterdir()))}-{waiting.value.suggested_filename}"
        waiting.value.save_as(path)
        return path

    def send(self, page: Page) -> Path:
        """Seal, send, and keep the receipt file."""
        return self.save_from(page, lambda: page.locator("button[type=submit]").click())

    def written(self) -> Page:
        """A new device with the whole form filled in."""
        page = self.open(self.page())
        self.write(page)
        return page


_CLERK_S = 0.2
"""How often what was sent is published: soon, so that a device has its proof when it asks."""


@contextmanager
def rigged(folder: Path, browser: Browser, **notice: Any) -> Iterator[Rig]:
    """A rig in a folder of its own; `notice` changes what is published."""
    town = Town.found(folder / "data")
    if notice.get("price_mode") == "priced":
        notice["criteria"] = [each for each in town.notice().criteria if each.id == "approach"]
    town.publish(**notice)
    town.office.share_commits()
    town.office.publish()
    kept = folder / "kept"
    kept.mkdir()
    clerk = Clerk(town.office, _CLERK_S, advances=False)
    with served(lambda address: compose(town.office, address)) as address:
        rig = Rig(town, address, browser, kept)
        clerk.start()
        try:
            yield rig
        finally:
            clerk.stop()
        for context in rig.contexts:
            context.close()
    town.office.close()
    assert rig.errors == []
