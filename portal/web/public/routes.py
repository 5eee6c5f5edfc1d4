"""
Which page stands at which address.

Handlers are short indexed reads and run in the event loop's thread; papers are printed in processes of their own.
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.web.fresh import SCOPE_KEY, Fresh
from portal.web.problems import HTML
from portal.web.public.agencies import agencies, agency_page
from portal.web.public.awards import awards
from portal.web.public.feeds import awards_feed, pilots_feed, plans_feed
from portal.web.public.firms import firm_page, firms
from portal.web.public.home import home
from portal.web.public.house import LINT_PATH, ROLES_PATH, lint_page, roles_page
from portal.web.public.ledger import ledger, receipt, record
from portal.web.public.opportunities import opportunities
from portal.web.public.opportunity import opportunity_page
from portal.web.public.partners import partner_page, partners
from portal.web.public.plans import plan_page, plans
from portal.web.public.policies import policies, policy_page
from portal.web.public.query import Query
from portal.web.reading import Door, Reading
from portal.web.views.frame import Page
from portal.web.views.plain import HowPage

ATOM = "application/atom+xml; charset=utf-8"
RECEIPT = "text/plain"
_RECEIPT_SUFFIX = ".tlog-proof"


def how(_reading: Reading, _query: Query) -> HowPage:
    """How it works: words only."""
    return HowPage(path="/how")


LISTS: dict[str, Callable[[Reading, Query], Page]] = {
    "/": home,
    "/opportunities": opportunities,
    "/plans": plans,
    "/awards": awards,
    "/agencies": agencies,
    "/firms": firms,
    "/partners": partners,
    "/ledger": ledger,
    "/policies": policies,
    ROLES_PATH: roles_page,
    LINT_PATH: lint_page,
    "/how": how,
}
FEEDS: dict[str, Callable[[Reading, Query], Page]] = {
    "/opportunities.atom": pilots_feed,
    "/plans.atom": plans_feed,
    "/awards.atom": awards_feed,
}
SUBJECTS: dict[str, Callable[[Reading, str], Page]] = {
    "/opportunities/{name:str}": opportunity_page,
    "/plans/{name:str}": plan_page,
    "/agencies/{name:str}": agency_page,
    "/firms/{name:str}": firm_page,
    "/partners/{name:str}": partner_page,
    "/policies/{name:str}": policy_page,
}


def routes(door: Door) -> list[HTTPRouteHandler]:
    """The handlers of the public pages."""
    lists = [_list(door, path, fill, HTML) for path, fill in LISTS.items()]
    feeds = [_list(door, path, fill, ATOM) for path, fill in FEEDS.items()]
    subjects = [_subject(door, path, fill) for path, fill in SUBJECTS.items()]
    return [*lists, *feeds, *subjects, *_records(door)]


def _list(door: Door, path: str, fill: Callable[[Reading, Query], Page], media_type: str) -> HTTPRouteHandler:
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            view = fill(reading, Query(request.query_params))
        return Response(door.renderer.page(view), media_type=media_type)

    return get(path, sync_to_thread=False, name=path)(show)


def _subject(door: Door, path: str, fill: Callable[[Reading, str], Page]) -> HTTPRouteHandler:
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            view = fill(reading, request.path_params["name"])
        return Response(door.renderer.page(view), media_type=HTML)

    return get(path, sync_to_thread=False, name=path)(show)


def _records(door: Door) -> list[HTTPRouteHandler]:
    """One record, and the file that proves it under its own name and under `/receipt`."""

    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        with door.reading(fresh_of(request)) as reading:
            if name.endswith(_RECEIPT_SUFFIX):
                return _receipt(reading, name.removesuffix(_RECEIPT_SUFFIX))
            view = record(reading, name)
        return Response(door.renderer.page(view), media_type=HTML)

    def show_receipt(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            return _receipt(reading, request.path_params["name"])

    return [
        get("/ledger/entries/{name:str}", sync_to_thread=False)(show),
        get("/ledger/entries/{name:str}/receipt", sync_to_thread=False)(show_receipt),
    ]


def _receipt(reading: Reading, name: str) -> Response[bytes]:
    data = receipt(reading, name)
    disposition = f'attachment; filename="{name}{_RECEIPT_SUFFIX}"'
    return Response(data, media_type=RECEIPT, headers={"content-disposition": disposition})


def fresh_of(request: Request[Any, Any, Any]) -> Fresh:
    """What the front cache wants to be told; a new one where no cache stands in front."""
    fresh = request.scope.get(SCOPE_KEY)
    return fresh if isinstance(fresh, Fresh) else Fresh()
