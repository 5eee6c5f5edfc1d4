"""
Publishing a pilot and writing a bid with the keyboard alone: Tab, Enter, Space, and the letters that are typed.

At every stop it must be visible where one stands: an outline of at least two pixels, on the screen, on something that shows.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.app import compose
from tests.browser.bidders import NUMBERS, SECRETS, Rig
from tests.browser.served import served
from tests.browser.test_notice_desk import ANSWERS
from tests.portal.stations import town_at
from tests.portal.town import Town

MOST_STOPS = 120
HERE = """() => {
  const here = document.activeElement
  if (!here || here === document.body) return null
  const style = getComputedStyle(here)
  const box = here.getBoundingClientRect()
  const framed = here.closest('.file, .choice') || here
  const around = getComputedStyle(framed)
  const outlined = [style, around].some((each) => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) >= 2)
  const shown = box.width > 0 && box.height > 0 && around.visibility !== 'hidden' && around.opacity !== '0'
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
  return {
    seen: outlined && shown && inside,
    why: { outlined, shown, inside },
    name: here.name || '',
    text: (here.innerText || here.value || '').trim().slice(0, 80),
    tag: here.tagName,
    html: here.outerHTML.slice(0, 160),
  }
}"""


class Hands:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops: list[str] = []
        self.unseen: list[str] = []

    def next(self) -> dict[str, str]:
        """Go on by one stop; remember where it was not visible that one stood there."""
        self.page.keyboard.press("Tab")
        here: dict[str, str] | None = self.page.evaluate(HERE)
        if here is None:
            return {"name": "", "text": "", "tag": "", "html": ""}
        self.stops.append(here["html"])
        if not here["seen"]:
            self.unseen.append(str(here))
        return here

    def to(self, *, name: str = "", text: str = "", tag: str = "") -> None:
        """Go on to a field by its name, or to a link or button by how its words begin."""
        for _ in range(MOST_STOPS):
            here = self.next()
            named = bool(name) and here["name"] == name
            worded = bool(text) and here["text"].startswith(text) and (not tag or here["tag"] == tag)
            if named or worded:
                return
        raise AssertionError(f"nothing called {name or text} is reached with Tab")

    def press(self, text: str, tag: str = "") -> None:
        """Go to a link or a button, and use it."""
        self.to(text=text, tag=tag)
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def write(self, name: str, words: str) -> None:
        """Go to a field and write into it."""
        self.to(name=name)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = town_at("open", tmp_path / "data")
    yield made
    made.office.close()


def test_two_officers_publish_a_pilot_without_a_mouse(browser: Browser, town: Town) -> None:
    with served(lambda address: compose(town.office, address)) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(10_000)
        hands = Hands(page)
        page.goto(f"{address}/desk/sign-in")
        hands.press("Be Ada", "BUTTON")
        page.wait_for_url("**/desk")
        hands.press("Publish a try-out", "A")
        page.wait_for_url("**/desk/notices/**")
        for name, words in ANSWERS.items():
            hands.write(name, words)
        for name in ("funding", "cross_border"):
            hands.to(name=name)
            page.keyboard.press("Space")
        hands.press("Go on to sign", "BUTTON")
        page.wait_for_url("**/desk/sign/*")
        draft = page.url
        hands.press("Sign as Ada", "BUTTON")
        page.get_by_text("The second officer signs at this address").wait_for()
        hands.press("Sign out", "BUTTON")
        page.wait_for_url("**/desk/sign-in")
        hands.press("Be Ben", "BUTTON")
        page.wait_for_url("**/desk")
        page.goto(draft)
        hands.press("Sign as Ben", "BUTTON")
        page.get_by_role("heading", name="On the public record").wait_for()
        assert hands.unseen == []
        assert len(hands.stops) > 30
        page.context.close()


def test_every_stop_on_the_way_to_a_bid_is_visible_and_the_bid_is_sent(rig: Rig) -> None:
    page = rig.page(viewport={"width": 360, "height": 800})
    hands = Hands(page)
    page.goto(f"{rig.address}/opportunities/book-a-septic-inspection")
    hands.press("Write a bid", "A")
    page.locator("form#bid").wait_for()
    page.locator("#key").set_input_files(rig.key_file("ridge"))  # a file chooser belongs to the system, not to the page
    page.locator("#firm-name", has_text="You bid as").wait_for()
    page.evaluate("document.activeElement.blur()")
    typed = {**NUMBERS, **SECRETS}
    for _ in range(MOST_STOPS):
        hands.next()
        here = page.evaluate("document.activeElement.id")
        if here == "place":
            page.keyboard.type("Harlan")
        elif here == "founded":
            page.keyboard.type("05012020")
        elif here in typed:
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(typed[here])
        elif here == "no_conflict":
            page.keyboard.press("Space")
        elif page.evaluate("document.activeElement.type") == "submit":
            break
    rig.save_from(page, lambda: page.keyboard.press("Enter"))
    assert len(rig.town.case().bids) == 1
    assert hands.unseen == []
