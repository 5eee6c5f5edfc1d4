"""The list of awards."""

from typing import TypedDict

from portal.procurement.money import Money
from portal.projections.queries.awards import count_awards, count_awards_by, find_awards, sum_awards
from portal.web.addresses import AWARDS_FEED, list_href, with_wish
from portal.web.public.query import Query
from portal.web.public.rows import award_row
from portal.web.reading import Reading
from portal.web.views.awards import AwardsPage
from portal.web.views.lists import Facet, Filter, Listing, Option

PATH = "/awards"
ROWS = 30
_FILTERS = ("agency", "firm", "year")


class Wanted(TypedDict):
    """The filters as the queries take them; '' leaves one open."""

    agency: str
    firm: str
    year: str


def awards(reading: Reading, query: Query) -> AwardsPage:
    """One page of choices and awards, newest first."""
    reading.shows("awards")
    wishes = {"agency": query.slug("agency"), "firm": query.slug("firm"), "year": str(query.number("year") or "")}
    wanted: Wanted = {
        "agency": f"agency:{wishes['agency']}" if wishes["agency"] else "",
        "firm": f"firm:{wishes['firm']}" if wishes["firm"] else "",
        "year": wishes["year"].zfill(4) if wishes["year"] else "",
    }
    found, page = find_awards(
        reading.shelf, **wanted, limit=ROWS, after=query.cursor("after"), before=query.cursor("before")
    )
    facets, filters = [], []
    for code in _FILTERS:
        options = _options(reading, code, wishes, wanted)
        if options:
            facets.append(Facet(code=code, options=options))
        if wishes[code]:
            label = next((each.label for each in options if each.active), wishes[code])
            filters.append(Filter(code=code, value=wishes[code], label=label, remove=with_wish(PATH, wishes, code, "")))
    return AwardsPage(
        path=PATH,
        feeds=(AWARDS_FEED,),
        listing=Listing(
            action=PATH,
            total=count_awards(reading.shelf, **wanted),
            hidden=tuple((name, value) for name, value in wishes.items() if value),
            facets=tuple(facets),
            filters=tuple(filters),
            older=list_href(PATH, {**wishes, "after": page.older}) if page.older else "",
            newer=list_href(PATH, {**wishes, "before": page.newer}) if page.newer else "",
            reset=PATH if filters else "",
        ),
        rows=tuple(award_row(reading, each) for each in found),
        totals=tuple(Money(total, currency) for currency, total, _ in sum_awards(reading.shelf, **wanted)),
    )


def _options(reading: Reading, code: str, wishes: dict[str, str], wanted: Wanted) -> tuple[Option, ...]:
    rows = [
        (value.rpartition(":")[2], label, count)
        for value, label, count in count_awards_by(reading.shelf, code, **wanted)
    ]
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
