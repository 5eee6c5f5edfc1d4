"""
Following a pilot by mail, at the public door: no account, no cookie, no script.

An address is written to once and asked; what it answers is another request. A letter's own address changes nothing by being
looked at, since mail programs look at every address: agreeing and stopping take a button.
"""

from typing import Any
from urllib.parse import parse_qs

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from portal.clock import Clock
from portal.identity.followers import Follower, agree, ask_to_follow, follower_named, stop
from portal.identity.mail import mail_address
from portal.identity.tables import Tables
from portal.procurement.case import Case
from portal.procurement.stage import stage
from portal.web.addresses import subject_href
from portal.web.api.limits import Limits
from portal.web.fresh import Fresh
from portal.web.problems import HTML, Problem
from portal.web.public.opportunity import read_case
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading
from portal.web.views.following import FollowerPage, FollowPage
from portal.web.views.frame import Link, Said, said

_LIMIT = 4000
_OVER = {"awarded", "withdrawn", "cancelled", "no-bids"}
_DEED = {"deed": "api:follow"}
_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def following_routes(door: Door, tables: Tables, clock: Clock, limits: Limits) -> list[HTTPRouteHandler]:
    """The form, the page behind each letter, and what both take."""

    @get("/opportunities/{name:str}/follow", sync_to_thread=False)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            page = _follow_page(reading, read_case(reading, name))
        return Response(door.renderer.page(page), media_type=HTML)

    @post("/api/follow", status_code=200, opt=_DEED)
    async def ask(request: Request[Any, Any, Any]) -> Response[bytes]:
        fields = await _form(request)
        email = fields.get("email", "")
        with door.reading(Fresh()) as reading:
            case = read_case(reading, fields.get("pilot", "").partition(":")[2])
            wrong = _refused(limits, request, email)
            page = _follow_page(reading, case, email=email if wrong else "", wrong=wrong, sent=wrong is None)
        address = mail_address(email)
        if wrong is None and page.open and address is not None:
            with tables.writing() as rows:
                ask_to_follow(rows, address, case.id, clock.now())
        return Response(door.renderer.page(page), media_type=HTML, status_code=422 if wrong else 200, headers=_PRIVATE)

    @get("/follow/{name:str}", sync_to_thread=False)
    def letter(name: FromPath[str]) -> Response[bytes]:
        with tables.reading() as rows:
            found = follower_named(rows, name)
        return _answer(door, name, found, found.state if found else "gone")

    @post("/api/follow/{name:str}", status_code=200, opt=_DEED)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        wanted = (await _form(request)).get("do", "stop")
        with tables.writing() as rows:
            found = follower_named(rows, name)
            if found is not None and wanted == "agree":
                agree(rows, name)
            elif found is not None:
                stop(rows, name)
        now = "gone" if found is None else "agreed" if wanted == "agree" else "stopped"
        return _answer(door, name, found, now)

    return [show, ask, letter, take]


def _answer(door: Door, token: str, found: Follower | None, state: Any) -> Response[bytes]:
    with door.reading(Fresh()) as reading:
        pilot = None
        if found is not None:
            case = read_case(reading, found.subject.partition(":")[2])
            pilot = Link(case.notice.title, subject_href(case.id))
    page = FollowerPage(path=f"/follow/{token}", state=state, pilot=pilot, email=found.email if found else "")
    return Response(door.renderer.page(page), media_type=HTML, headers=_PRIVATE)


def _follow_page(
    reading: Reading, case: Case, *, email: str = "", wrong: Said | None = None, sent: bool = False
) -> FollowPage:
    return FollowPage(
        path=f"{subject_href(case.id)}/follow",
        pilot=Link(case.notice.title, subject_href(case.id)),
        subject=case.id,
        open=stage(case, reading.at) not in _OVER,
        email=email,
        wrong=wrong,
        sent=sent,
    )


def _refused(limits: Limits, request: Request[Any, Any, Any], email: str) -> Said | None:
    if mail_address(email) is None:
        return said("following.wrong")
    try:
        limits.take(request.client.host if request.client else "")
    except Problem:
        return said("following.busy")
    return None


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a small form, read in pieces; `body-too-large` at the first byte too many."""
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _LIMIT:
            raise Problem("body-too-large", 413, limit=_LIMIT)
    found = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in found.items()}
