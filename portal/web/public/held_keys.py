"""Whose keys these are, in words: on the pages of agencies, firms and partners, and in sentences about acts."""

from portal.procurement.act import Act
from portal.procurement.events.keys import KeyAdded, KeyRecovered, KeyRevoked, RecoveryAsked, RecoveryStopped
from portal.procurement.holders import LOG, HeldKey, KeyRing, Recovery
from portal.projections.queries.holders import holder_of, recovery_holder
from portal.web.public.names import Names
from portal.web.reading import Reading
from portal.web.views.frame import Record, Shown, said
from portal.web.views.keys import KeyKind, KeyRow, Keys, RecoveryRow


def kind_of_key(key: str) -> KeyKind:
    """What a key is, as its owner would call it."""
    if key.startswith("passkey-"):
        return "passkey"
    return "browser" if key.startswith("es256:") else "file"


def keys_shown(reading: Reading, ring: KeyRing, subject: str, zone: str) -> Keys:
    """The keys of a subject for its page; what waits changes the page again when its time is over."""
    return Keys(
        signing=tuple(_key_row(reading, row, subject, zone) for row in ring.keys if row.ended is None),
        ended=tuple(_key_row(reading, row, subject, zone) for row in ring.keys if row.ended is not None),
        waiting=tuple(_recovery_row(reading, row, subject, zone) for row in ring.pending()),
    )


def _key_row(reading: Reading, row: HeldKey, subject: str, zone: str) -> KeyRow:
    return KeyRow(
        who=_whose(subject, row.holder),
        kind=kind_of_key(row.key),
        label=row.label,
        since=reading.when(row.since, zone),
        state=row.end or "signs",
        until=None if row.until is None else reading.when(row.until, zone),
        why=row.why,
        records=(Record(row.entry if row.ended is None else row.ended),),
    )


def _recovery_row(reading: Reading, row: Recovery, subject: str, zone: str) -> RecoveryRow:
    return RecoveryRow(
        who=_whose(subject, row.holder),
        kind=kind_of_key(row.key),
        label=row.label,
        asked=reading.when(row.asked_at, zone),
        effective=reading.countdown(row.effective_at, zone),
        over=row.effective_at <= reading.at,
        records=(Record(row.entry),),
    )


def _whose(subject: str, holder: str) -> Shown:
    """On an agency's page: the person or the governing body; on any other there is only one whose keys they can be."""
    if holder.startswith("person:"):
        return holder.removeprefix("person:")
    return said("keys.head") if subject.startswith("agency:") else None


def holder_named(names: Names, subject: str, holder: str) -> Shown:  # noqa: PLR0911 -- one return for each kind
    """A holder as a sentence names it: a firm or a partner by its link, a keeper by its name, a person by her pseudonym."""
    kind = holder.partition(":")[0]
    if kind == "firm":
        return names.firm(holder)
    if kind == "keeper":
        return names.keeper(holder)
    if kind == "partner":
        return names.training_partner(holder)
    if kind == "log" or subject == LOG:
        return said("acts.holder.registrar")
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
