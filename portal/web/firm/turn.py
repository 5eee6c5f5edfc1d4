"""Whose turn it is: what waits for a firm that came first, on its desk and in a letter that says no more than that."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from ledger.entry import format_time
from portal.commands.library import Library
from portal.commands.office import Office
from portal.identity.accounts import Account, accounts
from portal.identity.mail import post_mail
from portal.identity.tables import Rows
from portal.procurement.case import Case
from portal.procurement.decisions.awarding import proof_due
from portal.procurement.stage import candidate
from portal.web.addresses import subject_href
from portal.web.desk.desk import Desk
from portal.web.desk.rooms import Room, running_rooms
from portal.web.views.desk import Item
from portal.web.views.frame import Moment, said

PATH = "/desk/prove"
ASKING = {"ranking-published", "eligibility-decided"}
"""The acts after which another firm may have to prove that it may have the pilot."""


class Turn(NamedTuple):
    """A firm that has to prove, and until when nobody may pass it over."""

    firm: str
    due: datetime


def must_prove(case: Case) -> str | None:
    """The firm whose proof is awaited; None where nothing has to be proved, or it has been."""
    row = candidate(case)
    if row is None or case.ended is not None or case.notice.reservation == "open":
        return None
    return None if row.firm in case.proofs or row.firm in case.eligibility else row.firm


def firm_waits(desk: Desk, account: Account) -> list[Item]:
    """Pilots in which this firm came first and has to prove that it may have them."""
    if account.role != "firm" or account.firm is None:
        return []
    return [
        Item(
            said=said("desk.prove.now", pilot=room.case.notice.title),
            href=f"{PATH}/{room.name}",
            due=Moment(due_at(desk, room), room.zone.key),
        )
        for room in running_rooms(desk, bidder=account.firm)
        if must_prove(room.case) == account.firm
    ]


def firm_awaits(desk: Desk, account: Account) -> list[Item]:
    """Pilots in which the agency checks this firm's proof."""
    if account.role != "firm" or account.firm is None:
        return []
    return [
        Item(said=said("desk.prove.checked", pilot=room.case.notice.title), href=subject_href(room.case.id))
        for room in running_rooms(desk, bidder=account.firm)
        if account.firm in room.case.proofs and account.firm not in room.case.eligibility
    ]


def due_at(desk: Desk, room: Room) -> datetime:
    """Until when nobody may pass over the firm whose turn it is."""
    with desk.office.store.reading() as connection:
        return proof_due(Library(desk.office.store, connection), room.case)


def turns_in(office: Office, subjects: Iterable[str]) -> list[Turn]:
    """The firms whose turn it is in these pilots."""
    found = []
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        for subject in subjects:
            case = library.case(subject)
            firm = None if case is None else must_prove(case)
            if case is not None and firm is not None:
                found.append(Turn(firm, proof_due(library, case)))
    return found


def tell_turns(rows: Rows, turns: Iterable[Turn], at: datetime) -> None:
    """Write to everybody at the desks of these firms: something waits, until when, and nothing about what."""
    for turn in turns:
        for account in accounts(rows):
            if account.firm == turn.firm:
                post_mail(rows, account.email, "turn", {"until": format_time(turn.due), "href": "/desk"}, at=at)
