"""Opening: keys that are not theirs, too early, too few; verdicts; bids that name or price themselves wrongly."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ledger.sealing import content_key
from portal.commands.advance import advance
from portal.commands.close_bids import close_bids
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals, read_proposals
from portal.commands.publish_ranking import publish_ranking
from portal.commands.submit_bid import supply_envelope
from portal.procurement.events import bid, opening
from portal.procurement.events.opportunity import HelpedBy, Helper
from portal.procurement.stage import stage
from portal.procurement.verdicts import pinned
from portal.recompute import recompute
from tests.portal.town import PILOT, Town, key_of, master_of, refusal_of, size_of


def _key(town: Town, name: str, label: Any, private: str | None = None, signer: str | None = None) -> object:
    seat = next(s for s in town.case().notice.sealing.seats if s.keeper == f"keeper:{name}")
    secret = private or town.packs[name].private_for(bytes.fromhex(getattr(seat, label))).hex()
    body = opening.KeyReleased(keeper=f"keeper:{name}", label=label, private=secret)
    return town.act("keeper-key-released", PILOT, body, signer or name)


CLOSED: dict[str, tuple[Callable[[Town], object], str]] = {
    "a key before the objection time is over": (lambda t: _key(t, "kim", "proposal"), "key-early"),
    "opening before any key is out": (lambda t: open_proposals(t.office, PILOT), "key-early"),
    "a second list": (lambda t: close_bids(t.office, PILOT), "already-closed"),
    "offers before proposals": (lambda t: open_offers(t.office, PILOT), "key-early"),
    "an objection about a listed bid": (
        lambda t: t.act(
            "objection-filed",
            PILOT,
            bid.ObjectionFiled(statement=_statement(t, "ridge"), words="Mine is missing."),
            author=master_of("ridge").signing_key,
        ),
        "bid-is-listed",
    ),
    "an objection by a stranger": (
        lambda t: t.act(
            "objection-filed", PILOT, bid.ObjectionFiled(statement="0" * 64, words="Mine."), author=key_of("stranger")
        ),
        "bid-unknown",
    ),
    "a list with a bid too many": (
        lambda t: t.act(
            "bids-closed", PILOT, opening.BidsClosed(terms=t.case().terms, count=3, list_sha256="0" * 64), "operator"
        ),
        "already-closed",
    ),
}


def _statement(town: Town, name: str) -> str:
    return town.case().bids[master_of(name).signing_key.public.hex()].current.statement_hash


@pytest.mark.parametrize("name", CLOSED)
def test_between_close_and_opening_this_is_refused(open_town: Town, copy_of: Callable[[Town], Town], name: str) -> None:
    town = copy_of(open_town)
    town.close()
    work, reason = CLOSED[name]
    before = size_of(town)
    assert refusal_of(lambda: work(town)) == reason
    assert size_of(town) == before


def test_a_list_that_leaves_a_bid_out_is_refused(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    town.clock.advance_to(town.case().closes)
    body = opening.BidsClosed(terms=town.case().terms, count=1, list_sha256="0" * 64)
    assert refusal_of(lambda: town.act("bids-closed", PILOT, body, "operator")) == "close-list"


RELEASES: dict[str, tuple[Callable[[Town], object], str]] = {
    "a key of the other label": (
        lambda t: _key(
            t,
            "kim",
            "proposal",
            t.packs["kim"].private_for(bytes.fromhex(t.case().notice.sealing.seats[0].offer)).hex(),
        ),
        "key-not-registered",
    ),
    "a key of nobody": (lambda t: _key(t, "kim", "proposal", "11" * 32), "key-not-registered"),
    "a key released by somebody else": (lambda t: _key(t, "kim", "proposal", signer="lou"), "signer-not-keeper"),
    "a key for the offers before scores": (lambda t: _key(t, "kim", "offer"), "proposals-not-opened"),
    "opening with one key of two": (
        lambda t: (_key(t, "kim", "proposal"), open_proposals(t.office, PILOT)),
        "keys-too-few",
    ),
    "the same key twice": (
        lambda t: (_key(t, "kim", "proposal"), _key(t, "kim", "proposal")),
        "key-already-released",
    ),
    "a bidder opens her own while keepers have time": (
        lambda t: t.act(
            "content-key-published",
            PILOT,
            opening.ContentKeyPublished(label="proposal", key="0" * 64),
            author=master_of("ridge").signing_key,
        ),
        "content-key-early",
    ),
    "a keeper confirms what is not opened": (
        lambda t: t.act(
            "opening-confirmed",
            PILOT,
            opening.OpeningConfirmed(keeper="keeper:kim", label="proposal", verdicts="0" * 64),
            "kim",
        ),
        "not-opened",
    ),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_is_refused(open_town: Town, copy_of: Callable[[Town], Town], name: str) -> None:
    town = copy_of(open_town)
    town.close()
    town.clock.advance_to(town.case().objection_until)
    work, reason = RELEASES[name]
    assert refusal_of(lambda: work(town)) == reason
    assert town.case().proposals_opened is None


def test_a_keeper_confirms_the_same_verdicts_and_no_others(opened_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(opened_town)
    opened = town.case().proposals_opened
    assert opened is not None
    wrong = opening.OpeningConfirmed(keeper="keeper:lou", label="proposal", verdicts="0" * 64)
    assert refusal_of(lambda: town.act("opening-confirmed", PILOT, wrong, "lou")) == "verdicts-differ"
    right = opening.OpeningConfirmed(keeper="keeper:lou", label="proposal", verdicts=opened.document)
    town.act("opening-confirmed", PILOT, right, "lou")
    assert len(town.case().confirmations) == 1


def test_nothing_is_opened_while_a_listed_envelope_is_missing(open_town: Town, copy_of: Callable[[Town], Town]) -> None:
    town = copy_of(open_town)
    name = town.case().bids[master_of("ridge").signing_key.public.hex()].seal.proposal
    envelope = town.office.vault.envelope(name)
    assert envelope is not None
    town.close()
    town.office.vault.delete_envelope(name)
    town.release("proposal")
    assert refusal_of(lambda: open_proposals(town.office, PILOT)) == "envelope-missing"
    assert [step.refused.split(":")[0] for step in advance(town.office)] == ["envelope-missing"]
    supply_envelope(town.office, PILOT, envelope)
    assert len(read_proposals_after_opening(town)) == 2


def read_proposals_after_opening(town: Town) -> list[object]:
    open_proposals(town.office, PILOT)
    return list(read_proposals(town.office, PILOT))


def test_without_enough_keys_the_opening_fails_and_bidders_may_open_their_own(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.close()
    town.release("proposal", names=("kim",))
    town.clock.advance_to(town.case().opens_by)
    assert stage(town.case(), town.clock.now()) == "opening-failed"
    key = content_key(
        pinned(town.case(), "proposal", town.office.origin), master_of("ridge"), town.texts[("ridge", "proposal")]
    )
    body = opening.ContentKeyPublished(label="proposal", key=key.hex())
    town.act("content-key-published", PILOT, body, author=master_of("ridge").signing_key)
    open_proposals(town.office, PILOT)
    assert [row.bid for row in read_proposals(town.office, PILOT)] == [master_of("ridge").signing_key.public.hex()]


def _opened(town: Town, name: str) -> opening.BidOpened:
    body = town.case().opened[master_of(name).signing_key.public.hex()].body
    assert isinstance(body, opening.BidOpened)
    return body


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a firm that never registered": ({"firm": "firm:ghost"}, "firm-unknown"),
    "another firm's name over one's own key": ({"firm": "firm:hollow", "called": "Hollow Data"}, "offer-key"),
    "a signature by another key": ({"signer": key_of("hollow"), "firm": "firm:ridge"}, "offer-key"),
    "a name that is not the firm's": ({"called": "Ridge Data Inc."}, "offer-name"),
    "an offer for other terms": ({"terms": "0" * 64}, "offer-terms"),
    "an offer of another bid": ({"bid": "0" * 64}, "offer-bid"),
    "an offer beside another proposal": ({"proposal_sha": "0" * 64}, "offer-proposal"),
    "another currency": ({"currency": "EUR"}, "currency-wrong"),
    "a negative price": ({"price_minor": -1}, "amount-negative"),
    "less than the fixed price": ({"price_minor": 2_399_999}, "price-not-fixed-price"),
    "parts that do not add up": ({"milestone_prices": [1_000_000, 900_000, 400_000]}, "price-parts"),
    "a part too few": ({"milestone_prices": [2_000_000, 400_000]}, "price-parts"),
    "a part below nothing": ({"milestone_prices": [2_400_001, -1, 0]}, "price-parts"),
    "a conflict that is declared": ({"conflict": True}, "conflict-declared"),
    "a first day that is none": ({"founded": "in the spring"}, "founded-no-day"),
    "a first day that no calendar has": ({"founded": "2020-02-31"}, "founded-no-day"),
    "a first day in other digits": ({"founded": "\u0662\u0660\u0662\u0660-05-01"}, "founded-no-day"),
    "a firm from elsewhere on a reserved pilot": ({"place": "far-away"}, "not-eligible-declared"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_offer_is_ruled_out_with_its_reason_and_recomputed(tmp_path: Any, name: str) -> None:
    changes, reason = dict(FAULTS[name][0]), FAULTS[name][1]
    town = Town.found(tmp_path / "data")
    town.publish()
    declared = opening.Declarations(
        place=changes.pop("place", "harlan-county"),
        months_present=40,
        staff=4,
        founded=changes.pop("founded", "2020-05-01"),
        no_conflict=not changes.pop("conflict", False),
    )
    if "proposal_sha" in changes:
        changes["proposal_override"] = changes.pop("proposal_sha")
    town.bid("ridge", declarations=declared, **changes)
    town.bid("hollow")
    town.to_ranking()
    assert (_opened(town, "ridge").status, _opened(town, "ridge").reason) == ("disqualified", reason)
    assert _opened(town, "hollow").status == "valid"
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []


def test_prices_of_the_parts_stand_in_the_record_beside_their_sum(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    criteria = [c for c in town.notice().criteria if c.id == "approach"]
    town.publish(price_mode="priced", floor_minor=1_000_000, price_weight=50, criteria=criteria)
    town.bid("ridge", price_minor=2_000_000, milestone_prices=[900_000, 700_000, 400_000])
    town.bid("hollow", price_minor=2_000_000)
    town.to_ranking()
    assert _opened(town, "ridge").milestone_prices == [900_000, 700_000, 400_000]
    assert (_opened(town, "hollow").status, _opened(town, "hollow").milestone_prices) == ("valid", [])
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []


def test_a_decoy_drops_out_and_its_bytes_are_published(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.publish()
    town.bid("ridge")
    town.bid("creek", decoy=True)
    town.to_ranking()
    assert len(town.case().opened) == 1
    body = town.case().offers_opened
    assert body is not None
    assert isinstance(body.act.body, opening.OffersOpened)
    assert len(body.act.body.decoys) == 1
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []


def test_of_several_bids_of_one_firm_the_last_counts(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.publish()
    town.bid("ridge")
    town.clock.advance_to(town.clock.now() + timedelta(hours=1))
    town.bid("second", firm="firm:ridge", called="Ridge Data", signer=key_of("ridge"), key=key_of("ridge").key_id)
    town.to_ranking()
    assert _opened(town, "ridge").status == "superseded"
    assert _opened(town, "second").status == "valid"
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []


def test_a_firm_that_helped_write_the_notice_may_not_bid(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.publish(helped_by=HelpedBy(answer="named", who=[Helper(name="Ridge", role="Drafted it", firm="firm:ridge")]))
    town.bid("ridge")
    town.bid("hollow")
    town.to_ranking()
    assert _opened(town, "ridge").reason == "helped-write-notice"


def test_a_bid_nobody_can_read_is_void_and_its_bytes_are_published(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    town.publish()
    town.bid("ridge", proposal={"lot": "00" * 32})
    town.bid("hollow")
    town.declare_interests()
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    opened = town.case().proposals_opened
    assert opened is not None
    assert isinstance(opened.act.body, opening.ProposalsOpened)
    assert len(opened.act.body.void) == 1
    assert len(read_proposals(town.office, PILOT)) == 1
    town.score()
    town.release("offer")
    open_offers(town.office, PILOT)
    publish_ranking(town.office, PILOT)
    assert (_opened(town, "ridge").status, _opened(town, "ridge").reason) == ("disqualified", "proposal-void")
    town.office.publish()
    assert recompute(str(tmp_path / "data")).differences == []
