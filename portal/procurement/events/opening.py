"""From the close to readable bids: the list, released keys, verdicts, and each bid in clear. Subject `opportunity:ID`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.entry import DocumentReference
from portal.procurement.events import Currency, Hex32, Name, Place

Label = Literal["proposal", "offer"]


class BidsClosed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many bids are in, and the SHA-256 of the list, which everyone recomputes (sealing.md 13)."""

    terms: Hex32
    count: Annotated[int, Meta(ge=0)]
    list_sha256: Hex32


class KeyReleased(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A keeper publishes its private key for one label of one notice. Only a key whose public half is pinned counts."""

    keeper: str
    label: Label
    private: Hex32


class ContentKeyPublished(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bidder opens her own listed envelope because the keepers did not (sealing.md 21)."""

    label: Label
    key: Hex32


class VerdictRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The verdict on one listed envelope. `lot` is the revealed lot value of a valid proposal; `reason` says why void."""

    bid: Hex32
    envelope: Hex32
    verdict: Literal["valid", "void"]
    reason: str = ""
    lot: str = ""
    decoy: bool = False


class ProposalsOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The verdicts on all listed proposals (a document: a JSON list of VerdictRow) and the bytes of void ones."""

    seats: list[int]
    verdicts: DocumentReference
    void: list[DocumentReference] = []


class OffersOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    As ProposalsOpened, for offers; valid offers follow one by one as `bid-opened`, with their envelopes public.

    Decoys' bytes are published too, so that nobody can make a bid vanish by calling it one.
    """

    seats: list[int]
    verdicts: DocumentReference
    void: list[DocumentReference] = []
    decoys: list[DocumentReference] = []


class OpeningConfirmed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A keeper derived the same verdicts herself."""

    keeper: str
    label: Label
    verdicts: Hex32


class Declarations(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bidder declares in her offer; proved only by the first-ranked."""

    place: Place
    months_present: Annotated[int, Meta(ge=0, le=2400)]
    staff: Annotated[int, Meta(ge=1, le=1_000_000)]
    founded: str
    no_conflict: bool
    learner_places: Annotated[int, Meta(ge=0, le=50)] = 0
    training_partner: str | None = None
    skills: list[Name] = []


class BidOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One bid in clear: name, price, declarations; and the salted root of every other field of the offer.

    `envelope` is public from here on: anyone re-derives every byte of it from the released keys (sealing.md 19).
    `milestone_prices` are the parts of the price where the offer names them. `status` "superseded" marks an earlier bid of a firm that has a later one; "disqualified" carries the reason.
    """

    bid: Hex32
    firm: str
    name: Name
    price_minor: int
    milestone_prices: list[int] = []
    currency: Currency
    declarations: Declarations
    envelope: DocumentReference
    rest: Hex32
    status: Literal["valid", "superseded", "disqualified"]
    reason: str = ""
