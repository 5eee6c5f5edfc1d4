"""Promised work: the list, and what became of each agency's promises."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from portal.projections.folding import LARGEST_CHARACTER
from portal.projections.queries.naming import by_name
from portal.projections.shelf import Row, Shelf


class Promised(Struct, frozen=True):
    """One promise; `state` is the last station it reached: planned, published, awarded or dropped."""

    entry: int
    id: str
    title: str
    need: str
    agency: str
    agency_name: str
    place: str
    place_name: str
    quarter: str
    tier: str
    money: str
    skills: str
    learner_places: int
    state: str
    at: str
    zone: str
    changed_at: str

    @property
    def skill_names(self) -> tuple[str, ...]:
        """The skills asked for, as the promise has them."""
        return msgspec.json.decode(self.skills, type=tuple[str, ...])


class Kept(Struct, frozen=True):
    """What one agency promised and what came of it; each promise counts once, at the last station it reached."""

    agency: str
    agency_name: str
    promised: int
    waiting: int
    published: int
    awarded: int
    dropped: int


_STATE = (
    "CASE WHEN p.dropped_entry IS NOT NULL THEN 'dropped' WHEN o.awarded_entry IS NOT NULL THEN 'awarded'"
    " WHEN p.opportunity IS NOT NULL THEN 'published' ELSE 'planned' END"
)
_FROM = " FROM {plan} p JOIN {agency} a ON a.id = p.agency LEFT JOIN {opportunity} o ON o.id = p.opportunity"
_SELECT = (
    "SELECT p.entry, p.id, p.title, p.need, p.agency, a.name, p.place, p.place_name, p.quarter, p.tier, p.money,"
    f" p.skills, p.learner_places, {_STATE}, p.at, a.zone, p.changed_at{_FROM}"
)


def find_plans(
    shelf: Shelf,
    *,
    terms: Sequence[str] = (),
    place: str = "",
    skill: str = "",
    agency: str = "",
    state: str = "",
    after: int | None = None,
    newest_first: bool = False,
    limit: int = 200,
) -> list[Promised]:
    """Promises by quarter, or newest first after an entry; each filter may be ''."""
    parts, values = ["1 = 1"], list[object]()
    for term in terms:
        parts.append("p.entry IN (SELECT w.item FROM {word} w WHERE w.kind = 'plan' AND w.word >= ? AND w.word < ?)")
        values += [term, term + LARGEST_CHARACTER]
    for name, wanted in (("place", place), ("agency", agency)):
        if wanted:
            parts.append(f"p.{name} = ?")
            values.append(wanted)
    if skill:
        parts.append("p.entry IN (SELECT s.item FROM {skill} s WHERE s.kind = 'plan' AND s.slug = ?)")
        values.append(skill)
    if state:
        parts.append(f"{_STATE} = ?")
        values.append(state)
    if after is not None:
        parts.append("p.entry < ?")
        values.append(after)
    order = "p.entry DESC" if newest_first else "p.quarter, p.entry"
    sql = f"{_SELECT} WHERE {' AND '.join(parts)} ORDER BY {order} LIMIT {limit}"
    return [Promised(*row) for row in shelf.rows(sql, values)]


def plan(shelf: Shelf, subject: str) -> Promised | None:
    """One promise's row."""
    row = shelf.row(f"{_SELECT} WHERE p.id = ?", (subject,))
    return Promised(*row) if row else None


def published_as(shelf: Shelf, subject: str) -> tuple[str, str] | None:
    """The pilot that a promise became, by id and title."""
    row = shelf.row(
        "SELECT o.id, o.title FROM {plan} p JOIN {opportunity} o ON o.id = p.opportunity WHERE p.id = ?", (subject,)
    )
    return (row[0], row[1]) if row else None


def promises_kept(shelf: Shelf, agency: str = "") -> list[Kept]:
    """The table of promises kept, for every agency that made one (or for one agency), by name."""
    where, values = ("WHERE p.agency = ?", (agency,)) if agency else ("", ())
    sql = (
        f"SELECT a.id, a.name, {_STATE}, COUNT(*), a.folded, a.entry{_FROM} {where}"
        f" GROUP BY a.id, a.name, a.folded, a.entry, 3 ORDER BY a.folded, a.entry"
    )
    return _kept(list(shelf.rows(sql, values)))


def count_plans_by(shelf: Shelf, column: str) -> list[tuple[str, str, int]]:
    """Value, name and number of promises of each place or skill, by name."""
    if column == "place":
        sql = "SELECT p.place, MIN(p.place_name), COUNT(*) FROM {plan} p GROUP BY p.place"
    else:
        sql = "SELECT s.slug, MIN(s.name), COUNT(*) FROM {skill} s WHERE s.kind = 'plan' GROUP BY s.slug"
    return by_name(shelf.rows(sql))


def _kept(rows: list[Row]) -> list[Kept]:
    names: dict[str, str] = {}
    counts: dict[str, dict[str, int]] = {}
    for agency, name, state, count, *_ in rows:
        names[agency] = name
        counts.setdefault(agency, {})[state] = int(count)
    return [
        Kept(
            agency,
            names[agency],
            sum(found.values()),
            found.get("planned", 0),
            found.get("published", 0),
            found.get("awarded", 0),
            found.get("dropped", 0),
        )
        for agency, found in counts.items()
    ]
