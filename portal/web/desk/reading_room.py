"""
Where officers and auditors find what is not public: proposals, and the way to the papers behind a proof.

1. A page says what reading means; the button has the record say it (`document-read`); only then are proposals shown.
2. Who may read in which state is the published table's to say; the record's own decision is asked once more.
"""

from collections.abc import Iterator
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from policies.roles_table import roles_table
from portal.commands.library import Library
from portal.commands.open_proposals import ReadProposal, read_proposals
from portal.commands.read_documents import read_proposals_as, unread_proposals
from portal.identity.accounts import Account
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_agency
from portal.procurement.stage import candidate, stage
from portal.projections.shelf import Shelf
from portal.web.addresses import subject_href
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.desk.rooms import Room, reader_of, room_of
from portal.web.problems import HTML, missing
from portal.web.public.judged_parts import erasures_of
from portal.web.views.desk import Item
from portal.web.views.frame import Link, said
from portal.web.views.reading import ProposalsPage, ReadablePage, ReadableRow, ReadProposalRow

PATH: Final = "/desk/reading"
_OPT: Final = {"deed": "desk:read-proposals", "pilot": "name"}
_READERS: Final = {"officer", "auditor"}


def reading_items() -> list[Item]:
    """What the first page of a reader's desk begins with."""
    return [Item(said=said("desk.reading.begin"), href=PATH)]


def reading_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The list, a pilot's proposals, and the button that records their reading."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:reading"})
    def readable(request: Request[Any, Any, Any]) -> Response[bytes]:
        page = ReadablePage(**frame(desk, request, PATH), rows=tuple(_rows(desk, account_of(request))))
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @get("/desk/pilots/{name:str}/proposals", sync_to_thread=False, opt=_OPT)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        page = _page(desk, request, _room(desk, account_of(request), name))
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @post("/desk/pilots/{name:str}/proposals", status_code=303, opt=_OPT)
    async def read(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        read_proposals_as(desk.office, _room(desk, account, name).case.id, reader_of(account))
        return Redirect(f"/desk/pilots/{name}/proposals", status_code=303)

    return [readable, show, read]


def _room(desk: Desk, account: Account, name: str) -> Room:
    """The pilot; `page-missing` before its proposals are opened, and for evaluators, who read where they score."""
    room = room_of(desk, name)
    if room.case.proposals_opened is None or account.role not in _READERS:
        raise missing()
    return room


def _rows(desk: Desk, account: Account) -> Iterator[ReadableRow]:
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        where, given = ("", ()) if account.agency is None else (" WHERE agency = ?", (account.agency,))
        rows = Shelf(connection).rows(f"SELECT id FROM {{opportunity}}{where} ORDER BY entry DESC", given)  # noqa: S608 -- one of two clauses above
        for (subject,) in rows:
            case = library.case(subject)
            row = None if case is None else _row(desk, library, account, case)
            if row is not None:
                yield row


def _row(desk: Desk, library: Library, account: Account, case: Case) -> ReadableRow | None:
    table, state = roles_table(), stage(case, desk.office.clock.now())
    first, path = candidate(case), f"/desk/pilots/{case.id.partition(':')[2]}"
    opened = case.proposals_opened is not None and table.refusal(account.role, "desk:read-proposals", state) is None
    proved = first is not None and first.firm in case.proofs
    papers = proved and table.refusal(account.role, "desk:read-withheld", state) is None
    if not opened and not papers:
        return None
    return ReadableRow(
        pilot=Link(case.notice.title, subject_href(case.id)),
        agency=the_agency(library, case.notice.agency).profile.name,
        proposals=f"{path}/proposals" if opened else "",
        papers=f"{path}/papers" if papers else "",
    )


def _page(desk: Desk, request: Request[Any, Any, Any], room: Room) -> ProposalsPage:
    left, unread = unread_proposals(desk.office, room.case.id, reader_of(account_of(request)))
    asked = {requirement.id: requirement.text for requirement in room.case.notice.requirements}
    shown = [] if unread else read_proposals(desk.office, room.case.id)
    path = f"/desk/pilots/{room.name}/proposals"
    return ProposalsPage(
        **frame(desk, request, path),
        pilot=Link(room.case.notice.title, subject_href(room.case.id)),
        action=path,
        read=not unread,
        left=left,
        proposals=tuple(_proposal(row, asked) for row in shown),
        gone=erasures_of(room.case, room.zone.key),
    )


def _proposal(row: ReadProposal, asked: dict[str, str]) -> ReadProposalRow:
    return ReadProposalRow(
        number=row.number,
        approach=row.proposal.approach,
        answers=tuple((asked.get(each.requirement, each.requirement), each.words) for each in row.proposal.answers),
        team=row.proposal.team,
        learner_places=row.proposal.learner_places,
    )
