"""
The firm that came first proves that it may have the pilot: its facts, judged before it signs, and papers for the agency.

The form comes filled with what the offer declared. Each condition of the pinned rules is answered as on "May we bid?".
Facts that do not meet them can be stated all the same: whoever says so at once saves everybody the days until it is due.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.errors import LedgerError
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.drafts import settle_draft, waiting_drafts
from portal.procurement.decisions.awarding import eligibility_conditions
from portal.procurement.events.award import EligibilityProved
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.money import exponent
from portal.procurement.period import day_of
from portal.procurement.refusal import Refusal
from portal.procurement.stage import candidate
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import choice, line, several
from portal.web.desk.rooms import Fields, Room, answered, refused_words, room_of
from portal.web.desk.signing import key_of, prepare
from portal.web.firm.handed_in import ACCEPT, LIMIT, NAMES, Paper, keep_papers, papers_in
from portal.web.firm.turn import PATH, due_at, must_prove
from portal.web.problems import missing
from portal.web.views.bidding import Verdict
from portal.web.views.desk import Field, FormPage
from portal.web.views.frame import Moment, Said, said

_KIND: Final = "eligibility-proved"
_OPT: Final = {"deed": "desk:prove", "pilot": "name"}
_LONGEST: Final = 300
_MONTHS: Final = 2400
_STAFF: Final = 1_000_000
_TURNOVER: Final = 10**12


def proving_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form for the one pilot in which it is this firm's turn."""

    @get(f"{PATH}/{{name:str}}", sync_to_thread=False, opt=_OPT)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        room, firm = _turn(desk, account_of(request), name)
        return answered(desk, _page(desk, request, room, _declared(room, firm), {}))

    @post(f"{PATH}/{{name:str}}", status_code=200, opt=_OPT, request_max_body_size=LIMIT)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        fields = await form_of(request)
        account = account_of(request)
        room, firm = _turn(desk, account, name)
        papers, errors = await papers_in(request)
        errors |= _errors(room, fields)
        if errors:
            return answered(desk, _page(desk, request, room, fields, errors))
        if one(fields, "anyway") != "yes" and not all(row.met for row in _verdicts(desk, room, firm, fields)):
            return answered(desk, _page(desk, request, room, fields, {"anyway": said("desk.prove.unmet")}))
        try:
            draft = _draft(desk, account, room, _body(room, firm, fields), papers)
        except Refusal as refusal:
            return answered(desk, _page(desk, request, room, fields, {}, refusal=refusal))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def _turn(desk: Desk, account: Account, name: str) -> tuple[Room, str]:
    """The pilot, if it is this firm's turn there and it has not proved yet; `page-missing` for everybody else."""
    room = room_of(desk, name)
    firm = must_prove(room.case)
    if firm is None or account.firm != firm:
        raise missing()
    return room, firm


def _declared(room: Room, firm: str) -> Fields:
    """The fields as the offer filled them."""
    row = candidate(room.case)
    declared = typed(room.case.opened[row.bid], BidOpened).declarations if row and row.firm == firm else None
    if declared is None:
        return {}
    return {
        "place": [declared.place],
        "months_present": [str(declared.months_present)],
        "staff_with_affiliates": [str(declared.staff)],
        "founded": [declared.founded],
    }


def _errors(room: Room, fields: Fields) -> dict[str, Said]:
    needed = ("place", "months_present", "founded", "staff_with_affiliates", "register_number")
    wrong = {name: said("desk.fill_in") for name in needed if not one(fields, name)}
    for name, most in (("months_present", _MONTHS), ("staff_with_affiliates", _STAFF), ("turnover", _TURNOVER)):
        if one(fields, name) and _number(one(fields, name), most) is None:
            wrong[name] = said("desk.no_number")
    if _number(one(fields, "staff_with_affiliates"), _STAFF) == 0:
        wrong["staff_with_affiliates"] = said("desk.no_number")
    if one(fields, "founded") and day_of(one(fields, "founded")) is None:
        wrong["founded"] = said("desk.people.no_day")
    if one(fields, "place") and one(fields, "place") not in dict(_places(room)):
        wrong["place"] = said("desk.fill_in")
    if len(one(fields, "register_number")) > _LONGEST:
        wrong["register_number"] = said("drafting.too_long", n=len(one(fields, "register_number")), most=_LONGEST)
    return wrong


def _places(room: Room) -> list[tuple[str, str | Said]]:
    return [
        *((area.code, area.text) for area in room.rules.eligibility.areas),
        ("elsewhere", said("bidding.place_elsewhere")),
    ]


def _body(room: Room, firm: str, fields: Fields) -> EligibilityProved:
    """The facts of fields that have no errors."""
    turnover = _number(one(fields, "turnover"), _TURNOVER)
    return EligibilityProved(
        firm=firm,
        place=one(fields, "place"),
        months_present=_number(one(fields, "months_present"), _MONTHS) or 0,
        staff_with_affiliates=_number(one(fields, "staff_with_affiliates"), _STAFF) or 1,
        founded=one(fields, "founded"),
        turnover_minor=None if turnover is None else turnover * 10 ** exponent(room.case.notice.currency),
        register_number=one(fields, "register_number"),
    )


def _verdicts(desk: Desk, room: Room, firm: str, fields: Fields) -> list[Verdict]:
    """Each condition for these facts, as the agency will see it; none while a field cannot be read."""
    if _errors(room, fields).keys() - {"register_number"}:
        return []
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        found = eligibility_conditions(library, room.case, _body(room, firm, fields))
    return [Verdict(rule=each.rule, met=each.met, sentence=each.sentence, fix=each.fix) for each in found]


def _draft(desk: Desk, account: Account, room: Room, body: EligibilityProved, papers: dict[str, Paper]) -> str:
    """A draft of the proof, its papers kept before it; refused, none of them stays, nor those of a draft it takes the place of."""
    key = key_of(desk, account)
    withheld = keep_papers(desk.office.vault, papers)
    try:
        made = prepare(desk, account, _KIND, room.case.id, body, key=key, withheld=withheld)
    except (Refusal, LedgerError):
        desk.office.vault.erase_papers([{"path": name, "salt": "", "value": value} for name, value in withheld.items()])
        raise
    _drop_earlier(desk, account, room, made)
    return made


def _drop_earlier(desk: Desk, account: Account, room: Room, made: str) -> None:
    """What was drafted before and nobody signed is dropped: papers stay for the one proof alone."""
    with desk.tables.writing() as rows:
        before = [
            each
            for each in waiting_drafts(rows, made_by=account.id)
            if (each.kind, each.subject) == (_KIND, room.case.id) and each.id != made and not each.signatures
        ]
        for each in before:
            settle_draft(rows, each.id, "dropped")
    for each in before:
        desk.office.vault.erase_papers(each.openings)


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    room: Room,
    fields: Fields,
    errors: dict[str, Said],
    *,
    refusal: Refusal | None = None,
) -> FormPage:
    path = f"{PATH}/{room.name}"
    firm = must_prove(room.case) or ""
    verdicts = _verdicts(desk, room, firm, fields)
    unmet = any(not row.met for row in verdicts)
    made = [
        choice("place", fields, _places(room), "prove.place"),
        line("months_present", fields, "prove.months_present", kind="number", most=4),
        line("founded", fields, "prove.founded", kind="day"),
        line("staff_with_affiliates", fields, "prove.staff_with_affiliates", kind="number", most=9),
    ]
    if room.rules.eligibility.max_turnover_minor is not None:
        made.append(line("turnover", fields, "prove.turnover", kind="amount", most=16))
    made.append(line("register_number", fields, "prove.register_number", most=_LONGEST))
    made += [Field(name=name, code=f"prove.{name}", kind="file", accept=ACCEPT) for name in NAMES]
    if unmet:
        made.append(several("anyway", fields, [("yes", said("desk.prove.anyway"))], "prove.anyway"))
    return FormPage(
        **frame(desk, request, path),
        title=said("desk.prove.title"),
        lead=said("desk.prove.lead", pilot=room.case.notice.title, until=Moment(due_at(desk, room), room.zone.key)),
        action=path,
        fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
        verdicts=tuple(verdicts),
        policy=room.case.notice.policy.digest,
        submit="send",
        **refused_words(desk, refusal),
    )


def _number(text: str, most: int) -> int | None:
    plain = text.replace(",", "").replace(" ", "")
    fits = plain.isascii() and plain.isdecimal() and len(plain) <= len(str(most))
    return int(plain) if fits and int(plain) <= most else None
