"""A practice file opened at an officer's desk: it goes on as a notice that was begun, under the agency's own rules."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from portal.identity.accounts import Account
from portal.identity.unfinished import keep_unfinished
from portal.web.agency.notice import new_name
from portal.web.agency.writing_desk import written
from portal.web.api.practice import uploaded
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.drafting.practice import read_practice_file
from portal.web.drafting.sheet import Sheet
from portal.web.problems import HTML
from portal.web.views.drafting import OpenFilePage

PATH: Final = "/desk/notices/open"


def opening_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page that takes a practice file."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:notice"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _page(desk, request, broken=False)

    @post(PATH, status_code=200, opt={"deed": "desk:notice"})
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        await form_of(request)
        found = read_practice_file(await uploaded(request))
        if found is None:
            return _page(desk, request, broken=True)
        return Redirect(f"/desk/notices/drafts/{_begun(desk, account_of(request), found.sheet)}", status_code=303)

    return [show, take]


def _begun(desk: Desk, account: Account, sheet: Sheet) -> str:
    """Keep the sheet under a new name; who scores and who keeps keys is chosen here."""
    sheet = {name: value for name, value in sheet.items() if name not in {"evaluators", "keepers", "plan", "second"}}
    made, name = written(desk, account, sheet), new_name()
    with desk.tables.writing() as rows:
        keep_unfinished(rows, account.id, name, made.writing.body.title, sheet, desk.office.clock.now())
    return name


def _page(desk: Desk, request: Request[Any, Any, Any], *, broken: bool) -> Response[bytes]:
    page = OpenFilePage(**frame(desk, request, PATH), action=PATH, broken=broken)
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=422 if broken else 200)
