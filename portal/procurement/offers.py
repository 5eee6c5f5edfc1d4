"""
What an opened offer is worth: valid, superseded, disqualified. A pure function of the case, the rules and the offers.

The commands use it to append `bid-opened`; the recomputation uses it again on the published envelopes and compares.
"""

from collections.abc import Collection
from typing import Protocol

from ledger.entry import DocumentReference, parse_time
from ledger.passkeys import RelyingParty
from policies import FirmFacts, Rules, judge_eligibility
from portal.procurement.case import Bid, Case
from portal.procurement.events.keys import RelyingPartyStated
from portal.procurement.events.opening import BidOpened
from portal.procurement.papers import Offer, check_offer_signature, rest_root
from portal.procurement.parties import Firm
from portal.procurement.period import day_of
from portal.procurement.refusal import Refusal

ENVELOPE_TYPE = "application/octet-stream"


class Parties(Protocol):
    """What judging an offer looks up."""

    def firm(self, subject: str) -> Firm | None:
        """The firm as it is registered now; None when it is not."""
        ...

    def relying_party(self, before: int | None = None) -> RelyingPartyStated | None:
        """Where passkeys sign, as stated before an entry."""
        ...


def party_before(record: Parties, entry: int) -> RelyingParty | None:
    """By whom a passkey's signature in a bid is judged: as stated when the bid came in."""
    stated = record.relying_party(entry)
    return None if stated is None else RelyingParty(stated.rp_id, tuple(stated.origins))


def bids_opened(
    case: Case,
    rules: Rules,
    offers: list[tuple[Bid, Offer]],
    record: Parties,
    lengths: dict[str, int],
    *,
    scored: Collection[str],
) -> list[BidOpened]:
    """
    The `bid-opened` bodies for the valid offers, decoys dropped, in the order of the list at close.

    Args:
        offers: The listed bids whose offer opened as valid.
        record: Looks a firm up as it is registered now, and where passkeys signed when a bid came in.
        lengths: Bytes of each offer envelope, by its SHA-256.
        scored: The bids whose proposal was valid and so could be scored; an offer beside a void one is ruled out.
    """
    real = [(bid, offer) for bid, offer in offers if not offer.decoy]
    judged = [
        (bid, offer, fault_of(case, rules, bid, offer, record) if bid.key in scored else "proposal-void")
        for bid, offer in real
    ]
    last = {offer.firm: bid.key for bid, offer, fault in judged if not fault}
    rows = []
    for bid, offer, fault in judged:
        superseded = not fault and last[offer.firm] != bid.key
        rows.append(
            BidOpened(
                bid=bid.key,
                firm=offer.firm,
                name=offer.name,
                price_minor=offer.price_minor,
                milestone_prices=offer.milestone_prices,
                currency=offer.currency,
                declarations=offer.declarations,
                envelope=DocumentReference(
                    length=lengths[bid.seal.offer], media_type=ENVELOPE_TYPE, sha256=bid.seal.offer
                ),
                rest=rest_root(offer),
                status="disqualified" if fault else "superseded" if superseded else "valid",
                reason=fault,
            )
        )
    return rows


def fault_of(case: Case, rules: Rules, bid: Bid, offer: Offer, record: Parties) -> str:
    """Why an offer is ruled out, as a reason code; empty when nothing is wrong with it."""
    return (
        _identity(bid, offer, record)
        or _binding(case, bid, offer)
        or _price(case, offer)
        or _standing(case, rules, offer)
    )


def _identity(bid: Bid, offer: Offer, record: Parties) -> str:
    firm = record.firm(offer.firm)
    if firm is None:
        return "firm-unknown"
    if not firm.signed_at(offer.key, bid.current.index):
        return "offer-key"
    try:
        check_offer_signature(offer, party_before(record, bid.current.index))
    except Refusal as refusal:
        return refusal.reason
    return "" if offer.name == firm.profile.name else "offer-name"


def _binding(case: Case, bid: Bid, offer: Offer) -> str:
    if offer.terms != case.terms:
        return "offer-terms"
    if offer.bid != bid.key:
        return "offer-bid"
    return "" if offer.proposal == bid.seal.proposal else "offer-proposal"


def _price(case: Case, offer: Offer) -> str:
    notice = case.notice
    if offer.currency != notice.currency:
        return "currency-wrong"
    if offer.price_minor < 0:
        return "amount-negative"
    if notice.price_mode == "fixed" and offer.price_minor != notice.budget_minor:
        return "price-not-fixed-price"
    if offer.price_minor > notice.budget_minor:
        return "price-above-ceiling"
    return "price-parts" if _parts_wrong(case, offer) else ""


def _parts_wrong(case: Case, offer: Offer) -> bool:
    """Whether prices of parts were named that are not one for each part, or do not add up to the price."""
    parts = offer.milestone_prices
    named = len(parts) == len(case.notice.milestones) and min(parts) >= 0 and sum(parts) == offer.price_minor
    return bool(parts) and not named


def _standing(case: Case, rules: Rules, offer: Offer) -> str:
    if offer.firm in {helper.firm for helper in case.notice.helped_by.who if helper.firm}:
        return "helped-write-notice"
    if not offer.declarations.no_conflict:
        return "conflict-declared"
    if case.notice.reservation == "local":
        founded = day_of(offer.declarations.founded)
        if founded is None:
            return "founded-no-day"
        facts = FirmFacts(
            area=offer.declarations.place,
            months_present=offer.declarations.months_present,
            founded=founded,
            staff_with_affiliates=offer.declarations.staff,
            turnover_minor=None,
        )
        if not all(condition.met for condition in judge_eligibility(rules, facts, parse_time(case.notice.closes))):
            return "not-eligible-declared"
    return ""
