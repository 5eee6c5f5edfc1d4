"""
A sheet to begin with: from an old notice of the agency, from another agency's pilot, from a promise, or from a pilot on
which nobody bid.

What only the writer can know is asked again: who helped this time, and, where the notice is another agency's, what exists
here already and who does the work today.
"""

from typing import Final

from portal.procurement.answers import Habits, habits_from
from portal.procurement.case import Case
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.plan import Plan
from portal.procurement.proposing import Setting
from portal.web.drafting.given import amount_text
from portal.web.drafting.sheet import Sheet
from portal.web.render import Renderer

_OTHERS: Final = ("existing", "incumbent", "funding", "cross_border")
"""Answers that another agency's notice cannot give."""


def sheet_from_notice(notice: OpportunityPublished, setting: Setting) -> Sheet:
    """The answers of a notice as a sheet, without those that have to be given anew."""
    lines = [row.text for row in notice.requirements] or [notice.acceptance]
    sheet = {
        "title": notice.title,
        "summary": notice.summary,
        "need": notice.need,
        "outcome": notice.outcome,
        "audience": notice.audience,
        "existing": notice.existing,
        "incumbent": notice.incumbent.name or "none",
        "funding": notice.funding,
        "cross_border": notice.cross_border,
        "acceptance": "\n".join(lines),
    }
    if notice.currency == setting.currency:
        sheet["budget"] = amount_text(notice.budget_minor, notice.currency)
    if notice.tier != "T0":
        sheet |= {"tier": notice.tier, "price_mode": notice.price_mode}
    if notice.agency != setting.agency:
        sheet = {name: value for name, value in sheet.items() if name not in _OTHERS}
    return sheet


def sheet_from_plan(plan: Plan) -> Sheet:
    """What a promise says already."""
    promise = plan.promise
    sheet = {
        "title": promise.title,
        "need": promise.need,
        "skills": ", ".join(promise.skills),
        "learner_places": str(promise.learner_places),
        "plan": plan.id,
    }
    return sheet | ({"tier": promise.tier} if promise.tier != "T0" else {})


def habits_of_sheet(case: Case | None, usual: Habits) -> Habits:
    """How the notice that a sheet began from was made; else how the agency usually buys."""
    return usual if case is None else habits_from(case.notice, "copy")


def origin_words(renderer: Renderer, case: Case | None, agency_name: str, *, again: bool = False) -> str:
    """The sentence of the rationale that names where a notice comes from; '' where it began from nothing."""
    if case is None:
        return ""
    key = "drafting.origin.again" if again else "drafting.origin.copy"
    number = case.published.index
    return renderer.say(key, title=case.notice.title, agency=agency_name, record=str(number))
