"""
A town whose one pilot stands at a state of its life, with neighbours who have no business there.

Every state of `policies.roles_table.STATES` is built once through the real commands. Beside the pilot's own people there is
another agency with its officers and evaluators, a firm that did not bid, a keeper whom the notice does not name, and an
evaluator of the same agency who is not on the panel.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from ledger.entry import DocumentReference, format_time
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.perform import Document, Done, perform
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.events import bid, opportunity, party
from portal.procurement.stage import stage, standstill_ends
from tests.portal.town import (
    AGENCY,
    EVALUATORS,
    FIRMS,
    OFFICERS,
    PILOT,
    POLICY,
    START,
    Town,
    key_of,
    master_of,
    reopened,
)

COLLEGE = "partner:ridge-college"
NEIGHBOUR = "agency:orchard-county"
NEIGHBOURS = ("olga", "otto")
FIRST, SECOND = "ridge", "hollow"


def town_with_neighbours(data: Path, purpose: party.Purpose = "demo") -> Town:
    """The town before anything is published; a demo with the key files of its people."""
    town = Town.found(data, purpose=purpose)
    for name in ("oak", "ash", "elm"):
        town.appoint(name, ["plan"], None)
        town.keeper(name, AGENCY, person=f"person:{name}")
    for name in ("hal", "ida"):
        town.appoint(name, ["evaluate"], None)
    _neighbour(town)
    college = party.PartnerRegistered(name="Ridge College", place="harlan-county", place_name="Harlan County")
    town.act("partner-registered", COLLEGE, college, "college")
    if purpose == "demo":
        people = data / "people"
        people.mkdir()
        for name in (*OFFICERS, *EVALUATORS, *FIRMS, *NEIGHBOURS, *town.packs):
            key_of(name).save(people / f"{name}.key")
    return town


def _neighbour(town: Town) -> None:
    profile = party.AgencyRegistered(
        name="Orchard County",
        place="orchard-county",
        place_name="Orchard County",
        zone="America/New_York",
        currency="USD",
        head=key_of("neighbour-head").key_id,
        contact="pilots@orchard.example",
    )
    town.act("agency-registered", NEIGHBOUR, profile, "operator")
    document = Document(POLICY.document, "application/json")
    adopted = party.PolicyAdopted(
        jurisdiction=POLICY.id,
        document=DocumentReference(len(document.data), document.media_type, POLICY.digest),
        resolution="Resolution 1 of 2027",
    )
    perform(town.office, town.signed("policy-adopted", NEIGHBOUR, adopted, "neighbour-head"), documents=[document])
    duties: list[party.Duty] = ["plan", "publish", "answer", "addendum", "choose", "award", "cancel", "verify"]
    for name in NEIGHBOURS:
        _appoint(town, name, duties, 5_000_000)
    _appoint(town, "ivy", ["evaluate"], None)


def _appoint(town: Town, name: str, duties: list[party.Duty], limit: int | None) -> None:
    body = party.AppointmentMade(
        person=f"person:{name}",
        key=key_of(name).key_id,
        duties=duties,
        limit_minor=limit,
        begins=format_time(START - timedelta(days=1)),
        ends="2029-01-01T00:00:00.000Z",
        resolution="Resolution 2 of 2027",
    )
    town.act("appointment-made", NEIGHBOUR, body, "neighbour-head")


def at_open(town: Town, panel: tuple[str, ...] = EVALUATORS) -> None:
    """Two bids, a question without an answer."""
    town.publish(evaluators=[f"person:{name}" for name in panel], training_partner=COLLEGE)
    town.bid(FIRST)
    town.bid(SECOND)
    town.act("question-asked", PILOT, bid.QuestionAsked(text="Who hosts it?"), author=key_of("asker"))


def _at_closed(town: Town) -> None:
    at_open(town)
    town.declare_interests()
    town.close()


def _at_opened(town: Town) -> None:
    _at_closed(town)
    town.release("proposal")
    open_proposals(town.office, PILOT)


def at_locked(town: Town) -> None:
    """Every evaluator has locked in scores, and nobody has shown them."""
    _at_opened(town)
    town.score(first_wins, shown=())


def _at_scoring(town: Town) -> None:
    _at_opened(town)
    town.score(first_wins, locked=("fay", "gus"), shown=())


def first_wins(_who: str, key: str, _criterion: str) -> int:
    """The level of each bid: one bidder is better than the other, whoever judges."""
    return 4 if key == master_of(FIRST).signing_key.public.hex() else 2


def at_ranking(town: Town) -> None:
    """Ranked, before anybody has proved anything."""
    _at_opened(town)
    town.score(first_wins)
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)


def _at_ranked(town: Town) -> None:
    at_ranking(town)
    town.prove(FIRST)


def at_proved(town: Town) -> None:
    """Ranked, and the first in rank has proved that it may have the pilot."""
    _at_ranked(town)
    town.decide_eligibility(FIRST)


def _at_chosen(town: Town) -> None:
    at_proved(town)
    town.choose(FIRST)


def _at_awarded(town: Town) -> None:
    _at_chosen(town)
    town.award()


def _at_unsuccessful(town: Town) -> None:
    at_ranking(town)
    for name in (FIRST, SECOND):
        town.prove(name, months_present=1)
        town.decide_eligibility(name, accepted=False)


def _at_no_bids(town: Town) -> None:
    town.publish(training_partner=COLLEGE)
    town.clock.advance_to(town.case().closes)


def _at_withdrawn(town: Town) -> None:
    at_open(town)
    body = opportunity.OpportunityWithdrawn(reason="notice-error", why="The budget was wrong by a digit.")
    town.act("opportunity-withdrawn", PILOT, body, *OFFICERS)


def _at_cancelled(town: Town) -> None:
    _at_closed(town)
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)


def _at_opening_failed(town: Town) -> None:
    _at_closed(town)
    town.clock.advance_to(town.case().opens_by)


STATIONS: dict[str, Callable[[Town], None]] = {
    "open": at_open,
    "closed": _at_closed,
    "opened": _at_opened,
    "scoring": _at_scoring,
    "ranked": _at_ranked,
    "chosen": _at_chosen,
    "awarded": _at_awarded,
    "unsuccessful": _at_unsuccessful,
    "no-bids": _at_no_bids,
    "withdrawn": _at_withdrawn,
    "cancelled": _at_cancelled,
    "opening-failed": _at_opening_failed,
}
"""By state, what brings a town there."""


def at_amended(town: Town) -> None:
    """A material change after both bids came in; neither is confirmed yet."""
    at_open(town)
    amend(town)


def amend(town: Town) -> Done:
    """Change what bids rest on."""
    changes = opportunity.NoticeChanges(outcome="A resident books in three minutes, and in Spanish.")
    body = opportunity.AddendumPublished(material=True, changes=changes, why="The board asked for Spanish.")
    return town.act("addendum-published", PILOT, body, *OFFICERS)


def at_disputed(town: Town) -> None:
    """Closed; one bid lapsed because nobody confirmed it, and its bidder objects."""
    at_amended(town)
    town.act("bid-confirmed", PILOT, confirmation(town, FIRST), author=master_of(FIRST).signing_key)
    town.declare_interests()
    town.close()
    town.act("objection-filed", PILOT, objection(town, SECOND), author=master_of(SECOND).signing_key)


def own_version(town: Town, name: str) -> str:
    """The statement hash of the version of a bid that stands; zeros where there is none."""
    entry = town.case().bids.get(master_of(name).signing_key.public.hex())
    return entry.current.statement_hash if entry is not None else "0" * 64


def confirmation(town: Town, name: str) -> bid.BidConfirmed:
    """What a bidder says after the last change."""
    case = town.case()
    addendum = case.addenda[-1].leaf_hash if case.addenda else "0" * 64
    return bid.BidConfirmed(terms=case.terms, addendum=addendum, bid=own_version(town, name))


def objection(town: Town, name: str) -> bid.ObjectionFiled:
    """What a bidder says whose bid is missing."""
    return bid.ObjectionFiled(statement=own_version(town, name), words="My confirmation was refused.")


def at_heard(town: Town) -> None:
    """Closed, and the time to object is over."""
    _at_closed(town)
    town.clock.advance_to(town.case().objection_until)


def at_released(town: Town) -> None:
    """Enough keys are out, and nothing is opened yet."""
    _at_closed(town)
    town.release("proposal")


def at_shown(town: Town) -> None:
    """All scores are shown, the keys for the offers are out; one of five evaluators has an interest in a bidder."""
    at_open(town, (*EVALUATORS, "hal", "ida"))
    town.declare_interests(eve=f"firm:{FIRST}")
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.score(first_wins)
    town.release("offer")


def at_apart(town: Town) -> None:
    """All scores are shown, one evaluator's of one bidder far from the others'."""
    _at_opened(town)
    town.score(lambda who, key, criterion: 0 if who == "eve" else first_wins(who, key, criterion))


def at_offers(town: Town) -> None:
    """Names and prices are open, and nothing is ranked."""
    at_shown(town)
    open_offers(town.office, PILOT)


def at_waited(town: Town) -> None:
    """Chosen, and the time to challenge is over."""
    _at_chosen(town)
    ends = standstill_ends(town.case())
    assert ends is not None
    town.clock.advance_to(ends)


BETWEEN: dict[str, tuple[str, Callable[[Town], None]]] = {
    "amended": ("open", at_amended),
    "disputed": ("closed", at_disputed),
    "heard": ("closed", at_heard),
    "released": ("closed", at_released),
    "locked": ("scoring", at_locked),
    "shown": ("scoring", at_shown),
    "apart": ("scoring", at_apart),
    "offers": ("scoring", at_offers),
    "ranking": ("ranked", at_ranking),
    "proved": ("ranked", at_proved),
    "waited": ("chosen", at_waited),
}
"""Moments within a state at which other people have something to do: the state, and what brings a town there."""


STATES = {**{name: name for name in STATIONS}, **{name: state for name, (state, _) in BETWEEN.items()}}
"""By station, the state it lies in."""


def town_at(station: str, data: Path, purpose: party.Purpose = "demo") -> Town:
    """A town of one's own at a state, or at one of the moments within a state."""
    state, build = BETWEEN.get(station) or (station, STATIONS[station])
    town = town_with_neighbours(data, purpose)
    build(town)
    assert stage(town.case(), town.clock.now()) == state
    return town


class Copies:
    """Towns at every station; one is used until an act was taken there, then another copy."""

    def __init__(self, folder: Path, purpose: party.Purpose = "live") -> None:
        self._folder = folder
        self._purpose: party.Purpose = purpose
        self._originals: dict[str, Town] = {}
        self._fresh: dict[str, Town] = {}

    def at(self, station: str) -> Town:
        """A town at this station in which nothing has happened yet."""
        if station not in self._originals:
            self._originals[station] = town_at(station, self._folder / station, self._purpose)
        if station not in self._fresh:
            original = self._originals[station]
            target = self._folder / f"copy{len(list(self._folder.iterdir()))}"
            shutil.copytree(original.office.folder.root, target)
            self._fresh[station] = reopened(original, target)
        return self._fresh[station]

    def used(self, station: str) -> None:
        """Something happened there."""
        self._fresh.pop(station).office.close()

    def close(self) -> None:
        """Let all databases go."""
        for town in (*self._originals.values(), *self._fresh.values()):
            town.office.close()
