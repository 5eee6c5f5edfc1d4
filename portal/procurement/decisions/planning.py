"""Promised work: announced, changed, dropped, each by an officer with the duty."""

from portal.procurement.act import Act
from portal.procurement.decisions.lookups import by_officer, the_agency, the_plan, the_policy
from portal.procurement.events.plan import PlanAnnounced, PlanChanged, PlanDropped
from portal.procurement.events.typed import typed
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def announce(record: Record, act: Act) -> None:
    """A new plan of a registered agency."""
    body = typed(act, PlanAnnounced)
    by_officer(act, the_agency(record, body.agency), "plan")
    if record.plan(act.subject) is not None:
        raise Refusal("plan-already-announced", {"plan": act.subject})


def change(record: Record, act: Act) -> None:
    """A plan that still stands; it stays with its agency."""
    body = typed(act, PlanChanged)
    plan = the_plan(record, act.subject)
    by_officer(act, the_agency(record, plan.promise.agency), "plan")
    if plan.dropped is not None:
        raise Refusal("plan-dropped", {"plan": plan.id, "entry": plan.dropped.index})
    if body.plan.agency != plan.promise.agency:
        raise Refusal("plan-agency", {"plan": plan.id, "agency": plan.promise.agency})


def drop(record: Record, act: Act) -> None:
    """A plan that still stands, with a reason from the agency's list."""
    body = typed(act, PlanDropped)
    plan = the_plan(record, act.subject)
    agency = the_agency(record, plan.promise.agency)
    by_officer(act, agency, "plan")
    if plan.dropped is not None:
        raise Refusal("plan-dropped", {"plan": plan.id, "entry": plan.dropped.index})
    rules = the_policy(record, agency.policy().document.sha256).rules(act.at)
    allowed = [row.code for row in rules.award.plan_drop_reasons]
    if body.reason not in allowed:
        raise Refusal("reason-not-listed", {"reason": body.reason, "allowed": ", ".join(allowed)})
