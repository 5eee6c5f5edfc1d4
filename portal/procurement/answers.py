"""
What a manager answers about a pilot, and what may be changed of all that follows from the answers.

Ten answers are needed. Everything else has a proposal; what is None or empty here is taken as proposed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from policies import SOCIAL, Rules
from portal.procurement.events.opportunity import Arrangement, Criterion, MilestoneTerm, OpportunityPublished, Tier

Funding = str
Origin = Literal["house", "kept", "last", "copy"]


class NoticeAnswers(Struct, frozen=True, kw_only=True):
    """
    The ten answers (`need` to `helpers`), and after them what somebody changed of the proposal.

    Attributes:
        wanted: Whether the pilot is kept for local firms where the rules allow it.
        kept_because: The public reason for words that a lint rule would have otherwise.
        begins_from: A sentence that names the notice this one was copied from; it becomes part of the rationale.
    """

    need: str
    outcome: str
    audience: str
    existing: str
    incumbent: str
    budget_minor: int
    funding: Funding
    cross_border: Literal["no", "yes", "not-sure"]
    acceptance: str
    helpers: str
    wanted: Literal["local", "open"] = "local"
    title: str = ""
    summary: str = ""
    tier: Tier = "T0"
    price_mode: Literal["fixed", "priced"] = "fixed"
    floor_minor: int | None = None
    price_weight: int | None = None
    criteria: tuple[Criterion, ...] = ()
    milestones: tuple[MilestoneTerm, ...] = ()
    payment_days: int | None = None
    licence: str = ""
    data_class: str = ""
    skills: tuple[str, ...] = ()
    learner_places: int | None = None
    training_partner: str | None = None
    hours: int | None = None
    rationale: str = ""
    plan: str | None = None
    follows: str | None = None
    closes: datetime | None = None
    questions_close: datetime | None = None
    objection_until: datetime | None = None
    opens_by: datetime | None = None
    evaluators: tuple[str, ...] | None = None
    arrangement: Arrangement | None = None
    keepers: tuple[str, ...] | None = None
    needed_keys: int | None = None
    kept_because: str = ""
    begins_from: str = ""


class Habits(Struct, frozen=True, kw_only=True):
    """
    How an agency usually buys: what a new notice begins with. `origin` says where it was taken from.

    Attributes:
        milestones: Taken only where they fit the price of the new notice; empty for the plain steps.
    """

    origin: Origin
    criteria: tuple[Criterion, ...]
    milestones: tuple[MilestoneTerm, ...] = ()
    licence: str = "Open source for what is paid for; the firm keeps what it had before."
    data_class: str = "Names and contact details at most."
    skills: tuple[str, ...] = ("Web applications",)
    learner_places: int = 0
    hours: int = 2


HOUSE_CRITERIA = (
    Criterion(
        id="need",
        name="Meets the need",
        weight=50,
        anchors=[
            "Does not answer the need as described.",
            "Answers part of the need; an important case is left out.",
            "Answers the need, with gaps we could close together.",
            "Answers the whole need and shows how, case by case.",
            "Answers the whole need and shows a better way we had not thought of.",
        ],
    ),
    Criterion(
        id="people",
        name="Works for everyone who uses it",
        weight=50,
        anchors=[
            "Would shut out people we serve.",
            "Works for people at ease with technology; others are not considered.",
            "Thinks of phones, slow lines and assistive technology.",
            "Says how it is tested with real people, also on old phones and with a screen reader.",
            "Tests early with our own residents and keeps a way without any screen.",
        ],
    ),
)
HOUSE_HABITS = Habits(origin="house", criteria=HOUSE_CRITERIA)


def habits_from(notice: OpportunityPublished, origin: Origin) -> Habits:
    """
    How this notice was made, for the next one to begin with; its weights without the price are scaled to a whole.

    A copy takes everything. The agency's last notice lends only what is not about its own subject: how proposals were
    compared, and who has which rights.
    """
    weights = scaled([row.weight for row in notice.criteria], 100)
    criteria = tuple(
        msgspec.structs.replace(row, weight=weight) for row, weight in zip(notice.criteria, weights, strict=True)
    )
    usual = msgspec.structs.replace(
        HOUSE_HABITS, origin=origin, criteria=criteria or HOUSE_CRITERIA, licence=notice.licence
    )
    if origin == "last":
        return usual
    return msgspec.structs.replace(
        usual,
        milestones=tuple(notice.milestones),
        data_class=notice.data_class,
        skills=tuple(notice.skills),
        learner_places=notice.learner_places,
        hours=notice.hours,
    )


def scaled(weights: list[int], whole: int) -> list[int]:
    """
    Weights in the same proportion that add up to `whole`; equal ones where there was nothing to go by.

    Whole numbers: what rounding leaves goes to the largest remainders, the first of equal ones first.
    """
    parts = [max(weight, 0) for weight in weights]
    total = sum(parts)
    if not parts:
        return []
    if total == 0:
        parts, total = [1] * len(parts), len(parts)
    made = [part * whole // total for part in parts]
    order = sorted(range(len(parts)), key=lambda place: (-(parts[place] * whole % total), place))
    for place in order[: whole - sum(made)]:
        made[place] += 1
    return made


def below(weights: list[int], most: list[int]) -> list[int]:
    """The same sum with no weight above its own most, if so many can hold it; what one gives up the others share."""
    made = list(weights)
    if sum(made) > sum(most):
        return made
    while over := sum(max(weight - limit, 0) for weight, limit in zip(made, most, strict=True)):
        made = [min(weight, limit) for weight, limit in zip(made, most, strict=True)]
        room = [place for place, weight in enumerate(made) if weight < most[place]]
        share = scaled([most[place] - made[place] for place in room], over)
        for place, more in zip(room, share, strict=True):
            made[place] += more
    return made


def weighed(rules: Rules, criteria: Sequence[Criterion], whole: int) -> list[Criterion]:
    """
    Criteria in the same proportion that add up to `whole`, none above what the rules let it weigh.

    Where the rules leave them too little room together, only the proportion is kept: the rules say what is wrong.
    """
    single, social = rules.evaluation.max_single_weight, rules.evaluation.social_weight_most
    most = [min(single, social) if row.id == SOCIAL else single for row in criteria]
    weights = below(scaled([row.weight for row in criteria], whole), most)
    return [msgspec.structs.replace(row, weight=weight) for row, weight in zip(criteria, weights, strict=True)]
