"""Somebody who works on a live site: a browser with a device of her own, and a count of what her work costs her."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page

from tests.browser.live_site import LiveSite

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "hasPrf": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
EXPECTED = ("/receipt",)
"""Answers of 404 that a page expects and waits through: the proof of a record that no snapshot covers yet."""
REFUSED = "Failed to load resource"
"""How the browser notes an answer that is none; a page that shows what was refused cannot keep it from that."""


@dataclass(order=True)
class Cost:
    """What a job took once: fields filled in; boxes ticked, things chosen; buttons and links pressed."""

    fields: int = 0
    choices: int = 0
    presses: int = 0


@dataclass(eq=False)
class Person:
    """One person with one browser. `costs` counts by job, each time anew."""

    site: LiveSite
    name: str
    page: Page
    context: BrowserContext
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)

    @property
    def email(self) -> str:
        """Her mail address, out of her name."""
        first, _, last = self.name.lower().partition(" ")
        return f"{first}@{last}.example"

    @contextmanager
    def job(self, name: str, *, goes_on: bool = False) -> Iterator[None]:
        """Count what is done meanwhile under this name; `goes_on` adds to what the last time took."""
        done, before = self.costs.setdefault(name, []), self.cost
        if not goes_on:
            done.append(Cost())
        self.cost = done[-1]
        yield
        self.cost = before

    def go(self, path: str) -> None:
        """Open an address of the site, or one out of a letter."""
        self.page.goto(path if path.startswith("http") else f"{self.site.address}{path}")

    def type(self, name: str, words: str, where: str = "[name={}]") -> None:
        """Fill a field in."""
        self.page.locator(where.format(name)).first.fill(words)
        self.cost.fields += 1

    def tick(self, box: Locator | str) -> None:
        """Tick a box, or choose one of several."""
        (self.page.locator(box) if isinstance(box, str) else box).check()
        self.cost.choices += 1

    def choose(self, name: str, value: str) -> None:
        """Choose from a list."""
        self.page.locator(f"[name={name}]").select_option(value)
        self.cost.choices += 1

    def press(self, words: str, role: Any = "button") -> None:
        """Press the button with these words on it, or follow the link."""
        self.click(self.page.get_by_role(role, name=words).locator("visible=true").last)

    def click(self, what: Locator | str) -> None:
        """Press something."""
        (self.page.locator(what) if isinstance(what, str) else what).click()
        self.cost.presses += 1

    def give(self, selector: str, path: Path) -> None:
        """Choose a file."""
        self.page.locator(selector).set_input_files(path)
        self.cost.choices += 1

    def refused(self, address: str) -> None:
        """The page asked for something and was refused it, as it should be: the browser's own note of that is no fault."""
        notes = [
            each for each in self.site.errors if REFUSED in each and each.startswith(self.name) and address in each
        ]
        assert len(notes) == 1
        self.site.errors.remove(notes[0])

    def keep(self, act: Callable[[], None]) -> Path:
        """Do something that makes the device write a file, and keep the file."""
        with self.page.expect_download() as waiting:
            act()
        kept = self.site.folder / f"{len(list(self.site.folder.iterdir()))}-{waiting.value.suggested_filename}"
        waiting.value.save_as(kept)
        return kept

    # The desk

    def join(self, link: str) -> None:
        """Accept an invitation: a passkey to sign in with, another to sign acts with."""
        with self.job("come in"):
            self.go(link)
            self.make_keys()

    def make_keys(self) -> None:
        """The two passkeys, from the page of the invitation on."""
        self.press("Make the passkey")
        self.page.wait_for_url("**/desk/keys/new")
        self.press("Make the key")
        self.page.wait_for_url(lambda url: not url.endswith("/desk/keys/new"))

    def desk(self) -> None:
        """Open the desk, signing in again where the session is over."""
        self.go("/desk")
        if "/desk/sign-in" in self.page.url:
            self.sign_in()

    def sign_in(self) -> None:
        """With the passkey that this device finds by itself."""
        self.click(self.page.get_by_role("button", name="Sign in with a passkey").first)
        self.page.wait_for_url("**/desk")

    def sign(self, *, done: bool = True) -> None:
        """Sign the draft on this page with her own device."""
        self.page.wait_for_url("**/desk/sign/*")
        self.press("Sign with Passkey")
        if done:
            self.page.get_by_role("heading", name="On the public record").wait_for()
        else:
            self.page.get_by_text("The second officer signs at this address").wait_for()

    def open(self, words: str) -> None:
        """Open what waits at the desk, by how its words begin."""
        self.desk()
        self.click(self.page.get_by_role("link", name=words).first)


class People:
    """Everybody in a story, each with a browser of her own."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site
        self.everybody: list[Person] = []

    def new(self, name: str, **options: Any) -> Person:
        """Somebody who has not been here before."""
        context = self.site.browser.new_context(accept_downloads=True, **options)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.site.errors.append(f"{name}: {error}"))
        page.on("console", lambda message: self._said(name, page, message))
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.everybody.append(Person(self.site, name, page, context))
        return self.everybody[-1]

    def _said(self, name: str, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(EXPECTED):
            self.site.errors.append(f"{name} at {page.url}: {message.text} {message.location['url']}")

    def costs(self) -> dict[str, Cost]:
        """By job, the most that it took anybody."""
        found: dict[str, list[Cost]] = {}
        for person in self.everybody:
            for job, costs in person.costs.items():
                found.setdefault(job, []).extend(costs)
        return {job: max(costs) for job, costs in found.items()}

    def close(self) -> None:
        """Put all devices away."""
        for person in self.everybody:
            person.context.close()
