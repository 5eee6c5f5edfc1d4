"""
Scoring the proposals, and locking the scores in.

1. With a script nothing that is not shown yet reaches this server: the device keeps levels and words while they are written,
   draws the salt, and sends the fingerprint alone. The evaluator has a file of them besides.
2. Without one, or to go on elsewhere, they are saved on the desk; the page says that whoever operates it could look there.
"""

import json
from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import format_time
from portal.commands.open_proposals import ReadProposal, read_proposals
from portal.commands.read_documents import read_proposals_as
from portal.identity.kept_forms import drop_form, keep_form, kept_form, saved_at
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events.evaluation import BidScores, CriterionScore, ScoresCommitted
from portal.procurement.refusal import Refusal
from portal.web.addresses import subject_href
from portal.web.desk.desk import Desk, form_of, frame, one
from portal.web.desk.rooms import Fields, Room, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.evaluator.judging import Seat, least_of, seated
from portal.web.problems import HTML
from portal.web.public.bidding import sentences
from portal.web.views.desk import Option
from portal.web.views.evaluator import CriterionForm, ScoresPage, Sheet
from portal.web.views.frame import Link, Moment, Said, said

LONGEST: Final = 300
_HEX32: Final = 64


def scoring_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page, and what it takes: scores to save, to forget, or to lock in."""
    opt = {"deed": "desk:score", "pilot": "name"}

    @get("/desk/judge/{name:str}/scores", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        seat = seated(desk, request, name, "scores")
        return _answer(desk, _page(desk, request, seat, _saved(desk, seat), {}))

    @post("/desk/judge/{name:str}/scores", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        seat = seated(desk, request, name, "scores")
        fields = await form_of(request)
        if one(fields, "save"):
            _save(desk, seat, fields)
            return _answer(desk, _page(desk, request, seat, fields, {}, just_saved=True))
        if one(fields, "forget"):
            _forget(desk, seat)
            return _answer(desk, _page(desk, request, seat, {}, {}))
        stated = one(fields, "commitment")
        errors = {} if stated else _missing(seat.room, read_proposals(desk.office, seat.room.case.id), fields)
        if errors:
            return _answer(desk, _page(desk, request, seat, fields, errors))
        try:
            draft = _lock_in(desk, seat, stated or _keep(desk, seat, fields))
        except Refusal as refusal:
            return _answer(desk, _page(desk, request, seat, fields, {}, refusal=refusal))
        _forget(desk, seat)
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def commitment_terms(seat: Seat) -> dict[str, object]:
    """What a device needs to name its scores: the notice, the person, the criteria and the bids' order."""
    return {"opportunity": seat.room.case.id, "person": seat.person, "name": seat.room.name}


def _lock_in(desk: Desk, seat: Seat, stated: str) -> str:
    body = ScoresCommitted(person=seat.person, commitment=stated)
    if len(stated) != _HEX32 or set(stated) - set("0123456789abcdef"):
        raise Refusal("body-malformed", {"kind": "scores-committed", "where": "commitment"})
    return prepare(desk, seat.account, "scores-committed", seat.room.case.id, body, key=key_of(desk, seat.account))


def _answer(desk: Desk, page: ScoresPage) -> Response[bytes]:
    status = 422 if page.wrong or page.refused is not None else 200
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=status)


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    seat: Seat,
    fields: Fields,
    errors: Mapping[str, Said],
    *,
    just_saved: bool = False,
    refusal: Refusal | None = None,
) -> ScoresPage:
    path = f"/desk/judge/{seat.room.name}/scores"
    proposals = read_proposals_as(desk.office, seat.room.case.id, seat.person)
    with desk.tables.reading() as rows:
        saved = saved_at(rows, seat.account.id, _name(seat.room))
    terms = {
        **commitment_terms(seat),
        "bids": [row.bid for row in proposals],
        "criteria": [criterion.id for criterion in seat.room.case.notice.criteria],
        "wrote": bool(fields),
    }
    return ScoresPage(
        **frame(desk, request, path),
        pilot=Link(seat.room.case.notice.title, subject_href(seat.room.case.id)),
        action=path,
        sheets=tuple(_sheet(seat.room, row, fields, errors) for row in proposals),
        evaluators=len(seat.room.case.notice.evaluators),
        least=least_of(seat.room),
        saved=Moment(saved, seat.room.zone.key) if saved else None,
        just_saved=just_saved,
        terms=json.dumps(terms, ensure_ascii=False),
        says=json.dumps(sentences(desk.door.renderer, lambda key: f"scoring.says.{key}"), ensure_ascii=False),
        **refused_words(desk, refusal),
    )


def _sheet(room: Room, row: ReadProposal, fields: Fields, errors: Mapping[str, Said]) -> Sheet:
    asked = {requirement.id: requirement.text for requirement in room.case.notice.requirements}
    return Sheet(
        number=row.number,
        bid=row.bid,
        answers=tuple((asked.get(each.requirement, each.requirement), each.words) for each in row.proposal.answers),
        approach=row.proposal.approach,
        team=row.proposal.team,
        learner_places=row.proposal.learner_places,
        rows=tuple(
            CriterionForm(
                id=criterion.id,
                name=criterion.name,
                weight=criterion.weight,
                level=(level := f"s{row.number}-{criterion.id}"),
                words=(words := f"w{row.number}-{criterion.id}"),
                options=tuple(
                    Option(value=str(n), text=anchor, chosen=one(fields, level) == str(n))
                    for n, anchor in enumerate(criterion.anchors)
                ),
                written=one(fields, words),
                level_wrong=errors.get(level),
                words_wrong=errors.get(words),
            )
            for criterion in room.case.notice.criteria
        ),
    )


def _missing(room: Room, proposals: list[ReadProposal], fields: Fields) -> dict[str, Said]:
    found = {}
    for row in proposals:
        for criterion in room.case.notice.criteria:
            if one(fields, f"s{row.number}-{criterion.id}") not in {str(n) for n in range(len(criterion.anchors))}:
                found[f"s{row.number}-{criterion.id}"] = said("desk.choose_level")
            if not one(fields, f"w{row.number}-{criterion.id}"):
                found[f"w{row.number}-{criterion.id}"] = said("desk.fill_in")
    return found


def _scores(room: Room, proposals: list[ReadProposal], fields: Fields) -> list[BidScores]:
    return [
        BidScores(
            bid=row.bid,
            scores=[
                CriterionScore(
                    criterion=criterion.id,
                    score=int(one(fields, f"s{row.number}-{criterion.id}")),
                    words=one(fields, f"w{row.number}-{criterion.id}")[:LONGEST],
                )
                for criterion in room.case.notice.criteria
            ],
        )
        for row in proposals
    ]


def _name(room: Room) -> str:
    return f"{room.case.id} draft"


def _saved(desk: Desk, seat: Seat) -> dict[str, list[str]]:
    with desk.tables.reading() as rows:
        return {name: [value] for name, value in kept_form(rows, seat.account.id, _name(seat.room)).items()}


def _save(desk: Desk, seat: Seat, fields: Fields) -> None:
    wanted = {name: one(fields, name) for name in fields if name[:1] in {"s", "w"} and name[1:2].isdigit()}
    with desk.tables.writing() as rows:
        keep_form(rows, seat.account.id, _name(seat.room), wanted, format_time(desk.office.clock.now()))


def _forget(desk: Desk, seat: Seat) -> None:
    with desk.tables.writing() as rows:
        drop_form(rows, seat.account.id, _name(seat.room))


def _keep(desk: Desk, seat: Seat, fields: Fields) -> str:
    """Keep the scores of a device without script until they are shown; gives the fingerprint that locks them in."""
    scores = _scores(seat.room, read_proposals(desk.office, seat.room.case.id), fields)
    salt = token_hex(32)
    stated = scores_commitment(seat.room.case.id, seat.person, salt, scores)
    kept = {"salt": salt, "scores": msgspec.json.encode(scores).decode("utf-8")}
    with desk.tables.writing() as rows:
        keep_form(rows, seat.account.id, f"{seat.room.case.id} {stated}", kept, format_time(desk.office.clock.now()))
    return stated
