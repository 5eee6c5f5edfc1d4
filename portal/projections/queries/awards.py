"""Choices and awards."""

# ruff: noqa: S608 -- only names and conditions of our own are put together; values travel as parameters

from msgspec import Struct

from portal.projections.queries.naming import by_name
from portal.projections.queries.paging import Cursor, Segment, Slice, read_page
from portal.projections.shelf import Shelf


class Awarded(Struct, frozen=True):
    """One choice, final once `awarded_entry` is there."""

    entry: int
    opportunity: str
    title: str
    agency: str
    agency_name: str
    zone: str
    firm: str
    firm_name: str
    amount_minor: int
    currency: str
    at: str
    awarded_entry: int | None
    awarded_at: str | None
    bids: int


_SELECT = (
    "SELECT w.entry, w.opportunity, o.title, w.agency, a.name, a.zone, w.firm, f.name, w.amount_minor, w.currency, w.at,"
    " w.awarded_entry, w.awarded_at, (SELECT COUNT(*) FROM {bid} b WHERE b.opportunity = w.opportunity AND"
    " b.status = 'valid') FROM {award} w JOIN {opportunity} o ON o.id = w.opportunity"
    " JOIN {agency} a ON a.id = w.agency JOIN {firm} f ON f.id = w.firm"
)


def conditions(*, agency: str = "", firm: str = "", year: str = "", final: bool = False) -> tuple[str, list[object]]:
    """The WHERE of a list of awards. A cancelled pilot has no award, whatever was intended."""
    parts, values = ["o.ended_entry IS NULL"], list[object]()
    for name, wanted in (("agency", agency), ("firm", firm)):
        if wanted:
            parts.append(f"w.{name} = ?")
            values.append(wanted)
    if year:
        parts.append("w.at >= ? AND w.at < ?")
        values += [f"{year}-01-01", f"{int(year) + 1:04d}-01-01"]
    if final:
        parts.append("w.awarded_entry IS NOT NULL")
    return " AND ".join(parts), values


def find_awards(
    shelf: Shelf,
    *,
    agency: str = "",
    firm: str = "",
    year: str = "",
    final: bool = False,
    limit: int = 30,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> tuple[list[Awarded], Slice]:
    """One page of choices and awards, newest first."""
    where, values = conditions(agency=agency, firm=firm, year=year, final=final)
    segment = Segment(where=where, values=tuple(values), entry="w.entry", descending=True)
    page = read_page(shelf, _SELECT, (), [segment], limit, after=after, before=before)
    return [Awarded(*row) for row in page.rows], page


def sum_awards(shelf: Shelf, *, agency: str = "", firm: str = "", year: str = "") -> list[tuple[str, int, int]]:
    """Currency, sum in minor units and number of final awards that match."""
    where, values = conditions(agency=agency, firm=firm, year=year, final=True)
    sql = (
        "SELECT w.currency, SUM(w.amount_minor), COUNT(*) FROM {award} w JOIN {opportunity} o ON o.id = w.opportunity"
        f" WHERE {where} GROUP BY w.currency"
    )
    return sorted((row[0], int(row[1]), int(row[2])) for row in shelf.rows(sql, values))


def count_awards(shelf: Shelf, *, agency: str = "", firm: str = "", year: str = "") -> int:
    """How many choices and awards match, over all pages."""
    where, values = conditions(agency=agency, firm=firm, year=year)
    sql = f"SELECT COUNT(*) FROM {{award}} w JOIN {{opportunity}} o ON o.id = w.opportunity WHERE {where}"
    return shelf.number(sql, values)


def count_awards_by(
    shelf: Shelf, column: str, *, agency: str = "", firm: str = "", year: str = "", final: bool = False
) -> list[tuple[str, str, int]]:
    """Value, name and number of choices and awards for each agency, firm or year that the other filters leave."""
    kept = {"agency": agency, "firm": firm, "year": year, column: ""}
    where, values = conditions(**kept, final=final)
    keyed = {
        "agency": ("w.agency", "a.name", " JOIN {agency} a ON a.id = w.agency"),
        "firm": ("w.firm", "f.name", " JOIN {firm} f ON f.id = w.firm"),
        "year": ("substr(w.at, 1, 4)", "substr(w.at, 1, 4)", ""),
    }
    key, name, join = keyed[column]
    sql = (
        f"SELECT {key}, MIN({name}), COUNT(*) FROM {{award}} w JOIN {{opportunity}} o ON o.id = w.opportunity{join}"
        f" WHERE {where} GROUP BY 1"
    )
    return by_name(shelf.rows(sql, values))
