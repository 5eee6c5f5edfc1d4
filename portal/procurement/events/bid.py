"""Questions before the close and sealed bids. Subject `opportunity:ID`; authors are one-time keys, never people."""

from typing import Annotated

from msgspec import Meta, Struct

from portal.procurement.events import Hex32, Line


class QuestionAsked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A public question, signed by a key made for it alone (sealing.md flaw 26)."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class QuestionAnswered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The agency's public answer to the question of entry `question`."""

    question: int
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class BidSealed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A bid, unreadable: the SHA-256 of its two envelopes and of the lot value that lies in the proposal.

    Signed by the bid's own key, so that the portal can neither name nor act for a bidder (sealing.md 9).
    """

    terms: Hex32
    proposal: Hex32
    offer: Hex32
    lot: Hex32


class BidReplaced(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """New envelopes under the same bid key; `replaces` is the statement hash of the version they take the place of."""

    terms: Hex32
    proposal: Hex32
    offer: Hex32
    lot: Hex32
    replaces: Hex32


class BidWithdrawn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The bidder takes the bid back; its bytes are deleted at once."""

    terms: Hex32
    bid: Hex32


class BidConfirmed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The bid stands after a material addendum; `addendum` is the leaf hash of that entry."""

    terms: Hex32
    addendum: Hex32
    bid: Hex32


class ObjectionFiled(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bidder says that a bid is missing from the list at close; `statement` is what the commit receipt names."""

    statement: Hex32
    words: Line


class ObjectionDecided(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The objection of entry `objection` is accepted (the list is amended by entry) or not, with the reason."""

    objection: int
    accepted: bool
    why: Line
    count: int
    list_sha256: Hex32
