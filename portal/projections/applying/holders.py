"""
Who signs with which key: the rows behind "who may sign" and behind finding a person by her key.

The same fold as `portal.procurement.holders`, row by row; a test plays random acts through both and compares.
"""

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.events import keys
from portal.procurement.holders import LOG
from portal.projections.shelf import Shelf


def begin(shelf: Shelf, act: Act, holder: str, key: str, how: str, *, label: str = "") -> None:
    """From this act on the key is the holder's, unless it is already."""
    shelf.run(
        "INSERT INTO {held_key} (entry, subject, holder, key, how, label, since)"
        " SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM {held_key} h"
        " WHERE h.subject = ? AND h.holder = ? AND h.key = ? AND h.ended_entry IS NULL)",
        (act.index, act.subject, holder, key, how, label, format_time(act.at), act.subject, holder, key),
    )


def rest(shelf: Shelf, act: Act, holder: str) -> None:
    """The head ended somebody's appointments: her keys rest, and her recoveries end."""
    _end(shelf, act, "rested", "holder = ?", (holder,))
    shelf.run(
        "UPDATE {recovery} SET stopped_entry = ? WHERE subject = ? AND holder = ?"
        " AND stopped_entry IS NULL AND completed_entry IS NULL",
        (act.index, act.subject, holder),
    )


def key_added(shelf: Shelf, act: Act, body: keys.KeyAdded) -> set[str]:
    """The new key is everybody's whose the old one is."""
    beside = shelf.rows(
        "SELECT holder FROM {held_key} WHERE subject = ? AND key = ? AND ended_entry IS NULL ORDER BY entry, holder",
        (act.subject, body.beside),
    )
    # The operator's own key has no row: it is in entry 0.
    for (holder,) in beside or ([(act.subject,)] if act.subject == LOG else []):
        begin(shelf, act, holder, body.key, "added", label=body.label)
    return _lists(act)


def key_revoked(shelf: Shelf, act: Act, body: keys.KeyRevoked) -> set[str]:
    """The key is nobody's any more."""
    _end(shelf, act, "revoked", "key = ?", (body.key,))
    return _lists(act)


def recovery_asked(shelf: Shelf, act: Act, body: keys.RecoveryAsked) -> set[str]:
    """A recovery waits."""
    shelf.run(
        "INSERT INTO {recovery} (entry, subject, holder, key, label, at, effective_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (act.index, act.subject, body.holder, body.key, body.label, format_time(act.at), body.effective_at),
    )
    return set()


def recovery_stopped(shelf: Shelf, act: Act, body: keys.RecoveryStopped) -> set[str]:
    """It waits no more."""
    shelf.run(
        "UPDATE {recovery} SET stopped_entry = ? WHERE entry = ? AND subject = ?", (act.index, body.asked, act.subject)
    )
    return set()


def key_recovered(shelf: Shelf, act: Act, body: keys.KeyRecovered) -> set[str]:
    """The new key takes the place of the holder's others."""
    row = shelf.row(
        "SELECT holder, key, label FROM {recovery} WHERE entry = ? AND subject = ?", (body.asked, act.subject)
    )
    if row is None:
        return set()
    holder, key, label = row
    _end(shelf, act, "replaced", "holder = ? AND key <> ?", (holder, key))
    begin(shelf, act, holder, key, "recovered", label=label)
    shelf.run("UPDATE {recovery} SET completed_entry = ? WHERE entry = ?", (act.index, body.asked))
    return _lists(act)


def _lists(act: Act) -> set[str]:
    """The lists that name keys: a bidder's device finds its firm by them."""
    return {"firms"} if act.subject.startswith("firm:") else set()


def _end(shelf: Shelf, act: Act, ending: str, where: str, values: tuple[str, ...]) -> None:
    shelf.run(
        "UPDATE {held_key} SET ended_entry = ?, until = ?, ending = ?"  # noqa: S608 -- conditions above
        f" WHERE subject = ? AND ended_entry IS NULL AND {where}",
        (act.index, format_time(act.at), ending, act.subject, *values),
    )
