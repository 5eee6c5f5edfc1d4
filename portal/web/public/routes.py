"""Which page stands at which address. Handlers are short indexed reads and run in the event loop's thread."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.web.fresh import SCOPE_KEY, Fresh
from portal.web.problems import HTML
from portal.web.public.home import home
from portal.web.public.opportunities import opportunities
from portal.web.public.query import Query
from portal.web.reading import Door, Reading
from portal.web.views.frame import Page

PLAIN_PAGES: dict[str, Callable[[Reading, Query], Page]] = {
    "/": home,
    "/opportunities": opportunities,
}


def routes(door: Door) -> list[HTTPRouteHandler]:
    """The handlers of the public pages."""
    return [_plain(door, path, fill) for path, fill in PLAIN_PAGES.items()]


def _plain(door: Door, path: str, fill: Callable[[Reading, Query], Page]) -> HTTPRouteHandler:
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            view = fill(reading, Query(request.query_params))
        return Response(door.renderer.page(view), media_type=HTML)

    return get(path, sync_to_thread=False, name=path)(show)


def fresh_of(request: Request[Any, Any, Any]) -> Fresh:
    """What the front cache wants to be told; a new one where no cache stands in front."""
    fresh = request.scope.get(SCOPE_KEY)
    return fresh if isinstance(fresh, Fresh) else Fresh()
