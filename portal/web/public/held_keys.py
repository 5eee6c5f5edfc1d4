"""Whose keys an act is about, in words."""

from portal.procurement.act import Act
from portal.procurement.events.keys import KeyAdded, KeyRecovered, KeyRevoked, RecoveryAsked, RecoveryStopped
from portal.projections.queries.holders import holder_of, recovery_holder
from portal.web.public.names import Names
from portal.web.reading import Reading
from portal.web.views.frame import Shown, said


def holder_named(names: Names, subject: str, holder: str) -> Shown:
    """A holder as a sentence names it: a firm or a partner by its link, a keeper by its name, a person by her pseudonym."""
    kind = holder.partition(":")[0]
    if kind == "firm":
        return names.firm(holder)
    if kind == "keeper":
        return names.keeper(holder)
    if kind == "partner":
        return names.training_partner(holder)
    if kind == "agency":
        return said("acts.holder.head", agency=names.agency(holder))
    if kind == "person":
        return said("acts.holder.person", agency=names.agency(subject), person=holder.removeprefix("person:"))
    return said("acts.holder.nobody")


def held_figures(reading: Reading, names: Names, act: Act) -> dict[str, Shown]:
    """What a sentence about keys is filled with; empty for acts about other things."""
    body, subject = act.body, act.subject
    if isinstance(body, KeyAdded):
        holder = holder_of(reading.shelf, subject, body.beside)
        return {"holder": holder_named(names, subject, holder), "label": body.label}
    if isinstance(body, KeyRevoked):
        return {"holder": holder_named(names, subject, holder_of(reading.shelf, subject, body.key)), "why": body.why}
    if isinstance(body, RecoveryAsked):
        zone = names.zone(subject) if subject.startswith("agency:") else "UTC"
        return {"holder": holder_named(names, subject, body.holder), "when": reading.when(body.effective_at, zone)}
    if isinstance(body, RecoveryStopped | KeyRecovered):
        holder = recovery_holder(reading.shelf, subject, body.asked)
        figures: dict[str, Shown] = {"holder": holder_named(names, subject, holder)}
        return {**figures, "why": body.why} if isinstance(body, RecoveryStopped) else figures
    return {}
