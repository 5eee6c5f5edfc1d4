"""
A button for every refusal that can be mended without knowing more: dates to the first that will do, the budget to the
size, weights to a hundred, keepers to those proposed.

A button sets fields and says which; whoever presses it sees the notice as it then stands, and the rules judge it again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from portal.procurement.answers import weighed
from portal.procurement.events.opportunity import Criterion
from portal.procurement.money import Money
from portal.procurement.proposing import arrangements_for, reserved
from portal.web.drafting.given import amount_text
from portal.web.drafting.sheet import reverting, setting
from portal.web.drafting.writing import Writing, criteria_fields
from portal.web.views.drafting import Fix
from portal.web.views.frame import Moment, Said, Shown, said

Figures = dict[str, object]
_WHOLE: Final = 100
_LARGER: Final = "T1"


def fixes_for(writing: Writing, reason: str, figures: Figures) -> tuple[Fix, ...]:
    """The buttons for a refusal with this reason and these figures; none where only its writer can know."""
    make = _FIXES.get(reason)
    return make(writing, figures) if make is not None else ()


def _fix(key: str, sends: str, **shown: Shown) -> Fix:
    return Fix(sends=sends, said=said(f"drafting.fixes.{key}", **shown))


def _proposal(key: str, *groups: str) -> Callable[[Writing, Figures], tuple[Fix, ...]]:
    """A button that takes what is proposed for these groups again."""
    return lambda _writing, _figures: (_fix(key, reverting(*groups)),)


def _pay(writing: Writing, limit: int) -> Fix:
    currency = writing.setting.currency
    return _fix("pay", setting(budget=amount_text(limit, currency)), amount=Money(limit, currency))


def _ceiling(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    """Pay less, or publish at the next size where the amount fits there."""
    found = [_pay(writing, int(str(figures["limit"])))]
    larger = writing.rules.tiers.get(_LARGER)
    fits = larger is not None and (larger.ceiling_minor is None or writing.body.budget_minor <= larger.ceiling_minor)
    if writing.body.tier != _LARGER and fits:
        found.append(_fix("as_pilot", setting(tier=_LARGER)))
    return tuple(found)


def _limit(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    """Pay no more than the officer may sign for."""
    limit = figures.get("limit_minor")
    return (_pay(writing, limit),) if isinstance(limit, int) else ()


def _price_mode(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    found = [_fix("fixed", f"{setting(price_mode='fixed')}&{reverting('floor', 'price_weight', 'criteria')}")]
    larger = writing.rules.tiers.get(_LARGER)
    if writing.body.tier != _LARGER and larger is not None and writing.body.price_mode in larger.price_modes:
        found.append(_fix("as_pilot", setting(tier=_LARGER)))
    return tuple(found)


def _price_weight(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    least, most = writing.rules.evaluation.price_weight_least, writing.rules.evaluation.price_weight_most
    weight = min(max(writing.body.price_weight, least), most) if writing.body.price_mode == "priced" else 0
    return (_weighed(writing, list(writing.body.criteria), weight),)


def _weights(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    return (_weighed(writing, list(writing.body.criteria), writing.body.price_weight),)


def _weighed(writing: Writing, criteria: list[Criterion], price_weight: int) -> Fix:
    """Weights in the same proportion that add up to 100 with the price."""
    rows = weighed(writing.rules, criteria, _WHOLE - price_weight)
    told = ", ".join(f"{row.name} {row.weight}" for row in rows)
    sends = setting(price_weight=str(price_weight), **criteria_fields(rows))
    if price_weight:
        return _fix("weights_priced", sends, weights=told, price=str(price_weight))
    return _fix("weights", sends, weights=told)


def _without(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    """Leave the criterion out and give its weight to the others; the proposed ones where it was the only one."""
    rest = [row for row in writing.body.criteria if row.id != figures.get("criterion")]
    gone = next((row.name for row in writing.body.criteria if row.id == figures.get("criterion")), "")
    if not rest or not gone:
        return (_fix("criteria", reverting("criteria")),)
    whole = _weighed(writing, rest, writing.body.price_weight)
    return (msgspec.structs.replace(whole, said=said("drafting.fixes.without", name=gone)),)


def _fewer(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    """Keep the heaviest criteria, as many as are allowed, in their order."""
    most = writing.rules.evaluation.max_criteria
    rows = writing.body.criteria
    kept = sorted(sorted(range(len(rows)), key=lambda place: (-rows[place].weight, place))[:most])
    if not kept:
        return (_fix("criteria", reverting("criteria")),)
    whole = _weighed(writing, [rows[place] for place in kept], writing.body.price_weight)
    return (msgspec.structs.replace(whole, said=said("drafting.fixes.heaviest", n=most)),)


def _close(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    """Close at the first moment that will do; the other dates follow."""
    return _when("close", "closes", figures.get("earliest"), writing, *_FOLLOWING)


def _questions(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    return _when("questions", "questions_close", figures.get("latest"), writing)


def _when(key: str, field: str, at: object, writing: Writing, *revert: str) -> tuple[Fix, ...]:
    if not isinstance(at, str):
        return ()
    instant = datetime.fromisoformat(at)
    sends = setting(**{field: writing.moment(instant)})
    shown = Moment(instant, writing.setting.zone)
    return (_fix(key, f"{sends}&{reverting(*revert)}" if revert else sends, when=shown),)


def _open(_writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    return (_fix("open", setting(wanted="open")),)


def _pay_days(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    most = writing.rules.payment.max_days
    if most is None:
        return (_fix("pay_usual", reverting("payment_days")),)
    return (_fix("pay_days", setting(payment_days=str(most)), n=most),)


def _arrangement(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    """Other keepers, of an arrangement that is allowed; where the own staff may keep no priced bids, also a fixed price."""
    allowed = arrangements_for(writing.rules, writing.body.tier, writing.body.price_mode)
    return tuple(
        _fix(
            f"arrangement_{each.replace('-', '_')}",
            f"{setting(arrangement=each)}&{reverting('keepers', 'needed_keys')}",
        )
        for each in allowed
        if each != writing.body.sealing.arrangement
    )


def _threshold(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    least = writing.rules.sealing.threshold_least
    return (_fix("needed_keys", setting(needed_keys=str(least)), n=least),)


def _floor(writing: Writing, _figures: Figures) -> tuple[Fix, ...]:
    if writing.body.price_mode == "fixed":
        return (_fix("no_floor", reverting("floor")),)
    return (_fix("floor", reverting("floor")),)


def _panel(writing: Writing, figures: Figures) -> tuple[Fix, ...]:
    """Those proposed, where somebody else was chosen and enough people are there."""
    if "evaluators" not in writing.sheet:
        return ()
    return _proposal("evaluators", "evaluators")(writing, figures)


_FOLLOWING: Final = ("questions_close", "objection_until", "opens_by")
_DATES_AGAIN: Final = _proposal("dates", "closes", *_FOLLOWING)
_KEEPERS_AGAIN: Final = _proposal("keepers", "arrangement", "keepers", "needed_keys")
_STEPS_AGAIN: Final = _proposal("steps", "steps")

_FIXES: Final[dict[str, Callable[[Writing, Figures], tuple[Fix, ...]]]] = {
    "reservation-not-allowed": _open,
    "tier-ceiling": _ceiling,
    "appointment-amount": _limit,
    "price-mode": _price_mode,
    "price-floor": _floor,
    "price-weight": _price_weight,
    "weights-sum": _weights,
    "weights-single": _weights,
    "weights-social": _weights,
    "weight-not-positive": _without,
    "criteria-too-many": _fewer,
    "criteria-missing": _proposal("criteria", "criteria"),
    "criteria-repeated": _proposal("criteria", "criteria"),
    "criterion-forbidden": _without,
    "panel-size": _panel,
    "panel-even": _panel,
    "evaluator-repeated": _panel,
    "evaluator-not-appointed": _panel,
    "evaluator-is-requester": _panel,
    "time-close-weekend": _close,
    "time-close-holiday": _close,
    "time-close-year-end": _close,
    "time-close-hour": _close,
    "time-advertising-short": _close,
    "time-questions-late": _questions,
    "time-objection-short": _proposal("objection", "objection_until"),
    "time-opens-late": _proposal("opens", "opens_by"),
    "time-order": _DATES_AGAIN,
    "calendar-year": _DATES_AGAIN,
    "payment-days": _pay_days,
    "milestones-missing": _STEPS_AGAIN,
    "milestones-sum": _STEPS_AGAIN,
    "milestone-shares": _STEPS_AGAIN,
    "milestone-share": _STEPS_AGAIN,
    "milestone-last": _STEPS_AGAIN,
    "learner-places-negative": _proposal("learners", "learner_places"),
    "keepers-arrangement": _arrangement,
    "keepers-count": _KEEPERS_AGAIN,
    "keepers-threshold": _threshold,
    "keepers-spare": _KEEPERS_AGAIN,
    "keepers-margin": _KEEPERS_AGAIN,
    "keepers-repeated": _KEEPERS_AGAIN,
    "keepers-conflicted": _KEEPERS_AGAIN,
    "keepers-one-organisation": _KEEPERS_AGAIN,
    "keepers-own-staff-figures": _KEEPERS_AGAIN,
    "keepers-own-staff-outsider": _KEEPERS_AGAIN,
    "keepers-own-staff-tier": _KEEPERS_AGAIN,
    "keepers-own-staff-price": _KEEPERS_AGAIN,
    "keys-exhausted": _KEEPERS_AGAIN,
    "plan-dropped": _proposal("no_plan", "plan"),
    "plan-agency": _proposal("no_plan", "plan"),
    "training-partner-unknown": _proposal("no_partner", "training_partner"),
}


def why_open(writing: Writing) -> Said | None:
    """Why a pilot that was wished for local firms will be open to all; None where it will not."""
    found = reserved(writing.rules, writing.answers)
    if writing.answers.wanted == "open" or found.kind != "open":
        return None
    return said("desk.as_it_is", sentence=found.sentence)
