"""A plan as its entries make it: promised, changed, dropped."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from portal.procurement.act import Act
from portal.procurement.events.plan import PlanAnnounced, PlanChanged, PlanDropped
from portal.procurement.refusal import Refusal


class Plan(Struct, kw_only=True):
    """The fold over `plan:ID`. Whether it was published is told by the opportunity that names it."""

    id: str
    announced: Act
    promise: PlanAnnounced
    acts: list[Act]
    dropped: Act | None = None

    @property
    def state(self) -> Literal["planned", "dropped"]:
        """`planned` until it is dropped."""
        return "dropped" if self.dropped else "planned"


def fold_plan(acts: Iterable[Act]) -> Plan | None:
    """Add up the acts of one `plan:ID`."""
    plan: Plan | None = None
    for act in acts:
        if isinstance(act.body, PlanAnnounced):
            plan = Plan(id=act.subject, announced=act, promise=act.body, acts=[act])
            continue
        if plan is None:
            raise Refusal("plan-unknown", {"plan": act.subject})
        plan.acts.append(act)
        if isinstance(act.body, PlanChanged):
            plan.promise = act.body.plan
        elif isinstance(act.body, PlanDropped):
            plan.dropped = act
    return plan
