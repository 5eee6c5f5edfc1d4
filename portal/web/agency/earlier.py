"""Earlier notices to begin from: the agency's own, each with its page at the desk, and other agencies' finished pilots."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from ledger.entry import format_time
from portal.commands.library import Library
from portal.projections.queries.opportunities import Found, Wish, find_opportunities
from portal.projections.shelf import Shelf
from portal.web.addresses import subject_href
from portal.web.agency.writing_desk import officers_agency
from portal.web.desk.desk import Desk, account_of, frame
from portal.web.problems import HTML
from portal.web.views.earlier import EarlierPage, EarlierRow

PATH: Final = "/desk/notices/earlier"
MOST: Final = 50
"""Rows of each list; the public list of pilots has the rest, with a search."""


def earlier_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The one page."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:notice"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        at = format_time(desk.office.clock.now())
        with desk.office.store.reading() as connection:
            shelf = Shelf(connection)
            agency = officers_agency(account_of(request), Library(desk.office.store, connection))
            own, _ = find_opportunities(shelf, Wish(agency=agency.id), at, sort="newest", limit=MOST)
            won, _ = find_opportunities(shelf, Wish(state="awarded"), at, sort="newest", limit=2 * MOST)
        others = [row for row in won if row.agency != agency.id][:MOST]
        page = EarlierPage(
            **frame(desk, request, PATH),
            own=tuple(_row(row, f"/desk/pilots/{row.id.partition(':')[2]}") for row in own),
            others=tuple(_row(row, subject_href(row.id)) for row in others),
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    return [show]


def _row(found: Found, href: str) -> EarlierRow:
    return EarlierRow(
        title=found.title,
        href=href,
        agency=found.agency_name,
        state=found.stage,  # type: ignore[arg-type]  # the expression in queries/stages.py names no other
        start=f"/desk/notices/new?from={found.id.partition(':')[2]}",
    )
