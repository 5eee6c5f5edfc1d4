"""Pilots: the list with its search, filters and sort orders, and the counts beside it."""

# ruff: noqa: S608 -- only names and conditions of our own are put together; values travel as parameters

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec import Struct

from portal.projections.folding import LARGEST_CHARACTER
from portal.projections.queries.naming import by_name
from portal.projections.queries.paging import Cursor, Segment, Slice, read_page
from portal.projections.queries.stages import STAGE, in_stage
from portal.projections.shelf import Row, Shelf

Sort = Literal["closing", "newest", "value"]
SORTS: tuple[Sort, ...] = ("closing", "newest", "value")

VALUES: dict[str, tuple[int, int | None]] = {
    "under-10k": (0, 1_000_000),
    "10k-25k": (1_000_000, 2_500_000),
    "25k-50k": (2_500_000, 5_000_000),
    "over-50k": (5_000_000, None),
}
"""Size bands in minor units, the upper end outside."""


class Wish(Struct, frozen=True, kw_only=True):
    """What a reader asked for; '' leaves a filter open. `terms` are folded beginnings of words."""

    terms: tuple[str, ...] = ()
    state: str = ""
    agency: str = ""
    place: str = ""
    value: str = ""
    skill: str = ""


@lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """A list of names as a column holds it; lists show the same ones again and again."""
    return msgspec.json.decode(text, type=tuple[str, ...])


class Found(Struct, frozen=True):
    """One pilot of a list, as its row and the moment tell it. `amount_minor` is the award's, once one is intended."""

    entry: int
    closes: str
    budget_minor: int
    id: str
    title: str
    summary: str
    agency: str
    agency_name: str
    zone: str
    place_name: str
    stage: str
    price_mode: str
    currency: str
    amount_minor: int | None
    reservation: str
    skills: str
    opens_by: str
    decided_at: str
    at: str
    plan: str | None
    changed_at: str

    @property
    def skill_names(self) -> tuple[str, ...]:
        """The skills asked for, as the notice has them."""
        return names_in(self.skills)

    @property
    def since(self) -> str:
        """When the present state began; for an open one, when it will end."""
        if self.stage in {"open", "closed", "no-bids"}:
            return self.closes
        return self.opens_by if self.stage == "opening-failed" else self.decided_at


_SELECT = (
    "SELECT o.entry, o.closes, o.budget_minor, o.id, o.title, o.summary, o.agency, a.name, a.zone, o.place_name, "
    + STAGE
    + ", o.price_mode, o.currency, w.amount_minor, o.reservation, o.skills, o.opens_by, o.decided_at, o.at, o.plan,"
    " o.changed_at"
    " FROM {opportunity} o JOIN {agency} a ON a.id = o.agency LEFT JOIN {award} w ON w.opportunity = o.id"
)


def conditions(wish: Wish, at: str, *, without: str = "") -> tuple[str, tuple[object, ...]]:
    """The WHERE of a wish at a moment; `without` leaves one filter out, for the counts beside that filter."""
    parts, values = ["1 = 1"], list[object]()
    for term in wish.terms:
        parts.append(
            "o.entry IN (SELECT w.item FROM {word} w WHERE w.kind = 'opportunity' AND w.word >= ? AND w.word < ?)"
        )
        values += [term, term + LARGEST_CHARACTER]
    if wish.state and without != "state":
        where, given = in_stage(wish.state, at)
        parts.append(f"({where})")
        values += given
    for name in ("agency", "place"):
        if getattr(wish, name) and without != name:
            parts.append(f"o.{name} = ?")
            values.append(getattr(wish, name))
    if wish.value and without != "value":
        low, high = VALUES[wish.value]
        parts.append("o.budget_minor >= ?" if high is None else "o.budget_minor >= ? AND o.budget_minor < ?")
        values += [low] if high is None else [low, high]
    if wish.skill and without != "skill":
        parts.append("o.entry IN (SELECT s.item FROM {skill} s WHERE s.kind = 'opportunity' AND s.slug = ?)")
        values.append(wish.skill)
    return " AND ".join(parts), tuple(values)


def segments_of(sort: Sort, wish: Wish, at: str) -> list[Segment]:
    """How a sort order runs through the list: `closing` shows what is open by its close, then the rest newest first."""
    where, values = conditions(wish, at)
    if sort == "newest":
        return [Segment(where=where, values=values, entry="o.entry", descending=True)]
    if sort == "value":
        by_value = Segment(
            where=where,
            values=values,
            entry="o.entry",
            column="o.budget_minor",
            column_at=2,
            descending=True,
            numeric=True,
        )
        return [by_value]
    still_open, moments = in_stage("open", at)
    return [
        Segment(
            where=f"{where} AND {still_open}",
            values=(*values, *moments),
            entry="o.entry",
            column="o.closes",
            column_at=1,
        ),
        Segment(
            where=f"{where} AND (o.decided <> '' OR o.closes <= ?)",
            values=(*values, at),
            entry="o.entry",
            descending=True,
        ),
    ]


def find_opportunities(
    shelf: Shelf,
    wish: Wish,
    at: str,
    *,
    sort: Sort = "closing",
    limit: int = 30,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> tuple[list[Found], Slice]:
    """One page of pilots at a moment, with the cursors of its neighbours."""
    page = read_page(shelf, _SELECT, (at, at), segments_of(sort, wish, at), limit, after=after, before=before)
    return [Found(*row) for row in page.rows], page


def opportunity(shelf: Shelf, subject: str, at: str) -> Found | None:
    """One pilot's row at a moment."""
    row = shelf.row(f"{_SELECT} WHERE o.id = ?", (at, at, subject))
    return Found(*row) if row else None


def followed_by(shelf: Shelf, subject: str) -> tuple[str, str] | None:
    """The next try of a pilot that ended without award, by id and title; the latest of several."""
    row = shelf.row("SELECT id, title FROM {opportunity} WHERE follows = ? ORDER BY entry DESC LIMIT 1", (subject,))
    return (row[0], row[1]) if row else None


def title_of(shelf: Shelf, subject: str) -> str:
    """A pilot's title; '' for one that was never published."""
    row = shelf.row("SELECT title FROM {opportunity} WHERE id = ?", (subject,))
    return row[0] if row else ""


def count_opportunities(shelf: Shelf, wish: Wish, at: str) -> int:
    """How many pilots match, over all pages."""
    where, values = conditions(wish, at)
    return shelf.number(f"SELECT COUNT(*) FROM {{opportunity}} o WHERE {where}", values)


def count_by_stage(shelf: Shelf, wish: Wish, at: str) -> dict[str, int]:
    """How many pilots each state would leave."""
    where, values = conditions(wish, at, without="state")
    return _counted(
        shelf.rows(
            f"SELECT {STAGE} AS stage, COUNT(*) FROM {{opportunity}} o WHERE {where} GROUP BY 1", (at, at, *values)
        )
    )


def count_by_agency(shelf: Shelf, wish: Wish, at: str) -> list[tuple[str, str, int]]:
    """Id, name and number of pilots of each agency, by name."""
    where, values = conditions(wish, at, without="agency")
    sql = (
        "SELECT a.id, a.name, COUNT(*), a.folded, a.entry FROM {opportunity} o JOIN {agency} a ON a.id = o.agency"
        f" WHERE {where} GROUP BY a.id, a.name, a.folded, a.entry ORDER BY a.folded, a.entry"
    )
    return [(row[0], row[1], row[2]) for row in shelf.rows(sql, values)]


def count_by_place(shelf: Shelf, wish: Wish, at: str) -> list[tuple[str, str, int]]:
    """Code, name and number of pilots of each place, by name."""
    where, values = conditions(wish, at, without="place")
    sql = f"SELECT o.place, MIN(o.place_name), COUNT(*) FROM {{opportunity}} o WHERE {where} GROUP BY o.place"
    return by_name(shelf.rows(sql, values))


def count_by_value(shelf: Shelf, wish: Wish, at: str) -> dict[str, int]:
    """How many pilots each size band would leave."""
    where, values = conditions(wish, at, without="value")
    bands = " ".join(f"WHEN o.budget_minor < {high} THEN '{name}'" for name, (_, high) in VALUES.items() if high)
    sql = f"SELECT CASE {bands} ELSE 'over-50k' END AS band, COUNT(*) FROM {{opportunity}} o WHERE {where} GROUP BY 1"
    return _counted(shelf.rows(sql, values))


def count_by_skill(shelf: Shelf, wish: Wish, at: str) -> list[tuple[str, str, int]]:
    """Slug, name and number of pilots of each skill, the most asked first."""
    where, values = conditions(wish, at, without="skill")
    sql = (
        "SELECT s.slug, MIN(s.name), COUNT(*) FROM {opportunity} o JOIN {skill} s ON s.item = o.entry"
        f" AND s.kind = 'opportunity' WHERE {where} GROUP BY s.slug"
    )
    return sorted(((row[0], row[1], row[2]) for row in shelf.rows(sql, values)), key=lambda row: (-row[2], row[0]))


def _counted(rows: Sequence[Row]) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in rows}
