"""Firms, and the training partner whom a notice names: what they do at their desks and on the public page."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.live_people import People, Person

FACTS = {"months": "40", "founded": "2020-05-01", "staff": "4", "learner_places": "2"}


def register(people: People, person: str, name: str, kind: str = "firm", **options: object) -> Person:
    """Enter a name in one page, make both passkeys, read how it will stand on record, sign."""
    people.site.later(minutes=20)
    made = people.new(person, **options)
    with made.job(f"register a {kind}"):
        made.go("/desk/register")
        made.tick(f"[name=kind][value={kind}]")
        words = {"name": name, "place": "harlan-county", "place_name": "Harlan County"}
        if kind == "firm":
            words |= {"founded": FACTS["founded"], "staff": FACTS["staff"]}
        for field, text in {**words, "person": made.name, "email": made.email}.items():
            made.type(field, text)
        made.press("Send me the link to go on")
        made.page.get_by_text(made.email).first.wait_for()
        made.go(people.site.link_to(made.email, "/desk/"))
        made.make_keys()
        made.sign()
    return made


def stand_by(partner: Person, pilot: str) -> None:
    """A training partner confirms that the notice names it rightly."""
    with partner.job("confirm being named"):
        partner.desk()
        partner.click(partner.page.locator(f"a[href$='/partner/{pilot}']"))
        partner.press("Go on to sign")
        partner.sign()


def write_bid(firm: Person, pilot: str, name: str, approach: str) -> None:
    """Open the bid page from the pilot's page and fill it in; the device knows which firm it signs for."""
    with firm.job("bid"):
        firm.go(f"/opportunities/{pilot}")
        firm.press("Write a bid", "link")
        firm.page.locator("form#bid").wait_for()
        expect(firm.page.locator("#firm-name")).to_contain_text(f"You bid as {name}")
        answers = firm.page.locator("textarea[id^=answer-]").count()
        words = {f"answer-{n}": f"We do that in week {n}, and show it." for n in range(1, answers + 1)}
        words |= {"approach": approach, "team": "Two developers and one learner.", **FACTS}
        words |= {"contact": f"office@{firm.email.partition('@')[2]}"}
        for field, text in words.items():
            firm.type(field, text, "#{}")
        firm.choose("place", "harlan-county")
        firm.tick("#no_conflict")


def send_bid(firm: Person) -> Path:
    """Seal, send, and keep the receipt file that the device writes."""
    with firm.job("bid", goes_on=True):
        return firm.keep(lambda: firm.click("form#bid button[type=submit]"))


def send_late(firm: Person) -> None:
    """Send what was written, after the close: it is refused with the reason, and everything stays on the device."""
    firm.click("form#bid button[type=submit]")
    expect(firm.page.locator("#summary")).to_contain_text(re.compile("closed", re.IGNORECASE))
    expect(firm.page.locator("#team")).to_have_value("Two developers and one learner.")


def confirm_bid(firm: Person, pilot: str) -> Path:
    """After a change that matters: the device still has the receipt, and one press confirms the bid."""
    with firm.job("confirm after a change"):
        firm.go(f"/opportunities/{pilot}/bid")
        expect(firm.page.locator("#yours-words")).to_contain_text("until you confirm")
        return firm.keep(lambda: firm.click("#confirm"))


def prove(firm: Person, pilot: str, months: str) -> None:
    """The firm whose turn it is states its facts, also when they do not meet the conditions."""
    with firm.job("prove eligibility"):
        firm.desk()
        firm.click(firm.page.locator(f"a[href$='/prove/{pilot}']"))
        firm.type("months_present", months)
        firm.type("founded", "2015-05-01")
        firm.type("register_number", "NC-0042")
        firm.press("Go on to sign")
        if months == "1":
            expect(firm.page.get_by_text("Bid again in").first).to_be_visible()
            firm.refused(f"/prove/{pilot}")
            firm.tick("[name=anyway]")
            firm.press("Go on to sign")
        firm.sign()
