"""The notice, its changes, and its ends without award. Subject `opportunity:ID`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from portal.procurement.events import Currency, Hex32, Instant, Line, Name, Place, Prose, Slug

Tier = Literal["T0", "T1"]
Arrangement = Literal["own-staff", "shared"]


class Incumbent(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Is somebody doing this work today? `answer` "none" is an answer; silence is not."""

    answer: Literal["none", "firm"]
    name: Annotated[str, Meta(max_length=120)] = ""
    firm: str | None = None


class Helper(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One person or firm outside the agency who helped write the notice or saw it before publication."""

    name: Name
    role: Line
    firm: str | None = None


class HelpedBy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who outside the agency helped write this or saw it before today? A firm named here may not bid."""

    answer: Literal["nobody", "named"]
    who: Annotated[list[Helper], Meta(max_length=20)] = []


class Requirement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing asked; each bid answers it in at most 100 words."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
    text: Line


class Criterion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a proposal is scored: weight in whole per cent, one anchoring sentence for each level 0 to 4."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
    name: Name
    weight: int
    anchors: Annotated[list[Line], Meta(min_length=5, max_length=5)]


class MilestoneTerm(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is delivered for which share of the price (whole per cent), how many days after signature."""

    name: Line
    share: int
    days: Annotated[int, Meta(ge=0, le=730)]


class KeeperSeat(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One keeper of this notice, with the pack key taken for each label. Seat numbers are list positions from 1."""

    keeper: str
    organisation: str
    proposal: Hex32
    offer: Hex32


class SealingTerms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How bids are sealed: any `k` of the seats open them; every envelope of a label has one size in bytes."""

    arrangement: Arrangement
    k: int
    seats: Annotated[list[KeeperSeat], Meta(min_length=2, max_length=16)]
    proposal_size: int
    offer_size: int
    module: Hex32


class PinnedPolicy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules in force at publication; they hold for this notice for ever."""

    jurisdiction: str
    digest: Hex32


class OpportunityPublished(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """
    The notice. Its entry's leaf hash is what every bid is bound to ("terms").

    `budget_minor` is the fixed price (price_mode "fixed") or the published ceiling ("priced"); `floor_minor` is the
    price at which the absolute formula gives full points (priced only). `price_weight` and the criteria's weights add up
    to 100. `hours` is the agency's honest estimate of what a bid takes. `follows` names an earlier pilot of the agency that
    ended without award, of which this is the next try; it is left out of the entry where there is none.
    """

    agency: str
    plan: str | None
    title: Name
    summary: Line
    need: Prose
    outcome: Prose
    audience: Prose
    existing: Prose
    incumbent: Incumbent
    helped_by: HelpedBy
    requirements: Annotated[list[Requirement], Meta(max_length=20)]
    acceptance: Prose
    skills: Annotated[list[Name], Meta(min_length=1, max_length=10)]
    learner_places: Annotated[int, Meta(ge=0, le=50)]
    training_partner: str | None
    place: Place
    place_name: Name
    tier: Tier
    price_mode: Literal["fixed", "priced"]
    budget_minor: int
    floor_minor: int | None
    currency: Currency
    tax: Literal["included", "excluded"]
    funding: Slug
    cross_border: Literal["no", "yes", "not-sure"]
    reservation: Literal["local", "open"]
    criteria: Annotated[list[Criterion], Meta(max_length=10)]
    price_weight: int
    milestones: Annotated[list[MilestoneTerm], Meta(min_length=1, max_length=12)]
    payment_days: int
    licence: Line
    data_class: Line
    hours: Annotated[int, Meta(ge=1, le=200)]
    rationale: Prose
    requester: str
    evaluators: Annotated[list[str], Meta(max_length=15)]
    questions_close: Instant
    closes: Instant
    objection_until: Instant
    opens_by: Instant
    sealing: SealingTerms
    policy: PinnedPolicy
    follows: str | None = None


class NoticeChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The fields an addendum replaces; every one left out stays. Money, criteria and keepers never change."""

    summary: Line | None = None
    need: Prose | None = None
    outcome: Prose | None = None
    existing: Prose | None = None
    requirements: Annotated[list[Requirement], Meta(max_length=20)] | None = None
    acceptance: Prose | None = None
    learner_places: Annotated[int, Meta(ge=0, le=50)] | None = None
    questions_close: Instant | None = None
    closes: Instant | None = None
    objection_until: Instant | None = None
    opens_by: Instant | None = None


class AddendumPublished(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change to the terms, never an edit. A material one makes every bid confirm or lapse."""

    material: bool
    changes: NoticeChanges
    why: Prose


class OpportunityWithdrawn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The agency takes the notice back before it closes; nothing was opened."""

    reason: Name
    why: Prose


class OpportunityCancelled(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The agency ends the procedure after close, with a coded reason and a second signature."""

    reason: Name
    why: Prose
