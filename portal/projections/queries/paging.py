"""
Keyset pages: a page begins where the one before ended, however long the list.

A list is a row of segments (open pilots by their close, then all others newest first). Each segment is ordered by one or
two columns in one direction, the entry's index last. A cursor names the segment and the last row's values.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from portal.projections.shelf import Row, Shelf

_CURSOR = re.compile(r"([0-9])~([0-9A-Za-z.:-]{0,40})~([0-9]{1,15})")


class Segment(Struct, frozen=True, kw_only=True):
    """
    One stretch of a list: which rows (`where`, `values`), ordered by `column` (if any) and then by `entry`.

    `column` is selected as `row[column_at]`, `entry` as `row[0]`.
    """

    where: str
    values: tuple[object, ...]
    entry: str
    column: str = ""
    column_at: int = 0
    descending: bool = False
    numeric: bool = False


class Cursor(Struct, frozen=True):
    """Where a page ended: the segment, the ordering column's value, the entry's index."""

    segment: int
    value: str
    entry: int

    def __str__(self) -> str:
        return f"{self.segment}~{self.value}~{self.entry}"


class Slice(Struct, frozen=True):
    """The rows of one page, in order, and the cursors of its neighbours ('' where there is none)."""

    rows: list[Row]
    older: str
    newer: str


def parse_cursor(text: str, segments: int) -> Cursor | None:
    """Read a cursor out of an address; None for one that no page of this list gives."""
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[1]) >= segments:
        return None
    return Cursor(int(found[1]), found[2], int(found[3]))


def read_page(
    shelf: Shelf,
    select: str,
    values: tuple[object, ...],
    segments: Sequence[Segment],
    limit: int,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> Slice:
    """
    The page after (or before) a cursor; the first page without one.

    Args:
        select: `SELECT … FROM …` without WHERE; its first column is the entry's index.
        values: What the question marks in `select` stand for.
    """
    backwards = before is not None
    start = before if backwards else after
    order = range(start.segment, -1, -1) if start and backwards else range(start.segment if start else 0, len(segments))
    found: list[tuple[int, Row]] = []
    for number in order:
        cursor = start if start is not None and start.segment == number else None
        rows = _rows(
            shelf, select, values, segments[number], limit=limit + 1 - len(found), cursor=cursor, backwards=backwards
        )
        found += [(number, row) for row in rows]
        if len(found) > limit:
            break
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, True) if backwards else (start is not None, more)
    return Slice(
        [row for _, row in found],
        _cursor(segments, found[-1]) if found and has_older else "",
        _cursor(segments, found[0]) if found and has_newer else "",
    )


def _rows(
    shelf: Shelf,
    select: str,
    values: tuple[object, ...],
    segment: Segment,
    *,
    limit: int,
    cursor: Cursor | None,
    backwards: bool,
) -> Sequence[Row]:
    descending = segment.descending is not backwards
    way, sign = ("DESC", "<") if descending else ("ASC", ">")
    where, given = segment.where, list(segment.values)
    if cursor is not None and segment.column:
        where += f" AND ({segment.column}, {segment.entry}) {sign} (?, ?)"
        given += [int(cursor.value or "0") if segment.numeric else cursor.value, cursor.entry]
    elif cursor is not None:
        where += f" AND {segment.entry} {sign} ?"
        given.append(cursor.entry)
    order = f"{segment.column} {way}, {segment.entry} {way}" if segment.column else f"{segment.entry} {way}"
    sql = f"{select} WHERE {where} ORDER BY {order} LIMIT {limit}"
    return shelf.rows(sql, (*values, *given))


def _cursor(segments: Sequence[Segment], found: tuple[int, Row]) -> str:
    number, row = found
    segment = segments[number]
    value: Any = row[segment.column_at] if segment.column else ""
    return str(Cursor(number, str(value), int(row[0])))
