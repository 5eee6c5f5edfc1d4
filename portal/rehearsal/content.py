"""
The demo's text: TOML files beside this module, read into strict Structs.

A moment in the files is local to the agency's zone, as its people would say it. What does not fit (an unknown key, an
answer to no requirement, a score for no criterion) stops the demo with the file and the reason; it never plays half.
"""

import tomllib
from datetime import date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from portal.procurement.events.opportunity import HelpedBy, Incumbent, MilestoneTerm, Requirement
from portal.procurement.events.party import Duty
from portal.procurement.papers import MAX_WORDS

Local = Annotated[datetime, Meta(tz=False)]
Moment = Annotated[datetime, Meta(tz=True)]
_Shape = TypeVar("_Shape")


class ContentError(Exception):
    """A file of the demo contradicts itself or another; `str` says which and how."""


class _Text(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every part of a file: unknown keys are refused."""


class LogText(_Text, frozen=True, kw_only=True):
    """The log's name and words, when it opens, and the moment at which the demo is shown."""

    origin: str
    operator: str
    words: str
    opened: Moment
    moment: Moment


class AgencyText(_Text, frozen=True, kw_only=True):
    """An agency, and who signs what for it. `publish_by` and the like name two officers."""

    id: str
    name: str
    place: str
    place_name: str
    zone: str
    currency: str
    policy: str
    contact: str
    website: str
    registered: Moment
    adopted: Moment
    resolution: str
    appointed: Moment
    appointed_until: Moment
    appointment_resolution: str
    publish_by: tuple[str, str]
    choose_by: tuple[str, str]
    award_by: tuple[str, str]
    verify_by: str
    plan_by: str
    licence: str
    payment_days: int


class FirmText(_Text, frozen=True, kw_only=True):
    """A firm; `months_present` is what it declares on the day it registers."""

    id: str
    name: str
    place: str
    place_name: str
    founded: date
    staff: int
    months_present: int
    registered: Moment
    skills: list[str]
    words: str
    website: str = ""
    training_partner: bool = False


class PersonText(_Text, frozen=True, kw_only=True):
    """An officer or evaluator; name and post are committed to, not shown. `limit` in whole units of the currency."""

    id: str
    agency: str
    name: str
    post: str
    duties: list[Duty]
    limit: int | None = None


class KeeperText(_Text, frozen=True, kw_only=True):
    """Somebody who holds keys; `person` marks an agency's own staff."""

    id: str
    name: str
    organisation: str
    organisation_name: str
    person: str | None = None


class CriterionText(_Text, frozen=True, kw_only=True):
    """A criterion the agencies share, with one sentence for each level."""

    name: str
    anchors: list[str]


class PlanText(_Text, frozen=True, kw_only=True):
    """Promised work, as first announced."""

    at: Local
    title: str
    need: str
    skills: list[str]
    tier: Literal["T0", "T1"]
    quarter: str
    money: Literal["secured", "sought"]
    learner_places: int = 0


class LonePlan(PlanText, frozen=True, kw_only=True):
    """A promise without a notice: it stands, was changed, or was taken back."""

    id: str
    agency: str
    changed_at: Local | None = None
    changed_quarter: str = ""
    changed_why: str = ""
    dropped_at: Local | None = None
    dropped_reason: str = ""
    dropped_why: str = ""


class NoticeText(_Text, frozen=True, kw_only=True):
    """A notice as the agency writes it; money in whole units, weights by criterion in their order."""

    title: str
    summary: str
    need: str
    outcome: str
    audience: str
    existing: str
    requirements: list[Requirement]
    acceptance: str
    skills: list[str]
    learner_places: int
    tier: Literal["T0", "T1"]
    price_mode: Literal["fixed", "priced"]
    budget: int
    tax: Literal["included", "excluded"]
    funding: str
    cross_border: Literal["no", "yes", "not-sure"]
    reservation: Literal["local", "open"]
    price_weight: int
    weights: dict[str, int]
    data_class: str
    hours: int
    rationale: str
    incumbent: Incumbent
    helped_by: HelpedBy
    milestones: list[MilestoneTerm]
    arrangement: Literal["own-staff", "shared"]
    k: int
    keepers: list[str]
    floor: int | None = None
    training_partner: str | None = None
    absent: list[str] = []


class Times(_Text, frozen=True, kw_only=True):
    """When each station is reached; a time left out, or after the demo's moment, has not come."""

    published: Local
    questions_close: Local
    closes: Local
    proposals_opened: Local | None = None
    scores_committed: Local | None = None
    scores_late: dict[str, Local] = {}
    scores_revealed: Local | None = None
    offers_opened: Local | None = None
    ranked: Local | None = None
    chosen: Local | None = None
    awarded: Local | None = None
    withdrawn: Local | None = None
    cancelled: Local | None = None


class QuestionText(_Text, frozen=True, kw_only=True):
    """A question, and its answer once there is one."""

    at: Local
    text: str
    answered_at: Local | None = None
    answer: str = ""


class ChangesText(_Text, frozen=True, kw_only=True):
    """What an addendum sets; a new close brings its own opening times with it."""

    existing: str | None = None
    requirements: list[Requirement] | None = None
    closes: Local | None = None


class AddendumText(_Text, frozen=True, kw_only=True):
    """A change to the terms."""

    at: Local
    material: bool
    why: str
    changes: ChangesText


class InterestText(_Text, frozen=True, kw_only=True):
    """The firms an evaluator has an interest in; those not listed declare none."""

    person: str
    firms: list[str]


class BidText(_Text, frozen=True, kw_only=True):
    """
    One bidder's paper, and what the panel came to think of it: scores by criterion, one for each evaluator.

    `apart` are, by criterion and evaluator, the reasons for scores that lie apart, given after all are shown.
    """

    at: Local
    firm: str = ""
    price: int | None = None
    replaced_at: Local | None = None
    replaced_price: int | None = None
    withdrawn_at: Local | None = None
    confirmed_at: list[Local] = []
    learner_places: int = 0
    training_partner: str | None = None
    approach: str = ""
    team: str = ""
    answers: dict[str, str] = {}
    scores: dict[str, list[tuple[int, str]]] = {}
    apart: dict[str, dict[str, str]] = {}
    reasons: dict[str, str] = {}
    decoy: bool = False


class ObjectionText(_Text, frozen=True, kw_only=True):
    """A bidder's objection to the list at close, and why it was turned down."""

    firm: str
    at: Local
    words: str
    decided_at: Local
    why: str


class EligibilityText(_Text, frozen=True, kw_only=True):
    """What a firm proves when its turn comes, and what the agency makes of it."""

    firm: str
    at: Local
    turnover: int
    register_number: str
    decided_at: Local
    accepted: bool
    why: str
    staff_with_affiliates: int | None = None
    months_present: int | None = None


class Words(_Text, frozen=True, kw_only=True):
    """The agency's words; `{firm}` stands for the firm's name where a draw decides who it is."""

    words: str


class Ending(_Text, frozen=True, kw_only=True):
    """Why a pilot was withdrawn or cancelled."""

    reason: str
    why: str


class PilotText(_Text, frozen=True, kw_only=True):
    """One pilot from promise to end."""

    id: str
    agency: str
    requester: str
    evaluators: list[str]
    answers_by: str
    plan: PlanText
    notice: NoticeText
    times: Times
    questions: list[QuestionText] = []
    addenda: list[AddendumText] = []
    interests: list[InterestText] = []
    bids: list[BidText] = []
    objections: list[ObjectionText] = []
    eligibility: list[EligibilityText] = []
    choice: Words | None = None
    award: Words | None = None
    ending: Ending | None = None


class Content(_Text, frozen=True, kw_only=True):
    """All of the demo."""

    log: LogText
    agencies: dict[str, AgencyText]
    firms: dict[str, FirmText]
    people: dict[str, PersonText]
    keepers: dict[str, KeeperText]
    criteria: dict[str, CriterionText]
    plans: list[LonePlan]
    pilots: list[PilotText]


def load_content(folder: Traversable | None = None) -> Content:
    """
    Read the demo's files.

    Args:
        folder: Another folder of the same shape; the demo's own when left out.

    Raises:
        ContentError: With the file and what is wrong in it.
    """
    root = folder or files("portal.rehearsal") / "demo"
    pilots = sorted((path for path in (root / "pilots").iterdir() if path.name.endswith(".toml")), key=_name)
    content = Content(
        log=read_file(root / "log.toml", LogText),
        agencies={row.id: row for row in read_file(root / "agencies.toml", dict[str, list[AgencyText]])["agencies"]},
        firms={row.id: row for row in read_file(root / "firms.toml", dict[str, list[FirmText]])["firms"]},
        people={row.id: row for row in read_file(root / "people.toml", dict[str, list[PersonText]])["people"]},
        keepers={row.id: row for row in read_file(root / "keepers.toml", dict[str, list[KeeperText]])["keepers"]},
        criteria=read_file(root / "criteria.toml", dict[str, CriterionText]),
        plans=read_file(root / "plans.toml", dict[str, list[LonePlan]])["plans"],
        pilots=[read_file(path, PilotText) for path in pilots],
    )
    for pilot in content.pilots:
        _check_pilot(content, pilot)
    return content


def _name(path: Traversable) -> str:
    return path.name


def read_file(path: Traversable, shape: type[_Shape]) -> _Shape:
    """Read one TOML file, strictly; `ContentError` with its name and what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), shape)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContentError(f"{path.name}: {error}") from error


def _check_pilot(content: Content, pilot: PilotText) -> None:
    named = {pilot.requester, pilot.answers_by, *pilot.evaluators, *(row.person for row in pilot.interests)}
    _known(pilot, "person", named, set(content.people))
    _known(pilot, "agency", {pilot.agency}, set(content.agencies))
    _known(pilot, "keeper", {*pilot.notice.keepers, *pilot.notice.absent}, set(content.keepers))
    _known(pilot, "criterion", set(pilot.notice.weights), set(content.criteria))
    firms = {bid.firm for bid in pilot.bids if not bid.decoy} | {row.firm for row in pilot.eligibility}
    _known(pilot, "firm", firms, set(content.firms))
    for bid in pilot.bids:
        _check_bid(pilot, bid)


def _check_bid(pilot: PilotText, bid: BidText) -> None:
    requirements = {row.id for row in pilot.notice.requirements}
    if not bid.decoy and set(bid.answers) != requirements:
        raise ContentError(f"{pilot.id}: {bid.firm} answers {sorted(bid.answers)}, asked were {sorted(requirements)}")
    for requirement, words in bid.answers.items():
        if len(words.split()) > MAX_WORDS:
            raise ContentError(f"{pilot.id}: {bid.firm} needs over {MAX_WORDS} words for {requirement}")
    if bid.scores:
        _known(pilot, "criterion", set(bid.scores), set(pilot.notice.weights))
        for criterion, given in bid.scores.items():
            if len(given) != len(pilot.evaluators):
                raise ContentError(f"{pilot.id}: {bid.firm} has {len(given)} scores for {criterion}")
    if pilot.choice and not bid.decoy and bid.scores and set(bid.reasons) != set(pilot.notice.weights):
        raise ContentError(f"{pilot.id}: {bid.firm} has reasons for {sorted(bid.reasons)}")


def _known(pilot: PilotText, what: str, given: set[str], known: set[str]) -> None:
    if given - known:
        raise ContentError(f"{pilot.id}: unknown {what} {', '.join(sorted(given - known))}")
