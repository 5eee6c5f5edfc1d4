"""
What is to be mended in a notice: by the rules, by the wording, by the record. Each remark stands beside one field.

1. All remarks are told at once, so that a notice is mended in one sitting.
2. Nothing is said about an answer that is not there yet; the form counts those.
3. A remark names the rule, its figure and the way out; where the way out needs no judgement it is a button.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from policies import Finding, PolicyError, judge_notice
from policies.linting import LintFinding, lint
from portal.procurement.decisions.noticing import notice_facts
from portal.procurement.refusal import Refusal
from portal.web.drafting.mending import fixes_for
from portal.web.drafting.sheet import setting
from portal.web.drafting.writing import Writing, criteria_fields
from portal.web.public.house import LINT_PATH
from portal.web.render import Renderer
from portal.web.views.drafting import Fix, Remark
from portal.web.views.frame import Link, Said, Shown, said

MOST_WORDING: Final = 12
_LINTED: Final = ("need", "outcome", "audience", "existing", "acceptance", "title", "summary", "data_class", "licence")
_PAY_DAYS: Final = 30

_FIELDS: Final = {
    "amount": "budget",
    "tier": "budget",
    "appointment-amount": "budget",
    "reservation": "wanted",
    "price-mode": "price_mode",
    "price-floor": "floor",
    "price-weight": "price_weight",
    "criteri": "c1_weight",
    "weight": "c1_weight",
    "panel": "evaluators",
    "evaluator": "evaluators",
    "time-questions": "questions_close",
    "time-objection": "objection_until",
    "time-opens": "opens_by",
    "time": "closes",
    "calendar": "closes",
    "payment": "payment_days",
    "milestone": "m1_share",
    "learner": "learner_places",
    "keeper": "keepers",
    "keepers-arrangement": "arrangement",
    "keepers-threshold": "needed_keys",
    "keys": "keepers",
    "plan": "plan",
    "training-partner": "training_partner",
    "incumbent": "incumbent",
    "helped": "helpers",
    "currency": "budget",
    "tax": "budget",
    "requirement": "acceptance",
}
"""Beside which field a reason is told: by the longest beginning that fits."""

_NEEDS_BUDGET: Final = ("amount", "tier-ceiling", "milestone", "price-floor", "appointment-amount")


def remarks_on(writing: Writing, renderer: Renderer, refused: Iterable[Refusal] = ()) -> tuple[Remark, ...]:
    """
    Everything to mend, the answers first.

    Args:
        refused: What else the record would refuse (`portal.commands.judge`); the same reason is told once.
    """
    found = [Remark(field=name, said=told, reason="field-unreadable") for name, told in writing.errors.items()]
    found += [_wording(writing, one) for one in wording(writing)[:MOST_WORDING]]
    rules = _findings(writing)
    told = {one.reason for one in rules}
    found += [_rule(writing, one) for one in rules]
    found += [_refusal(writing, renderer, one) for one in refused if one.reason not in told]
    return tuple(found)


def wording(writing: Writing) -> list[LintFinding]:
    """What the lint rules find in the texts that somebody wrote; nothing once a public reason to keep it is given."""
    if writing.sheet.get("override"):
        return []
    texts = [(name, writing.sheet[name]) for name in _LINTED if writing.sheet.get(name)]
    for n, row in enumerate(writing.body.criteria, 1):
        texts += [(f"c{n}_name", row.name), (f"c{n}_anchors", "\n".join(row.anchors))]
    today = writing.now.astimezone(writing.setting.region).date()
    return lint(texts, today, pay_days=writing.rules.payment.max_days or _PAY_DAYS)


def _findings(writing: Writing) -> list[Finding]:
    """What the rules refuse; amounts are not judged before there is one."""
    facts = notice_facts(writing.body)
    try:
        found = judge_notice(writing.rules, facts, writing.now, writing.setting.region)
    except PolicyError as error:
        found = [Finding("calendar-holidays", error.reason, error.detail, "")]
    if writing.body.budget_minor:
        return found
    return [one for one in found if not one.reason.startswith(_NEEDS_BUDGET)]


def field_of(reason: str) -> str:
    """The field beside which a reason is told; the first of the form for one that nobody foresaw."""
    fits = [start for start in _FIELDS if reason.startswith(start)]
    return _FIELDS[max(fits, key=len)] if fits else "need"


def _field(writing: Writing, reason: str, figures: Mapping[str, object]) -> str:
    """As `field_of`; what one criterion is refused for is told beside that one."""
    field, name = field_of(reason), figures.get("criterion")
    number = next((n for n, row in enumerate(writing.body.criteria, 1) if row.id == name), None)
    return f"c{number}_weight" if field == "c1_weight" and number is not None else field


def _rule(writing: Writing, one: Finding) -> Remark:
    return Remark(
        field=_field(writing, one.reason, one.figures),
        reason=one.reason,
        said=said("desk.as_it_is", sentence=one.sentence),
        help=one.fix,
        fixes=fixes_for(writing, one.reason, dict(one.figures)),
        **_source(writing, one.rule),
    )


def _source(writing: Writing, rule: str | None) -> dict[str, Any]:
    """The rule behind a remark: its own sentence, and a link where its page exists."""
    if rule is None:
        return {}
    try:
        told = writing.rules.text(rule, _scope(writing, rule))
    except PolicyError:
        return {}
    href = f"{writing.rules_href}#{rule}" if writing.rules_href else ""
    return {"text": told.text, "rule": Link(told.title, href)}


def _scope(writing: Writing, rule: str) -> str | None:
    return writing.body.tier if rule.startswith("tier-") else None


def _refusal(writing: Writing, renderer: Renderer, one: Refusal) -> Remark:
    return Remark(
        field=_field(writing, one.reason, one.figures),
        reason=one.reason,
        said=refusal_said(renderer, one),
        help=one.fix,
        fixes=fixes_for(writing, one.reason, dict(one.figures)),
        **_source(writing, one.rule),
    )


def refusal_said(renderer: Renderer, refusal: Refusal) -> Said:
    """A refusal as a sentence: the rule's own, else ours, else the bare code."""
    figures: dict[str, Shown] = {name: str(value) for name, value in refusal.figures.items()}
    if "sentence" in figures:
        return said("desk.as_it_is", sentence=figures["sentence"])
    key = f"problems.{refusal.reason}"
    try:
        renderer.say(key, **figures)
    except KeyError:
        return said("problems.unknown", reason=refusal.reason)
    return Said(key, figures)


def _wording(writing: Writing, one: LintFinding) -> Remark:
    fix = Fix(sends=_rewriting(writing, one), said=said("drafting.fixes.rewrite", found=one.found))
    return Remark(
        field=one.field,
        reason=f"wording-{one.rule.lower()}",
        said=said("desk.as_it_is", sentence=one.sentence),
        help=one.because,
        rule=Link(one.rule.upper(), f"{LINT_PATH}#{one.rule}"),
        fixes=(fix,),
    )


def _rewriting(writing: Writing, one: LintFinding) -> str:
    """What a rewrite sets; a criterion's words stand with those of all criteria."""
    sets: Mapping[str, str] = {one.field: one.rewrite}
    if one.field.endswith(("_name", "_anchors")):
        sets = {**criteria_fields(writing.body.criteria), one.field: one.rewrite}
    return setting(**sets)
