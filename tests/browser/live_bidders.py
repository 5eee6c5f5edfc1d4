"""Firms that come from the public page: they write, seal and send on their own devices."""

import re
from pathlib import Path

from tests.browser.live_people import Person

FACTS = {"months": "40", "founded": "2020-05-01", "staff": "4", "learner_places": "2"}


def write_bid(firm: Person, pilot: str, approach: str, facts: dict[str, str] | None = None) -> None:
    """Open the bid page from the pilot's page and fill the whole form in, but for who bids."""
    with firm.job("bid"):
        firm.go(f"/opportunities/{pilot}")
        firm.press("Write a bid", "link")
        firm.page.locator("form#bid").wait_for()
        answers = firm.page.locator("textarea[id^=answer-]").count()
        words = {f"answer-{n}": f"We do that in week {n}, and show it." for n in range(1, answers + 1)}
        words |= {"approach": approach, "team": "Two developers and one learner.", **FACTS, **(facts or {})}
        words |= {"contact": f"office@{firm.email.partition('@')[2]}"}
        for name, value in words.items():
            firm.type(name, value, "#{}")
        firm.choose("place", "harlan-county")
        firm.tick("#no_conflict")


def enter_firm(firm: Person, name: str) -> None:
    """A firm that has no key yet makes a passkey on the bid page, and enters its name with it."""
    with firm.job("bid"):
        firm.click(firm.page.locator("summary", has_text="no key yet"))
        firm.type("firm_name", name, "#{}")
        firm.click("#register-passkey")
        firm.page.locator("#firm-name", has_text=re.compile("is registered")).wait_for()


def send_bid(firm: Person) -> Path:
    """Seal, send, and keep the receipt file that the device writes."""
    with firm.job("bid"):
        return firm.keep(lambda: firm.click("form#bid button[type=submit]"))
