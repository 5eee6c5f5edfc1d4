"""Agencies, firms and keepers, with the figures behind their pages."""

# ruff: noqa: S608 -- only names and conditions of our own are put together; values travel as parameters

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from portal.projections.queries.naming import by_name
from portal.projections.queries.paging import Cursor, Segment, Slice, read_page
from portal.projections.queries.stages import STAGE
from portal.projections.shelf import Row, Shelf


class AgencyKnown(Struct, frozen=True):
    """An agency's row."""

    entry: int
    id: str
    name: str
    place: str
    place_name: str
    zone: str
    currency: str
    contact: str
    website: str


class FirmKnown(Struct, frozen=True):
    """A firm's row; `bids` counts opened ones, `chosen` choices and awards that stand."""

    entry: int
    folded: str
    id: str
    name: str
    place: str
    place_name: str
    staff: int
    skills: str
    bids: int
    chosen: int

    @property
    def skill_names(self) -> tuple[str, ...]:
        """The skills the firm names."""
        return msgspec.json.decode(self.skills, type=tuple[str, ...])


class BidShown(Struct, frozen=True):
    """One opened bid of a firm, with what came of it."""

    entry: int
    opportunity: str
    title: str
    agency: str
    agency_name: str
    zone: str
    price_minor: int
    currency: str
    status: str
    rank: int
    of: int
    closes: str
    stage: str
    chosen: str | None
    chosen_bid: str | None
    bid: str
    learner_places: int
    ranked_entry: int | None


_AGENCY = (
    "SELECT a.entry, a.id, a.name, a.place, a.place_name, a.zone, a.currency, a.contact, a.website FROM {agency} a"
)
_FIRM = (
    "SELECT f.entry, f.folded, f.id, f.name, f.place, f.place_name, f.staff, f.skills,"
    " (SELECT COUNT(*) FROM {bid} b WHERE b.firm = f.id AND b.opened_entry IS NOT NULL),"
    " (SELECT COUNT(*) FROM {award} w JOIN {opportunity} o ON o.id = w.opportunity"
    " WHERE w.firm = f.id AND o.ended_entry IS NULL) FROM {firm} f"
)
_BIDS = (
    "SELECT b.entry, b.opportunity, o.title, o.agency, a.name, a.zone, b.price_minor, b.currency, b.status, b.rank,"
    " (SELECT COUNT(*) FROM {bid} c WHERE c.opportunity = b.opportunity AND c.rank > 0), o.closes, "
    + STAGE
    + ", w.firm, w.bid, b.bid, b.learner_places, o.ranked_entry FROM {bid} b JOIN {opportunity} o ON o.id = b.opportunity"
    " JOIN {agency} a ON a.id = o.agency LEFT JOIN {award} w ON w.opportunity = b.opportunity"
    " WHERE b.firm = ? AND b.opened_entry IS NOT NULL ORDER BY b.entry DESC LIMIT ?"
)


def agencies(shelf: Shelf) -> list[AgencyKnown]:
    """All agencies, by name."""
    return [AgencyKnown(*row) for row in shelf.rows(f"{_AGENCY} ORDER BY a.folded, a.entry")]


def agency(shelf: Shelf, subject: str) -> AgencyKnown | None:
    """One agency's row."""
    row = shelf.row(f"{_AGENCY} WHERE a.id = ?", (subject,))
    return AgencyKnown(*row) if row else None


def stages_by_agency(shelf: Shelf, at: str) -> dict[str, dict[str, int]]:
    """How many pilots of each agency are in each state at a moment."""
    sql = f"SELECT o.agency, {STAGE} AS stage, COUNT(*) FROM {{opportunity}} o GROUP BY o.agency, 2"
    return _nested(shelf.rows(sql, (at, at)))


def stages_of_agency(shelf: Shelf, subject: str, at: str) -> dict[str, int]:
    """As `stages_by_agency`, for one."""
    sql = f"SELECT o.agency, {STAGE} AS stage, COUNT(*) FROM {{opportunity}} o WHERE o.agency = ? GROUP BY o.agency, 2"
    return _nested(shelf.rows(sql, (at, at, subject))).get(subject, {})


def spent_by_agency(shelf: Shelf) -> dict[str, list[tuple[str, int]]]:
    """The sums of final awards of each agency: currency and minor units."""
    sql = (
        "SELECT w.agency, w.currency, SUM(w.amount_minor) FROM {award} w WHERE w.awarded_entry IS NOT NULL"
        " GROUP BY w.agency, w.currency"
    )
    spent: dict[str, list[tuple[str, int]]] = {}
    for agency_id, currency, total in sorted(tuple(row) for row in shelf.rows(sql)):
        spent.setdefault(agency_id, []).append((currency, int(total)))
    return spent


def award_times(shelf: Shelf, subject: str) -> list[tuple[str, str, int]]:
    """Of each awarded pilot of an agency: when it closed, when it was awarded, and how many valid bids it had."""
    sql = (
        "SELECT o.closes, w.awarded_at, (SELECT COUNT(*) FROM {bid} b WHERE b.opportunity = o.id AND b.status = 'valid')"
        " FROM {award} w JOIN {opportunity} o ON o.id = w.opportunity"
        " WHERE w.agency = ? AND w.awarded_entry IS NOT NULL ORDER BY w.entry"
    )
    return [(row[0], row[1], int(row[2])) for row in shelf.rows(sql, (subject,))]


def opened_bid_counts(shelf: Shelf, subject: str) -> list[int]:
    """How many valid bids each pilot of an agency had, for those whose offers were opened."""
    sql = (
        "SELECT (SELECT COUNT(*) FROM {bid} b WHERE b.opportunity = o.id AND b.status = 'valid') FROM"
        " {opportunity} o WHERE o.agency = ? AND o.ranked_entry IS NOT NULL ORDER BY o.entry"
    )
    return [int(row[0]) for row in shelf.rows(sql, (subject,))]


def find_firms(
    shelf: Shelf,
    *,
    place: str = "",
    skill: str = "",
    limit: int = 60,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> tuple[list[FirmKnown], Slice]:
    """One page of firms by name. A skill is looked for in the names each firm gave, folded to a slug."""
    where, values = _firm_conditions(place, skill)
    segment = Segment(where=where, values=values, entry="f.entry", column="f.folded", column_at=1)
    page = read_page(shelf, _FIRM, (), [segment], limit, after=after, before=before)
    return [FirmKnown(*row) for row in page.rows], page


def count_firms(shelf: Shelf, *, place: str = "", skill: str = "") -> int:
    """How many firms match, over all pages."""
    where, values = _firm_conditions(place, skill)
    return shelf.number(f"SELECT COUNT(*) FROM {{firm}} f WHERE {where}", values)


def count_firms_by(shelf: Shelf, column: str) -> list[tuple[str, str, int]]:
    """Value, name and number of firms of each place or skill, by name."""
    if column == "place":
        sql = "SELECT f.place, MIN(f.place_name), COUNT(*) FROM {firm} f GROUP BY f.place"
    else:
        sql = "SELECT s.slug, MIN(s.name), COUNT(*) FROM {skill} s WHERE s.kind = 'firm' GROUP BY s.slug"
    return by_name(shelf.rows(sql))


def firm(shelf: Shelf, subject: str) -> FirmKnown | None:
    """One firm's row."""
    row = shelf.row(f"{_FIRM} WHERE f.id = ?", (subject,))
    return FirmKnown(*row) if row else None


def bids_of_firm(shelf: Shelf, subject: str, at: str, limit: int = 200) -> list[BidShown]:
    """The opened bids of a firm, newest first."""
    return [BidShown(*row) for row in shelf.rows(_BIDS, (at, at, subject, limit))]


def names_of(shelf: Shelf, table: str, subjects: Sequence[str]) -> dict[str, str]:
    """The names of these agencies, firms or keepers; unknown ones are left out."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    marks = ", ".join("?" * len(wanted))
    return {row[0]: row[1] for row in shelf.rows(f"SELECT id, name FROM {{{table}}} WHERE id IN ({marks})", wanted)}


def counts(shelf: Shelf) -> tuple[int, int]:
    """How many agencies and firms there are."""
    return shelf.number("SELECT COUNT(*) FROM {agency}"), shelf.number("SELECT COUNT(*) FROM {firm}")


def adoptions(shelf: Shelf, digest: str = "") -> list[Row]:
    """Who adopted which rules (of one digest): digest, jurisdiction, agency, name, zone, at, resolution, entry."""
    where, values = ("WHERE p.digest = ?", (digest,)) if digest else ("", ())
    sql = (
        "SELECT p.digest, p.jurisdiction, p.agency, a.name, a.zone, p.at, p.resolution, p.entry FROM {policy} p"
        f" JOIN {{agency}} a ON a.id = p.agency {where} ORDER BY p.entry"
    )
    return list(shelf.rows(sql, values))


def _firm_conditions(place: str, skill: str) -> tuple[str, tuple[object, ...]]:
    parts, values = ["1 = 1"], list[object]()
    if place:
        parts.append("f.place = ?")
        values.append(place)
    if skill:
        parts.append("f.entry IN (SELECT s.item FROM {skill} s WHERE s.kind = 'firm' AND s.slug = ?)")
        values.append(skill)
    return " AND ".join(parts), tuple(values)


def _nested(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for outer, inner, count in rows:
        found.setdefault(outer, {})[inner] = int(count)
    return found
