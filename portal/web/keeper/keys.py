"""
A keeper's desk: fingerprints of her registered keys and their use, how many are left, and one way in for what she signed.

Her keys are made and held by `daylight keeper`, on her own machine. Nothing at this desk asks for a secret, and nothing but a
statement that she signed herself is taken: a released key, or the confirmation of an opening.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import Signed
from ledger.errors import LedgerError
from portal.commands.library import Library
from portal.commands.perform import perform
from portal.identity.accounts import Account
from portal.procurement.act import read_body
from portal.procurement.case import Case
from portal.procurement.events.opening import KeyReleased, OpeningConfirmed
from portal.procurement.events.opportunity import KeeperSeat
from portal.procurement.refusal import Refusal
from portal.procurement.stage import stage
from portal.projections.shelf import Shelf
from portal.web.addresses import subject_href
from portal.web.api.acts import recorded, signed_of
from portal.web.api.practice import uploaded
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import our_words
from portal.web.desk.rooms import running_rooms
from portal.web.problems import HTML, missing
from portal.web.views.desk import Item
from portal.web.views.frame import Link, Moment, said
from portal.web.views.keeper import HandInPage, KeeperPage, SeatRow

PATH: Final = "/desk/keeper"
FEW: Final = 5
_TAKEN: Final = ("closed", "opened", "scoring", "ranked", "chosen", "unsuccessful", "opening-failed")


def keeper_desk_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page of her keys, and where a signed statement about one pilot is handed in."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:pack"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(desk.door.renderer.page(_keys_page(desk, request)), media_type=HTML)

    opt = {"deed": "desk:release", "pilot": "name"}

    @get(f"{PATH}/{{name:str}}", sync_to_thread=False, opt=opt)
    def ask(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        case, _ = seat_of(desk, account_of(request), name)
        return Response(desk.door.renderer.page(_hand_in_page(desk, request, case)), media_type=HTML)

    @post(f"{PATH}/{{name:str}}", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        fields = await form_of(request)
        account = account_of(request)
        case, _ = seat_of(desk, account, name)
        given = (await uploaded(request)) or one(fields, "statement").encode()
        try:
            index = _take(desk, account, case, given)
        except Refusal as refusal:
            page = _hand_in_page(desk, request, case, given, refusal)
            return Response(desk.door.renderer.page(page), media_type=HTML, status_code=422)
        return Redirect(f"/ledger/entries/{index}", status_code=303)

    return [show, ask, take]


def keeper_waits(desk: Desk, account: Account) -> list[Item]:
    """Pilots in which a key of hers is wanted now or an opening waits for her, and the reminder that few keys are left."""
    if account.role != "keeper" or account.keeper is None:
        return []
    found = [
        Item(
            said=said(f"desk.keeper.waits_{wants}", pilot=room.case.notice.title),
            href=f"{PATH}/{room.name}",
            due=Moment(room.case.opens_by, room.zone.key) if wants == "proposal" else None,
        )
        for room in running_rooms(desk)
        for wants in _wanted(desk, room.case, account.keeper)
    ]
    left = len(_unused(desk, account.keeper))
    if left < FEW:
        found.append(Item(said=said("desk.keeper.waits_few", n=left), href=PATH))
    return found


def _wanted(desk: Desk, case: Case, keeper: str) -> list[str]:
    """What a pilot wants of a keeper now: her key for a half, or the confirmation of what was opened."""
    number = next((n for n, seat in enumerate(case.notice.sealing.seats, 1) if seat.keeper == keeper), None)
    if number is None or case.closed is None or desk.office.clock.now() < case.objection_until:
        return []
    wants = []
    if case.proposals_opened is None and case.listed_bids() and number not in case.released.get("proposal", {}):
        wants.append("proposal")
    shown = case.proposals_opened is not None and case.commits and not set(case.commits) - set(case.reveals)
    if shown and case.offers_opened is None and number not in case.released.get("offer", {}):
        wants.append("offer")
    bodies = [act.body for act in case.confirmations]
    confirmed = {body.label for body in bodies if isinstance(body, OpeningConfirmed) and body.keeper == keeper}
    if (case.proposals_opened and "proposal" not in confirmed) or (case.offers_opened and "offer" not in confirmed):
        wants.append("confirmation")
    return wants


def seat_of(desk: Desk, account: Account, name: str) -> tuple[Case, KeeperSeat]:
    """The pilot in which this keeper has a seat; there is no page for her about any other."""
    with desk.office.store.reading() as connection:
        case = Library(desk.office.store, connection).case(f"opportunity:{name}")
    for seat in case.notice.sealing.seats if case is not None else []:
        if case is not None and seat.keeper == account.keeper:
            return case, seat
    raise missing()


def _unused(desk: Desk, keeper: str) -> list[str]:
    """The registered keys that no pilot has taken, by the public half for the proposals."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        found, used = library.keeper(keeper), library.keeper_keys_used(keeper)
    return [pair.proposal for pair in found.keys if pair.proposal not in used] if found is not None else []


def _seated(desk: Desk, keeper: str) -> list[tuple[Case, KeeperSeat]]:
    """Every pilot that has taken a pair of this keeper's keys, newest first."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        rows = Shelf(connection).rows("SELECT id FROM {opportunity} ORDER BY entry DESC")
        cases = [library.case(row[0]) for row in rows]
    return [(case, seat) for case in cases if case for seat in case.notice.sealing.seats if seat.keeper == keeper]


def _keys_page(desk: Desk, request: Request[Any, Any, Any]) -> KeeperPage:
    keeper = account_of(request).keeper or ""
    unused = _unused(desk, keeper)
    address = desk.door.renderer.site.address
    return KeeperPage(
        **frame(desk, request, PATH),
        left=len(unused),
        few=len(unused) < FEW,
        seats=tuple(_row(desk, case, seat) for case, seat in _seated(desk, keeper)),
        unused=tuple(unused),
        commands=(
            ("make", f"daylight keeper make --keeper {keeper} --portal {address} --vkeys vkeys"),
            ("serve", "daylight keeper serve"),
            ("register", "daylight keeper register"),
            ("list", "daylight keeper list"),
        ),
    )


def _row(desk: Desk, case: Case, seat: KeeperSeat) -> SeatRow:
    name = case.id.partition(":")[2]
    number = case.notice.sealing.seats.index(seat) + 1
    stands = [
        said(f"desk.keeper.out_{label}") for label in ("proposal", "offer") if number in case.released.get(label, {})
    ]
    wants = [said(f"desk.keeper.wants_{want}") for want in _wanted(desk, case, seat.keeper)]
    return SeatRow(
        pilot=Link(case.notice.title, subject_href(case.id)),
        opening=f"{subject_href(case.id)}/opening",
        proposal=seat.proposal,
        offer=seat.offer,
        stands=tuple([*stands, *wants] or [said("desk.keeper.held")]),
        hand_in=f"{PATH}/{name}" if stage(case, desk.office.clock.now()) in _TAKEN else "",
    )


def _hand_in_page(
    desk: Desk, request: Request[Any, Any, Any], case: Case, given: bytes = b"", refusal: Refusal | None = None
) -> HandInPage:
    path = f"{PATH}/{case.id.partition(':')[2]}"
    return HandInPage(
        **frame(desk, request, path),
        pilot=Link(case.notice.title, subject_href(case.id)),
        action=path,
        text=given.decode("utf-8", "replace"),
        refused=None if refusal is None else our_words(desk, refusal),
        fix="" if refusal is None else refusal.fix or _fix(desk, refusal),
    )


def _fix(desk: Desk, refusal: Refusal) -> str:
    key = f"fixes.{refusal.reason}"
    renderer = desk.door.renderer
    try:
        return renderer.say(key, **{name: str(value) for name, value in refusal.figures.items()})
    except KeyError:
        return ""


def _take(desk: Desk, account: Account, case: Case, given: bytes) -> int:
    """
    Append what she has signed; the number of its record. The same statement again is answered with the same record.

    Raises:
        Refusal: `statement-unreadable`, `handed-other` for anything but a release or confirmation of her own about this pilot;
            else as the decision, or with the ledger's reason.
    """
    try:
        signed = _read(given)
        body = read_body(signed.statement.kind, signed.statement.body)
        own = isinstance(body, KeyReleased | OpeningConfirmed) and body.keeper == account.keeper
        if not own or signed.statement.subject != case.id:
            raise Refusal("handed-other", {"pilot": case.notice.title})
        before = recorded(desk.office, signed)
        return (before or perform(desk.office, signed)).index
    except LedgerError as error:
        raise Refusal(error.reason, {"detail": error.detail}) from error


def _read(given: bytes) -> Signed:
    try:
        return signed_of(msgspec.json.decode(given, type=dict[str, Any]))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("statement-unreadable", {}) from error
