"""
What is new in a notice: against the notice it began from, else against what was proposed for its ten answers.

A second officer reads first what the first one changed; the whole notice stands below it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from policies import PolicyError, Rules
from portal.procurement.answers import Habits, NoticeAnswers
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.money import Money
from portal.procurement.proposing import Setting, propose
from portal.web.diff import diff_words
from portal.web.views.frame import Moment
from portal.web.views.opportunity import Change

_TEXTS = (
    "title",
    "summary",
    "need",
    "outcome",
    "audience",
    "existing",
    "requirements",
    "acceptance",
    "criteria",
    "evaluators",
    "keepers",
    "milestones",
    "licence",
    "data_class",
    "skills",
    "rationale",
)
_DATES = ("questions_close", "closes", "objection_until", "opens_by")
_MONEY = ("budget_minor", "floor_minor")
_NUMBERS = ("price_weight", "payment_days", "learner_places", "hours")
_ANSWERED = frozenset({"need", "outcome", "audience", "existing", "requirements", "acceptance", "budget_minor"})


def proposal_behind(
    body: OpportunityPublished, rules: Rules, setting: Setting, habits: Habits, made_at: datetime
) -> OpportunityPublished | None:
    """What the form had proposed for the answers in this notice; None where the calendar cannot say."""
    helpers = "\n".join(f"{row.name}, {row.role}" for row in body.helped_by.who) or "nobody"
    answers = NoticeAnswers(
        need=body.need,
        outcome=body.outcome,
        audience=body.audience,
        existing=body.existing,
        incumbent=body.incumbent.name or "none",
        budget_minor=body.budget_minor,
        funding=body.funding,
        cross_border=body.cross_border,
        acceptance=body.acceptance,
        helpers=helpers,
        tier=body.tier,
    )
    try:
        return propose(rules, setting, habits, answers, now=made_at)
    except PolicyError:
        return None


def changes_between(
    before: OpportunityPublished, after: OpportunityPublished, zone: str, names: Mapping[str, str], *, answers: bool
) -> tuple[Change, ...]:
    """
    Each thing that differs, in the order of the notice.

    Args:
        answers: Whether the ten answers are compared too; against a proposal they are the same by themselves.
    """
    found: list[Change] = []
    for name in (*_TEXTS, *_MONEY, *_NUMBERS, *_DATES, "reservation", "price_mode", "tier"):
        if not answers and name in _ANSWERED:
            continue
        old, new = _text(before, name, names), _text(after, name, names)
        if old == new:
            continue
        found.append(_change(name, before, after, old, new, zone))
    return tuple(found)


def _change(  # noqa: PLR0917 -- a change is made of all of these
    name: str, before: OpportunityPublished, after: OpportunityPublished, old: str, new: str, zone: str
) -> Change:
    was, now = getattr(before, name, None), getattr(after, name, None)
    if name in _DATES:
        return Change(field=name, before=_moment(str(was), zone), after=_moment(str(now), zone))
    if name in _MONEY:
        return Change(field=name, before=_money(was, before.currency), after=_money(now, after.currency))
    if isinstance(was, int) and isinstance(now, int):
        return Change(field=name, before=was, after=now)
    return Change(field=name, parts=diff_words(old, new))


def _moment(instant: str, zone: str) -> Moment:
    return Moment(datetime.fromisoformat(instant), zone)


def _money(minor: Any, currency: str) -> Money | str:
    return Money(minor, currency) if isinstance(minor, int) else ""


def _text(body: OpportunityPublished, name: str, names: Mapping[str, str]) -> str:
    """A field as text, so that any two can be compared and shown."""
    make = _SPELLED.get(name)
    if make is not None:
        return make(body, names)
    value = getattr(body, name)
    return "" if value is None else str(value)


def _keepers(body: OpportunityPublished, names: Mapping[str, str]) -> str:
    seats = ", ".join(names.get(seat.keeper, seat.keeper) for seat in body.sealing.seats)
    return f"{seats} ({body.sealing.k} / {len(body.sealing.seats)})"


_SPELLED: Final[dict[str, Callable[[OpportunityPublished, Mapping[str, str]], str]]] = {
    "requirements": lambda body, _: "\n".join(row.text for row in body.requirements),
    "criteria": lambda body, _: "\n".join(
        "\n".join([f"{row.name}: {row.weight}", *row.anchors]) for row in body.criteria
    ),
    "evaluators": lambda body, names: ", ".join(names.get(person, person) for person in body.evaluators),
    "keepers": _keepers,
    "milestones": lambda body, _: "\n".join(f"{row.name}: {row.share} %, {row.days}" for row in body.milestones),
    "skills": lambda body, _: ", ".join(body.skills),
}
