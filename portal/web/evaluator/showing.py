"""Showing locked-in scores: from the device or the file that kept them, or from the desk where it did."""

import json
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from portal.identity.kept_forms import kept_form
from portal.procurement.decisions.opening import show_until
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events import Hex32
from portal.procurement.events.evaluation import BidScores, ScoresCommitted, ScoresRevealed
from portal.procurement.events.typed import typed
from portal.procurement.refusal import Refusal
from portal.web.addresses import subject_href
from portal.web.desk.desk import Desk, form_of, frame, one
from portal.web.desk.rooms import refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.evaluator.judging import Seat, seated
from portal.web.evaluator.scoring import commitment_terms
from portal.web.problems import HTML
from portal.web.public.bidding import sentences
from portal.web.views.evaluator import ShowPage
from portal.web.views.frame import Link, Moment, Said, said

_VERSION: Final = "daylight-scores-v1"


class Opening(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an evaluator's device wrote when she locked in: everything that opens the fingerprint on record."""

    version: str
    opportunity: str
    person: str
    salt: Hex32
    scores: list[BidScores]


def showing_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page, and the scores it takes."""
    opt = {"deed": "desk:score", "pilot": "name"}

    @get("/desk/judge/{name:str}/show", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        seat = seated(desk, request, name, "show")
        return _answer(desk, _page(desk, request, seat))

    @post("/desk/judge/{name:str}/show", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        seat = seated(desk, request, name, "show")
        given = one(await form_of(request), "opening")
        opening = read_opening(given) if given else _kept(desk, seat)
        if opening is None or _fingerprint(seat, opening) != _stated(seat):
            wrong = said("scoring.other_file" if opening else "scoring.no_file" if not given else "scoring.bad_file")
            return _answer(desk, _page(desk, request, seat, opening=given, wrong=wrong))
        body = ScoresRevealed(person=seat.person, salt=opening.salt, scores=opening.scores)
        try:
            draft = prepare(
                desk, seat.account, "scores-revealed", seat.room.case.id, body, key=key_of(desk, seat.account)
            )
        except Refusal as refusal:
            return _answer(desk, _page(desk, request, seat, opening=given, refusal=refusal))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def read_opening(text: str) -> Opening | None:
    """The scores in a file that a device wrote; None for any other text."""
    try:
        found = msgspec.json.decode(text.encode("utf-8"), type=Opening)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None
    return found if found.version == _VERSION else None


def _stated(seat: Seat) -> str:
    return typed(seat.room.case.commits[seat.person], ScoresCommitted).commitment


def _fingerprint(seat: Seat, opening: Opening) -> str:
    return scores_commitment(seat.room.case.id, seat.person, opening.salt, opening.scores)


def _kept(desk: Desk, seat: Seat) -> Opening | None:
    """The scores that the desk kept for a device without script; None where it holds none."""
    with desk.tables.reading() as rows:
        kept = kept_form(rows, seat.account.id, f"{seat.room.case.id} {_stated(seat)}")
    if not kept:
        return None
    scores = msgspec.json.decode(kept["scores"], type=list[BidScores])
    named = {"opportunity": seat.room.case.id, "person": seat.person}
    return Opening(version=_VERSION, **named, salt=kept["salt"], scores=scores)


def _answer(desk: Desk, page: ShowPage) -> Response[bytes]:
    status = 422 if page.wrong is not None or page.refused is not None else 200
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=status)


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    seat: Seat,
    *,
    opening: str = "",
    wrong: Said | None = None,
    refusal: Refusal | None = None,
) -> ShowPage:
    path = f"/desk/judge/{seat.room.name}/show"
    return ShowPage(
        **frame(desk, request, path),
        pilot=Link(seat.room.case.notice.title, subject_href(seat.room.case.id)),
        action=path,
        commitment=_stated(seat),
        until=Moment(show_until(seat.room.case), seat.room.zone.key),
        here=_kept(desk, seat) is not None,
        opening=opening,
        wrong=wrong,
        terms=json.dumps(commitment_terms(seat), ensure_ascii=False),
        says=json.dumps(sentences(desk.door.renderer, lambda key: f"scoring.says.{key}"), ensure_ascii=False),
        **refused_words(desk, refusal),
    )
