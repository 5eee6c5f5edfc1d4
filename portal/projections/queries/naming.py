"""Values that are listed by their names, as people expect an alphabet: case and accents apart."""

from collections.abc import Iterable

from portal.projections.folding import fold
from portal.projections.shelf import Row

Counted = tuple[str, str, int]


def by_name(rows: Iterable[Row]) -> list[Counted]:
    """Rows of value, name and number, by name; equal names by their value."""
    return sorted(((row[0], row[1], int(row[2])) for row in rows), key=lambda row: (fold(row[1]), row[0]))
