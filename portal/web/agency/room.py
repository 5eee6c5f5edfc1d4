"""The agency's rooms of the desk, put together: its routes, and what each adds to the first page."""

from litestar.handlers import HTTPRouteHandler

from portal.web.agency.answering import answering_routes, questions_waiting
from portal.web.agency.begun import begun_by
from portal.web.agency.board import board_routes, others_waiting, running_of, tries_waiting
from portal.web.agency.changing import changing_routes
from portal.web.agency.checking import checking_routes
from portal.web.agency.deciding import deciding_routes, decisions_waiting
from portal.web.agency.earlier import PATH as EARLIER
from portal.web.agency.earlier import earlier_routes
from portal.web.agency.ending import ending_routes
from portal.web.agency.notice import PATH as NEW_NOTICE
from portal.web.agency.notice import notice_routes
from portal.web.agency.opening_file import PATH as OPEN_FILE
from portal.web.agency.opening_file import opening_routes
from portal.web.agency.planning import PATH as PLANS
from portal.web.agency.planning import planning_routes
from portal.web.agency.telling import tell
from portal.web.desk.desk import Desk
from portal.web.desk.home import Waits
from portal.web.views.desk import Item
from portal.web.views.frame import said


def agency_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route of an agency's officers; the general ones come last, so that no name takes the place of a page."""
    return [
        *notice_routes(desk),
        *opening_routes(desk),
        *earlier_routes(desk),
        *planning_routes(desk),
        *changing_routes(desk),
        *ending_routes(desk),
        *answering_routes(desk),
        *deciding_routes(desk),
        *checking_routes(desk),
        *board_routes(desk),
    ]


def add_agency(desk: Desk, waits: Waits) -> None:
    """What an officer sees first: questions, decisions, what was begun, and what can be begun; and drafts in words."""
    desk.tellers.append(tell)
    waits.add(mine=questions_waiting)
    waits.add(mine=decisions_waiting)
    waits.add(mine=tries_waiting, others=others_waiting, running=running_of)
    waits.add(unfinished=begun_by)
    waits.add(
        begin={
            "officer": [
                Item(said=said("desk.notice.begin"), href=NEW_NOTICE),
                Item(said=said("desk.earlier.begin"), href=EARLIER),
                Item(said=said("desk.opening.begin"), href=OPEN_FILE),
                Item(said=said("desk.plan.begin"), href=f"{PLANS}/new"),
                Item(said=said("desk.plan.see"), href=PLANS),
            ]
        }
    )
