"""Keys as pages and desks look them up: whose key is this, and what was asked for."""

from msgspec import Struct

from portal.projections.shelf import Shelf


class KeyKnown(Struct, frozen=True):
    """A key of a holder in a subject; `ending` is None while it signs."""

    entry: int
    subject: str
    holder: str
    key: str
    how: str
    label: str
    since: str
    ending: str | None
    until: str | None
    ended_entry: int | None


_KEY = (
    "SELECT h.entry, h.subject, h.holder, h.key, h.how, h.label, h.since, h.ending, h.until, h.ended_entry"
    " FROM {held_key} h"
)


def keys_like(shelf: Shelf, key: str) -> list[KeyKnown]:
    """Everywhere a key is or was somebody's, in the order of the record: what a desk asks when a device signs."""
    return [
        KeyKnown(*row) for row in shelf.rows(f"{_KEY} WHERE h.key = ? ORDER BY h.entry, h.subject, h.holder", (key,))
    ]


def holder_of(shelf: Shelf, subject: str, key: str) -> str:
    """Whose key it is in a subject, the last to have it first; '' for nobody's."""
    row = shelf.row(f"{_KEY} WHERE h.subject = ? AND h.key = ? ORDER BY h.entry DESC, h.holder LIMIT 1", (subject, key))
    return "" if row is None else str(row[2])


def recovery_holder(shelf: Shelf, subject: str, entry: int) -> str:
    """For whom the recovery of an entry was asked; '' when that entry asked for none."""
    row = shelf.row("SELECT holder FROM {recovery} WHERE entry = ? AND subject = ?", (entry, subject))
    return "" if row is None else str(row[0])
