"""Bids, questions and addenda: late, replayed, altered, reused."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest

from ledger.entry import format_time, sign
from policies import first_close_from, objection_end, opens_latest, questions_end
from portal.commands.close_bids import close_bids
from portal.commands.perform import perform
from portal.commands.submit_bid import submit_bid, supply_envelope, withdraw_bid
from portal.procurement.events import bid, opening, opportunity
from portal.procurement.events.opportunity import NoticeChanges
from portal.procurement.stage import stage
from tests.portal.town import OFFICERS, PILOT, POLICY, ZONE, Town, key_of, master_of, refusal_of, size_of

RIDGE = master_of("ridge").signing_key
ONCE = key_of("one-time")


def _own(town: Town, name: str = "ridge") -> str:
    return town.case().bids[master_of(name).signing_key.public.hex()].current.statement_hash


def _sealed(town: Town, name: str, **changes: str) -> object:
    first, second = town.envelopes(name)
    fields = {
        "terms": town.case().terms,
        "proposal": sha256(first).hexdigest(),
        "offer": sha256(second).hexdigest(),
        "lot": master_of(name).lot_commitment.hex(),
    }
    body = bid.BidSealed(**{**fields, **changes})
    signed = town.signed("bid-sealed", PILOT, body, author=master_of(name).signing_key)
    return submit_bid(town.office, signed, first, second)


def _replaced(town: Town, **changes: str) -> object:
    fields = {
        "terms": town.case().terms,
        "proposal": "1" * 64,
        "offer": "2" * 64,
        "lot": "3" * 64,
        "replaces": _own(town),
    }
    return town.act("bid-replaced", PILOT, bid.BidReplaced(**{**fields, **changes}), author=RIDGE)


def _withdrawn(town: Town, **changes: str) -> object:
    fields = {"terms": town.case().terms, "bid": _own(town)}
    signed = town.signed("bid-withdrawn", PILOT, bid.BidWithdrawn(**{**fields, **changes}), author=RIDGE)
    return withdraw_bid(town.office, signed)


def _confirmed(town: Town) -> object:
    body = bid.BidConfirmed(terms=town.case().terms, addendum="0" * 64, bid=_own(town))
    return town.act("bid-confirmed", PILOT, body, author=RIDGE)


def _asked(town: Town) -> object:
    return town.act("question-asked", PILOT, bid.QuestionAsked(text="May two firms bid together?"), author=ONCE)


def _addendum(town: Town, *, material: bool = False, **changes: object) -> object:
    body = opportunity.AddendumPublished(material=material, changes=NoticeChanges(**changes), why="Clearer.")  # type: ignore[arg-type]  # a table of cases
    return town.act("addendum-published", PILOT, body, *OFFICERS)


def _short_envelope(town: Town) -> object:
    first, second = town.envelopes("creek")
    fields = {"terms": town.case().terms, "offer": sha256(second).hexdigest(), "lot": "0" * 64}
    body = bid.BidSealed(proposal=sha256(first[:-1]).hexdigest(), **fields)
    signed = town.signed("bid-sealed", PILOT, body, author=master_of("creek").signing_key)
    return submit_bid(town.office, signed, first[:-1], second)


def _other_bytes(town: Town) -> object:
    first, second = town.envelopes("creek")
    body = bid.BidSealed(terms=town.case().terms, proposal="0" * 64, offer=sha256(second).hexdigest(), lot="0" * 64)
    return submit_bid(
        town.office, town.signed("bid-sealed", PILOT, body, author=master_of("creek").signing_key), first, second
    )


OPEN: dict[str, tuple[Callable[[Town], object], str]] = {
    "a second bid by the same key": (lambda t: _sealed(t, "ridge"), "bid-already-sealed"),
    "a bid for other terms": (lambda t: _sealed(t, "creek", terms="0" * 64), "bid-terms"),
    "an envelope whose fingerprint differs": (_other_bytes, "envelope-hash"),
    "an envelope one byte short": (_short_envelope, "envelope-size"),
    "a replacement of somebody else's bid": (lambda t: _replaced(t, replaces=_own(t, "hollow")), "bid-replaces-other"),
    "a replacement for other terms": (lambda t: _replaced(t, terms="0" * 64), "bid-terms"),
    "a replacement with one envelope for both halves": (lambda t: _replaced(t, offer="1" * 64), "bid-envelopes-same"),
    "a replacement that keeps half": (
        lambda t: _replaced(t, offer=t.case().bids[RIDGE.public.hex()].seal.offer),
        "bid-envelope-reused",
    ),
    "a withdrawal of somebody else's bid": (lambda t: _withdrawn(t, bid=_own(t, "hollow")), "bid-replaces-other"),
    "a confirmation nobody asked for": (_confirmed, "addendum-needs-no-confirmation"),
    "a replacement by a key without a bid": (
        lambda t: t.act(
            "bid-replaced",
            PILOT,
            bid.BidReplaced(terms=t.case().terms, proposal="1" * 64, offer="2" * 64, lot="3" * 64, replaces="4" * 64),
            author=ONCE,
        ),
        "bid-unknown",
    ),
    "a question by a bid's key": (
        lambda t: t.act("question-asked", PILOT, bid.QuestionAsked(text="Why?"), author=RIDGE),
        "question-by-bid-key",
    ),
    "an answer to no question": (
        lambda t: t.act("question-answered", PILOT, bid.QuestionAnswered(question=0, text="Yes."), "ada"),
        "question-unknown",
    ),
    "a bid on a pilot nobody published": (
        lambda t: t.act(
            "bid-sealed",
            "opportunity:none",
            bid.BidSealed(terms="0" * 64, proposal="1" * 64, offer="2" * 64, lot="3" * 64),
            author=ONCE,
        ),
        "opportunity-unknown",
    ),
    "an addendum that changes nothing": (_addendum, "addendum-empty"),
    "a changed requirement called immaterial": (lambda t: _addendum(t, need="Other."), "addendum-is-material"),
    "an earlier close": (
        lambda t: _addendum(t, closes=format_time(t.case().closes - timedelta(days=1))),
        "time-close-earlier",
    ),
    "no hours to object": (lambda t: _addendum(t, objection_until=t.case().notice.closes), "time-objection-short"),
    "keys that come in a year": (
        lambda t: _addendum(t, opens_by=format_time(t.case().opens_by + timedelta(days=365))),
        "time-opens-late",
    ),
    "questions ended early": (
        lambda t: _addendum(t, questions_close=format_time(t.case().questions_close - timedelta(days=1))),
        "questions-close-earlier",
    ),
    "questions to the last minute": (
        lambda t: _addendum(t, questions_close=t.case().notice.closes),
        "time-questions-late",
    ),
    "a material change in the last days": (
        lambda t: _addendum(t, material=True, closes=None, need="Other.") if _go_near_close(t) else None,
        "addendum-time-short",
    ),
    "a list before the close": (lambda t: close_bids(t.office, PILOT), "close-early"),
    "a key before the close": (
        lambda t: t.act(
            "keeper-key-released",
            PILOT,
            opening.KeyReleased(
                keeper="keeper:kim",
                label="proposal",
                private=t.packs["kim"].private_for(bytes.fromhex(t.case().notice.sealing.seats[0].proposal)).hex(),
            ),
            "kim",
        ),
        "not-closed",
    ),
    "a cancellation before the close": (
        lambda t: t.act(
            "opportunity-cancelled", PILOT, opportunity.OpportunityCancelled(reason="no-need", why="None."), *OFFICERS
        ),
        "cancellation-early",
    ),
    "a withdrawal without a listed reason": (
        lambda t: t.act(
            "opportunity-withdrawn", PILOT, opportunity.OpportunityWithdrawn(reason="mood", why="None."), *OFFICERS
        ),
        "reason-not-listed",
    ),
    "an envelope nobody listed": (lambda t: supply_envelope(t.office, PILOT, b"junk"), "envelope-unlisted"),
}


def _go_near_close(town: Town) -> bool:
    town.clock.advance_to(town.case().closes - timedelta(days=2))
    return True


@pytest.mark.parametrize("name", OPEN)
def test_while_a_pilot_is_open_this_is_refused(open_town: Town, copy_of: Callable[[Town], Town], name: str) -> None:
    town = copy_of(open_town)
    work, reason = OPEN[name]
    before, held = size_of(town), sorted(path.name for path in town.office.vault.folder.rglob("*"))
    assert refusal_of(lambda: work(town)) == reason
    assert size_of(town) == before
    assert sorted(path.name for path in town.office.vault.folder.rglob("*")) == held


AFTER_CLOSE: dict[str, tuple[Callable[[Town], object], str]] = {
    "a bid": (lambda t: _sealed(t, "creek"), "bid-late"),
    "a replacement": (_replaced, "bid-late"),
    "a withdrawal of a bid": (_withdrawn, "bid-late"),
    "a confirmation": (_confirmed, "bid-late"),
    "a question": (_asked, "question-late"),
    "an answer": (
        lambda t: t.act("question-answered", PILOT, bid.QuestionAnswered(question=_question(t), text="Yes."), "ada"),
        "answer-late",
    ),
    "an addendum": (lambda t: _addendum(t, summary="Other."), "addendum-after-close"),
    "a withdrawal of the pilot": (
        lambda t: t.act(
            "opportunity-withdrawn", PILOT, opportunity.OpportunityWithdrawn(reason="no-need", why="None."), *OFFICERS
        ),
        "withdrawal-late",
    ),
}


def _question(town: Town) -> int:
    return next(iter(town.case().questions))


@pytest.mark.parametrize("name", AFTER_CLOSE)
def test_at_the_instant_of_the_close_nothing_is_edited(
    open_town: Town, copy_of: Callable[[Town], Town], name: str
) -> None:
    town = copy_of(open_town)
    town.act("question-asked", PILOT, bid.QuestionAsked(text="Who hosts it?"), author=key_of("asker"))
    town.clock.advance_to(town.case().closes)
    work, reason = AFTER_CLOSE[name]
    before = size_of(town)
    assert refusal_of(lambda: work(town)) == reason
    assert size_of(town) == before


def test_a_bid_one_millisecond_before_the_close_is_in_time(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.clock.advance_to(town.case().closes - timedelta(milliseconds=1))
    town.bid("creek")
    town.clock.advance_to(town.case().closes)
    assert len(town.case().listed_bids()) == 3
    assert stage(town.case(), town.clock.now()) == "closed"


def test_the_same_statement_is_taken_once(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    body = opportunity.AddendumPublished(material=False, changes=NoticeChanges(summary="Shorter."), why="Clearer.")
    signed = town.signed("addendum-published", PILOT, body, *OFFICERS)
    perform(town.office, signed)
    before = size_of(town)
    assert refusal_of(lambda: perform(town.office, signed)) == "entry-duplicate"
    assert size_of(town) == before


def test_a_question_is_answered_once_and_its_key_serves_once(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    asked = town.act("question-asked", PILOT, bid.QuestionAsked(text="Who hosts it?"), author=key_of("asker"))
    again = refusal_of(
        lambda: town.act("question-asked", PILOT, bid.QuestionAsked(text="And?"), author=key_of("asker"))
    )
    assert again == "question-key-reused"
    answer = bid.QuestionAnswered(question=asked.index, text="The county.")
    town.act("question-answered", PILOT, answer, "ada")
    assert refusal_of(lambda: town.act("question-answered", PILOT, answer, "ben")) == "question-answered"
    asked_at = town.case().questions[asked.index].asked
    assert asked_at.author == key_of("asker").key_id


def _extended(town: Town, **changes: object) -> None:
    rules, zone = POLICY.rules(town.case().published.at), ZONE
    closes = first_close_from(rules, town.case().closes + timedelta(days=8), zone)
    body = opportunity.AddendumPublished(
        material=True,
        changes=NoticeChanges(
            closes=format_time(closes),
            questions_close=format_time(questions_end(rules, closes, zone, "T1")),
            objection_until=format_time(objection_end(rules, closes)),
            opens_by=format_time(opens_latest(rules, closes, zone)),
            **changes,  # type: ignore[arg-type]  # a table of cases
        ),
        why="Inspectors also need it offline.",
    )
    town.act("addendum-published", PILOT, body, *OFFICERS)


def test_after_a_material_change_a_bid_is_confirmed_replaced_or_lapses(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.bid("creek")
    _extended(town, need="Three clerks take four hundred calls a month, some from places without a network.")
    addendum = town.case().addenda[0].leaf_hash
    body = bid.BidConfirmed(terms=town.case().terms, addendum=addendum, bid=_own(town))
    town.act("bid-confirmed", PILOT, body, author=RIDGE)
    assert refusal_of(lambda: town.act("bid-confirmed", PILOT, body, author=RIDGE)) == "addendum-needs-no-confirmation"
    town.bid("creek", proposal={"approach": "Also offline."})
    town.clock.advance_to(town.case().closes)
    listed = {entry.key for entry in town.case().listed_bids()}
    assert listed == {master_of(name).signing_key.public.hex() for name in ("ridge", "creek")}
    assert [entry.key for entry in town.case().lapsed_bids()] == [master_of("hollow").signing_key.public.hex()]


def test_replaced_and_withdrawn_bytes_are_deleted_at_once(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    first = town.case().bids[RIDGE.public.hex()].seal
    town.bid("ridge", proposal={"team": "Four people."})
    assert town.office.vault.envelope(first.proposal) is None
    assert town.office.vault.envelope(first.offer) is None
    second = town.case().bids[RIDGE.public.hex()].seal
    assert town.office.vault.envelope(second.proposal) is not None
    _withdrawn(town)
    assert town.office.vault.envelope(second.proposal) is None
    assert refusal_of(lambda: town.bid("ridge", proposal={"team": "Five."})) == "bid-is-withdrawn"


def test_an_ended_pilot_takes_nothing_more(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    ended = opportunity.OpportunityWithdrawn(reason="no-funds", why="The budget was cut.")
    town.act("opportunity-withdrawn", PILOT, ended, *OFFICERS)
    assert stage(town.case(), town.clock.now()) == "withdrawn"
    for work in (lambda: _sealed(town, "creek"), lambda: _asked(town), lambda: _addendum(town, summary="x")):
        assert refusal_of(work) == "procedure-ended"


def test_bodies_say_exactly_what_their_kind_says(open_town: Town) -> None:
    statement = open_town.office.statement(
        "bid-withdrawn", PILOT, bid.BidWithdrawn(terms="0" * 64, bid="0" * 64), RIDGE
    )
    for body in (
        {},
        {"terms": "0" * 64},
        {"terms": "0" * 64, "bid": "0" * 64, "why": "x"},
        {"terms": 5, "bid": "0" * 64},
    ):
        wrong = sign(msgspec.structs.replace(statement, body=body), RIDGE)
        assert refusal_of(lambda wrong=wrong: perform(open_town.office, wrong)) == "body-malformed"
