"""Notices, plans and rules: what the tired clerk and the clever one try."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ledger.entry import DocumentReference, format_time, make_statement, parse_time, sign
from policies import load_jurisdiction
from portal.commands.perform import Document, perform
from portal.procurement.events import opportunity, party, plan
from portal.procurement.events.opportunity import HelpedBy, Helper, Incumbent, PinnedPolicy
from tests.portal.stations import NEIGHBOURS, _neighbour
from tests.portal.town import AGENCY, OFFICERS, PILOT, POLICY, Town, key_of, refusal_of, size_of

NEW = "opportunity:another-pilot"


def _sealing(town: Town, **changes: Any) -> opportunity.SealingTerms:
    return msgspec.structs.replace(town.notice().sealing, **changes)


def _seats(town: Town, **changes: Any) -> list[opportunity.KeeperSeat]:
    seats = town.notice().sealing.seats
    return [msgspec.structs.replace(seats[0], **changes), *seats[1:]]


def _criteria(*weights: int) -> list[opportunity.Criterion]:
    anchors = [f"Level {n}." for n in range(5)]
    return [
        opportunity.Criterion(id=f"c{place}", name=f"Criterion {place}", weight=weight, anchors=anchors)
        for place, weight in enumerate(weights)
    ]


def _later(town: Town, field: str, **by: int) -> str:
    return format_time(parse_time(getattr(town.notice(), field)) + timedelta(**by))


def _all_later(town: Town, **by: int) -> dict[str, Any]:
    return {name: _later(town, name, **by) for name in ("questions_close", "closes", "objection_until", "opens_by")}


NOTICES: dict[str, tuple[Callable[[Town], dict[str, Any]], str]] = {
    "a negative budget": (lambda _t: {"budget_minor": -1}, "amount-negative"),
    "a budget over the tier": (lambda _t: {"budget_minor": 3_500_001}, "tier-ceiling"),
    "a budget over the officers' limit": (lambda _t: {"budget_minor": 5_000_001}, "appointment-amount"),
    "another currency": (lambda _t: {"currency": "EUR"}, "currency-wrong"),
    "rules nobody adopted": (
        lambda _t: {"policy": PinnedPolicy(jurisdiction=POLICY.id, digest="0" * 64)},
        "policy-not-adopted",
    ),
    "a reservation though nobody knows which money pays": (
        lambda _t: {"funding": "not-sure"},
        "reservation-not-allowed",
    ),
    "a reservation though firms from elsewhere may care": (
        lambda _t: {"cross_border": "not-sure"},
        "reservation-not-allowed",
    ),
    "weights that add up to 99": (lambda _t: {"criteria": _criteria(50, 49)}, "weights-sum"),
    "one criterion that decides alone": (lambda _t: {"criteria": _criteria(51, 49)}, "weights-single"),
    "cultural fit": (
        lambda t: {
            "criteria": [
                *t.notice().criteria[:1],
                opportunity.Criterion(
                    id="fit", name="Cultural fit", weight=50, anchors=[f"Level {n}." for n in range(5)]
                ),
            ]
        },
        "criterion-forbidden",
    ),
    "a try-out with a price competition": (
        lambda _t: {"tier": "T0", "price_mode": "priced", "budget_minor": 900_000, "floor_minor": 1},
        "price-mode",
    ),
    "an unanswered incumbent": (lambda _t: {"incumbent": Incumbent(answer="firm")}, "incumbent-unanswered"),
    "an unanswered helper": (lambda _t: {"helped_by": HelpedBy(answer="named")}, "helped-by-unanswered"),
    "nobody helped, but somebody is named": (
        lambda _t: {"helped_by": HelpedBy(answer="nobody", who=[Helper(name="X", role="wrote it")])},
        "helped-by-unanswered",
    ),
    "a training partner who is none": (lambda _t: {"training_partner": "firm:ridge"}, "training-partner-unknown"),
    "a training partner nobody knows": (lambda _t: {"training_partner": "firm:nobody"}, "firm-unknown"),
    "a requirement twice": (
        lambda t: {"requirements": [t.notice().requirements[0], t.notice().requirements[0]]},
        "requirement-repeated",
    ),
    "an evaluator twice": (lambda _t: {"evaluators": ["person:eve", "person:eve", "person:gus"]}, "evaluator-repeated"),
    "an evaluator nobody appointed": (
        lambda _t: {"evaluators": ["person:eve", "person:fay", "person:ridge"]},
        "evaluator-not-appointed",
    ),
    "the requester on the panel": (lambda _t: {"requester": "person:eve"}, "evaluator-is-requester"),
    "a panel of two": (lambda _t: {"evaluators": ["person:eve", "person:fay"]}, "panel-size"),
    "milestones over the whole": (
        lambda t: {"milestones": [*t.notice().milestones, opportunity.MilestoneTerm(name="More", share=1, days=99)]},
        "milestone-shares",
    ),
    "a milestone that pays nothing": (
        lambda _t: {
            "milestones": [
                opportunity.MilestoneTerm(name="All", share=100, days=9),
                opportunity.MilestoneTerm(name="None", share=0, days=9),
            ]
        },
        "milestone-shares",
    ),
    "payment in ninety days": (lambda _t: {"payment_days": 90}, "payment-days"),
    "a close one minute early": (lambda t: {"closes": _later(t, "closes", minutes=-1)}, "time-close-hour"),
    "a close a day early": (lambda t: {"closes": _later(t, "closes", days=-1)}, "time-advertising-short"),
    "a close on a Sunday": (
        lambda t: _all_later(t, days=6 - parse_time(t.notice().closes).weekday()),
        "time-close-weekend",
    ),
    "one key opens": (lambda t: {"sealing": _sealing(t, k=1)}, "keepers-threshold"),
    "no key may be lost": (lambda t: {"sealing": _sealing(t, k=3)}, "keepers-margin"),
    "own staff keep the keys of a pilot": (
        lambda t: {"sealing": _sealing(t, arrangement="own-staff")},
        "keeper-person-missing",
    ),
    "a keeper from another house than it says": (
        lambda t: {"sealing": _sealing(t, seats=_seats(t, organisation="elsewhere"))},
        "keeper-organisation",
    ),
    "a keeper nobody admitted": (
        lambda t: {"sealing": _sealing(t, seats=_seats(t, keeper="keeper:nobody"))},
        "keeper-unknown",
    ),
    "a key that is not the keeper's next": (
        lambda t: {"sealing": _sealing(t, seats=_seats(t, proposal=t.packs["kim"].public_list[4]["proposal"]))},
        "keeper-key-not-next",
    ),
    "envelopes of another size": (lambda t: {"sealing": _sealing(t, offer_size=4096)}, "envelope-size"),
    "another sealing module": (lambda t: {"sealing": _sealing(t, module="1" * 64)}, "sealing-module"),
    "a plan nobody announced": (lambda _t: {"plan": "plan:nothing"}, "plan-unknown"),
    "an agency nobody admitted": (lambda _t: {"agency": "agency:nowhere"}, "agency-unknown"),
    "ten megabytes of text": (lambda _t: {"need": "x" * 10_000_000}, "body-malformed"),
    "no text at all": (lambda _t: {"title": ""}, "body-malformed"),
    "control characters": (lambda _t: {"need": "bell \x07"}, "json-character"),
    "a text that reads backwards": (lambda _t: {"need": "txt.\u202egnp"}, "json-character"),
}


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_refused(open_town: Town, name: str) -> None:
    changes, reason = NOTICES[name]
    before = size_of(open_town)
    refused = refusal_of(
        lambda: open_town.act("opportunity-published", NEW, open_town.notice(**changes(open_town)), *OFFICERS)
    )
    assert refused == reason
    assert size_of(open_town) == before


def test_the_same_notice_cannot_be_published_twice(open_town: Town) -> None:
    assert refusal_of(lambda: open_town.publish(PILOT)) == "opportunity-already-published"


def test_not_sure_publishes_open_to_all(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    done = town.publish(NEW, funding="not-sure", cross_border="not-sure", reservation="open")
    assert done.act.kind == "opportunity-published"


def test_money_is_a_whole_number(open_town: Town) -> None:
    for wrong in (1.5, float("nan"), "2400000", None, True):
        body: dict[str, Any] = {**msgspec.to_builtins(open_town.notice()), "budget_minor": wrong}

        def attempt(body: dict[str, Any] = body) -> object:
            statement = make_statement(
                log=open_town.office.origin,
                kind="opportunity-published",
                subject=NEW,
                body=body,
                author=key_of("ada").key_id,
            )
            return perform(open_town.office, sign(statement, key_of("ada"), key_of("ben")))

        assert refusal_of(attempt) in {"body-malformed", "json-number"}


def test_a_statement_for_another_log_is_refused(open_town: Town) -> None:
    statement = make_statement(
        log="other.example/log",
        kind="firm-registered",
        subject="firm:new",
        body={"name": "New", "place": "x", "place_name": "X", "founded": "2020-01-01", "staff": 1},
        author=key_of("new").key_id,
    )
    assert refusal_of(lambda: perform(open_town.office, sign(statement, key_of("new")))) == "log-name"


def test_a_firm_founded_on_no_day_is_refused(open_town: Town) -> None:
    before = size_of(open_town)
    body = party.FirmRegistered(name="New", place="harlan-county", place_name="Harlan", founded="2021-02-29", staff=1)
    assert refusal_of(lambda: open_town.act("firm-registered", "firm:new", body, "new")) == "day-unknown"
    assert size_of(open_town) == before


def test_a_clock_behind_the_last_entry_stops_the_record(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.clock._moment -= timedelta(seconds=6)
    before = size_of(town)
    assert refusal_of(lambda: town.firm("late")) == "clock-behind"
    assert size_of(town) == before
    town.clock._moment += timedelta(seconds=1)
    assert town.firm("late").act.at == town.clock.now() + timedelta(seconds=5)


def test_an_entry_that_would_be_too_large_is_refused(open_town: Town) -> None:
    long = "ä" * 5900
    text = {"need": long, "outcome": long, "audience": long, "existing": long, "acceptance": long, "rationale": long}
    before = size_of(open_town)
    assert refusal_of(lambda: open_town.publish(NEW, **text)) in {"entry-size", "statement-size"}
    assert size_of(open_town) == before


def test_a_keeper_without_fresh_keys_stops_the_publication(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.keeper("ned", "harbour-school", notices=1)
    town.packs = {"ned": town.packs["ned"], "lou": town.packs["lou"], "mae": town.packs["mae"]}
    first = town.notice()
    town.act("opportunity-published", NEW, first, *OFFICERS)
    again = msgspec.structs.replace(first, title="A third pilot")
    refused = refusal_of(lambda: town.act("opportunity-published", "opportunity:third", again, *OFFICERS))
    assert refused == "keys-exhausted"


def test_a_later_policy_does_not_touch_a_published_notice(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    other = load_jurisdiction("english-council")
    document = Document(other.document, "application/json")
    adopted = party.PolicyAdopted(
        jurisdiction=other.id,
        document=DocumentReference(len(document.data), document.media_type, other.digest),
        resolution="Resolution 15",
    )
    perform(town.office, town.signed("policy-adopted", AGENCY, adopted, "head"), documents=[document])
    assert refusal_of(lambda: town.publish(NEW)) == "policy-not-adopted"
    assert town.case().notice.policy.digest == POLICY.digest
    town.to_ranking()
    assert town.case().ranking is not None


def test_rules_for_re_enactments_are_not_for_live_use(open_town: Town) -> None:
    rules = load_jurisdiction("historical")
    adopted = party.PolicyAdopted(
        jurisdiction=rules.id,
        document=DocumentReference(len(rules.document), "application/json", rules.digest),
        resolution="None",
    )
    signed = open_town.signed("policy-adopted", AGENCY, adopted, "head")
    documents = [Document(rules.document, "application/json")]
    refused = refusal_of(lambda: perform(open_town.office, signed, documents=documents))
    assert refused == "policy-re-enactment-only"


def test_an_unknown_policy_document_is_refused(open_town: Town) -> None:
    data = b'{"id":"anarchy"}'
    adopted = party.PolicyAdopted(
        jurisdiction="anarchy", document=DocumentReference(len(data), "application/json", "1" * 64), resolution="None"
    )
    assert refusal_of(lambda: open_town.act("policy-adopted", AGENCY, adopted, "head")) == "policy-unknown"


PLAN = plan.PlanAnnounced(
    agency=AGENCY,
    title="Tree inventory",
    need="Nobody knows how many trees the county has.",
    skills=["GIS"],
    tier="T0",
    quarter="2027-q3",
    money="secured",
    place="harlan-county",
    place_name="Harlan County",
)


def test_a_plan_is_announced_changed_and_dropped_and_then_stays_dropped(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.act("plan-announced", "plan:trees", PLAN, "ada")
    assert refusal_of(lambda: town.act("plan-announced", "plan:trees", PLAN, "ada")) == "plan-already-announced"
    moved = plan.PlanChanged(plan=msgspec.structs.replace(PLAN, quarter="2027-q4"), why="The survey is late.")
    town.act("plan-changed", "plan:trees", moved, "ben")
    stolen = plan.PlanChanged(plan=msgspec.structs.replace(PLAN, agency="agency:other"), why="x")
    assert refusal_of(lambda: town.act("plan-changed", "plan:trees", stolen, "ada")) == "plan-agency"
    vague = plan.PlanDropped(reason="because", why="We say so.")
    assert refusal_of(lambda: town.act("plan-dropped", "plan:trees", vague, "ada")) == "reason-not-listed"
    town.act("plan-dropped", "plan:trees", plan.PlanDropped(reason="no-need", why="No need."), "ada")
    assert refusal_of(lambda: town.act("plan-changed", "plan:trees", moved, "ada")) == "plan-dropped"
    assert refusal_of(lambda: town.publish(NEW, plan="plan:trees")) == "plan-dropped"


def test_a_second_try_follows_only_ones_own_pilot_that_ended_without_award(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    assert refusal_of(lambda: town.publish(NEW, follows="opportunity:nothing")) == "opportunity-unknown"
    assert refusal_of(lambda: town.publish(NEW, follows=PILOT)) == "follows-running"
    body = opportunity.OpportunityWithdrawn(reason="no-need", why="Another way was found.")
    town.act("opportunity-withdrawn", PILOT, body, *OFFICERS)
    town.publish(NEW, follows=PILOT)
    assert town.case(NEW).notice.follows == PILOT
    assert "follows" not in msgspec.to_builtins(town.case().notice)


def test_a_second_try_of_another_agencys_pilot_is_refused(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    _neighbour(town)
    town.act(
        "opportunity-withdrawn", PILOT, opportunity.OpportunityWithdrawn(reason="no-need", why="No need."), *OFFICERS
    )
    seats = town.notice().sealing
    theirs = town.notice(
        agency="agency:orchard-county", follows=PILOT, requester="person:olga", evaluators=[], sealing=seats
    )
    assert refusal_of(lambda: town.act("opportunity-published", NEW, theirs, *NEIGHBOURS)) == "follows-agency"
