"""Interests before the close, and reasons for scores that lie apart: two short forms at an evaluator's desk."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from portal.commands.open_proposals import read_proposals
from portal.identity.accounts import Account
from portal.procurement.events.evaluation import InterestsDeclared, ScoreReason, ScoresExplained, ScoresRevealed
from portal.procurement.parties import interest_name
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk, frame, one
from portal.web.desk.fields import text
from portal.web.desk.rooms import Fields, Page, Room, answered, draft_from_form, refused_words
from portal.web.evaluator.judging import least_of, reasons_due, seated
from portal.web.views.desk import Field, FormPage, Quote
from portal.web.views.frame import Said, Shown, said

_LONGEST = 300
_MOST_FIRMS = 40


def declaring_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The forms and what they take."""
    return [*_interests(desk), *_reasons(desk)]


def _interests(desk: Desk) -> list[HTTPRouteHandler]:
    opt = {"deed": "desk:interests", "pilot": "name"}

    @get("/desk/judge/{name:str}/interests", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        room, _ = seated(desk, request, name, "interests")
        return answered(desk, _interests_page(desk, room)(request, {}, {}, None))

    @post("/desk/judge/{name:str}/interests", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room, account = seated(desk, request, name, "interests")
        page = _interests_page(desk, room)
        return await draft_from_form(
            desk, request, page, _too_many, lambda fields: _declared(desk, room, account, fields)
        )

    return [show, take]


def _interests_page(desk: Desk, room: Room) -> Page:
    def page(
        request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Refusal | None
    ) -> FormPage:
        path = f"/desk/judge/{room.name}/interests"
        named, least = len(room.case.notice.evaluators), least_of(room)
        lead = said("desk.interests_spare", pilot=room.case.notice.title, n=named, least=least)
        return FormPage(
            **frame(desk, request, path),
            title=said("desk.interests"),
            lead=lead if named > least else said("desk.about", pilot=room.case.notice.title),
            action=path,
            fields=(msgspec.structs.replace(text("interest", fields, rows=4), error=errors.get("interest")),),
            submit="send",
            **refused_words(desk, refusal),
        )

    return page


def _named(fields: Fields) -> list[str]:
    return [" ".join(line.split()) for line in one(fields, "interest").split("\n") if line.strip()]


def _too_many(fields: Fields) -> dict[str, Said]:
    named = _named(fields)
    if len(named) > _MOST_FIRMS or any(len(name) > _LONGEST for name in named):
        return {"interest": said("desk.too_many_firms", n=_MOST_FIRMS)}
    return {}


def _declared(
    desk: Desk, room: Room, account: Account, fields: Fields
) -> tuple[str, str, msgspec.Struct, dict[str, object]]:
    """Registered firms by what the record calls them; others by name, which matches when a firm of this name bids."""
    with desk.office.store.reading() as connection:
        rows = Shelf(connection).rows("SELECT name, id FROM {firm} ORDER BY entry")
    known = {interest_name(name): subject for name, subject in rows}
    named = [interest_name(name) for name in _named(fields)]
    withheld: dict[str, object] = {}
    for number, name in enumerate(named, 1):
        if name in known:
            withheld[f"firm_{number}"] = known[name]
        withheld[f"name_{number}"] = name
    body = InterestsDeclared(person=account.person or "")
    return "interests-declared", room.case.id, body, withheld or {"none": "none"}


def _reasons(desk: Desk) -> list[HTTPRouteHandler]:
    opt = {"deed": "desk:explain", "pilot": "name"}

    @get("/desk/judge/{name:str}/explain", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        room, account = seated(desk, request, name, "explain")
        return answered(desk, _reasons_page(desk, room, account)(request, {}, {}, None))

    @post("/desk/judge/{name:str}/explain", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room, account = seated(desk, request, name, "explain")
        due = reasons_due(desk, room, account.person or "")

        def check(fields: Fields) -> dict[str, Said]:
            return {f"why{n}": said("desk.fill_in") for n in range(len(due)) if not one(fields, f"why{n}")}

        def body(fields: Fields) -> tuple[str, str, msgspec.Struct, dict[str, object]]:
            reasons = [
                ScoreReason(bid=row.bid, criterion=row.criterion, words=one(fields, f"why{n}").replace("\n", " "))
                for n, row in enumerate(due)
            ]
            explained = ScoresExplained(person=account.person or "", reasons=reasons)
            return "scores-explained", room.case.id, explained, {}

        return await draft_from_form(desk, request, _reasons_page(desk, room, account), check, body)

    return [show, take]


def _reasons_page(desk: Desk, room: Room, account: Account) -> Page:
    def page(
        request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Refusal | None
    ) -> FormPage:
        path = f"/desk/judge/{room.name}/explain"
        made, quotes = _reason_fields(desk, room, account, fields)
        return FormPage(
            **frame(desk, request, path),
            title=said("desk.explain"),
            lead=said("desk.explain_lead", pilot=room.case.notice.title, n=room.rules.evaluation.spread_levels),
            action=path,
            fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
            quotes=tuple(quotes),
            submit="send",
            **refused_words(desk, refusal),
        )

    return page


def _reason_fields(desk: Desk, room: Room, account: Account, fields: Fields) -> tuple[list[Field], list[Quote]]:
    """One field for each score that lies apart, and what this evaluator wrote with it before."""
    person, say = account.person or "", desk.door.renderer.say
    numbers = {row.bid: row.number for row in read_proposals(desk.office, room.case.id)}
    criteria = {each.id: each.name for each in room.case.notice.criteria}
    shown = room.case.reveals[person].body
    wrote = {
        (row.bid, score.criterion): score.words
        for row in (shown.scores if isinstance(shown, ScoresRevealed) else [])
        for score in row.scores
    }
    made, quotes = [], []
    for n, row in enumerate(reasons_due(desk, room, person)):
        which: dict[str, Shown] = {
            "number": numbers.get(row.bid, 0),
            "criterion": criteria.get(row.criterion, row.criterion),
        }
        label = say("desk.explain_of", **which)
        hint = say("desk.explain_levels", level=row.level, middle=f"{row.middle / 100:g}")
        made.append(text(f"why{n}", fields, "reason", label=label, hint=hint, rows=3, most=_LONGEST))
        quotes.append(Quote(title=say("desk.explain_wrote", **which), text=wrote.get((row.bid, row.criterion), "")))
    return made, quotes
