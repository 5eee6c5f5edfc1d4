"""The list of pilots."""

from msgspec import structs

from portal.procurement.stage import STAGES
from portal.projections.folding import search_terms
from portal.projections.queries.opportunities import (
    SORTS,
    VALUES,
    Found,
    Sort,
    Wish,
    count_by_agency,
    count_by_place,
    count_by_skill,
    count_by_stage,
    count_by_value,
    count_opportunities,
    find_opportunities,
)
from portal.projections.queries.paging import Slice
from portal.web.addresses import PILOTS_FEED, list_href, with_wish
from portal.web.public.query import Query
from portal.web.public.rows import opportunity_row
from portal.web.reading import Reading
from portal.web.views.lists import Facet, Filter, Listing, Option, Order
from portal.web.views.opportunities import OpportunitiesPage

PATH = "/opportunities"
ROWS = 30
_SKILLS = 24
_FILTERS = ("state", "agency", "place", "value", "skill")
Counted = list[tuple[str, str, int]]


def opportunities(reading: Reading, query: Query) -> OpportunitiesPage:
    """One page of pilots as the address asks for them."""
    reading.shows("opportunities", "agencies")
    reading.expires_with_deadlines()
    words = query.text("q")
    wish = Wish(
        terms=tuple(search_terms(words)),
        state=query.choice("state", STAGES),
        agency=query.slug("agency", "agency:"),
        place=query.slug("place"),
        value=query.choice("value", VALUES),
        skill=query.slug("skill"),
    )
    sort: Sort = query.choice("sort", SORTS, "closing")  # type: ignore[assignment]  # one of SORTS
    segments = 2 if sort == "closing" else 1
    found, page = find_opportunities(
        reading.shelf,
        wish,
        reading.moment,
        sort=sort,
        limit=ROWS,
        after=query.cursor("after", segments, numeric=sort == "value"),
        before=query.cursor("before", segments, numeric=sort == "value"),
    )
    wishes = {
        "q": words,
        "state": wish.state,
        "agency": wish.agency.removeprefix("agency:"),
        "place": wish.place,
        "value": wish.value,
        "skill": wish.skill,
        "sort": "" if sort == "closing" else sort,
    }
    return OpportunitiesPage(
        path=PATH,
        feeds=(PILOTS_FEED,),
        listing=_listing(reading, wish, wishes, sort, page),
        rows=_rows(reading, found),
    )


def _rows(reading: Reading, found: list[Found]) -> tuple:  # type: ignore[type-arg]
    return tuple(opportunity_row(reading, each) for each in found)


def _listing(reading: Reading, wish: Wish, wishes: dict[str, str], sort: str, page: Slice) -> Listing:
    frame = reading.remember(
        "opportunities", ("listing", wish, wishes["q"], sort), lambda: _frame(reading, wish, wishes, sort)
    )
    if not (page.older or page.newer):
        return frame
    return structs.replace(
        frame,
        older=list_href(PATH, {**wishes, "after": page.older}) if page.older else "",
        newer=list_href(PATH, {**wishes, "before": page.newer}) if page.newer else "",
    )


def _frame(reading: Reading, wish: Wish, wishes: dict[str, str], sort: str) -> Listing:
    """Everything around the rows that is the same on every page of the list."""
    total, facets, filters = _counts(reading, wish, wishes)
    return Listing(
        action=PATH,
        total=total,
        query=wishes["q"],
        hidden=tuple((name, value) for name, value in wishes.items() if value and name != "q"),
        facets=facets,
        filters=filters,
        orders=tuple(
            Order(
                code=code, href=with_wish(PATH, wishes, "sort", "" if code == "closing" else code), active=code == sort
            )
            for code in SORTS
        ),
        reset=PATH if any(wishes[name] for name in ("q", *_FILTERS)) else "",
    )


def _counts(reading: Reading, wish: Wish, wishes: dict[str, str]) -> tuple[int, tuple[Facet, ...], tuple[Filter, ...]]:
    shelf, at = reading.shelf, reading.moment
    stages, values = count_by_stage(shelf, wish, at), count_by_value(shelf, wish, at)
    counted: dict[str, Counted] = {
        "state": [(stage, "", stages[stage]) for stage in STAGES if stage in stages],
        "agency": [(row[0].removeprefix("agency:"), row[1], row[2]) for row in count_by_agency(shelf, wish, at)],
        "place": count_by_place(shelf, wish, at),
        "value": [(name, "", values[name]) for name in VALUES if name in values],
        "skill": count_by_skill(shelf, wish, at)[:_SKILLS],
    }
    facets = tuple(Facet(code=code, options=_options(code, rows, wishes)) for code, rows in counted.items() if rows)
    filters = [
        Filter(
            code=code,
            value=wishes[code],
            remove=with_wish(PATH, wishes, code, ""),
            label=next((label for value, label, _ in counted[code] if value == wishes[code]), wishes[code])
            if code not in {"state", "value"}
            else "",
        )
        for code in _FILTERS
        if wishes[code]
    ]
    if wishes["q"]:
        filters.insert(
            0, Filter(code="q", value=wishes["q"], remove=with_wish(PATH, wishes, "q", ""), label=wishes["q"])
        )
    return count_opportunities(shelf, wish, at), facets, tuple(filters)


def _options(code: str, rows: Counted, wishes: dict[str, str]) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=value,
            label=label,
            count=count,
            href=with_wish(PATH, wishes, code, "" if wishes[code] == value else value),
            active=wishes[code] == value,
        )
        for value, label, count in rows
    )
