"""From the ranking to the award: proof of eligibility, the choice with its reasons, the award. Subject `opportunity:ID`."""

from typing import Annotated

from msgspec import Meta, Struct

from portal.procurement.events import Currency, Day, Hex32, Instant, Line, Place, Prose


class EligibilityProved(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The first-ranked firm, by its own key, states the facts that make it eligible.

    Papers behind it (lease, register extract) are committed to, not published: paths `paper_1` …
    """

    firm: str
    place: Place
    months_present: Annotated[int, Meta(ge=0, le=2400)]
    staff_with_affiliates: Annotated[int, Meta(ge=1, le=1_000_000)]
    founded: Day
    turnover_minor: int | None
    register_number: Line


class EligibilityDecided(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An officer accepts the proof, or passes to the next in rank with the reason."""

    firm: str
    accepted: bool
    why: Line


class CriterionReason(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why this bid has this result on this criterion, in the agency's words."""

    criterion: str
    words: Line


class BidReasons(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reasons for one bidder: one for each criterion, whatever the rank."""

    bid: Hex32
    reasons: Annotated[list[CriterionReason], Meta(min_length=1, max_length=11)]


class AwardIntended(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Chosen, not yet final: the bid, the amount, the reasons for every bidder, and when standstill ends."""

    bid: Hex32
    firm: str
    amount_minor: int
    currency: Currency
    standstill_ends: Instant
    reasons: Annotated[list[BidReasons], Meta(min_length=1, max_length=200)]
    words: Prose


class AwardMade(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The award: standstill is over and nothing locks it."""

    bid: Hex32
    firm: str
    amount_minor: int
    currency: Currency
    words: Prose
