"""
One pilot at an evaluator's desk: what this person has to do next, and the way to it.

Interests are committed to before the close. Proposals are read in the drawn order, without names or prices, and scored.
Scores are locked in by their fingerprint and shown when the panel is full; who was away from the others then says why.
"""

from datetime import datetime
from typing import Any, NamedTuple

from litestar import Request

from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.apart import Apart, scores_apart, unexplained
from portal.procurement.case import Case
from portal.procurement.decisions.opening import scores_stand, show_until
from portal.web.addresses import subject_href
from portal.web.desk.desk import Desk, account_of
from portal.web.desk.rooms import Room, must_sit, room_of, running_rooms
from portal.web.desk.signers import is_in_office
from portal.web.problems import Problem
from portal.web.views.desk import Item
from portal.web.views.frame import Moment, said


def judging_waits(desk: Desk, account: Account) -> list[Item]:
    """What waits for this evaluator, with the last moment for it where there is one."""
    if account.role != "evaluator":
        return []
    return [
        Item(
            said=said(f"desk.{step}_now", pilot=room.case.notice.title),
            href=f"/desk/judge/{room.name}/{step}",
            due=_due(room, step),
        )
        for room in running_rooms(desk, account.agency)
        if (step := step_of(desk, room, account))
    ]


def judging_awaits(desk: Desk, account: Account) -> list[Item]:
    """Scores of this evaluator that are locked in and cannot be shown yet: whom they wait for."""
    if account.role != "evaluator":
        return []
    return [
        Item(
            said=said(
                "desk.locked_in", pilot=room.case.notice.title, n=len(room.case.commits), least=str(least_of(room))
            ),
            href=subject_href(room.case.id),
        )
        for room in running_rooms(desk, account.agency)
        if account.person in room.case.commits
        and account.person not in room.case.reveals
        and len(room.case.commits) < least_of(room)
    ]


def _due(room: Room, step: str) -> Moment | None:
    due = {"interests": room.case.closes, "show": show_until(room.case) if room.case.commits else None}.get(step)
    return Moment(due, room.zone.key) if due else None


def step_of(desk: Desk, room: Room, account: Account) -> str:
    """What this evaluator has to do next for one pilot; empty when nothing, or not yet."""
    case, person = room.case, account.person or ""
    if person not in case.notice.evaluators:
        return ""
    if desk.office.clock.now() < case.closes:
        return "" if person in case.interests else "interests"
    if case.proposals_opened is None or person not in case.interests:
        return ""
    if person in case.reveals:
        return "explain" if case.chosen is None and reasons_due(desk, room, person) else ""
    if person not in case.commits:
        return "" if case.reveals else "scores"
    over = case.released.get("offer") or case.content_keys.get("offer")
    return "show" if len(case.commits) >= least_of(room) and not over else ""


def least_of(room: Room) -> int:
    """The fewest people whose scores the rules take."""
    return room.rules.tier(room.case.notice.tier).panel_size


def reasons_due(desk: Desk, room: Room, person: str) -> list[Apart]:
    """This evaluator's scores that lie apart and have no reason yet; none before all scores stand."""
    stand = _stand(desk, room.case)
    if stand is None or desk.office.clock.now() < stand:
        return []
    return [row for row in unexplained(room.case, scores_apart(room.case, room.rules)) if row.person == person]


def _stand(desk: Desk, case: Case) -> datetime | None:
    with desk.office.store.reading() as connection:
        return scores_stand(Library(desk.office.store, connection), case)


class Seat(NamedTuple):
    """Who judges what: an evaluator, and the pilot that names her."""

    room: Room
    account: Account

    @property
    def person(self) -> str:
        """The evaluator's pseudonym in the record."""
        return self.account.person or ""


def seated(desk: Desk, request: Request[Any, Any, Any], name: str, step: str) -> Seat:
    """The pilot and the evaluator in office whose next step there is this one; `page-missing` at any other time."""
    account = account_of(request)
    must_sit(account, "evaluator")
    room = room_of(desk, name)
    theirs = room.agency == account.agency and is_in_office(desk, account)
    if not theirs or step_of(desk, room, account) != step:
        raise Problem("page-missing", 404)
    return Seat(room, account)
