"""
Keys of holders: added beside an old one, revoked by another, recovered in public after all are lost.

Nobody gives a key to somebody else: a new key always signs for itself, and a key that anybody in the subject ever had is
nobody else's. Registrars have keys like any holder (`log:self`), beside the operator's own. What the registrar can start alone is nothing: a recovery needs the new key as well, waits in public, and any
key of the holder stops it.
"""

from datetime import timedelta

from ledger.entry import parse_time
from portal.procurement.act import Act
from portal.procurement.decisions.lookups import (
    must_admit,
    the_agency,
    the_firm,
    the_keeper,
    the_log,
    the_partner,
)
from portal.procurement.events.keys import KeyAdded, KeyRecovered, KeyRevoked, RecoveryAsked, RecoveryStopped
from portal.procurement.events.typed import typed
from portal.procurement.holders import LOG, KeyRing, Recovery
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal

RECOVERY_WAIT = timedelta(days=7)
"""Seven whole days: long enough for a letter, and for a holiday week-end."""


def ring_about(record: Record, subject: str) -> KeyRing:
    """The keys of everybody in a subject; refuses as the look-ups do when nobody registered it."""
    kind = subject.partition(":")[0]
    if subject == LOG:
        the_log(record)
        return record.operator_keys()
    if kind == "agency":
        return the_agency(record, subject).ring
    if kind == "firm":
        return the_firm(record, subject).ring
    return (the_keeper if kind == "keeper" else the_partner)(record, subject).ring


def add_key(record: Record, act: Act) -> None:
    """By an old key of the holder and by the new key, which is nobody's yet."""
    body = typed(act, KeyAdded)
    ring = ring_about(record, act.subject)
    if set(act.keys) != {body.beside, body.key}:
        raise Refusal("key-signers", {"beside": body.beside, "key": body.key})
    _check_new(ring, _signs_for(ring, body.beside), body.key)


def revoke_key(record: Record, act: Act) -> None:
    """
    By another key of everybody whose key it is, or of the head for a person; the last key does not revoke itself.

    The operator's own key is revoked by nobody (`key-operators`): the record itself is stated by it.
    """
    body = typed(act, KeyRevoked)
    ring = ring_about(record, act.subject)
    mine = set(_signs_for(ring, act.author))
    holders = ring.signs_for(body.key)
    if not holders:
        raise _unusable(ring, body.key)
    if act.subject == LOG and body.key == the_log(record).registrar:
        raise Refusal("key-operators", {"key": body.key})
    for holder in holders:
        by_head = holder.startswith("person:") and act.subject in mine
        if holder not in mine and not by_head:
            raise Refusal("signer-not-holder", {"holder": holder, "author": act.author})
        if body.key == act.author and len(ring.in_force(holder)) == 1:
            raise Refusal("key-last", {"holder": holder, "key": body.key})


def ask_recovery(record: Record, act: Act) -> None:
    """By the new key and by the registrar, for a holder with keys in force, at least seven whole days ahead."""
    body = typed(act, RecoveryAsked)
    ring = ring_about(record, act.subject)
    if body.key not in act.keys:
        raise Refusal("signer-not-registrar", {"author": act.author})
    must_admit(record, [key for key in act.keys if key != body.key], act.author)
    if not any(row.holder == body.holder for row in ring.keys):
        raise Refusal("holder-unknown", {"holder": body.holder, "subject": act.subject})
    if not ring.in_force(body.holder):
        raise Refusal("holder-without-key", {"holder": body.holder})
    if any(row.key == body.key for row in ring.pending(body.holder)):
        raise Refusal("recovery-pending", {"holder": body.holder, "key": body.key})
    _check_new(ring, [body.holder], body.key)
    earliest = act.at + RECOVERY_WAIT
    if parse_time(body.effective_at) < earliest:
        raise Refusal("recovery-too-short", {"earliest": earliest.isoformat(), "given": body.effective_at})


def stop_recovery(record: Record, act: Act) -> None:
    """By any key of the holder that is in force, until the recovery is completed."""
    body = typed(act, RecoveryStopped)
    ring = ring_about(record, act.subject)
    asked = _pending(ring, body.asked)
    stranger = Refusal("signer-not-holder", {"holder": asked.holder, "author": act.author})
    ring.require(asked.holder, act.author, stranger)


def recover_key(record: Record, act: Act) -> None:
    """By the key that was asked for, from the announced moment on, unless somebody has stopped it."""
    body = typed(act, KeyRecovered)
    asked = _pending(ring_about(record, act.subject), body.asked)
    if act.keys != (asked.key,):
        raise Refusal("signer-not-holder", {"holder": asked.holder, "author": act.author})
    if act.at < asked.effective_at:
        raise Refusal("recovery-too-early", {"from": asked.effective_at.isoformat(), "at": act.at.isoformat()})


def check_appointed_key(ring: KeyRing, person: str, key: str) -> None:
    """
    A key that the head names for a person is hers already, or nobody's; the head's own may be an officer's as well.

    Raises:
        Refusal: `key-of-another-person`, also while somebody else waits for it, or `key-revoked`.
    """
    others = {holder for holder in ring.holders_of(key) if holder.startswith("person:")}
    others |= {row.holder for row in ring.pending() if row.key == key}
    if others - {person}:
        raise Refusal("key-of-another-person", {"key": key, "person": min(others - {person})})
    spent = any(row.key == key and row.end in {"revoked", "replaced"} for row in ring.keys)
    if spent and not ring.holds(person, key):
        raise Refusal("key-revoked", {"key": key, "holder": person})


def _check_new(ring: KeyRing, holders: list[str], key: str) -> None:
    """The key may become one of these holders'."""
    for row in ring.pending():
        if row.key == key:
            reason = "key-not-yet" if row.holder in holders else "key-of-another-person"
            raise Refusal(reason, {"key": key, "holder": row.holder})
    for holder in ring.holders_of(key):
        if holder not in holders:
            raise Refusal("key-of-another-person", {"key": key, "holder": holder})
        standing = ring.standing(holder, key)
        if standing != "rested":
            reason = "key-already-held" if standing == "in-force" else "key-revoked"
            raise Refusal(reason, {"key": key, "holder": holder})


def _signs_for(ring: KeyRing, key: str) -> list[str]:
    holders = ring.signs_for(key)
    if not holders:
        raise _unusable(ring, key)
    return holders


def _unusable(ring: KeyRing, key: str) -> Refusal:
    """Why a key signs for nobody in the subject."""
    for holder in ring.holders_of(key):
        if ring.standing(holder, key) == "rested":
            return Refusal("appointment-ended", {"person": holder})
        return Refusal("key-revoked", {"key": key, "holder": holder})
    for row in ring.pending():
        if row.key == key:
            return Refusal("key-not-yet", {"key": key, "holder": row.holder})
    return Refusal("key-unknown", {"key": key})


def _pending(ring: KeyRing, entry: int) -> Recovery:
    asked = ring.recoveries.get(entry)
    if asked is None:
        raise Refusal("recovery-unknown", {"asked": entry})
    if asked.stopped is not None:
        raise Refusal("recovery-stopped", {"asked": entry, "entry": asked.stopped})
    if asked.completed is not None:
        raise Refusal("recovery-completed", {"asked": entry, "entry": asked.completed})
    return asked
