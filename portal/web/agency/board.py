"""
The agency's pilots on the desk's first page, and each on a page of its own: where it stands, whose turn it is, what an
officer can do about it now.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from portal.commands.library import Library
from portal.identity.accounts import Account, accounts
from portal.identity.drafts import waiting_drafts
from portal.identity.unfinished import unfinished_of
from portal.procurement.act import read_body
from portal.procurement.decisions.lookups import the_agency
from portal.procurement.kinds import KINDS
from portal.procurement.stage import WITHOUT_AWARD, stage
from portal.projections.queries.opportunities import followed_by
from portal.projections.shelf import Shelf
from portal.web.addresses import subject_link
from portal.web.agency.deciding import steps_waiting
from portal.web.agency.stations import Turn, stations_of, turn_of
from portal.web.agency.writing_desk import people_of
from portal.web.desk.desk import Desk, frame
from portal.web.desk.rooms import Room, officers_room, running_rooms
from portal.web.problems import HTML
from portal.web.views.desk import Item, Running
from portal.web.views.frame import Moment, said
from portal.web.views.stations import PilotDeskPage

_FORMAL: Final = {"no-bids", "unsuccessful", "opening-failed"}
"""Ends that come by themselves; an officer may still end the procedure with a reason."""


def board_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """One pilot of the agency."""

    @get("/desk/pilots/{name:str}", sync_to_thread=False, opt={"deed": "desk:notice"})
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        room = officers_room(desk, request, name)
        return Response(desk.door.renderer.page(_page(desk, request, room)), media_type=HTML)

    return [show]


def _page(desk: Desk, request: Request[Any, Any, Any], room: Room) -> PilotDeskPage:
    now, title = desk.office.clock.now(), room.case.notice.title
    names = names_for(desk, room.agency)
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        turn, stations = turn_of(library, room, now, names), stations_of(library, room, now, names)
    return PilotDeskPage(
        **frame(desk, request, f"/desk/pilots/{room.name}"),
        title=title,
        pilot=subject_link(room.case.id, title),
        state=stage(room.case, now),
        lead=turn.who if turn is not None else said(f"desk.pilot.lead.{stage(room.case, now)}"),
        until=Moment(turn.until, room.zone.key) if turn is not None and turn.until is not None else None,
        stations=stations,
        acts=tuple(_acts(desk, room)),
        ended=stage(room.case, now) in WITHOUT_AWARD,
    )


def names_for(desk: Desk, agency: str) -> Callable[[str], str]:
    """Names of the agency's people and of keepers; a pseudonym without its prefix for anybody else."""
    with desk.office.store.reading() as connection:
        people = people_of(desk, the_agency(Library(desk.office.store, connection), agency))
        keepers = dict(tuple(row) for row in Shelf(connection).rows("SELECT id, name FROM {keeper} ORDER BY entry"))
    known = people | keepers
    return lambda subject: known.get(subject) or subject.partition(":")[2].replace("-", " ")


def _acts(desk: Desk, room: Room) -> Iterator[Item]:
    """What can be done about a pilot now, the next step first."""
    case, path, now = room.case, f"/desk/pilots/{room.name}", desk.office.clock.now()
    state = stage(case, now)
    for index, question in case.questions.items():
        if question.answered is None and state == "open":
            yield Item(said=said("desk.pilot.answer", text=question.text[:120]), href=f"{path}/questions/{index}")
    yield from steps_waiting(desk, room)
    if state in WITHOUT_AWARD:
        yield Item(said=said("desk.pilot.again"), href=f"/desk/notices/new?again={room.name}")
    if state == "open":
        yield Item(said=said("desk.pilot.change"), href=f"{path}/change")
        yield Item(said=said("desk.pilot.withdraw"), href=f"{path}/end")
    elif case.ended is None and case.awarded is None:
        yield Item(said=said("desk.pilot.end" if state in _FORMAL else "desk.pilot.cancel"), href=f"{path}/end")
    yield Item(said=said("desk.pilot.copy"), href=f"/desk/notices/new?from={room.name}")


def _turns(desk: Desk, agency: str) -> Iterator[tuple[Room, Turn | None]]:
    """Each running pilot of an agency, and whose turn it is."""
    now, names = desk.office.clock.now(), names_for(desk, agency)
    rooms = list(running_rooms(desk, agency))
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        for room in rooms:
            yield room, turn_of(library, room, now, names)


def running_of(desk: Desk, account: Account) -> tuple[Running, ...]:
    """The agency's running pilots for the first page, the nearest moment first; those that ended by themselves wait elsewhere."""
    if account.role != "officer" or account.agency is None:
        return ()
    now = desk.office.clock.now()
    found = [
        Running(
            title=room.case.notice.title,
            href=f"/desk/pilots/{room.name}",
            state=stage(room.case, now),
            turn=turn.who if turn is not None else None,
            when=Moment(turn.until, room.zone.key) if turn is not None and turn.until is not None else None,
        )
        for room, turn in _turns(desk, account.agency)
        if stage(room.case, now) not in _FORMAL
    ]
    return tuple(sorted(found, key=lambda row: (row.when is None, row.when.at.timestamp() if row.when else 0.0)))


def others_waiting(desk: Desk, account: Account) -> list[Item]:
    """Who else has to act for the agency's pilots, and for this officer's drafts."""
    if account.role != "officer" or account.agency is None:
        return []
    found = _second_signatures(desk, account)
    names, now = names_for(desk, account.agency), desk.office.clock.now()
    for room, turn in _turns(desk, account.agency):
        path, pilot = f"/desk/pilots/{room.name}", room.case.notice.title
        silent = [person for person in room.case.notice.evaluators if person not in room.case.interests]
        if silent and now < room.case.closes:
            told = said("turns.interests", names=" · ".join(names(person) for person in silent))
            until = Moment(room.case.closes, room.zone.key)
            found.append(Item(said=said("desk.pilot.other", what=told, pilot=pilot), href=path, due=until))
        if turn is not None and not turn.ours and turn.code != "closed":
            due = Moment(turn.until, room.zone.key) if turn.until is not None else None
            found.append(Item(said=said("desk.pilot.other", what=turn.who, pilot=pilot), href=path, due=due))
    return found


def _second_signatures(desk: Desk, account: Account) -> list[Item]:
    """Drafts that this officer has signed and a second has not, with whom was asked."""
    with desk.tables.reading() as rows:
        drafts = [draft for draft in waiting_drafts(rows, made_by=account.id) if draft.signatures]
        asked = {one.draft: one.sheet.get("second", "") for one in unfinished_of(rows, account.id) if one.draft}
        people = {row.person: row.name for row in accounts(rows) if row.agency == account.agency}
    found = []
    for draft in drafts:
        if len(KINDS[draft.kind].signers) < 2:  # noqa: PLR2004 -- one signs alone
            continue
        title = getattr(read_body(draft.kind, draft.statement.body), "title", "") or draft.subject.partition(":")[2]
        name = people.get(asked.get(draft.id, ""), "")
        told = said("desk.pilot.second", name=name, title=title) if name else said("desk.pilot.any_second", title=title)
        found.append(Item(said=told, href=f"/desk/sign/{draft.id}"))
    return found


def tries_waiting(desk: Desk, account: Account) -> list[Item]:
    """Pilots that ended by themselves without award, and were neither published again nor ended with a reason."""
    if account.role != "officer" or account.agency is None:
        return []
    now = desk.office.clock.now()
    rooms = [room for room in running_rooms(desk, account.agency) if stage(room.case, now) in _FORMAL]
    with desk.office.store.reading() as connection:
        shelf = Shelf(connection)
        open_ends = [room for room in rooms if followed_by(shelf, room.case.id) is None]
    return [
        Item(
            said=said(f"desk.pilot.ended.{stage(room.case, now)}", pilot=room.case.notice.title),
            href=f"/desk/pilots/{room.name}",
        )
        for room in open_ends
    ]
