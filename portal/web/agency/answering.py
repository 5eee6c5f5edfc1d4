"""Questions that wait for an answer, each with the clock that the rules set."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from policies import answer_due
from portal.identity.accounts import Account
from portal.procurement.events.bid import QuestionAnswered
from portal.procurement.refusal import Refusal
from portal.web.desk.desk import Desk, frame, one
from portal.web.desk.fields import text
from portal.web.desk.rooms import (
    Fields,
    Room,
    answered,
    draft_from_form,
    officers_room,
    refused_words,
    running_rooms,
)
from portal.web.problems import Problem
from portal.web.views.desk import FormPage, Item, Quote
from portal.web.views.frame import Moment, Said, said

_LONGEST = 4000
_ABOUT = {"deed": "desk:answer", "pilot": "name"}


def questions_waiting(desk: Desk, account: Account) -> list[Item]:
    """The open questions of the agency's pilots, with the time by which each must be answered."""
    if account.role != "officer":
        return []
    now = desk.office.clock.now()
    return [
        Item(
            said=said("desk.answer_question", question=question.text[:120], pilot=room.case.notice.title),
            href=f"/desk/pilots/{room.name}/questions/{index}",
            due=Moment(due, room.zone.key),
            late=now >= due,
        )
        for room in running_rooms(desk, account.agency)
        if now < room.case.closes
        for index, question in room.case.questions.items()
        if question.answered is None
        for due in (answer_due(room.rules, question.asked.at, room.zone),)
    ]


def answering_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form for one question."""

    def page_of(room: Room, index: int) -> Any:
        def page(
            request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Refusal | None
        ) -> FormPage:
            path = f"/desk/pilots/{room.name}/questions/{index}"
            due = Moment(answer_due(room.rules, room.case.questions[index].asked.at, room.zone), room.zone.key)
            field = msgspec.structs.replace(text("answer", fields, rows=6, most=_LONGEST), error=errors.get("answer"))
            return FormPage(
                **frame(desk, request, path),
                title=said("desk.answer"),
                lead=said("desk.answer_by", pilot=room.case.notice.title, when=due),
                action=path,
                quotes=(Quote(title="", text=room.case.questions[index].text),),
                fields=(field,),
                submit="send",
                **refused_words(desk, refusal),
            )

        return page

    def find(request: Request[Any, Any, Any], name: str, index: int) -> Room:
        room = officers_room(desk, request, name)
        if index not in room.case.questions:
            raise Problem("page-missing", 404)
        return room

    @get("/desk/pilots/{name:str}/questions/{index:int}", sync_to_thread=False, opt=_ABOUT)
    def show(request: Request[Any, Any, Any], name: FromPath[str], index: FromPath[int]) -> Response[bytes]:
        return answered(desk, page_of(find(request, name, index), index)(request, {}, {}, None))

    @post("/desk/pilots/{name:str}/questions/{index:int}", status_code=200, opt=_ABOUT)
    async def take(request: Request[Any, Any, Any], name: FromPath[str], index: FromPath[int]) -> Response[Any]:
        room = find(request, name, index)
        return await draft_from_form(
            desk,
            request,
            page_of(room, index),
            lambda fields: {} if one(fields, "answer") else {"answer": said("desk.fill_in")},
            lambda fields: (
                "question-answered",
                room.case.id,
                QuestionAnswered(question=index, text=one(fields, "answer")),
                {},
            ),
        )

    return [show, take]
