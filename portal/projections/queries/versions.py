"""How fresh a page is: the last entry that touched each subject, and the next deadline."""

from collections.abc import Sequence

from portal.projections.shelf import Shelf


def versions_of(shelf: Shelf, names: Sequence[str]) -> dict[str, int]:
    """The last entry that changed what each subject or collection shows; -1 for none yet."""
    found = dict.fromkeys(names, -1)
    if found:
        marks = ", ".join("?" * len(found))
        rows = shelf.rows(f"SELECT name, entry FROM {{version}} WHERE name IN ({marks})", tuple(found))  # noqa: S608 -- marks
        found |= {row[0]: int(row[1]) for row in rows}
    return found


def changed_since(shelf: Shelf, entry: int) -> Sequence[tuple[str, int]]:
    """Which subjects and collections an entry above `entry` has touched, oldest first."""
    rows = shelf.rows("SELECT name, entry FROM {version} WHERE entry > ? ORDER BY entry, name", (entry,))
    return [(row[0], int(row[1])) for row in rows]


def size_read(shelf: Shelf) -> int:
    """How many entries of the log the read models hold."""
    return shelf.number("SELECT size FROM {progress} WHERE id = 0")


def next_deadline(shelf: Shelf, at: str, *, agency: str = "") -> str | None:
    """The next instant at which time alone changes a pilot (of one agency); None when it never will."""
    if agency:
        sql = (
            "SELECT MIN(d.at) FROM {deadline} d JOIN {opportunity} o ON o.id = d.opportunity"
            " WHERE o.agency = ? AND d.at > ?"
        )
        row = shelf.row(sql, (agency, at))
    else:
        row = shelf.row("SELECT MIN(d.at) FROM {deadline} d WHERE d.at > ?", (at,))
    return None if row is None else row[0]


def media_type_of(shelf: Shelf, sha256: str) -> str | None:
    """The media type of a document as the first entry that names it has it; None when none does."""
    row = shelf.row("SELECT media_type FROM {document} WHERE sha256 = ?", (sha256,))
    return None if row is None else str(row[0])
