"""A pilot withdrawn before its close, or cancelled after it: a reason from the rules' list, own words, and what follows."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from portal.procurement.events.opportunity import OpportunityCancelled, OpportunityWithdrawn
from portal.procurement.refusal import Refusal
from portal.web.agency.consequences import after_ending
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.desk.fields import choice, text
from portal.web.desk.rooms import Fields, Room, answered, officers_room, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.drafting.sheet import text_of
from portal.web.problems import missing
from portal.web.views.desk import FormPage
from portal.web.views.frame import Said, said
from portal.web.views.told import Told

_OPT: Final = {"deed": "desk:end", "pilot": "name"}
_LONGEST: Final = 2000


def ending_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form for an end without award."""

    def find(request: Request[Any, Any, Any], name: str) -> Room:
        room = officers_room(desk, request, name)
        if room.case.ended is not None or room.case.awarded is not None:
            raise missing()
        return room

    @get("/desk/pilots/{name:str}/end", sync_to_thread=False, opt=_OPT)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _page(desk, request, find(request, name), {}, {}))

    @post("/desk/pilots/{name:str}/end", status_code=200, opt=_OPT)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room, account, fields = find(request, name), account_of(request), await form_of(request)
        wanted = {"end_reason": "desk.choose_one", "why": "desk.fill_in"}
        errors = {field: said(words) for field, words in wanted.items() if not text_of(fields, field)}
        if errors:
            return answered(desk, _page(desk, request, room, fields, errors))
        reason, why = text_of(fields, "end_reason"), text_of(fields, "why")
        early = is_early(desk, room)
        kind = "opportunity-withdrawn" if early else "opportunity-cancelled"
        body = OpportunityWithdrawn(reason=reason, why=why) if early else OpportunityCancelled(reason=reason, why=why)
        try:
            draft = prepare(desk, account, kind, room.case.id, body, key=key_of(desk, account))
        except Refusal as refusal:
            return answered(desk, _page(desk, request, room, fields, {}, refusal=refusal))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def is_early(desk: Desk, room: Room) -> bool:
    """Before the close it is a withdrawal, from the close on a cancellation."""
    return desk.office.clock.now() < room.case.closes


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    room: Room,
    fields: Fields,
    errors: dict[str, Said],
    *,
    refusal: Refusal | None = None,
) -> FormPage:
    path, early = f"/desk/pilots/{room.name}/end", is_early(desk, room)
    award = room.rules.award
    reasons = [(row.code, row.text) for row in (award.withdraw_reasons if early else award.cancel_reasons)]
    made = [choice("end_reason", fields, reasons), text("why", fields, "end_why", rows=4, most=_LONGEST)]
    title = room.case.notice.title
    return FormPage(
        **frame(desk, request, path),
        title=said("desk.end.withdraw" if early else "desk.end.cancel"),
        lead=said("desk.about", pilot=title),
        action=path,
        fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
        submit="send",
        told=Told(
            what=said("told.withdrawn" if early else "told.cancelled", title=title),
            follows=after_ending(room.case, early=early),
        ),
        **refused_words(desk, refusal),
    )
