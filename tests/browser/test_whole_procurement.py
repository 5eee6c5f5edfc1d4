"""
Whole procurements in the browser, over a live record: from an empty one to what the auditor's own commands say.

Everything that a person does here goes through a page, on a device of her own, signed by a passkey of that device.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from portal.procurement.stage import standstill_ends
from tests.browser import live_agency as desk
from tests.browser.live_bidders import enter_firm, send_bid, write_bid
from tests.browser.live_keepers import Keeper, admit_keeper
from tests.browser.live_people import People, Person
from tests.browser.live_site import LiveSite, live_site


class County:
    """A served record with an agency, its people and three keepers: where both stories play."""

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


def audit(site: LiveSite) -> str:
    """What the auditor's two commands say, each a process of its own: over the wire, and over the folder."""
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
    return "".join(said)


def test_a_try_out_for_all_goes_from_notice_to_award(county: County) -> None:
    site = county.site
    ada, ben = county.officers
    pilot = desk.publish(ada, ben, desk.CALENDAR, for_all=True)
    for evaluator in county.evaluators:
        desk.declare(evaluator, pilot)
    rob = county.people.new("Rob Ridge", viewport={"width": 360, "height": 800})
    write_bid(rob, pilot, "First a paper trial, then the page.")
    enter_firm(rob, "Ridge Data")
    send_bid(rob)
    cal = county.people.new("Cal Citizen")
    cal.go(f"/opportunities/{pilot}/opening")
    site.until(site.case(pilot).objection_until)
    county.release(*county.keepers[:2])
    expect(cal.page.locator(".lede")).to_contain_text("The proposals are open, without names.")
    for evaluator in county.evaluators:
        desk.score(evaluator, pilot, {})
    for evaluator in county.evaluators:
        desk.show(evaluator, pilot)
    county.release(*county.keepers[:2])
    expect(cal.page.locator(".lede")).to_contain_text("Everything is open: 1 bid")
    cal.go(f"/opportunities/{pilot}")
    expect(cal.page.get_by_role("heading", name="Ranking")).to_be_visible()
    desk.decide(ada, ben, pilot, "choose", "It answers both questions.")
    ends = standstill_ends(site.case(pilot))
    assert ends is not None
    site.until(ends)
    desk.decide(ben, ada, pilot, "award", "Nobody challenged the choice.")
    (bid,) = site.case(pilot).bids
    rob.go(f"/opportunities/{pilot}/bids/{bid}")
    expect(rob.page.locator(".lede")).to_contain_text("was chosen")
    site.office.publish()
    said = audit(site)
    assert "1 awards" in said
    assert "0 differences" in said
    assert site.errors == []
