"""
One pilot at an evaluator's desk.

Interests are committed to before the close. Proposals are read in the drawn order, without names or prices. Scores are
locked in by their fingerprint and shown when the panel is full; in between they lie in the desk's tables, for their author
alone. Whoever operates the site could look there; the record shows that nobody could change them.
"""

from secrets import token_hex
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ledger.entry import format_time
from portal.commands.open_proposals import ReadProposal, read_proposals
from portal.identity.accounts import Account
from portal.identity.kept_forms import keep_form, kept_form
from portal.procurement.decisions.scoring import scores_commitment
from portal.procurement.events.evaluation import (
    BidScores,
    CriterionScore,
    InterestsDeclared,
    ScoresCommitted,
    ScoresRevealed,
)
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk, account_of, frame, one
from portal.web.desk.fields import choice, text
from portal.web.desk.rooms import (
    Fields,
    Room,
    answered,
    draft_from_form,
    must_sit,
    refused_words,
    room_of,
    running_rooms,
)
from portal.web.problems import Problem
from portal.web.views.desk import Field, FormPage, Item
from portal.web.views.frame import Moment, Said, said

_LONGEST = 300


def judging_waits(desk: Desk, account: Account) -> list[Item]:
    """What waits for this evaluator, with the close as the last moment for interests."""
    if account.role != "evaluator":
        return []
    return [
        Item(
            said=said(f"desk.{step}_now", pilot=room.case.notice.title),
            href=f"/desk/judge/{room.name}/{step}",
            due=Moment(room.case.closes, room.zone.key) if step == "interests" else None,
        )
        for room in running_rooms(desk, account.agency)
        if (step := step_of(desk, room, account))
    ]


def step_of(desk: Desk, room: Room, account: Account) -> str:
    """What this evaluator has to do next for one pilot; empty when nothing, or not yet."""
    case, person = room.case, account.person or ""
    if person not in case.notice.evaluators:
        return ""
    if desk.office.clock.now() < case.closes:
        return "" if person in case.interests else "interests"
    if case.proposals_opened is None or person not in case.interests or person in case.reveals:
        return ""
    if person not in case.commits:
        return "" if case.reveals else "scores"
    return "show" if len(case.commits) >= room.rules.tier(case.notice.tier).panel_size else ""


def judging_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Interests, scores, and showing them, each with its own deed."""
    return [
        *_step_routes(desk, "interests", "desk:interests"),
        *_step_routes(desk, "scores", "desk:score"),
        *_step_routes(desk, "show", "desk:score"),
    ]


def _step_routes(desk: Desk, step: str, deed: str) -> list[HTTPRouteHandler]:
    opt = {"deed": deed, "pilot": "name"}

    def find(request: Request[Any, Any, Any], name: str) -> Room:
        account = account_of(request)
        must_sit(account, "evaluator")
        room = room_of(desk, name)
        if room.agency != account.agency or step_of(desk, room, account) != step:
            raise Problem("page-missing", 404)
        return room

    @get(f"/desk/judge/{{name:str}}/{step}", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _page(desk, find(request, name), step)(request, {}, {}, None))

    @post(f"/desk/judge/{{name:str}}/{step}", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room = find(request, name)
        account = account_of(request)
        check = _missing_scores(desk, room) if step == "scores" else _unknown_firms(desk, step)
        return await draft_from_form(
            desk, request, _page(desk, room, step), check, lambda fields: _body(desk, room, account, step, fields)
        )

    return [show, take]


def _page(desk: Desk, room: Room, step: str) -> Any:
    def page(
        request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Refusal | None
    ) -> FormPage:
        path = f"/desk/judge/{room.name}/{step}"
        made: list[Field] = []
        if step == "interests":
            made = [text("interest", fields, rows=4)]
        elif step == "scores":
            made = _score_fields(desk, room, fields)
        return FormPage(
            **frame(desk, request, path),
            title=said(f"desk.{step}"),
            lead=said("desk.about", pilot=room.case.notice.title),
            action=path,
            fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
            submit="send",
            **refused_words(desk, refusal),
        )

    return page


def _score_fields(desk: Desk, room: Room, fields: Fields) -> list[Field]:
    """For each proposal what it answers, and under each criterion the anchored levels and the words."""
    asked = {requirement.id: requirement.text for requirement in room.case.notice.requirements}
    made: list[Field] = []
    for row in read_proposals(desk.office, room.case.id):
        lines = [f"{asked.get(a.requirement, a.requirement)}\n{a.words}" for a in row.proposal.answers]
        made.append(
            Field(
                name=f"p{row.number}",
                code="proposal",
                kind="shown",
                label=desk.door.renderer.say("desk.proposal_no", number=row.number),
                value="\n\n".join([*lines, row.proposal.approach, row.proposal.team]),
            )
        )
        for criterion in room.case.notice.criteria:
            name = f"s{row.number}-{criterion.id}"
            levels = [(str(level), f"{level}. {words}") for level, words in enumerate(criterion.anchors)]
            label = desk.door.renderer.say("desk.level_of", number=row.number, criterion=criterion.name)
            made.append(msgspec.structs.replace(choice(name, fields, levels, "level"), label=label))
            why = desk.door.renderer.say("desk.words_of", number=row.number, criterion=criterion.name)
            made.append(text(f"w{row.number}-{criterion.id}", fields, "reason", label=why, rows=2, most=_LONGEST))
    return made


def _missing_scores(desk: Desk, room: Room) -> Any:
    def check(fields: Fields) -> dict[str, Said]:
        found = {}
        for row in read_proposals(desk.office, room.case.id):
            for criterion in room.case.notice.criteria:
                if one(fields, f"s{row.number}-{criterion.id}") not in {"0", "1", "2", "3", "4"}:
                    found[f"s{row.number}-{criterion.id}"] = said("desk.choose_level")
                if not one(fields, f"w{row.number}-{criterion.id}"):
                    found[f"w{row.number}-{criterion.id}"] = said("desk.fill_in")
        return found

    return check


def _firms(desk: Desk) -> dict[str, str]:
    with desk.office.store.reading() as connection:
        rows = Shelf(connection).rows("SELECT name, id FROM {firm} ORDER BY entry")
    return {name.casefold(): subject for name, subject in rows}


def _unknown_firms(desk: Desk, step: str) -> Any:
    def check(fields: Fields) -> dict[str, Said]:
        if step != "interests":
            return {}
        known = _firms(desk)
        unknown = [
            name
            for name in one(fields, "interest").split("\n")
            if name.strip() and name.strip().casefold() not in known
        ]
        return {"interest": said("desk.no_such_firm", name=unknown[0].strip())} if unknown else {}

    return check


def _body(desk: Desk, room: Room, account: Account, step: str, fields: Fields) -> Any:
    person = account.person or ""
    if step == "interests":
        known = _firms(desk)
        named = [known[name.strip().casefold()] for name in one(fields, "interest").split("\n") if name.strip()]
        withheld: dict[str, object] = {f"firm_{n}": firm for n, firm in enumerate(named, 1)} or {"none": "none"}
        return "interests-declared", room.case.id, InterestsDeclared(person=person), withheld
    if step == "scores":
        scores = _scores(room, read_proposals(desk.office, room.case.id), fields)
        salt = token_hex(32)
        _keep(desk, room, account, salt, scores)
        stated = scores_commitment(room.case.id, person, salt, scores)
        return "scores-committed", room.case.id, ScoresCommitted(person=person, commitment=stated), {}
    salt, scores = kept_scores(desk, room, account)
    return "scores-revealed", room.case.id, ScoresRevealed(person=person, salt=salt, scores=scores), {}


def _scores(room: Room, proposals: list[ReadProposal], fields: Fields) -> list[BidScores]:
    return [
        BidScores(
            bid=row.bid,
            scores=[
                CriterionScore(
                    criterion=criterion.id,
                    score=int(one(fields, f"s{row.number}-{criterion.id}")),
                    words=one(fields, f"w{row.number}-{criterion.id}"),
                )
                for criterion in room.case.notice.criteria
            ],
        )
        for row in proposals
    ]


def _keep(desk: Desk, room: Room, account: Account, salt: str, scores: list[BidScores]) -> None:
    told = msgspec.json.encode(scores).decode("utf-8")
    stated = scores_commitment(room.case.id, account.person or "", salt, scores)
    with desk.tables.writing() as rows:
        at = format_time(desk.office.clock.now())
        keep_form(rows, account.id, f"{room.case.id} {stated}", {"salt": salt, "scores": told}, at)


def kept_scores(desk: Desk, room: Room, account: Account) -> tuple[str, list[BidScores]]:
    """The scores behind this evaluator's own commitment; `scores-lost` when the desk no longer holds them."""
    committed = room.case.commits[account.person or ""].body
    if not isinstance(committed, ScoresCommitted):
        raise TypeError(committed)
    with desk.tables.reading() as rows:
        kept = kept_form(rows, account.id, f"{room.case.id} {committed.commitment}")
    if not kept:
        raise Problem("scores-lost", 409)
    return kept["salt"], msgspec.json.decode(kept["scores"], type=list[BidScores])
