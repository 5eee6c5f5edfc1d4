"""
Whatever is tried in whatever order: an act is taken whole or refused with a reason, and the record stays whole.

The machine tries acts of every station at every station. What is refused must leave nothing behind.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.errors import LedgerError
from portal.commands.close_bids import close_bids
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.events import award, bid, opportunity
from portal.procurement.refusal import Refusal
from portal.procurement.stage import candidate, stage
from tests.portal.town import OFFICERS, PILOT, Town, master_of, reopened
from tests.stories.whole import assert_story_is_whole

FIRMS = ("ridge", "hollow", "creek")
ORDER = ("open", "closed", "opened", "scoring", "ranked", "chosen", "awarded")
ENDS = ("awarded", "unsuccessful", "withdrawn", "cancelled")
_TEMPLATES: dict[str, Town] = {}


def template(station: str) -> Town:
    """A town with two bids, taken to a station, built once and copied for every run that starts there."""
    if station not in _TEMPLATES:
        town = Town.found(Path(tempfile.mkdtemp()) / "data")
        _TEMPLATES[station] = town
        town.publish()
        if station != "open":
            town.bid("ridge")
            town.bid("hollow")
            town.declare_interests()
            town.close()
        if station == "opened":
            town.release("proposal")
            open_proposals(town.office, PILOT)
        if station == "ranked":
            town.release("proposal")
            open_proposals(town.office, PILOT)
            town.score()
            town.release("offer")
            open_offers(town.office, PILOT)
            publish_ranking(town.office, PILOT)
    return _TEMPLATES[station]


class LifeCycle(RuleBasedStateMachine):
    """One pilot, tried from all sides."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.taken = 0

    @initialize(station=st.sampled_from(("open", "closed", "opened", "ranked")))
    def begin(self, station: str) -> None:
        original = template(station)
        shutil.copytree(original.office.folder.root, self.folder / "data")
        self.town = reopened(original, self.folder / "data")
        self.reached = station

    def size(self) -> int:
        with self.town.office.store.reading() as connection:
            return self.town.office.store.head(connection).size

    def attempt(self, work: Callable[[], object]) -> None:
        """Do it, or be refused by the domain or the log and leave nothing behind."""
        before = self.size()
        try:
            work()
        except (Refusal, LedgerError):
            assert self.size() == before
        else:
            assert self.size() > before
            self.taken += 1

    @rule(name=st.sampled_from(FIRMS), team=st.integers(1, 3))
    def bid(self, name: str, team: int) -> None:
        self.attempt(lambda: self.town.bid(name, proposal={"team": f"{team} people, version {self.taken}."}))

    @rule(name=st.sampled_from(FIRMS))
    def withdraw_bid(self, name: str) -> None:
        entry = self.town.case().bids.get(master_of(name).signing_key.public.hex())
        if entry is not None:
            body = bid.BidWithdrawn(terms=self.town.case().terms, bid=entry.current.statement_hash)
            signer = master_of(name).signing_key
            self.attempt(lambda: self.town.act("bid-withdrawn", PILOT, body, author=signer))

    @rule(who=st.integers(0, 3))
    def ask(self, who: int) -> None:
        body = bid.QuestionAsked(text="How many inspectors?")
        self.attempt(lambda: self.town.act("question-asked", PILOT, body, f"asker-{who}"))

    @rule(hours=st.sampled_from((1, 20)))
    def wait(self, hours: int) -> None:
        self.town.clock.advance_to(self.town.clock.now() + timedelta(hours=hours))

    @rule()
    def wait_for_the_close(self) -> None:
        if self.town.case().bids:
            self.town.clock.advance_to(self.town.case().closes)

    @rule()
    def close(self) -> None:
        self.attempt(lambda: close_bids(self.town.office, PILOT))

    @rule(label=st.sampled_from(("proposal", "offer")), name=st.sampled_from(("kim", "lou", "mae")))
    def release(self, label: str, name: str) -> None:
        if self.town.clock.now() >= self.town.case().closes:
            self.attempt(lambda: self.town.release(label, names=(name,)))

    @rule()
    def open_proposals(self) -> None:
        self.attempt(lambda: open_proposals(self.town.office, PILOT))

    @precondition(lambda self: self.town.case().proposals_opened is not None and not self.town.case().commits)
    @rule(level=st.integers(0, 4))
    def score(self, level: int) -> None:
        self.attempt(lambda: self.town.score(lambda _who, _bid, _criterion: level))

    @rule()
    def open_offers(self) -> None:
        self.attempt(lambda: open_offers(self.town.office, PILOT))

    @rule()
    def rank(self) -> None:
        self.attempt(lambda: publish_ranking(self.town.office, PILOT))

    @rule(name=st.sampled_from(FIRMS), months=st.sampled_from((0, 40)))
    def prove(self, name: str, months: int) -> None:
        self.attempt(lambda: self.town.prove(name, months_present=months))

    @rule(name=st.sampled_from(FIRMS), accepted=st.booleans())
    def decide(self, name: str, accepted: bool) -> None:  # noqa: FBT001 -- hypothesis names it
        self.attempt(lambda: self.town.decide_eligibility(name, accepted=accepted))

    @precondition(lambda self: candidate(self.town.case()) is not None)
    @rule()
    def choose(self) -> None:
        row = candidate(self.town.case())
        assert row is not None
        self.attempt(lambda: self.town.choose(row.firm.removeprefix("firm:")))

    @precondition(lambda self: self.town.case().chosen is not None)
    @rule(patient=st.booleans())
    def award(self, patient: bool) -> None:  # noqa: FBT001 -- hypothesis names it
        if patient:
            self.attempt(self.town.award)
            return
        chosen = self.town.case().chosen
        assert chosen is not None
        assert isinstance(chosen.body, award.AwardIntended)
        body = award.AwardMade(
            bid=chosen.body.bid,
            firm=chosen.body.firm,
            amount_minor=chosen.body.amount_minor,
            currency=chosen.body.currency,
            words="At once.",
        )
        self.attempt(lambda: self.town.act("award-made", PILOT, body, *OFFICERS))

    @precondition(lambda self: self.taken > 10)
    @rule(reason=st.sampled_from(("no-need", "because-i-can")))
    def withdraw_or_cancel(self, reason: str) -> None:
        withdrawn = opportunity.OpportunityWithdrawn(reason=reason, why="The need is gone.")
        cancelled = opportunity.OpportunityCancelled(reason=reason, why="The need is gone.")
        self.attempt(lambda: self.town.act("opportunity-withdrawn", PILOT, withdrawn, *OFFICERS))
        self.attempt(lambda: self.town.act("opportunity-cancelled", PILOT, cancelled, *OFFICERS))

    @rule(name=st.sampled_from(FIRMS))
    def go_on(self, name: str) -> None:
        """The next thing that a patient clerk would do; it may be refused like everything else."""
        town, case, row = self.town, self.town.case(), candidate(self.town.case())
        first = row.firm.removeprefix("firm:") if row else name
        turns: list[tuple[bool, Callable[[], object]]] = [
            (not case.bids, lambda: town.bid(name)),
            (case.closed is None, town.close),
            (not case.released.get("proposal"), lambda: town.release("proposal")),
            (case.proposals_opened is None, lambda: open_proposals(town.office, PILOT)),
            (not case.commits, town.score),
            (not case.released.get("offer"), lambda: town.release("offer")),
            (case.offers_opened is None, lambda: open_offers(town.office, PILOT)),
            (case.ranking is None, lambda: publish_ranking(town.office, PILOT)),
            (f"firm:{first}" not in case.proofs, lambda: town.prove(first)),
            (f"firm:{first}" not in case.eligibility, lambda: town.decide_eligibility(first)),
            (case.chosen is None, lambda: town.choose(first)),
        ]
        self.attempt(next((work for due, work in turns if due), town.award))

    @invariant()
    def it_never_goes_back(self) -> None:
        now = stage(self.town.case(), self.town.clock.now())
        if self.reached in ENDS:
            assert now == self.reached
        elif now in ORDER and self.reached in ORDER:
            assert ORDER.index(now) >= ORDER.index(self.reached)
        self.reached = now

    def teardown(self) -> None:
        assert_story_is_whole(self.town)
        self.town.office.close()
        shutil.rmtree(self.folder)


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(
    max_examples=16, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module", autouse=True)
def _template_goes() -> object:
    yield
    while _TEMPLATES:
        _, town = _TEMPLATES.popitem()
        town.office.close()
        shutil.rmtree(town.office.folder.root.parent)
