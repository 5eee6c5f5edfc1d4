"""
The papers behind a proof, at the desk of the officers who check it and of auditors: the record first, the bytes afterwards.

A page says what reading them means; the button appends `document-read`, once for each reader; only then are they shown.
"""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.commitments import Opening
from portal.commands.read_documents import read_withheld
from portal.identity.accounts import Account
from portal.procurement.act import Act
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.readings import has_read
from portal.procurement.stage import candidate
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.desk.rooms import Room, reader_of, room_of
from portal.web.desk.signers import is_in_office
from portal.web.desk.spoken import paper_name
from portal.web.problems import HTML, missing
from portal.web.views.desk import PaperRow, PapersPage

_OPT: Final = {"deed": "desk:read-withheld", "pilot": "name"}
_KILO: Final = 1000


def checking_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page of the papers, the button that records the reading, and each paper as a file."""

    @get("/desk/pilots/{name:str}/papers", sync_to_thread=False, opt=_OPT)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        room, proof = _proof(desk, account_of(request), name)
        return Response(desk.door.renderer.page(_page(desk, request, room, proof)), media_type=HTML)

    @post("/desk/pilots/{name:str}/papers", status_code=303, opt=_OPT)
    async def read(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        room, proof = _proof(desk, account, name)
        if proof.commitments:
            read_withheld(desk.office, room.case.id, _firm(room), reader_of(account))
        return Redirect(f"/desk/pilots/{name}/papers", status_code=303)

    @get("/desk/pilots/{name:str}/papers/{paper:str}", sync_to_thread=False, opt=_OPT)
    def take(request: Request[Any, Any, Any], name: FromPath[str], paper: FromPath[str]) -> Response[Any]:
        account = account_of(request)
        room, proof = _proof(desk, account, name)
        if not has_read(room.case, reader_of(account), proof.statement_hash):
            return Redirect(f"/desk/pilots/{name}/papers", status_code=303)
        return _file(desk, proof, paper)

    return [show, read, take]


def _firm(room: Room) -> str:
    row = candidate(room.case)
    return row.firm if row else ""


def _proof(desk: Desk, account: Account, name: str) -> tuple[Room, Act]:
    """
    The pilot and the proof of the firm whose turn it is; `page-missing` before there is one.

    An officer reads in office alone: what she read before is not hers to fetch again once her appointment has ended.
    """
    room = room_of(desk, name)
    proof = room.case.proofs.get(_firm(room))
    theirs = account.role == "auditor" or (account.agency == room.agency and is_in_office(desk, account))
    if proof is None or not theirs:
        raise missing()
    return room, proof


def _page(desk: Desk, request: Request[Any, Any, Any], room: Room, proof: Act) -> PapersPage:
    path = f"/desk/pilots/{room.name}/papers"
    row = candidate(room.case)
    read = has_read(room.case, reader_of(account_of(request)), proof.statement_hash)
    openings = desk.office.vault.openings(proof.statement_hash) if read else []
    undecided = _firm(room) not in room.case.eligibility
    return PapersPage(
        **frame(desk, request, path),
        pilot=room.case.notice.title,
        firm=typed(room.case.opened[row.bid], BidOpened).name if row else "",
        action=path,
        back=f"/desk/pilots/{room.name}/proof" if undecided else "",
        read=read,
        none=not proof.commitments,
        papers=tuple(_row(desk, path, opening) for opening in openings),
    )


def _row(desk: Desk, path: str, opening: Opening) -> PaperRow:
    name = paper_name(opening["value"])
    if not name:
        return PaperRow(name=opening["path"], words=str(opening["value"]))
    data = desk.office.vault.paper(opening["value"])
    if data is None:
        return PaperRow(name=name)
    return PaperRow(name=name, href=f"{path}/{opening['path']}", kilobytes=-(-len(data) // _KILO))


def _file(desk: Desk, proof: Act, paper: str) -> Response[bytes]:
    """One paper, to be kept and not to be opened within the desk's own pages."""
    for opening in desk.office.vault.openings(proof.statement_hash):
        value = opening["value"]
        data = desk.office.vault.paper(value) if opening["path"] == paper else None
        if data is not None and isinstance(value, dict):
            headers = {"content-disposition": f'attachment; filename="{paper_name(value)}"'}
            return Response(data, media_type=str(value["type"]), headers=headers)
    raise missing()
