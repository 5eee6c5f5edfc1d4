"""How fresh a page is: the last entry that touched each subject, and the next deadline."""

from collections.abc import Iterable, Sequence

from portal.projections.shelf import Shelf


def version_of(shelf: Shelf, name: str) -> int:
    """The last entry that changed what a subject or a collection shows; -1 for none yet."""
    row = shelf.row("SELECT entry FROM {version} WHERE name = ?", (name,))
    return -1 if row is None else int(row[0])


def versions_of(shelf: Shelf, names: Iterable[str]) -> dict[str, int]:
    """The versions of several subjects."""
    return {name: version_of(shelf, name) for name in names}


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
