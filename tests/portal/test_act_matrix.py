"""
Every act about a pilot at every station of its life, and by every key that is not the right one.

`ACTS` says how the right people do each act and at which stations the record takes it. Everywhere else it is refused and
nothing is appended; and no station takes an act in a state in which the published table of roles does not list it. Then
the very act that the record took is signed by everybody else in town, in every combination of two keys.
"""

import re
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from msgspec import structs

from ledger.commitments import commit
from ledger.entry import parse_entry, sign
from ledger.errors import LedgerError
from ledger.keys import SigningKey
from policies.roles_table import roles_table
from portal.commands.close_bids import close_bids
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.commands.perform import Done, perform
from portal.commands.publish_ranking import publish_ranking
from portal.procurement import readings
from portal.procurement.case import list_digest
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events import award, bid, evaluation, opening, opportunity, partnering, reading
from portal.procurement.kinds import KINDS
from portal.procurement.refusal import Refusal
from portal.procurement.stage import stage
from tests.portal.bidder_acts import send
from tests.portal.stations import (
    BETWEEN,
    COLLEGE,
    FIRST,
    STATES,
    STATIONS,
    Copies,
    amend,
    first_wins,
)
from tests.portal.town import OFFICERS, PILOT, Town, key_of, master_of, size_of


class Act(NamedTuple):
    """How the right people do it; `works`: the stations at which the record takes it."""

    do: Callable[[Town], Any]
    works: tuple[str, ...]


def _end(kind: str, body: Any) -> Callable[[Town], Done]:
    return lambda town: town.act(kind, PILOT, body(reason="notice-error", why="A digit was wrong."), *OFFICERS)


def _answer(town: Town) -> Done:
    number = next(iter(town.case().questions), 0)
    return town.act("question-answered", PILOT, bid.QuestionAnswered(question=number, text="We do."), "ada")


def _decide_objection(town: Town) -> Done:
    case = town.case()
    amended = sorted(case.bids.values(), key=lambda entry: entry.current.index)
    body = bid.ObjectionDecided(
        objection=next(iter(case.objections), 0),
        accepted=True,
        why="The portal was down in the last hour.",
        count=len(amended),
        list_sha256=list_digest(amended),
    )
    return town.act("objection-decided", PILOT, body, "operator")


def _release(town: Town) -> Done:
    case = town.case()
    seat = next(s for s in case.notice.sealing.seats if s.keeper == "keeper:lou")
    label: Any = "offer" if case.proposals_opened is not None else "proposal"
    private = town.packs["lou"].private_for(bytes.fromhex(getattr(seat, label)))
    body = opening.KeyReleased(keeper="keeper:lou", label=label, private=private.hex())
    return town.act("keeper-key-released", PILOT, body, "lou")


def _confirm_opening(town: Town) -> Done:
    opened = town.case().proposals_opened
    verdicts = opened.document if opened is not None else "0" * 64
    body = opening.OpeningConfirmed(keeper="keeper:lou", label="proposal", verdicts=verdicts)
    return town.act("opening-confirmed", PILOT, body, "lou")


def _interests(town: Town) -> Done:
    commitments, openings = commit("interests-declared", {"none": "none"})
    body = evaluation.InterestsDeclared(person="person:eve")
    signed = town.signed("interests-declared", PILOT, body, "eve", commitments=commitments)
    return perform(town.office, signed, openings=openings)


def _aside(town: Town) -> Done:
    declared = town.case().interests.get("person:eve", [])
    held = [one for act in declared for one in town.office.vault.openings(act.statement_hash)]
    mine = next((one for one in held if one["value"] == f"firm:{FIRST}"), None)
    path, salt = (mine["path"], mine["salt"]) if mine else ("firm_1", "0" * 64)
    body = evaluation.EvaluatorStoodAside(person="person:eve", firm=f"firm:{FIRST}", path=path, salt=salt)
    return town.act("evaluator-stood-aside", PILOT, body, "operator")


def _commit_scores(town: Town) -> Done:
    body = town.judgement("eve", first_wins)
    stated = scores_commitment(PILOT, body.person, body.salt, body.scores)
    return town.act("scores-committed", PILOT, evaluation.ScoresCommitted(person=body.person, commitment=stated), "eve")


def _reveal_scores(town: Town) -> Done:
    return town.act("scores-revealed", PILOT, town.judgement("eve", first_wins), "eve")


def _explain(town: Town) -> Done:
    bid_of_first = master_of(FIRST).signing_key.public.hex()
    reasons = [evaluation.ScoreReason(bid=bid_of_first, criterion="approach", words="It names no date.")]
    return town.act("scores-explained", PILOT, evaluation.ScoresExplained(person="person:eve", reasons=reasons), "eve")


def _choose(town: Town) -> Done:
    if not town.case().opened:
        return town.act("award-intended", PILOT, _any_choice(town), *OFFICERS)
    return town.choose(FIRST)


def _any_choice(town: Town) -> award.AwardIntended:
    return award.AwardIntended(
        bid=master_of(FIRST).signing_key.public.hex(),
        firm=f"firm:{FIRST}",
        amount_minor=2_400_000,
        currency="USD",
        standstill_ends=town.case().notice.opens_by,
        reasons=[
            award.BidReasons(
                bid=master_of(FIRST).signing_key.public.hex(),
                reasons=[award.CriterionReason(criterion="approach", words="As scored.")],
            )
        ],
        words="We like it.",
    )


def _award(town: Town) -> Done:
    fields = {"firm": f"firm:{FIRST}", "amount_minor": 2_400_000, "currency": "USD", "words": "Final."}
    body = award.AwardMade(bid=master_of(FIRST).signing_key.public.hex(), **fields)
    return town.act("award-made", PILOT, body, *OFFICERS)


def _read(town: Town) -> Done:
    entry = town.case().bids.get(master_of(FIRST).signing_key.public.hex())
    proposal = entry.seal.proposal if entry is not None else "0" * 64
    body = reading.DocumentRead(document=proposal, reader="person:fay", what="proposal")
    return town.act("document-read", PILOT, body, "operator")


def _erase(town: Town) -> Done:
    names = readings.erasable(town.case()) or ["0" * 64]
    ground = readings.erasure_ground(town.case()) or "award-final"
    return town.act("proposals-erased", PILOT, reading.ProposalsErased(erased=names, ground=ground), "operator")


def _confirm_partner(town: Town) -> Done:
    body = partnering.PartnerConfirmed(bid=None, partner=COLLEGE)
    return town.act("partner-confirmed", PILOT, body, "college")


_OPEN = ("open", "amended")
_KEYS_WANTED = ("heard", "released", "shown", "apart", "offers")
_SCORED = ("locked", "shown", "apart", "offers")
_AFTER_CLOSE = tuple(
    station for station in (*STATIONS, *BETWEEN) if station not in {*_OPEN, "awarded", "withdrawn", "cancelled"}
)
_UNRANKED = ("opened", "scoring", "locked", "shown", "apart", "offers")
_RUNS = tuple(station for station in (*STATIONS, *BETWEEN) if station not in {"withdrawn", "cancelled"})
ACTS: dict[str, Act] = {
    "addendum-published": Act(amend, _OPEN),
    "opportunity-withdrawn": Act(_end("opportunity-withdrawn", opportunity.OpportunityWithdrawn), _OPEN),
    "opportunity-cancelled": Act(_end("opportunity-cancelled", opportunity.OpportunityCancelled), _AFTER_CLOSE),
    "question-asked": Act(lambda t: send(t, "question-asked"), _OPEN),
    "question-answered": Act(_answer, _OPEN),
    "partner-confirmed": Act(_confirm_partner, _RUNS),
    "bid-sealed": Act(lambda t: send(t, "bid-sealed"), _OPEN),
    "bid-replaced": Act(lambda t: send(t, "bid-replaced"), _OPEN),
    "bid-withdrawn": Act(lambda t: send(t, "bid-withdrawn"), _OPEN),
    "bid-confirmed": Act(lambda t: send(t, "bid-confirmed"), ("amended",)),
    "bids-closed": Act(lambda t: close_bids(t.office, PILOT), ("no-bids",)),
    "objection-filed": Act(lambda t: send(t, "objection-filed"), ("disputed",)),
    "objection-decided": Act(_decide_objection, ("disputed",)),
    "keeper-key-released": Act(
        _release, ("ranked", "chosen", "unsuccessful", "opening-failed", *_KEYS_WANTED, "ranking", "proved", "waited")
    ),
    "content-key-published": Act(lambda t: send(t, "content-key-published"), ("opening-failed",)),
    "proposals-opened": Act(lambda t: open_proposals(t.office, PILOT), ("released",)),
    "offers-opened": Act(lambda t: open_offers(t.office, PILOT)[0], ("shown",)),
    "bid-opened": Act(lambda t: open_offers(t.office, PILOT)[-1], ("shown",)),
    "opening-confirmed": Act(
        _confirm_opening,
        ("opened", "scoring", "ranked", "chosen", "unsuccessful", *_SCORED, "ranking", "proved", "waited"),
    ),
    "document-read": Act(_read, _UNRANKED),
    "proposals-erased": Act(_erase, ("awarded", "withdrawn", "cancelled")),
    "interests-declared": Act(_interests, _OPEN),
    "evaluator-stood-aside": Act(_aside, ("offers",)),
    "scores-committed": Act(_commit_scores, ("opened", "scoring")),
    "scores-revealed": Act(_reveal_scores, ("locked",)),
    "scores-explained": Act(_explain, ("apart",)),
    "ranking-published": Act(lambda t: publish_ranking(t.office, PILOT)[-1], ("offers",)),
    "eligibility-proved": Act(lambda t: t.prove(FIRST), ("ranking",)),
    "eligibility-decided": Act(lambda t: t.decide_eligibility(FIRST), ("ranked",)),
    "award-intended": Act(_choose, ("proved",)),
    "award-made": Act(_award, ("waited",)),
}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    made = Copies(tmp_path_factory.mktemp("stations"))
    yield made
    made.close()


def test_every_kind_of_act_about_a_pilot_is_tried() -> None:
    about = {kind.name for kind in KINDS.values() if kind.subject == "opportunity"} - {"opportunity-published"}
    assert set(ACTS) == about


@pytest.mark.parametrize("kind", ACTS)
def test_the_record_takes_an_act_at_its_stations_and_nowhere_else(copies: Copies, kind: str) -> None:
    taken = []
    for station, state in STATES.items():
        town = copies.at(station)
        before, moment = size_of(town), town.clock.now()
        assert stage(town.case(), moment) == state
        try:
            ACTS[kind].do(town)
        except (Refusal, LedgerError):
            assert size_of(town) == before, station
        else:
            assert town.clock.now() == moment
            taken.append(station)
            copies.used(station)
    assert tuple(taken) == ACTS[kind].works
    assert {STATES[station] for station in taken} <= set(roles_table().deeds[kind].states)


FOLK = (
    *(
        "operator",
        "head",
        "ada",
        "ben",
        "eve",
        "fay",
        "hal",
        "kim",
        "lou",
        "oak",
        "ridge",
        "hollow",
        "creek",
        "college",
        "stranger",
    ),
    *("neighbour-head", "olga", "otto", "ivy"),
    *("bid of ridge", "bid of hollow", "bid of creek"),
)
ITS_OWN = {"content-key-published": {"bid of hollow"}}
"""Who may sign the same words too: they are then about the signer's own bid, and open nobody else's."""

ANYBODYS = {"question-asked", "bid-sealed"}
"""Signed by a key that is made for it: whoever signs it, it is nobody else's."""

WRONG_HANDS = re.compile(r"(signer|signature|appointment|evaluator|bid|objection|one-time-key)-[a-z-]+|kind-unexpected")


def _key(town: Town, name: str) -> SigningKey:
    if name == "operator":
        return town.office.operator
    return master_of(name.removeprefix("bid of ")).signing_key if name.startswith("bid of ") else key_of(name)


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind not in ANYBODYS])
def test_an_act_is_taken_from_the_right_hands_alone(copies: Copies, kind: str) -> None:
    station = ACTS[kind].works[0]
    done = ACTS[kind].do(copies.at(station))
    copies.used(station)
    statement = parse_entry(done.entry).statement
    town = copies.at(station)
    names = {_key(town, name).key_id: name for name in FOLK}
    right = {names[key] for key in done.act.keys}
    alone = set(OFFICERS) if KINDS[kind].signers == ("officer",) else right | ITS_OWN.get(kind, set())
    before, taken = size_of(town), {}
    for hands in [*((name,) for name in FOLK), *permutations(FOLK, 2)]:
        if set(hands) == right or (len(hands) == 1 and set(hands) <= alone and len(right) == 1):
            continue
        if len(hands) > 1 and not right & set(hands) and hands[0] > hands[1]:
            continue
        keys = [_key(town, name) for name in hands]
        forged = structs.replace(statement, author=keys[0].key_id)
        try:
            perform(town.office, sign(forged, *keys))
        except (Refusal, LedgerError) as refused:
            if not WRONG_HANDS.fullmatch(refused.reason):
                taken[hands] = refused.reason
        else:
            taken[hands] = "taken"
    assert taken == {}
    assert size_of(town) == before
