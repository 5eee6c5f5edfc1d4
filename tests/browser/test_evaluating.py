"""An evaluator in a real browser: writes, is interrupted, locks in, shows; nobody else has the scores before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from portal.app import compose
from portal.commands.open_proposals import open_proposals
from portal.procurement.events.evaluation import ScoresRevealed
from portal.procurement.events.typed import typed
from tests.browser.served import served
from tests.browser.test_page_types import violations
from tests.portal.town import PILOT, Town
from tests.web.test_desk import demo_town

PATH = f"/desk/judge/{PILOT.partition(':')[2]}"
WORDS = "Heliotrope barges answer the question twice."


class Panel:
    """A served demo in which proposals wait to be scored, and evaluators' devices."""

    def __init__(self, town: Town, address: str, browser: Browser, folder: Path) -> None:
        self.town = town
        self.address = address
        self._browser = browser
        self._folder = folder
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.wire: list[bytes] = []

    def device(self, name: str, **options: Any) -> Page:
        """A new device on which this evaluator is signed in."""
        context = self._browser.new_context(accept_downloads=True, **options)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.wire.append(request.post_data_buffer or b""))
        page.goto(f"{self.address}/desk/sign-in")
        page.locator("form[action='/demo/sign-in'] button", has_text=f"Be {name}").click()
        page.locator("h1", has_text="Your desk").wait_for()
        return page

    def scoring(self, name: str, **options: Any) -> Page:
        """The page on which this evaluator scores."""
        page = self.device(name, **options)
        page.goto(f"{self.address}{PATH}/scores")
        page.locator("[data-with-script]").first.wait_for()
        return page

    def lock_in(self, page: Page) -> Path:
        """Press the button, keep the file that the device writes, sign."""
        with page.expect_download() as waiting:
            page.locator("#lock-in").click()
        path = self._folder / f"{len(list(self._folder.iterdir()))}-{waiting.value.suggested_filename}"
        waiting.value.save_as(path)
        page.locator("form[action^='/demo/sign/'] button").click()
        page.locator("h1", has_text="On the public record").wait_for()
        return path

    def close(self) -> None:
        """Put all devices away."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def panel(tmp_path: Path, browser: Browser) -> Iterator[Panel]:
    town = demo_town(tmp_path / "data")
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.office.share_commits()
    folder = tmp_path / "kept"
    folder.mkdir()
    with served(lambda address: compose(town.office, address)) as address:
        made = Panel(town, address, browser, folder)
        yield made
        made.close()
    town.office.close()
    assert made.errors == []


def write(page: Page, level: int = 3, words: str = WORDS) -> None:
    """Score everything on the page."""
    for row in page.locator("[data-criterion]").all():
        row.locator(f"input[value='{level}']").check()
        row.locator("textarea").fill(words)


def everywhere(panel: Panel) -> dict[str, bytes]:
    """Every file of the server, and all that was posted to it."""
    files = {str(path): path.read_bytes() for path in panel.town.office.folder.root.rglob("*") if path.is_file()}
    return {**files, "wire": b"\n".join(panel.wire)}


def test_until_they_are_shown_scores_are_on_the_evaluator_s_device_alone(panel: Panel) -> None:
    for name in ("Eve", "Fay", "Gus"):
        page = panel.scoring(name)
        write(page)
        panel.lock_in(page)
    assert len(panel.town.case().commits) == 3
    assert [name for name, data in everywhere(panel).items() if b"Heliotrope" in data] == []
    page.goto(f"{panel.address}{PATH}/show")
    assert page.locator("#on-device").is_visible()
    page.locator("form#show button[type=submit]").click()
    page.locator("form[action^='/demo/sign/'] button").click()
    page.locator("h1", has_text="On the public record").wait_for()
    shown = typed(panel.town.case().reveals["person:gus"], ScoresRevealed)
    assert {(each.score, each.words) for row in shown.scores for each in row.scores} == {(3, WORDS)}


def test_what_is_written_survives_an_interruption_and_counts_itself(panel: Panel) -> None:
    page = panel.scoring("Eve")
    assert page.locator("#progress").inner_text() == "0 of 2 proposals scored"
    first = page.locator("[data-sheet='1']")
    for row in first.locator("[data-criterion]").all():
        row.locator("input[value='2']").check()
        row.locator("textarea").fill(WORDS)
    assert page.locator("#progress").inner_text() == "1 of 2 proposals scored"
    assert page.locator("#mark-1").inner_text() == "scored"
    page.locator("#kept", has_text="Kept on this device").wait_for()
    page.reload()
    page.locator("#kept", has_text="still on this device").wait_for()
    assert page.locator("#progress").inner_text() == "1 of 2 proposals scored"
    page.locator("#lock-in").click()
    assert page.locator("#problem-list li").count() == 4
    page.locator("#problem-list a").first.click()
    assert page.evaluate("document.activeElement.name") == "s2-approach"


def test_a_file_carries_scores_to_another_device_before_and_after_locking_in(panel: Panel) -> None:
    page = panel.scoring("Eve")
    write(page, 1)
    with page.expect_download() as waiting:
        page.locator("#save-file").click()
    page = panel.scoring("Eve")
    page.locator("#open-file").set_input_files(waiting.value.path())
    page.locator("#kept", has_text="Opened from").wait_for()
    assert page.locator("#progress").inner_text() == "2 of 2 proposals scored"
    file = panel.lock_in(page)
    assert json.loads(file.read_text())["person"] == "person:eve"
    for name in ("Fay", "Gus"):
        other = panel.scoring(name)
        write(other)
        panel.lock_in(other)
    page = panel.device("Eve")
    page.goto(f"{panel.address}{PATH}/show")
    page.locator("form#show button[type=submit]").click()
    page.locator(".problem", has_text="neither on this device nor on the desk").wait_for()
    page.locator("#open-file").set_input_files(file)
    page.wait_for_function("document.getElementById('opening').value.length > 100")
    page.locator("form#show button[type=submit]").click()
    page.locator("form[action^='/demo/sign/'] button").click()
    page.locator("h1", has_text="On the public record").wait_for()
    assert list(panel.town.case().reveals) == ["person:eve"]


def test_a_file_of_something_else_changes_nothing(panel: Panel, tmp_path: Path) -> None:
    page = panel.scoring("Eve")
    write(page, 4)
    other = tmp_path / "other.txt"
    other.write_text('{"opportunity":"opportunity:other","person":"person:eve","fields":{}}')
    page.locator("#open-file").set_input_files(other)
    page.locator("#kept", has_text="no file of this pilot").wait_for()
    assert page.locator("#progress").inner_text() == "2 of 2 proposals scored"


def test_proposals_are_scored_with_the_keyboard_alone(panel: Panel) -> None:
    page = panel.scoring("Eve")
    page.evaluate("document.activeElement.blur()")
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.type, document.activeElement.id]")
        if here[0] == "radio":
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowDown")
        elif here[0] == "textarea":
            page.keyboard.type("Plain and short.")
        elif here[1] == "lock-in":
            break
    assert page.locator("#progress").inner_text() == "2 of 2 proposals scored"
    with page.expect_download():
        page.keyboard.press("Enter")
    page.locator("form[action^='/demo/sign/'] button").wait_for()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_the_desk_of_an_evaluator_is_accessible_and_never_scrolls_sideways(
    panel: Panel, theme: Any, width: int
) -> None:
    found = {}

    def look(page: Page, state: str) -> None:
        found[state] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    page = panel.scoring("Eve", color_scheme=theme, viewport={"width": width, "height": 800})
    look(page, "empty")
    page.locator("#lock-in").click()
    look(page, "incomplete")
    write(page, 1)
    look(page, "written")
    page.locator("button[name=save]").click()
    look(page, "saved")
    panel.lock_in(page)
    others = [panel.scoring(name) for name in ("Fay", "Gus")]
    for other in others:
        write(other)
        panel.lock_in(other)
    page.goto(f"{panel.address}{PATH}/show")
    look(page, "show")
    for device in (page, *others):
        device.goto(f"{panel.address}{PATH}/show")
        device.locator("form#show button[type=submit]").click()
        device.locator("form[action^='/demo/sign/'] button").click()
        device.locator("h1", has_text="On the public record").wait_for()
    page.goto(f"{panel.address}{PATH}/explain")
    look(page, "explain")
    assert {state: rows for state, rows in found.items() if rows} == {}
