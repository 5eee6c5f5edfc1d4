"""Who takes part: the log's operator, agencies with their appointments and rules, firms, keepers with their keys."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.entry import DocumentReference
from portal.procurement.events import Currency, Day, Hex32, Hex64, Instant, KeyId, Line, Name, Place, PlainKeyId, Prose

Duty = Literal["plan", "publish", "answer", "addendum", "choose", "award", "cancel", "verify", "evaluate"]
Purpose = Literal["live", "demo", "re-enactment"]


class LogOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Entry 0 of every log: who operates it, what it is for, which key acts for it. Subject `log:self`."""

    operator: Name
    purpose: Purpose
    registrar: PlainKeyId
    sealing_module: Hex32
    words: Line


class SealingModuleStated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The page that seals bids changed: SHA-256 of the module served from now on. Monitors fetch it and compare."""

    module: Hex32
    why: Line


class AgencyRegistered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agency is admitted by the registrar. `head` is the key of its governing body, which appoints officers."""

    name: Name
    place: Place
    place_name: Name
    zone: Annotated[str, Meta(max_length=60)]
    currency: Currency
    head: KeyId
    contact: Line
    website: Annotated[str, Meta(max_length=200)] = ""


class PolicyAdopted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agency adopts its rules once; the document is the policy's canonical JSON, its SHA-256 the policy's digest."""

    jurisdiction: Name
    document: DocumentReference
    resolution: Line


class AppointmentMade(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The head says who may sign which acts, up to which amount, from when until when, and by which resolution.

    The officer's name is committed to, not written (integrity.md 5.2, class B): paths `name` and `post`.
    `limit_minor` None means that the duty knows no amount (evaluating, answering).
    """

    person: Annotated[str, Meta(pattern=r"^person:[a-z0-9-]{1,60}\Z")]
    key: KeyId
    duties: Annotated[list[Duty], Meta(min_length=1, max_length=9)]
    limit_minor: int | None
    begins: Instant
    ends: Instant
    resolution: Line
    stands_in_for: str | None = None


class AppointmentEnded(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The head ends a person's appointments at once."""

    person: Annotated[str, Meta(pattern=r"^person:[a-z0-9-]{1,60}\Z")]
    why: Line


class FirmRegistered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A firm enters its name by its own key; nothing is proved before it is first-ranked."""

    name: Name
    place: Place
    place_name: Name
    founded: Day
    staff: Annotated[int, Meta(ge=1, le=1_000_000)]
    skills: Annotated[list[Name], Meta(max_length=20)] = []
    words: Annotated[str, Meta(max_length=600)] = ""
    website: Annotated[str, Meta(max_length=200)] = ""
    training_partner: bool = False


class PartnerRegistered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A school, college, club or office that trains learners in pilots enters its name by its own key, as a firm does.

    `skills` are what it trains people in. Notices and bids name it; it confirms each by itself (`partner-confirmed`).
    """

    name: Name
    place: Place
    place_name: Name
    skills: Annotated[list[Name], Meta(max_length=20)] = []
    words: Annotated[str, Meta(max_length=600)] = ""
    website: Annotated[str, Meta(max_length=200)] = ""
    contact: Annotated[str, Meta(max_length=300)] = ""


class KeeperRegistered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Somebody who will hold keys. `organisation` is the subject of the agency, `operator`, or an outside body's slug.

    The rule k > keepers of any one organisation counts by it; `person` names a keeper who is one of the agency's staff.
    """

    name: Name
    organisation: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*(:[a-z0-9][a-z0-9-]*)?\Z", max_length=100)]
    organisation_name: Name
    key: KeyId
    person: str | None = None


class PackKey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two X25519 public keys of one future notice: one for each label."""

    offer: Hex32
    proposal: Hex32


class PackProof(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What each key of a pair signed: that the keeper who registers it holds its secret."""

    offer: Hex64
    proposal: Hex64


class KeeperPackRegistered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Keys for the next notices of a keeper, each for one notice and label once.

    Signed by the keeper and by the operator, who saw each key open a drill share (sealing.md 2).
    `drill` is the SHA-256 over the answers in order: the operator's word. `proofs` are everybody's to check, one for each
    pair of `keys`; packs from before there were proofs have none.
    """

    keys: Annotated[list[PackKey], Meta(min_length=1, max_length=100)]
    drill: Hex32
    proofs: Annotated[list[PackProof], Meta(max_length=100)] = []


class FieldsErased(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values and salts behind an entry's commitments are gone; the entry and its commitments stay valid."""

    entry: int
    count: Annotated[int, Meta(ge=1)]
    ground: Literal["retention-over", "erasure-request", "court-order", "correction"]
    why: Prose
