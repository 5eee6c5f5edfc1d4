"""Two officers, within their appointments; nobody acts as someone else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ledger.entry import Signature, Signed, format_time, sign
from portal.commands.perform import perform
from portal.procurement.events import bid, opening, opportunity, party, plan
from tests.portal.town import AGENCY, PILOT, START, Town, key_of, refusal_of, size_of

NEW = "opportunity:another-pilot"


def _plan() -> plan.PlanAnnounced:
    return plan.PlanAnnounced(
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


def _answer() -> bid.QuestionAnswered:
    return bid.QuestionAnswered(question=1, text="Yes.")


def _broken(town: Town) -> Signed:
    signed = town.signed("plan-announced", "plan:trees", _plan(), "ada")
    flipped = bytes([signed.signatures[0].signature[0] ^ 1]) + signed.signatures[0].signature[1:]
    return Signed(signatures=[Signature(key=signed.signatures[0].key, signature=flipped)], statement=signed.statement)


def _by_stranger(town: Town) -> Signed:
    statement = town.office.statement("plan-announced", "plan:trees", _plan(), key_of("ada"))
    return sign(statement, key_of("mallory"))


WITHDRAWN = opportunity.OpportunityWithdrawn(reason="no-need", why="The need has gone.")

CASES: dict[str, tuple[Callable[[Town], object], str]] = {
    "one officer alone publishes": (
        lambda t: t.act("opportunity-published", NEW, t.notice(), "ada"),
        "signature-second-missing",
    ),
    "one officer alone withdraws": (
        lambda t: t.act("opportunity-withdrawn", PILOT, WITHDRAWN, "ada"),
        "signature-second-missing",
    ),
    "an evaluator signs second": (
        lambda t: t.act("opportunity-published", NEW, t.notice(), "ada", "eve"),
        "appointment-duty",
    ),
    "a stranger signs second": (
        lambda t: t.act("opportunity-published", NEW, t.notice(), "ada", "mallory"),
        "appointment-missing",
    ),
    "the operator signs second": (
        lambda t: t.act("opportunity-published", NEW, t.notice(), "ada", "operator"),
        "appointment-missing",
    ),
    "two sign where one is asked": (
        lambda t: t.act("plan-announced", "plan:trees", _plan(), "ada", "ben"),
        "signature-extra",
    ),
    "a flipped bit in a signature": (lambda t: perform(t.office, _broken(t)), "signature"),
    "somebody signs in another's name": (lambda t: perform(t.office, _by_stranger(t)), "signature-author"),
    "a firm announces a plan": (
        lambda t: t.act("plan-announced", "plan:trees", _plan(), "ridge"),
        "appointment-missing",
    ),
    "a firm answers a question": (
        lambda t: t.act("question-answered", PILOT, _answer(), "ridge"),
        "appointment-missing",
    ),
    "an officer admits an agency": (
        lambda t: t.act(
            "agency-registered",
            "agency:other",
            party.AgencyRegistered(
                name="Other",
                place="x",
                place_name="X",
                zone="UTC",
                currency="USD",
                head=key_of("ada").key_id,
                contact="x",
            ),
            "ada",
        ),
        "signer-not-registrar",
    ),
    "an officer appoints a friend": (
        lambda t: t.act(
            "appointment-made",
            AGENCY,
            party.AppointmentMade(
                person="person:friend",
                key=key_of("friend").key_id,
                duties=["award"],
                limit_minor=1,
                begins=format_time(START),
                ends="2029-01-01T00:00:00.000Z",
                resolution="none",
            ),
            "ada",
        ),
        "signer-not-head",
    ),
    "an officer closes a list": (
        lambda t: t.act("bids-closed", PILOT, opening.BidsClosed(terms="0" * 64, count=0, list_sha256="0" * 64), "ada"),
        "signer-not-registrar",
    ),
    "the operator releases a keeper's key": (
        lambda t: t.act(
            "keeper-key-released",
            PILOT,
            opening.KeyReleased(keeper="keeper:kim", label="proposal", private="0" * 64),
            "operator",
        ),
        "not-closed",
    ),
    "an unknown kind": (
        lambda t: perform(
            t.office,
            sign(
                t.office.statement("plan-announced", "plan:trees", _plan(), key_of("ada")).__class__(
                    author=key_of("ada").key_id,
                    body={},
                    commitments=[],
                    kind="award-improved",
                    log=t.office.origin,
                    nonce="0" * 32,
                    subject="plan:trees",
                ),
                key_of("ada"),
            ),
        ),
        "kind-unknown",
    ),
    "an act about the wrong kind of thing": (
        lambda t: t.act("plan-announced", "opportunity:trees", _plan(), "ada"),
        "subject-wrong",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_act_by_the_wrong_hands_is_refused(open_town: Town, name: str) -> None:
    work, reason = CASES[name]
    before = size_of(open_town)
    assert refusal_of(lambda: work(open_town)) == reason
    assert size_of(open_town) == before


def test_one_person_with_two_keys_is_still_one_person(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    body = party.AppointmentMade(
        person="person:ada",
        key=key_of("ada-second-key").key_id,
        duties=["publish"],
        limit_minor=5_000_000,
        begins=format_time(START),
        ends="2029-01-01T00:00:00.000Z",
        resolution="Resolution 14",
    )
    town.act("appointment-made", AGENCY, body, "head")
    refused = refusal_of(lambda: town.act("opportunity-published", NEW, town.notice(), "ada", "ada-second-key"))
    assert refused == "signature-same-person"


def test_the_amount_of_an_appointment_is_a_limit_on_both_sides(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.appoint("cy", ["publish"], 2_399_999)
    town.appoint("dot", ["publish"], 2_400_000)
    assert (
        refusal_of(lambda: town.act("opportunity-published", NEW, town.notice(), "ada", "cy")) == "appointment-amount"
    )
    assert town.act("opportunity-published", NEW, town.notice(), "ada", "dot").act.kind == "opportunity-published"


def test_an_appointment_holds_from_its_first_instant_to_just_before_its_last(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    begins, ends = town.clock.now() + timedelta(hours=1), town.clock.now() + timedelta(hours=2)
    town.appoint("cy", ["plan"], None, begins=format_time(begins), ends=format_time(ends))
    announce = lambda: town.act("plan-announced", "plan:trees", _plan(), "cy")  # noqa: E731 -- said three times
    assert refusal_of(announce) == "appointment-not-begun"
    town.clock.advance_to(begins)
    assert announce().act.kind == "plan-announced"
    town.clock.advance_to(ends)
    dropped = plan.PlanDropped(reason="no-need", why="No need.")
    assert refusal_of(lambda: town.act("plan-dropped", "plan:trees", dropped, "cy")) == "appointment-ended"


def test_an_appointment_that_the_head_ends_is_over_at_once(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.act("appointment-ended", AGENCY, party.AppointmentEnded(person="person:ben", why="Left the county."), "head")
    assert (
        refusal_of(lambda: town.act("opportunity-published", NEW, town.notice(), "ada", "ben")) == "appointment-ended"
    )
