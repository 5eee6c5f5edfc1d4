"""From the ranking to the award: decide about the proof, choose with a reason for every bidder, award."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ledger.entry import format_time
from policies import standstill_end
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.decisions.awarding import eligibility_conditions, proof_due
from portal.procurement.events.award import (
    AwardIntended,
    AwardMade,
    BidReasons,
    CriterionReason,
    EligibilityDecided,
    EligibilityProved,
)
from portal.procurement.events.evaluation import RankingPublished, RankRow, ScoresRevealed
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.money import Money
from portal.procurement.refusal import Refusal
from portal.procurement.stage import candidate, standstill_ends
from portal.web.desk.desk import Desk, frame, one
from portal.web.desk.fields import choice, text
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
from portal.web.views.bidding import Verdict
from portal.web.views.desk import Field, FormPage, Item, Quote
from portal.web.views.frame import Moment, Said, said
from portal.web.views.told import Told

_SIGNING_TIME = timedelta(days=2)
_LONGEST = 300


def decisions_waiting(desk: Desk, account: Account) -> list[Item]:
    """Proofs to decide about, choices to make, awards whose time to challenge is over."""
    if account.role != "officer":
        return []
    return [item for room in running_rooms(desk, account.agency) for item in steps_waiting(desk, room) if not item.due]


def steps_waiting(desk: Desk, room: Room) -> list[Item]:
    """The next step of a pilot at the officers' desk; one with `due` is there to be read and not to be taken yet."""
    case, now = room.case, desk.office.clock.now()
    path, pilot = f"/desk/pilots/{room.name}", room.case.notice.title
    ends = standstill_ends(case)
    if case.awarded is not None or case.ended is not None:
        return []
    if ends is not None:
        ready = said("desk.award_now", pilot=pilot) if now >= ends else said("desk.award_later", pilot=pilot)
        return [Item(said=ready, href=f"{path}/award", due=Moment(ends, room.zone.key) if now < ends else None)]
    first = candidate(case)
    if case.ranking is None or first is None:
        return []
    if case.notice.reservation == "open" or first.firm in case.eligibility:
        return [Item(said=said("desk.choose_now", pilot=pilot), href=f"{path}/choose")]
    due = due_of(desk, room)
    if first.firm in case.proofs or now >= due.at:
        return [Item(said=said("desk.decide_proof", pilot=pilot), href=f"{path}/proof")]
    return []


def due_of(desk: Desk, room: Room) -> Moment:
    """Until when the firm whose turn it is must have proved that it may bid."""
    with desk.office.store.reading() as connection:
        return Moment(proof_due(Library(desk.office.store, connection), room.case), room.zone.key)


def deciding_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Proof, choice and award of one pilot, each with its own deed."""
    return [
        *_step_routes(desk, "proof", "desk:eligibility", _proof_page, _proof),
        *_step_routes(desk, "choose", "desk:choose", _choice_page, _choice),
        *_step_routes(desk, "award", "desk:choose", _award_page, _award),
    ]


def _step_routes(desk: Desk, step: str, deed: str, page_of: Any, body: Any) -> list[HTTPRouteHandler]:
    opt = {"deed": deed, "pilot": "name"}

    def find(request: Request[Any, Any, Any], name: str) -> Room:
        room = officers_room(desk, request, name)
        if not any(item.href.endswith(f"/{step}") for item in steps_waiting(desk, room)):
            raise Problem("page-missing", 404)
        return room

    @get(f"/desk/pilots/{{name:str}}/{step}", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        page = page_of(desk, find(request, name))
        return answered(desk, page(request, {}, {}, None))

    @post(f"/desk/pilots/{{name:str}}/{step}", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room = find(request, name)
        return await draft_from_form(
            desk,
            request,
            page_of(desk, room),
            lambda fields: _missing(room, step, fields),
            lambda f: body(desk, room, f),
        )

    return [show, take]


def _missing(room: Room, step: str, fields: Fields) -> dict[str, Said]:
    names = ["words"] if step == "award" else ["accepted", "why"] if step == "proof" else ["words", *_cells(room)]
    return {name: said("desk.fill_in") for name in names if not one(fields, name)}


def _page(desk: Desk, room: Room, step: str, title: str, *, fields_of: Any, **more: Any) -> Any:
    def page(
        request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Refusal | None
    ) -> FormPage:
        path = f"/desk/pilots/{room.name}/{step}"
        made: list[Field] = fields_of(fields)
        return FormPage(
            **frame(desk, request, path),
            title=said(title),
            lead=said("desk.about", pilot=room.case.notice.title),
            action=path,
            policy=room.case.notice.policy.digest,
            fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
            submit="send",
            **more,
            **refused_words(desk, refusal),
        )

    return page


def _first(room: Room) -> RankRow:
    first = candidate(room.case)
    if first is None:
        raise Problem("page-missing", 404)
    return first


def _name(room: Room, bid: str) -> str:
    return typed(room.case.opened[bid], BidOpened).name


def _proof_page(desk: Desk, room: Room) -> Any:
    first = _first(room)
    more: dict[str, Any] = {}
    if first.firm in room.case.proofs:
        proof = typed(room.case.proofs[first.firm], EligibilityProved)
        with desk.office.store.reading() as connection:
            conditions = eligibility_conditions(Library(desk.office.store, connection), room.case, proof)
        more = {
            "quotes": (Quote(title=_name(room, first.bid), text=_stated(desk, room, proof)),),
            "verdicts": tuple(Verdict(rule=c.rule, met=c.met, sentence=c.sentence, fix=c.fix) for c in conditions),
            "steps": (Item(said=said("withheld.link"), href=f"/desk/pilots/{room.name}/papers"),),
        }
    options = [(name, said(f"options.{name}")) for name in ("accept", "pass-over")]
    return _page(
        desk,
        room,
        "proof",
        "desk.proof",
        fields_of=lambda fields: [choice("accepted", fields, options), text("why", fields, rows=3, most=_LONGEST)],
        **more,
    )


def _stated(desk: Desk, room: Room, proof: EligibilityProved) -> str:
    """What the proof says, line by line, in public words."""
    areas = {area.code: area.text for area in room.rules.eligibility.areas}
    say = desk.door.renderer.say
    lines = [
        say("proving.place", place=areas.get(proof.place, proof.place)),
        say("proving.founded", day=proof.founded),
        say("proving.register", number=proof.register_number),
    ]
    return "\n".join(lines)


def _proof(_desk: Desk, room: Room, fields: Fields) -> Any:
    accepted = one(fields, "accepted") == "accept"
    body = EligibilityDecided(firm=_first(room).firm, accepted=accepted, why=one(fields, "why"))
    return "eligibility-decided", room.case.id, body, {}


def _cells(room: Room) -> dict[str, tuple[str, str]]:
    """The reasons to give: one for each bidder and criterion, by field name."""
    ranking = room.case.ranking
    rows = typed(ranking, RankingPublished).rows if ranking is not None else []
    names = [criterion.id for criterion in room.case.notice.criteria] + ["price"] * bool(room.case.notice.price_weight)
    return {f"r-{place}-{name}": (row.bid, name) for place, row in enumerate(rows, 1) for name in names}


def _choice_page(desk: Desk, room: Room) -> Any:
    labels = {criterion.id: criterion.name for criterion in room.case.notice.criteria}

    def fields_of(fields: Fields) -> list[Field]:
        made = []
        for name, (bid, criterion) in _cells(room).items():
            label = f"{_name(room, bid)}: {labels.get(criterion) or desk.door.renderer.say('desk.price')}"
            given = fields if name in fields else {name: [panel_words(room, bid, criterion)]}
            made.append(text(name, given, "reason", label=label, rows=2, most=_LONGEST))
        return [*made, text("words", fields, rows=3)]

    return _page(desk, room, "choose", "desk.choose", fields_of=fields_of, quotes=(_ranking(room),))


def _ranking(room: Room) -> Quote:
    ranking = room.case.ranking
    rows = typed(ranking, RankingPublished).rows if ranking is not None else []
    lines = [f"{row.rank or '-'}. {_name(room, row.bid)}: {row.total / 100:.2f}" for row in rows]
    return Quote(title="", text="\n".join(lines))


def panel_words(room: Room, bid: str, criterion: str) -> str:
    """What the panel wrote about one bid under one criterion, joined: the beginning of a reason."""
    found = []
    for person in room.case.panel():
        for scores in typed(room.case.reveals[person], ScoresRevealed).scores:
            found += [s.words for s in scores.scores if scores.bid == bid and s.criterion == criterion]
    return " ".join(dict.fromkeys(found))[:_LONGEST]


def _choice(desk: Desk, room: Room, fields: Fields) -> Any:
    first, now = _first(room), desk.office.clock.now()
    opened = typed(room.case.opened[first.bid], BidOpened)
    ends = standstill_end(room.rules, now + _SIGNING_TIME, room.zone, room.case.notice.tier)
    reasons: dict[str, list[CriterionReason]] = {}
    for name, (bid, criterion) in _cells(room).items():
        reasons.setdefault(bid, []).append(CriterionReason(criterion=criterion, words=one(fields, name)))
    body = AwardIntended(
        bid=first.bid,
        firm=first.firm,
        amount_minor=opened.price_minor,
        currency=opened.currency,
        standstill_ends=format_time(ends),
        reasons=[BidReasons(bid=bid, reasons=given) for bid, given in reasons.items()],
        words=one(fields, "words"),
    )
    return "award-intended", room.case.id, body, {}


def _award_page(desk: Desk, room: Room) -> Any:
    chosen = typed(room.case.chosen, AwardIntended) if room.case.chosen is not None else None
    told = None
    if chosen is not None:
        amount = Money(chosen.amount_minor, chosen.currency)
        told = Told(
            what=said("told.award", firm=_name(room, chosen.bid), amount=amount), follows=(said("told.award_final"),)
        )
    return _page(desk, room, "award", "desk.award", fields_of=lambda fields: [text("words", fields, rows=3)], told=told)


def _award(_desk: Desk, room: Room, fields: Fields) -> Any:
    if room.case.chosen is None:
        raise Problem("page-missing", 404)
    chosen = typed(room.case.chosen, AwardIntended)
    body = AwardMade(
        bid=chosen.bid,
        firm=chosen.firm,
        amount_minor=chosen.amount_minor,
        currency=chosen.currency,
        words=one(fields, "words"),
    )
    return "award-made", room.case.id, body, {}
