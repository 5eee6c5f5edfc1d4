"""The desk's application: its own router behind its own door, beside the public one and never in its cache."""

from typing import Any

from litestar import Litestar, Request, Response
from litestar.response import Redirect

from portal.commands.office import Office
from portal.identity.carriers import carrier_of
from portal.identity.mail import Postman, sender_domain
from portal.identity.public_address import cookies_are_plain, read_address
from portal.identity.safe import Safe, lock_clear_secrets
from portal.identity.tables import Tables
from portal.settings import mail_settings
from portal.web.agency.room import add_agency, agency_routes
from portal.web.desk import admitting, people, rules
from portal.web.desk.admitting import admissions_waiting, admitting_routes
from portal.web.desk.demo import demo_keys, demo_routes, seat_people
from portal.web.desk.desk import FORM_LIMIT, Desk
from portal.web.desk.devices import device_routes
from portal.web.desk.door import App, DeskDoor
from portal.web.desk.entering import entering_routes
from portal.web.desk.guard import Guard
from portal.web.desk.home import Waits, home_routes
from portal.web.desk.joining import joining_routes
from portal.web.desk.keyring import keyring_routes
from portal.web.desk.letters import LetterWriter, Rounds
from portal.web.desk.news import tell_news
from portal.web.desk.next_steps import go_on
from portal.web.desk.passwords import password_routes
from portal.web.desk.people import appointments_waiting, people_routes
from portal.web.desk.reading_room import reading_items, reading_routes
from portal.web.desk.registering import registering_routes
from portal.web.desk.renewing import renewals_waiting, renewing_routes
from portal.web.desk.rules import rules_routes
from portal.web.desk.signing import signing_routes
from portal.web.desk.telling import begin_with_authors, tell_authors
from portal.web.evaluator.declaring import declaring_routes
from portal.web.evaluator.judging import judging_awaits, judging_waits
from portal.web.evaluator.scoring import scoring_routes
from portal.web.evaluator.showing import showing_routes
from portal.web.firm.house import house_routes
from portal.web.firm.proving import proving_routes
from portal.web.firm.turn import firm_awaits, firm_waits
from portal.web.keeper import keys
from portal.web.keeper.keys import keeper_desk_routes, keeper_waits
from portal.web.partner.confirming import confirming_routes, partner_waits
from portal.web.problems import Problem, ProblemWriter
from portal.web.reading import Door
from portal.web.views.desk import Item
from portal.web.views.frame import said


def compose_desk(office: Office, door: Door, address: str) -> App | None:
    """
    The desk over an office that is open already; None for a re-enactment, in which nobody acts any more.

    A demo's record with its invented people's key files has one more way in (`demo_routes`); no other record has.

    Raises:
        SettingError: `cookie-plain` or `address-malformed`, before anything is written.
    """
    purpose = door.renderer.site.purpose
    if purpose == "re-enactment":
        return None
    demo = purpose == "demo"
    public = read_address(address)
    plain = cookies_are_plain(public, demo=demo)
    keys = demo_keys(office.folder.people) if demo else {}
    letters = mail_settings()
    office.folder.vault.mkdir(parents=True, exist_ok=True)
    tables = Tables(office.folder.desk)
    seat_people(office, tables, keys)
    safe = Safe.at(office.folder.desk_secret)
    with tables.writing() as rows:
        locked = lock_clear_secrets(rows, safe)
    if locked:
        tables.settle()
    desk = Desk(office, door, tables, public, safe, keys)
    carrier = carrier_of(letters, office.folder.outbox)
    postman = Postman(tables, carrier, LetterWriter(door.renderer), letters.sender, sender_domain(letters.sender))
    begin_with_authors(desk)
    rounds = Rounds(postman, tables, office.clock, before=lambda: (tell_news(office, tables), tell_authors(desk)))
    waits = Waits()
    add_rooms(desk, waits)
    writer = ProblemWriter(door.renderer, forms=True)

    def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, Problem) and error.reason == "sign-in-first" and request.method == "GET":
            return Redirect("/desk/sign-in", status_code=303)
        return writer.answer(request, error)

    router = Litestar(
        route_handlers=[
            *home_routes(desk, waits),
            *entering_routes(desk, waits),
            *joining_routes(desk, go_on),
            *password_routes(desk, go_on),
            *renewing_routes(desk),
            *registering_routes(desk),
            *keyring_routes(desk),
            *admitting_routes(desk),
            *rules_routes(desk),
            *people_routes(desk),
            *signing_routes(desk),
            *device_routes(desk),
            *agency_routes(desk),
            *declaring_routes(desk),
            *scoring_routes(desk),
            *showing_routes(desk),
            *keeper_desk_routes(desk),
            *house_routes(desk),
            *proving_routes(desk),
            *reading_routes(desk),
            *confirming_routes(desk),
            *(demo_routes(desk) if desk.is_demo else ()),
        ],
        guards=[Guard(desk)],
        exception_handlers={Exception: refuse},
        request_max_body_size=FORM_LIMIT,
        openapi_config=None,
        logging_config=None,
        on_startup=[rounds.start],
        on_shutdown=[rounds.stop, tables.close],
    )
    return DeskDoor(router, tables, office.clock, address, plain=plain, demo=demo)  # type: ignore[arg-type]  # ASGI by another name


def add_rooms(desk: Desk, waits: Waits) -> None:
    """What each room adds to the desk's first page."""
    waits.add(mine=judging_waits, others=judging_awaits)
    waits.add(mine=keeper_waits)
    waits.add(mine=firm_waits, others=firm_awaits)
    waits.add(mine=renewals_waiting)
    waits.add(mine=partner_waits)
    waits.add(mine=admissions_waiting)
    waits.add(mine=appointments_waiting)
    waits.add(
        begin={
            "registrar": [
                Item(said=said("desk.admit.begin_agency"), href=admitting.PATH),
                Item(said=said("desk.admit.begin_keeper"), href=f"{admitting.PATH}/keepers"),
            ],
            "head": [
                Item(said=said("desk.rules.begin"), href=rules.PATH),
                Item(said=said("desk.people.begin"), href=people.PATH),
            ],
            "auditor": reading_items(),
            "officer": reading_items(),
            "keeper": [Item(said=said("desk.keeper.title"), href=keys.PATH)],
        }
    )
    add_agency(desk, waits)
