"""Whole procurements, as a contracting officer would tell them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.entry import format_time
from ledger.sealing import content_key
from policies import first_close_from, objection_end, opens_latest
from portal.commands.close_bids import close_bids
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.procurement.case import list_digest
from portal.procurement.events import award, bid, evaluation, opening, opportunity, plan
from portal.procurement.events.typed import typed
from portal.procurement.stage import candidate, stage
from portal.procurement.verdicts import pinned
from tests.portal.town import AGENCY, OFFICERS, PILOT, POLICY, ZONE, Town, key_of, master_of, refusal_of
from tests.stories.whole import assert_story_is_whole

PLAN = "plan:septic"
PRICED = {"price_mode": "priced", "budget_minor": 2_400_000, "floor_minor": 1_200_000, "price_weight": 40}


def criteria(*weights: int) -> list[opportunity.Criterion]:
    return [
        opportunity.Criterion(
            id=f"c{number}", name=f"Quality {number}", weight=weight, anchors=[f"Level {n}." for n in range(5)]
        )
        for number, weight in enumerate(weights)
    ]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town of its own; whatever happened in it, it is whole afterwards."""
    made = Town.found(tmp_path / "data")
    yield made
    assert_story_is_whole(made)
    made.office.close()


def promise(town: Town) -> None:
    body = plan.PlanAnnounced(
        agency=AGENCY,
        title="Book a septic inspection",
        need="The line rings out.",
        skills=["web forms"],
        tier="T1",
        quarter="2027-q2",
        money="secured",
        place="harlan-county",
        place_name="Harlan County",
    )
    town.act("plan-announced", PLAN, body, OFFICERS[0])


def public_key(name: str) -> str:
    return master_of(name).signing_key.public.hex()


def own_version(town: Town, name: str) -> str:
    return town.case().bids[public_key(name)].current.statement_hash


def rank(town: Town, subject: str = PILOT) -> list[str]:
    """From the declarations of interests to the ranking; the firms in it."""
    town.close(subject)
    town.release("proposal", subject)
    open_proposals(town.office, subject)
    town.score(subject=subject)
    town.release("offer", subject)
    open_offers(town.office, subject)
    publish_ranking(town.office, subject)
    ranking = typed(town.case(subject).ranking or pytest.fail("not ranked"), evaluation.RankingPublished)
    return [row.firm for row in ranking.rows]


def to_award(town: Town, name: str, subject: str = PILOT) -> None:
    town.prove(name, subject)
    town.decide_eligibility(name, subject)
    town.choose(name, subject)
    town.award(subject)


def test_the_cheaper_of_two_equally_good_bids_is_chosen(town: Town) -> None:
    promise(town)
    town.publish(plan=PLAN, criteria=criteria(30, 30), **PRICED)
    town.act("question-asked", PILOT, bid.QuestionAsked(text="Is there an incumbent?"), "someone")
    (asked,) = town.case().questions
    town.act("question-answered", PILOT, bid.QuestionAnswered(question=asked, text="No."), OFFICERS[0])
    town.bid("ridge", price_minor=2_000_000)
    town.bid("hollow", price_minor=2_100_000)
    town.bid("creek", price_minor=1_500_000)
    town.bid("hollow", proposal={"team": "Three developers."}, price_minor=1_800_000)
    withdrawn = bid.BidWithdrawn(terms=town.case().terms, bid=own_version(town, "creek"))
    town.act("bid-withdrawn", PILOT, withdrawn, author=master_of("creek").signing_key)
    town.to_ranking()
    ranking = typed(town.case().ranking or pytest.fail("not ranked"), evaluation.RankingPublished)
    assert [(row.firm, row.price, row.quality) for row in ranking.rows] == [
        ("firm:hollow", 2000, 4500),
        ("firm:ridge", 1333, 4500),
    ]
    to_award(town, "hollow")
    awarded = typed(town.case().awarded or pytest.fail("not awarded"), award.AwardMade)
    assert (awarded.firm, awarded.amount_minor) == ("firm:hollow", 1_800_000)


def test_a_late_confirmation_is_admitted_when_an_objection_is_accepted(town: Town) -> None:
    town.publish()
    town.bid("ridge")
    town.bid("hollow")
    town.clock.advance_to(town.clock.now() + timedelta(days=1))
    rules, case = POLICY.rules(town.clock.now()), town.case()
    closes = first_close_from(rules, case.closes + timedelta(days=8), ZONE)
    changes = opportunity.NoticeChanges(
        need="Also from places without a network.",
        closes=format_time(closes),
        objection_until=format_time(objection_end(rules, closes)),
        opens_by=format_time(opens_latest(rules, closes, ZONE)),
    )
    town.act(
        "addendum-published",
        PILOT,
        opportunity.AddendumPublished(material=True, changes=changes, why="Inspectors asked."),
        *OFFICERS,
    )
    confirmed = bid.BidConfirmed(
        terms=case.terms, addendum=town.case().addenda[0].leaf_hash, bid=own_version(town, "ridge")
    )
    town.act("bid-confirmed", PILOT, confirmed, author=master_of("ridge").signing_key)
    town.declare_interests()
    town.close()
    assert len(town.case().listed_bids()) == 1
    objection = bid.ObjectionFiled(statement=own_version(town, "hollow"), words="My confirmation was refused.")
    town.act("objection-filed", PILOT, objection, author=master_of("hollow").signing_key)
    (number,) = town.case().objections
    case = town.case()
    amended = sorted(case.bids.values(), key=lambda entry: entry.current.index)
    decided = bid.ObjectionDecided(
        objection=number,
        accepted=True,
        why="The portal was down in the last hour.",
        count=2,
        list_sha256=list_digest(amended),
    )
    town.act("objection-decided", PILOT, decided, "operator")
    town.release("proposal")
    open_proposals(town.office, PILOT)
    assert {row.bid for row in read_proposals(town.office, PILOT)} == {public_key("ridge"), public_key("hollow")}


def test_bidders_open_their_own_when_keepers_do_not_and_the_rest_lapse(town: Town) -> None:
    town.publish()
    for name in ("ridge", "hollow", "creek"):
        town.bid(name)
    town.declare_interests()
    town.close()
    town.release("proposal", names=("lou",))
    town.clock.advance_to(town.case().opens_by)
    assert stage(town.case(), town.clock.now()) == "opening-failed"
    for name in ("ridge", "creek"):
        terms = pinned(town.case(), "proposal", town.office.origin)
        key = content_key(terms, master_of(name), town.texts[(name, "proposal")])
        body = opening.ContentKeyPublished(label="proposal", key=key.hex())
        town.act("content-key-published", PILOT, body, author=master_of(name).signing_key)
    open_proposals(town.office, PILOT)
    assert {row.bid for row in read_proposals(town.office, PILOT)} == {public_key("ridge"), public_key("creek")}
    town.score()
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    first = candidate(town.case())
    assert first is not None
    to_award(town, first.firm.removeprefix("firm:"))
    assert stage(town.case(), town.clock.now()) == "awarded"


def test_what_is_cancelled_after_the_proposals_keeps_names_and_prices_sealed(town: Town) -> None:
    town.publish()
    town.bid("ridge")
    town.bid("hollow")
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    body = opportunity.OpportunityCancelled(reason="no-funds", why="The board cut the budget.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    assert stage(town.case(), town.clock.now()) == "cancelled"
    assert refusal_of(lambda: town.release("offer")) == "procedure-ended"
    town.office.publish()
    published = b"".join(path.read_bytes() for path in town.office.folder.log.rglob("*") if path.is_file())
    for name in ("ridge", "hollow"):
        assert f"office@{name}.example".encode() not in published


def test_a_withdrawn_pilot_comes_back_as_a_new_notice_of_the_same_promise(town: Town) -> None:
    promise(town)
    town.publish(plan=PLAN)
    town.bid("ridge")
    withdrawn = opportunity.OpportunityWithdrawn(reason="notice-error", why="The budget was wrong by a digit.")
    town.act("opportunity-withdrawn", PILOT, withdrawn, *OFFICERS)
    assert stage(town.case(), town.clock.now()) == "withdrawn"
    again = "opportunity:book-a-septic-inspection-2"
    town.publish(again, plan=PLAN)
    town.bid("creek", again)
    town.to_ranking(again)
    to_award(town, "creek", again)
    assert stage(town.case(again), town.clock.now()) == "awarded"
    assert stage(town.case(), town.clock.now()) == "withdrawn"


def test_a_pilot_without_bids_ends_at_its_close_and_can_be_asked_again(town: Town) -> None:
    town.publish()
    town.clock.advance_to(town.case().closes)
    assert stage(town.case(), town.clock.now()) == "no-bids"
    close_bids(town.office, PILOT)
    town.clock.advance_to(town.case().opens_by)
    assert stage(town.case(), town.clock.now()) == "no-bids"
    assert refusal_of(lambda: open_proposals(town.office, PILOT)) == "no-bids"


def test_two_pilots_at_once_do_not_mix(town: Town) -> None:
    other = "opportunity:burial-records"
    town.publish()
    town.publish(other, criteria=criteria(50, 50))
    town.bid("ridge")
    town.bid("hollow", other)
    first, second = town.envelopes("ridge")
    stolen = bid.BidSealed(
        terms=town.case(other).terms,
        proposal=town.case().bids[public_key("ridge")].seal.proposal,
        offer=town.case().bids[public_key("ridge")].seal.offer,
        lot=master_of("ridge").lot_commitment.hex(),
    )
    town.office.vault.put_envelope(first)
    town.office.vault.put_envelope(second)
    town.act("bid-sealed", other, stolen, author=master_of("ridge").signing_key)
    town.declare_interests()
    town.declare_interests(other)
    assert rank(town, other) == ["firm:hollow"], "an envelope sealed to other terms is void"
    assert rank(town) == ["firm:ridge"]


def test_an_even_panel_counts_the_mean_of_its_middle_two(town: Town) -> None:
    for name in ("hal", "ida"):
        town.appoint(name, ["evaluate"], None)
    people = ("eve", "fay", "gus", "hal", "ida")
    town.publish(evaluators=[f"person:{name}" for name in people])
    town.bid("ridge")
    town.bid("creek")
    town.declare_interests(eve="firm:creek")
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    levels = {"eve": 0, "fay": 2, "gus": 2, "hal": 3, "ida": 4}
    town.score(lambda who, _bid, _criterion: levels[who])
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    ranking = typed(town.case().ranking or pytest.fail("not ranked"), evaluation.RankingPublished)
    assert {row.quality for row in ranking.rows} == {6250}, "2, 2, 3, 4 without eve: 2.5 of 4"
    assert len(ranking.ties) == 2


def test_own_staff_open_a_try_out_at_a_fixed_price(town: Town) -> None:
    for name in ("ned", "ona", "pat"):
        town.keeper(name, AGENCY, f"person:{name}")
    names = ("ned", "ona", "pat")
    seats = []
    for name in names:
        pair = town.packs[name].public_list[0]
        seats.append(opportunity.KeeperSeat(keeper=f"keeper:{name}", organisation=AGENCY, **pair))
    terms = town.notice().sealing
    own = opportunity.SealingTerms(
        arrangement="own-staff",
        k=2,
        seats=seats,
        proposal_size=terms.proposal_size,
        offer_size=terms.offer_size,
        module=terms.module,
    )
    fields: dict[str, Any] = {"tier": "T0", "budget_minor": 480_000, "sealing": own, "evaluators": ["person:eve"]}
    town.publish(**fields)
    town.bid("ridge")
    town.declare_interests()
    town.close()
    town.release("proposal", names=("ona", "pat"))
    open_proposals(town.office, PILOT)
    town.score()
    town.release("offer", names=("ned", "pat"))
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    to_award(town, "ridge")
    assert stage(town.case(), town.clock.now()) == "awarded"


def test_an_open_pilot_asks_nobody_for_proof(town: Town) -> None:
    town.firm("coast", place="far-away")
    town.publish(reservation="open", cross_border="yes")
    declarations = opening.Declarations(
        place="far-away", months_present=0, staff=400, founded="1990-01-01", no_conflict=True
    )
    town.bid("coast", declarations=declarations)
    town.to_ranking()
    assert refusal_of(lambda: town.prove("coast", place="far-away")) == "proof-not-needed"
    town.choose("coast")
    town.award()
    assert typed(town.case().awarded or pytest.fail("not awarded"), award.AwardMade).firm == "firm:coast"
    assert key_of("coast").key_id not in town.case().bids
