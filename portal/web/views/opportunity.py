"""One pilot's page: a single long page in the order in which a reader asks (LOOK: one spine, no tabs)."""

from typing import ClassVar, Literal

from msgspec import Struct

from portal.procurement.money import Money
from portal.web.views.frame import Dated, Link, Moment, Page, Record, Said, Shown, State
from portal.web.views.partners import PartnerNamed


class MilestoneRow(Struct, frozen=True, kw_only=True):
    """What is delivered for which share; `amount` where the price is fixed, else None."""

    name: str
    share: int
    days: int
    amount: Money | None = None


class Seat(Struct, frozen=True, kw_only=True):
    """One keeper of the keys. `released` names the labels whose key this keeper has published."""

    name: str
    organisation: str
    released: tuple[Literal["proposal", "offer"], ...] = ()
    records: tuple[Record, ...] = ()


class Condition(Struct, frozen=True, kw_only=True):
    """One thing a bidder must be, in the words of the rules, with the rule it comes from."""

    words: str
    rule: Link


class Facts(Struct, frozen=True, kw_only=True):
    """The facts box: what a firm asks before it reads on."""

    price: Money
    price_mode: Literal["fixed", "priced"]
    tax: Literal["included", "excluded"]
    payment_days: int
    milestones: tuple[MilestoneRow, ...]
    requirements: int
    hours: int
    reservation: Literal["local", "open"]
    conditions: tuple[Condition, ...]
    questions_close: Moment
    closes: Moment
    opens_by: Moment
    objection_until: Moment
    arrangement: Literal["own-staff", "shared"]
    needed: int
    seats: tuple[Seat, ...]
    learner_places: int
    training_partner: PartnerNamed | None
    skills: tuple[Link, ...]
    tier: Literal["T0", "T1"]
    rules: Link


class HelperRow(Struct, frozen=True, kw_only=True):
    """Somebody outside the agency who helped write the notice or saw it before publication."""

    name: str
    role: str
    firm: Link | None = None


class CriterionRow(Struct, frozen=True, kw_only=True):
    """How a proposal is scored: the weight and a sentence for each level 0 to 4."""

    name: str
    weight: int
    anchors: tuple[str, ...]


class Asked(Struct, frozen=True, kw_only=True):
    """
    What the agency asks, in its own words.

    `incumbent` None answers "nobody does this work today"; `helpers` empty answers "nobody".
    """

    need: str
    outcome: str
    audience: str
    existing: str
    requirements: tuple[str, ...]
    acceptance: str
    criteria: tuple[CriterionRow, ...]
    price_weight: int
    floor: Money | None
    licence: str
    data_class: str
    funding: str
    rationale: str
    incumbent: Link | str | None
    helpers: tuple[HelperRow, ...]


class QuestionRow(Struct, frozen=True, kw_only=True):
    """A public question, whose asker is never shown, and its answer once there is one."""

    number: int
    when: Moment
    text: str
    answer: str = ""
    answered: Moment | None = None
    records: tuple[Record, ...] = ()


class DiffPart(Struct, frozen=True):
    """A run of words that stayed, went, or came."""

    kind: Literal["same", "gone", "new"]
    text: str


class Change(Struct, frozen=True, kw_only=True):
    """One field an addendum replaced. Texts come as `parts` (see `portal.web.diff`), other values as before and after."""

    field: str
    before: Shown = None
    after: Shown = None
    parts: tuple[DiffPart, ...] = ()


class AddendumRow(Struct, frozen=True, kw_only=True):
    """A change to the terms. After a material one each bid is confirmed or drops out."""

    number: int
    when: Moment
    material: bool
    why: str
    changes: tuple[Change, ...]
    records: tuple[Record, ...] = ()


class BidColumn(Struct, frozen=True, kw_only=True):
    """
    One opened bid beside the others.

    `status` "superseded" is an earlier bid of a firm with a later one; "disqualified" carries the reason.
    `rank` 0 means not ranked, None that there is no ranking yet. `parts` are the parts of its price, where it named them.
    """

    firm: Link
    price: Money
    place: str
    months_present: int
    staff: int
    founded: str
    no_conflict: bool
    learner_places: int
    training_partner: PartnerNamed | None
    skills: tuple[str, ...]
    status: Literal["valid", "superseded", "disqualified"]
    reason: str = ""
    rank: int | None = None
    chosen: bool = False
    parts: tuple[Money, ...] = ()
    records: tuple[Record, ...] = ()


class Unopened(Struct, frozen=True, kw_only=True):
    """A listed envelope that could not be opened: which label, and the stable reason of the verdict."""

    label: Literal["proposal", "offer"]
    bid: str
    reason: str


class Bids(Struct, frozen=True, kw_only=True):
    """
    What may be said about bids at this moment.

    Before close only what the policy allows: `count` None means that the number is hidden. `columns` is filled after
    the offers are opened; `parts` are the names of the price's parts where any bid named them. `list_fingerprint` is the
    SHA-256 of the list at close; `erased` says what is gone and why.
    """

    count: int | None
    columns: tuple[BidColumn, ...] = ()
    parts: tuple[str, ...] = ()
    unopened: tuple[Unopened, ...] = ()
    list_fingerprint: str = ""
    withdrawn: int = 0
    lapsed: int = 0
    erased: tuple[Said, ...] = ()
    records: tuple[Record, ...] = ()


class Score(Struct, frozen=True, kw_only=True):
    """
    One evaluator's level 0 to 4 with words; `aside` when she stepped aside and the score does not count.

    `apart` when it lies so far from the others' that the rules ask why; `reason` is what she said, once she has.
    """

    evaluator: str
    level: int
    words: str
    aside: bool = False
    apart: bool = False
    reason: str = ""


class ScoredBid(Struct, frozen=True, kw_only=True):
    """One bidder under one criterion: each evaluator's score and the median in hundredths of a level."""

    bidder: str
    scores: tuple[Score, ...]
    median: int


class CriterionScores(Struct, frozen=True, kw_only=True):
    """All scores under one criterion."""

    name: str
    weight: int
    bidders: tuple[ScoredBid, ...]


class Scores(Struct, frozen=True, kw_only=True):
    """
    The scores. Until all are shown, `locked` says how many of `evaluators` have locked theirs in.

    `aside` are evaluators who stepped aside, with the firm their interest matched; `silent` those who locked in and showed
    nothing in time. `least` is the panel the rules ask for: whoever is named beyond it stands in for who drops out.
    `spread` is how many levels may lie between two scores without a reason.
    """

    evaluators: int
    locked: int
    least: int = 0
    spread: int = 0
    criteria: tuple[CriterionScores, ...] = ()
    silent: tuple[str, ...] = ()
    aside: tuple[tuple[str, Link], ...] = ()
    records: tuple[Record, ...] = ()


class RankedRow(Struct, frozen=True, kw_only=True):
    """
    One place in the ranking; points in hundredths. `rank` 0 carries the reason; `tie` when the public draw decided.

    `judged` leads to the page on how this bid was judged.
    """

    rank: int
    firm: Link
    price: Money
    quality: int
    price_points: int
    total: int
    reason: str = ""
    tie: bool = False
    chosen: bool = False
    judged: str = ""


class Ranking(Struct, frozen=True, kw_only=True):
    """The order of bids, which everyone can recompute."""

    method: Literal["points", "lowest-price"]
    rows: tuple[RankedRow, ...]
    records: tuple[Record, ...] = ()


class Checked(Struct, frozen=True, kw_only=True):
    """One firm's proof that it may bid, and what the agency decided: accepted True or False, None while it waits."""

    firm: Link
    when: Moment
    place: str
    months_present: int
    staff: int
    founded: str
    accepted: bool | None
    why: str = ""
    records: tuple[Record, ...] = ()


class Reasons(Struct, frozen=True, kw_only=True):
    """Why one bidder has this result: a sentence for each criterion, in the agency's words."""

    firm: Link
    rank: int
    reasons: tuple[tuple[str, str], ...]
    chosen: bool = False


class ObjectionRow(Struct, frozen=True, kw_only=True):
    """A bidder's objection to the list at close and what was decided; accepted None while it waits."""

    when: Moment
    words: str
    accepted: bool | None
    why: str = ""
    records: tuple[Record, ...] = ()


class Decision(Struct, frozen=True, kw_only=True):
    """
    How it ended, or what was chosen: the agency's own words.

    `kind` chosen and awarded carry firm and amount; withdrawn and cancelled a coded reason of the policy in `reason`.
    """

    kind: Literal["chosen", "awarded", "withdrawn", "cancelled", "no-bids", "unsuccessful", "opening-failed"]
    when: Moment
    words: str
    firm: Link | None = None
    amount: Money | None = None
    standstill_ends: Moment | None = None
    reason: str = ""
    records: tuple[Record, ...] = ()


class Paper(Struct, frozen=True, kw_only=True):
    """A file behind this pilot. `name` is a key under `papers`; the fingerprint is shown in the proof panel."""

    name: str
    href: str
    media_type: str
    length: int
    fingerprint: str
    label: str = ""


class OpportunityPage(Page, frozen=True, kw_only=True):
    """
    One pilot, whatever became of it: every end has the same page as a success.

    Sections that have nothing to show yet are given as empty; the page says what will appear there and when.
    `follows` is the pilot of which this is the next try, `followed_by` the next try of this one. `headline` is
    `pilot.headline.STATE`; `next` is what happens next and by when, None when nothing more will.
    """

    template: ClassVar[str] = "pages/opportunity.html"
    section: ClassVar[str] = "opportunities"
    id: str
    title: str
    summary: str
    agency: Link
    place: Link
    state: State
    headline: Said
    next: Said | None
    facts: Facts
    asked: Asked
    timeline: tuple[Dated, ...]
    questions: tuple[QuestionRow, ...]
    addenda: tuple[AddendumRow, ...]
    bids: Bids
    scores: Scores
    ranking: Ranking | None
    checked: tuple[Checked, ...]
    objections: tuple[ObjectionRow, ...]
    reasons: tuple[Reasons, ...]
    decision: Decision | None
    papers: tuple[Paper, ...]
    plan: Link | None
    notice: str
    records: tuple[Record, ...]
    follows: Link | None = None
    followed_by: Link | None = None
