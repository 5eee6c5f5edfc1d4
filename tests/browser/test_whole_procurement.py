"""
Whole procurements in the browser, over a live record: from an empty one to what the auditor's own commands say.

Everything that a person does here goes through a page, on a device of her own, signed by a passkey of that device.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from portal.procurement.stage import standstill_ends
from tests.browser import live_agency as desk
from tests.browser.live_bidders import confirm_bid, prove, register, send_bid, send_late, stand_by, write_bid
from tests.browser.live_keepers import Keeper, admit_keeper
from tests.browser.live_people import People, Person
from tests.browser.live_site import LiveSite, live_site


class County:
    """A served record with an agency and its people, three keepers, three firms and a school: where both stories play."""

    def __init__(self, site: LiveSite, stack: ExitStack) -> None:
        self.site = site
        self.people = People(site)
        stack.callback(self.people.close)
        self.registrar = self.people.new("Rae Registrar")
        desk.enter_registrar(self.registrar, site.address + site.first_link)
        self.staff = desk.agency(self.people, self.registrar)
        self.keepers = [
            admit_keeper(self.registrar, self.people.new(name), house, stack)
            for name, house in (("Kim Katz", "bar-association"), ("Lou Lang", "library"), ("Mae Moss", "law-school"))
        ]
        self.keepers[0].lock()
        self.school = register(self.people, "Pia Park", "Ridge College", "partner")
        self.rob = register(self.people, "Rob Ridge", "Ridge Data", viewport={"width": 360, "height": 800})
        self.holly = register(self.people, "Holly Holt", "Hollow Works")
        self.cora = register(self.people, "Cora Creek", "Creek Labs")
        site.later(hours=3)

    @property
    def officers(self) -> tuple[Person, Person]:
        """Both officers."""
        return self.staff["ada"], self.staff["ben"]

    @property
    def evaluators(self) -> tuple[Person, ...]:
        """All three."""
        return self.staff["eve"], self.staff["fay"], self.staff["gus"]

    def release(self, *keepers: Keeper) -> None:
        """These keepers give the key that is wanted now."""
        for keeper in keepers:
            keeper.release()


@pytest.fixture(scope="module")
def county(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with ExitStack() as stack:
        site = stack.enter_context(live_site(tmp_path_factory.mktemp("live"), browser))
        yield County(site, stack)


def audit(site: LiveSite) -> None:
    """The auditor's two commands find nothing, each a process of its own: over the wire, and over the folder."""
    folder = site.office.folder
    verify = ["ledger", "verify", f"{site.address}/log", "--vkeys", str(folder.vkeys)]
    recompute = ["portal.cli", "recompute", "--from", str(folder.root)]
    said = []
    for command in (verify, recompute):
        done = subprocess.run(
            [sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    assert "verified" in said[0]
    assert re.search(r"(\d+) of \1 rankings equal, \1 awards.*, 0 differences", said[1]), said[1]


def follow(citizen: Person, pilot: str) -> None:
    """Somebody asks to be told by mail, and agrees by the letter that comes."""
    with citizen.job("follow a pilot"):
        citizen.go(f"/opportunities/{pilot}")
        citizen.press("Be told by mail", "link")
        citizen.type("email", citizen.email)
        citizen.press("Ask me by mail")
        expect(citizen.page.get_by_text("Look at your mail")).to_be_visible()
        citizen.go(citizen.site.link_to(citizen.email, "/follow/"))
        citizen.press("Yes, tell me")
        expect(citizen.page.locator(".lede")).to_contain_text("You follow")


def same_for_everybody(county: County, reader: Person, pilot: str) -> None:
    """The public pages of a reader who is signed in at a desk are byte for byte those of somebody without a cookie."""
    pages = ("/", "/opportunities", f"/opportunities/{pilot}", f"/opportunities/{pilot}/opening", "/awards", "/ledger")
    people = ("/agencies", "/agencies/harlan-county", "/firms", "/partners", f"/opportunities/{pilot}/bid")
    reader.desk()
    assert reader.context.cookies()
    nobody = county.site.browser.new_context()
    for path in pages + people:
        mine = reader.context.request.get(county.site.address + path)
        theirs = nobody.request.get(county.site.address + path)
        assert (path, mine.status, mine.body()) == (path, 200, theirs.body())
        assert "set-cookie" not in mine.headers
    assert nobody.cookies() == []
    nobody.close()


def award(county: County, pilot: str, words: str) -> None:
    """Both officers choose, wait until the time to challenge is over, and award."""
    ada, ben = county.officers
    desk.decide(ada, ben, pilot, "choose", words)
    ends = standstill_ends(county.site.case(pilot))
    assert ends is not None
    county.site.until(ends)
    desk.decide(ben, ada, pilot, "award", "Nobody challenged the choice.")


def test_a_lost_keeper_a_conflict_a_late_bid_and_a_winner_who_may_not(county: County) -> None:
    site, people = county.site, county.people
    ada, ben = county.officers
    eve, fay, gus = county.evaluators
    kim, _lou, mae = county.keepers
    rob, holly, cora = county.rob, county.holly, county.cora
    pilot = desk.publish(ada, ben, desk.NOTICE, partner="partner:ridge-college")
    cal = people.new("Cal Citizen")
    follow(cal, pilot)
    stand_by(county.school, pilot)
    for evaluator, interest in ((eve, ""), (fay, ""), (gus, "hollow works")):
        desk.declare(evaluator, pilot, interest)
    write_bid(rob, pilot, "Ridge Data", "First a paper trial, then the form.")
    send_bid(rob)
    write_bid(holly, pilot, "Hollow Works", "We sit with the clerks for two days.")
    send_bid(holly)
    write_bid(cora, pilot, "Creek Labs", "A calendar that exists already.")
    case = site.case(pilot)
    site.until(case.closes + timedelta(seconds=4))
    send_late(cora)
    cora.refused("/api/bids")
    assert len(site.case(pilot).bids) == len((rob, holly))
    cal.go(f"/opportunities/{pilot}/opening")
    site.until(case.objection_until)
    county.release(kim, mae)
    lede = cal.page.locator(".lede")
    expect(lede).to_contain_text("The proposals are open, without names.")
    for evaluator, level in ((eve, 2), (fay, 2), (gus, 4)):
        desk.score(evaluator, pilot, {"paper trial": 3, "sit with the clerks": level})
    for evaluator in (eve, fay, gus):
        desk.show(evaluator, pilot)
    county.release(kim, mae)
    expect(lede).to_contain_text("Everything is open: 2 bids")
    expect(cal.page.locator(".seats li", has_text="Lou Lang").first).to_have_class("waiting")
    kim.confirm()
    cal.go(cal.site.link_to(cal.email, "/opportunities/"))
    expect(cal.page.get_by_text("stepped aside because of an interest in").first).to_be_visible()
    prove(rob, pilot, "1")
    desk.decide_proof(ada, pilot, "One month here; six are needed.", accepted=False)
    prove(holly, pilot, "40")
    desk.decide_proof(ben, pilot, "As the register says.", accepted=True)
    award(county, pilot, "They sit with the people who will use it.")
    judged(rob, pilot, "Ridge Data")
    cal.page.reload()
    expect(cal.page.locator(".lede").first).to_contain_text("Hollow Works")
    expect(cal.page.get_by_text("confirmed by it", exact=False).first).to_be_visible()
    same_for_everybody(county, holly, pilot)
    checks(cal, pilot)
    audit(site)
    cheap(county)
    assert site.errors == []


def test_a_change_that_matters_lapses_a_bid_and_the_lot_decides_between_equals(county: County) -> None:
    site = county.site
    ada, ben = county.officers
    kim, lou, _mae = county.keepers
    pilot = desk.publish(ada, ben, desk.CALENDAR, for_all=True)
    for evaluator in county.evaluators:
        desk.declare(evaluator, pilot)
    bidders = {county.rob: "Ridge Data", county.holly: "Hollow Works", county.cora: "Creek Labs"}
    for firm, name in bidders.items():
        write_bid(firm, pilot, name, f"{name} asks the clerks first.")
        send_bid(firm)
    before = site.case(pilot).closes
    site.later(days=2)
    desk.change(ada, ben, pilot, "outcome", "A clerk sees every free room of the week on one page, also on a phone.")
    assert site.case(pilot).closes > before
    for firm in (county.holly, county.cora):
        confirm_bid(firm, pilot)
    site.until(site.case(pilot).objection_until)
    county.release(kim, lou)
    for evaluator in county.evaluators:
        desk.score(evaluator, pilot, {}, otherwise=3)
    for evaluator in county.evaluators:
        desk.show(evaluator, pilot)
    county.release(kim, lou)
    county.rob.go(f"/opportunities/{pilot}/bid")
    expect(county.rob.page.locator("#yours-words")).to_contain_text("was not confirmed before the close")
    cal = county.people.new("Dan Dale")
    cal.go(f"/opportunities/{pilot}")
    expect(cal.page.get_by_text("1 bid was not confirmed after a change to the terms")).to_be_visible()
    expect(cal.page.get_by_text("The public draw decided between equals.")).to_have_count(2)
    award(county, pilot, "The draw decided between two equal bids.")
    audit(site)
    cheap(county)
    assert site.errors == []


def judged(firm: Person, pilot: str, name: str) -> None:
    """A bidder finds on her own device how her bid was judged."""
    with firm.job("read how the bid was judged"):
        firm.go(f"/opportunities/{pilot}/bid")
        firm.click("#yours-judged a")
        expect(firm.page.get_by_role("heading", level=1)).to_contain_text(name)
        expect(firm.page.locator(".lede")).to_be_visible()


def checks(citizen: Person, pilot: str) -> None:
    """A citizen takes the proof of the award's record, and checks it with the auditor's command."""
    site = citizen.site
    awarded = site.case(pilot).awarded
    assert awarded is not None
    site.office.publish()
    with citizen.job("check a record"):
        citizen.go(f"/ledger/entries/{awarded.index}")
        file = citizen.keep(lambda: citizen.press("Download the proof", "link"))
    command = ["ledger", "verify-receipt", str(file), "--vkeys", str(site.office.folder.vkeys)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


MOST = {
    "come in": (0, 0, 2),
    "admit an agency": (8, 0, 5),
    "admit a keeper": (6, 0, 4),
    "adopt the rules": (1, 1, 3),
    "appoint somebody": (8, 8, 3),
    "make keys as a keeper": (1, 1, 6),
    "register a firm": (7, 1, 4),
    "register a partner": (5, 1, 4),
    "publish a try-out": (9, 6, 6),
    "sign as the second officer": (0, 0, 2),
    "change the terms": (2, 0, 5),
    "declare interests": (1, 0, 4),
    "confirm being named": (0, 0, 4),
    "bid": (9, 2, 2),
    "confirm after a change": (0, 0, 1),
    "follow a pilot": (1, 0, 3),
    "release a key": (0, 0, 5),
    "confirm an opening": (0, 0, 5),
    "score the proposals": (6, 6, 4),
    "show the scores": (0, 0, 4),
    "prove eligibility": (3, 1, 5),
    "decide about a proof": (1, 1, 4),
    "choose": (1, 0, 4),
    "award": (1, 0, 4),
    "read how the bid was judged": (0, 0, 1),
    "check a record": (0, 0, 1),
}
"""By job: the fields to fill in, the boxes and lists, the buttons and links, signing in again and signing included."""


def cheap(county: County) -> None:
    """Nobody's job took more than the table says."""
    took = {job: (cost.fields, cost.choices, cost.presses) for job, cost in county.people.costs().items()}
    assert {job: cost for job, cost in took.items() if any(a > b for a, b in zip(cost, MOST[job], strict=True))} == {}
