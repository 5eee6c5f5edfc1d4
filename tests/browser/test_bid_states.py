"""The bid page in the states that nobody hopes for: errors, a change to confirm, a bid taken back, a pilot that closed."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.bidders import Rig
from tests.browser.test_page_types import RULES
from tests.portal.stations import amend

PHONE = 360
THEMES = {"light": RULES, "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}}}
"""All rules in one theme; in the other those that its colours can break."""


def wrong(page: Page, theme: str) -> list[str]:
    """What axe finds, every panel open, and whether the page is wider than a phone."""
    page.evaluate("document.querySelectorAll('details').forEach((panel) => { panel.open = true })")
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = Axe().run(page, options=THEMES[theme]).response["violations"]
    return [
        *[f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found],
        *[f"{wide} px wide"] * (wide > PHONE),
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_every_state_of_a_bid_is_one_for_everybody_on_a_phone(rig: Rig, theme: Any) -> None:
    found = {}
    page = rig.open(rig.page(color_scheme=theme, viewport={"width": PHONE, "height": 800}))
    page.locator("button[type=submit]").click()
    page.locator("#summary").wait_for()
    found["errors"] = wrong(page, theme)
    rig.write(page)
    rig.send(page)
    page.locator("#done").wait_for()
    amend(rig.town)
    rig.open(page)
    page.locator("#confirm").wait_for()
    found["to confirm"] = wrong(page, theme)
    page.locator("#withdraw").click()
    page.locator("#sure").wait_for()
    found["sure"] = wrong(page, theme)
    rig.save_from(page, lambda: page.locator("#sure-yes").click())
    expect(page.locator("#done-head")).to_have_text("Taken back")
    expect(page.locator("#done-next")).to_be_hidden()
    found["withdrawn"] = wrong(page, theme)
    rig.town.bid("hollow")
    rig.town.declare_interests()
    rig.town.close()
    rig.open(page)
    page.locator("#yours").wait_for()
    found["closed"] = wrong(page, theme)
    page.locator("#any-file").set_input_files({"name": "x.txt", "mimeType": "text/plain", "buffer": b"nothing"})
    page.locator("#summary").wait_for()
    found["a file of nobody"] = wrong(page, theme)
    assert found == {name: [] for name in found}
