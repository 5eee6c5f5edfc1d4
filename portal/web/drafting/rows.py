"""
What was filled in for a notice: each row with its value in words, where it comes from, and the fields that change it.

A row that nobody changed says which rule, which habit of the agency or which answer it follows; one that was changed says
so and offers the proposal again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from policies import PolicyError, Rules
from portal.procurement.money import Money
from portal.procurement.proposing import arrangements_for, keepers_free
from portal.web.drafting.fields import Fields
from portal.web.drafting.mending import why_open
from portal.web.drafting.sheet import GROUPS, MOST_CRITERIA, MOST_STEPS, is_changed, reverting
from portal.web.drafting.writing import Writing
from portal.web.views.drafting import Entry, Filled, Fix, Part
from portal.web.views.frame import Link, Moment, Said, Shown, said

_DATES: Final = ("closes", "questions_close", "objection_until", "opens_by")
_DATE_RULES: Final = {
    "closes": "tier-advertising",
    "questions_close": "tier-questions-close",
    "objection_until": "times-objection",
    "opens_by": "times-opens-by",
}


class Around(Struct, frozen=True, kw_only=True):
    """
    What the record and the desk offer to choose from.

    Each is a list of value and name. `practice` leaves out what only an admitted agency can know: who judges, who keeps.
    """

    plans: tuple[tuple[str, str], ...] = ()
    seconds: tuple[tuple[str, str], ...] = ()
    partners: tuple[tuple[str, str], ...] = ()
    practice: bool = False


def filled_rows(writing: Writing, fields: Fields, around: Around) -> tuple[Filled, ...]:
    """All rows, in the order in which a reader of the notice meets them."""
    made = [row(writing, fields, around) for row in _ROWS]
    return tuple(one for one in made if one is not None)


def _row(  # noqa: PLR0917 -- a row is made of all of these
    writing: Writing,
    fields: Fields,
    code: str,
    groups: tuple[str, ...],
    value: tuple[Shown, ...],
    source: Said,
    parts: tuple[Part, ...],
    rule: str = "",
) -> Filled:
    """One row; its hidden field carries what the untouched groups show."""
    untouched = [name for group in groups if not is_changed(writing.sheet, group) for name in GROUPS[group]]
    changed = any(is_changed(writing.sheet, group) for group in groups)
    return Filled(
        code=code,
        value=value,
        source=said("drafting.from.you") if changed else source,
        parts=parts,
        proposed=msgspec.json.encode({name: fields.values[name] for name in untouched}).decode("utf-8"),
        rule=_link(writing, rule) if rule and not changed else None,
        changed=changed,
        back=Fix(sends=reverting(*groups), said=said("drafting.fixes.again")) if changed else None,
    )


def _link(writing: Writing, rule: str) -> Link | None:
    text = sentence_of(writing.rules, rule, writing.body.tier)
    if not text:
        return None
    return Link(text, f"{writing.rules_href}#{rule}" if writing.rules_href else "")


def sentence_of(rules: Rules, rule: str, tier: str) -> str:
    """A rule's own sentence with its figure, for this size of pilot; '' where these rules do not speak of it."""
    try:
        return rules.text(rule, tier if rule.startswith("tier-") else None).text
    except PolicyError:
        return ""


def _plain(*entries: Entry) -> tuple[Part, ...]:
    return (Part(entries=entries),)


def _title(writing: Writing, fields: Fields, _around: Around) -> Filled:
    return _row(
        writing,
        fields,
        "title",
        ("title", "summary"),
        (writing.body.title or said("drafting.value.nothing"),),
        said("drafting.from.outcome"),
        _plain(fields.line("title"), fields.text("summary", rows=2)),
    )


def _size(writing: Writing, fields: Fields, _around: Around) -> Filled:
    rules, body = writing.rules, writing.body
    tiers = [(tier, said(f"tiers.{tier}")) for tier in rules.tiers if tier in {"T0", "T1"}]
    modes = [(mode, said(f"drafting.price_modes.{mode}")) for mode in rules.tier(body.tier).price_modes]
    entries = [fields.choice("tier", tiers)]
    if len(modes) > 1 or body.price_mode != "fixed":
        known = (
            modes
            if body.price_mode in dict(modes)
            else [*modes, (body.price_mode, said("drafting.price_modes.priced"))]
        )
        entries.append(fields.choice("price_mode", known))
    if body.price_mode == "priced":
        entries.append(fields.amount("floor", writing.setting.currency))
    price = Money(body.budget_minor, body.currency)
    floor = Money(body.floor_minor, body.currency) if body.floor_minor is not None else price
    return _row(
        writing,
        fields,
        "size",
        ("tier", "price_mode", "floor"),
        (said(f"tiers.{body.tier}"), said(f"drafting.value.{body.price_mode}", price=price, floor=floor)),
        said("drafting.from.smallest"),
        _plain(*entries),
        "tier-ceiling",
    )


def _who(writing: Writing, fields: Fields, _around: Around) -> Filled:
    options = [(name, said(f"drafting.wanted.{name}")) for name in ("local", "open")]
    why = why_open(writing)
    value: tuple[Shown, ...] = (said(f"drafting.value.{writing.body.reservation}"),)
    return _row(
        writing,
        fields,
        "who",
        ("wanted",),
        value + ((why,) if why else ()),
        said("drafting.from.money"),
        _plain(fields.choice("wanted", options)),
        "reservation-kinds",
    )


def _dates(writing: Writing, fields: Fields, _around: Around) -> Filled:
    zone = writing.setting.zone
    moments = {name: Moment(datetime.fromisoformat(getattr(writing.body, name)), zone) for name in _DATES}
    rules = {name: sentence_of(writing.rules, rule, writing.body.tier) for name, rule in _DATE_RULES.items()}
    return _row(
        writing,
        fields,
        "dates",
        _DATES,
        (
            said("drafting.value.closes", when=moments["closes"]),
            said("drafting.value.questions", when=moments["questions_close"]),
        ),
        said("drafting.from.rules"),
        _plain(*(fields.moment(name, rules[name]) for name in _DATES)),
        "tier-advertising",
    )


def _criteria(writing: Writing, fields: Fields, _around: Around) -> Filled:
    shown = min(len(writing.body.criteria) + 1, max(writing.rules.evaluation.max_criteria, len(writing.body.criteria)))
    parts = [
        Part(
            code="criterion",
            head=said("drafting.criterion", n=n),
            entries=(
                fields.line(f"c{n}_name", "criterion_name"),
                fields.number(f"c{n}_weight", 0, 100, "criterion_weight"),
                fields.text(f"c{n}_anchors", "criterion_anchors", rows=5),
            ),
        )
        for n in range(1, min(shown, MOST_CRITERIA) + 1)
    ]
    value: list[Shown] = [said("drafting.value.weighs", name=row.name, n=row.weight) for row in writing.body.criteria]
    groups: tuple[str, ...] = ("criteria",)
    if writing.body.price_mode == "priced" or "price_weight" in writing.sheet:
        groups = ("criteria", "price_weight")
        parts.append(Part(entries=(fields.number("price_weight", 0, 100),)))
        value.append(said("drafting.value.price_weighs", n=writing.body.price_weight))
    return _row(
        writing, fields, "criteria", groups, tuple(value), _habit(writing), tuple(parts), "evaluation-max-single-weight"
    )


def _habit(writing: Writing, *, subject: bool = False) -> Said:
    """Where a habit comes from; the agency's last notice lends nothing about its own subject."""
    origin = writing.habits.origin
    return said(f"drafting.from.{'house' if subject and origin == 'last' else origin}")


def _judges(writing: Writing, fields: Fields, around: Around) -> Filled:
    names = [writing.name_of(person) for person in writing.body.evaluators]
    value: tuple[Shown, ...] = (said("drafting.value.nobody"),)
    if around.practice:
        value = (said("drafting.value.judges", n=len(names)),)
    elif names:
        value = (", ".join(names),)
    options = [
        (person, writing.name_of(person)) for person in writing.setting.judges if person != writing.setting.requester
    ]
    parts = () if around.practice else _plain(fields.checks("evaluators", options))
    groups = () if around.practice else ("evaluators",)
    return _row(writing, fields, "judges", groups, value, said("drafting.from.appointed"), parts, "tier-panel-size")


def _keepers(writing: Writing, fields: Fields, around: Around) -> Filled:
    body, terms = writing.body, writing.body.sealing
    allowed = arrangements_for(writing.rules, body.tier, body.price_mode)
    shown = dict.fromkeys([*allowed, terms.arrangement])
    options = [(each, said(f"drafting.arrangements.{each}")) for each in shown]
    known = {each.keeper: f"{each.name}, {each.house_name}" for each in writing.setting.keepers}
    value: list[Shown] = [
        said(f"drafting.arrangements.{terms.arrangement}"),
        said("desk.n_keepers", k=terms.k, n=len(terms.seats)),
    ]
    entries = [fields.choice("arrangement", options)]
    groups: tuple[str, ...] = ("arrangement", "needed_keys")
    if not around.practice:
        value += [known[seat.keeper] for seat in terms.seats]
        free = keepers_free(writing.setting, terms.arrangement, {body.requester, *body.evaluators})
        taken = [seat.keeper for seat in terms.seats]
        ticks = dict.fromkeys([*(each.keeper for each in free), *taken])
        entries.append(fields.checks("keepers", [(each, known[each]) for each in ticks]))
        groups = ("arrangement", "keepers", "needed_keys")
    entries.append(fields.number("needed_keys", 1, 16))
    return _row(
        writing,
        fields,
        "keepers",
        groups,
        tuple(value),
        said("drafting.from.keepers"),
        _plain(*entries),
        "sealing-keepers",
    )


def _payment(writing: Writing, fields: Fields, _around: Around) -> Filled:
    body = writing.body
    shown = min(len(body.milestones) + 1, MOST_STEPS)
    parts = [
        Part(
            code="step",
            head=said("drafting.step", n=n),
            entries=(
                fields.line(f"m{n}_name", "step_name"),
                fields.number(f"m{n}_share", 0, 100, "step_share"),
                fields.number(f"m{n}_days", 0, 730, "step_days"),
            ),
        )
        for n in range(1, shown + 1)
    ]
    value: list[Shown] = [
        said("drafting.value.step", name=row.name, n=row.share, days=row.days) for row in body.milestones
    ]
    return _row(
        writing,
        fields,
        "payment",
        ("steps", "payment_days"),
        (*value, said("drafting.value.paid", n=body.payment_days)),
        said("drafting.from.payment"),
        (*parts, Part(entries=(fields.number("payment_days", 0, 365),))),
        "payment-days",
    )


def _rights(writing: Writing, fields: Fields, _around: Around) -> Filled:
    return _row(
        writing,
        fields,
        "rights",
        ("licence", "data_class"),
        (writing.body.licence, writing.body.data_class),
        _habit(writing),
        _plain(fields.text("licence", rows=2), fields.text("data_class", rows=2)),
    )


def _skills(writing: Writing, fields: Fields, around: Around) -> Filled:
    entries = [fields.line("skills"), fields.number("learner_places", 0, 50)]
    groups = ["skills", "learner_places"]
    if around.partners or writing.body.training_partner:
        options: list[tuple[str, str | Said]] = [("", said("drafting.no_partner")), *around.partners]
        entries.append(fields.select("training_partner", options))
        groups.append("training_partner")
    learners = writing.body.learner_places
    return _row(
        writing,
        fields,
        "skills",
        tuple(groups),
        (
            ", ".join(writing.body.skills),
            said("common.learners", n=learners) if learners else said("drafting.value.no_learners"),
        ),
        _habit(writing, subject=True),
        _plain(*entries),
    )


def _hours(writing: Writing, fields: Fields, _around: Around) -> Filled:
    value = (said("facts.takes_text", n=writing.body.hours),)
    return _row(
        writing,
        fields,
        "hours",
        ("hours",),
        value,
        _habit(writing, subject=True),
        _plain(fields.number("hours", 1, 200)),
    )


def _why(writing: Writing, fields: Fields, _around: Around) -> Filled:
    source = said("drafting.from.answers")
    value = tuple(line for line in writing.body.rationale.split("\n") if line)
    return _row(writing, fields, "why", ("rationale",), value, source, _plain(fields.text("rationale", rows=4)))


def _plan(writing: Writing, fields: Fields, around: Around) -> Filled | None:
    if not around.plans and not writing.body.plan:
        return None
    known, named = dict(around.plans), writing.body.plan or ""
    if named:
        known.setdefault(named, named.partition(":")[2].replace("-", " "))
    options: list[tuple[str, str | Said]] = [("", said("drafting.no_plan")), *known.items()]
    value: tuple[Shown, ...] = (known.get(named) or said("drafting.no_plan"),)
    return _row(
        writing, fields, "plan", ("plan",), value, said("drafting.from.plan"), _plain(fields.select("plan", options))
    )


def _second(writing: Writing, fields: Fields, around: Around) -> Filled | None:
    if around.practice:
        return None
    names = dict(around.seconds)
    asked = names.get(writing.sheet.get("second", ""), "")
    value: tuple[Shown, ...] = (
        asked or (said("drafting.value.any_officer") if names else said("drafting.value.no_officer")),
    )
    options: list[tuple[str, str | Said]] = [("", said("drafting.value.any_officer")), *around.seconds]
    parts = _plain(fields.select("second", options)) if names else ()
    return _row(writing, fields, "second", ("second",), value, said("drafting.from.officers"), parts)


_ROWS: Final[tuple[Callable[[Writing, Fields, Around], Filled | None], ...]] = (
    _title,
    _size,
    _who,
    _dates,
    _criteria,
    _judges,
    _keepers,
    _payment,
    _rights,
    _skills,
    _hours,
    _why,
    _plan,
    _second,
)
