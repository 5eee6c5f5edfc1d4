"""
The composition root of the web: the public door in front of a data folder.

From outside in: the events of openings, the front cache, static files, files of the log, the router. No part sets a cookie or reads one.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.clock import Clock, SystemClock
from portal.commands.library import Library
from portal.commands.office import Office
from portal.identity.tables import Tables
from portal.projections.queries.versions import media_type_of
from portal.projections.shelf import Shelf
from portal.settings import security_contact
from portal.web.api.acts import LIMIT, act_routes
from portal.web.api.keepers import keeper_routes
from portal.web.api.limits import Limits
from portal.web.api.lists import list_routes
from portal.web.api.practice import practice_api_routes
from portal.web.cache import App, FrontCache
from portal.web.desk.app import compose_desk
from portal.web.doors import TwoDoors
from portal.web.headers import SECURITY
from portal.web.log_files import LogFiles
from portal.web.press import Press
from portal.web.problems import ProblemWriter
from portal.web.public.bid_papers import bid_paper_routes
from portal.web.public.bidding import bidding_routes
from portal.web.public.following import following_routes
from portal.web.public.memo import memo_routes
from portal.web.public.opening import opening_routes
from portal.web.public.opening_events import OpeningEvents
from portal.web.public.papers import paper_routes
from portal.web.public.practice import practice_routes
from portal.web.public.routes import routes
from portal.web.reading import Door
from portal.web.render import Renderer
from portal.web.static_files import StaticFiles
from portal.web.versions import Versions
from portal.web.views.frame import Moment, Site
from portal.web.visitors import visitors_only


def create_app(data: Path, clock: Clock | None = None, *, address: str = "http://localhost:8000") -> App:
    """
    Open the data folder (boot guard first) and make the application that a server runs.

    Args:
        clock: A demo is served with a clock that stands at its own moment.
        address: Scheme and host, without a slash at the end, for permanent addresses.
    """
    office = Office.open(data, clock or SystemClock())
    office.share_commits()
    return compose(office, address)


def compose(office: Office, address: str, limits: Limits | None = None) -> App:
    """The application over an office that is open already; `limits` bound how often one address may send acts."""
    door = make_door(office, address)
    writer = ProblemWriter(door.renderer)

    def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        return writer.answer(request, error)

    versions = Versions(office.store)
    press = Press(door.renderer.site)
    followers = followers_of(office, door)
    router = Litestar(
        route_handlers=[
            *routes(door),
            *paper_routes(door, press),
            *memo_routes(door, press),
            *act_routes(office, limits),
            *keeper_routes(office, limits),
            *list_routes(door),
            *bidding_routes(door),
            *opening_routes(door),
            *bid_paper_routes(door, press),
            *practice_routes(door),
            *practice_api_routes(door, press),
            *(following_routes(door, followers, office.clock, Limits(burst=10, per_second=0.02)) if followers else ()),
            *_plain_texts(office.clock, address),
        ],
        guards=[visitors_only],
        exception_handlers={Exception: refuse},
        response_headers=SECURITY,
        request_max_body_size=LIMIT,
        openapi_config=None,
        logging_config=None,
        on_shutdown=[press.close, versions.close, *([followers.close] if followers else [])],
    )
    files = LogFiles(cast("App", router), office.folder.log, office.folder.vkeys, _media_types(office))
    static = StaticFiles(files, door.renderer.assets)
    public = FrontCache(static, versions, office.clock, door.renderer.version, office.folder.log / "checkpoint")
    followed = OpeningEvents(public, door, versions)
    desk = compose_desk(office, door, address)
    if desk is None:
        return followed
    return TwoDoors(followed, desk)


def followers_of(office: Office, door: Door) -> Tables | None:
    """The tables of who follows what; None for a re-enactment, in which nothing changes any more."""
    return None if door.renderer.site.purpose == "re-enactment" else Tables(office.folder.desk)


def make_door(office: Office, address: str) -> Door:
    """What the pages are made from, with the site that entry 0 describes."""
    with office.store.reading() as connection:
        opened = Library(office.store, connection).log()
    if opened is None:
        raise RuntimeError("a log without entry 0")
    site = Site(
        operator=opened.operator,
        purpose=opened.purpose,
        origin=office.origin,
        address=address,
        pinned=Moment(office.clock.now()) if office.folder.moment.exists() else None,
    )
    return Door(
        store=office.store,
        clock=office.clock,
        renderer=Renderer(site),
        log=office.folder.log,
        vkeys=office.folder.vkeys,
    )


def _media_types(office: Office) -> Callable[[str], str | None]:
    def media_type(sha256: str) -> str | None:
        with office.store.reading() as connection:
            return media_type_of(Shelf(connection), sha256)

    return media_type


def _plain_texts(clock: Clock, address: str) -> list[HTTPRouteHandler]:
    contact = security_contact() or f"{address}/how"

    @get("/healthz", media_type="text/plain", sync_to_thread=False)
    def healthz() -> str:
        return "ok\n"

    @get("/robots.txt", media_type="text/plain", sync_to_thread=False)
    def robots() -> str:
        return "User-agent: *\nDisallow: /api/\nDisallow: /*?\n"

    @get("/.well-known/security.txt", media_type="text/plain", sync_to_thread=False)
    def security() -> str:
        # RFC 9116: it must say when it is stale; it never is while the server runs.
        expires = (clock.now() + timedelta(days=364)).strftime("%Y-%m-%dT00:00:00Z")
        canonical = f"{address}/.well-known/security.txt"
        return f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {canonical}\n"

    return [healthz, robots, security]
