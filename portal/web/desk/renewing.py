"""
Links that people ask for themselves: to enter a firm or partner, and to have a desk opened again that they cannot open.

The link is in a letter to the address alone, and the page answers every address alike. `portal.identity.renewals` says how
long a desk that is opened again waits, and who may stop it.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import format_time
from portal.identity.accounts import Account, accounts_of_email, new_id
from portal.identity.attempts import count_attempt
from portal.identity.invitations import LIFETIME, Invitation, asks_oneself, invitation_for, make_invitation
from portal.identity.mail import mail_address, post_mail
from portal.identity.renewals import renewals_before, stop_renewal
from portal.identity.tables import Rows
from portal.web.desk.ceremonies import address_of
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.joining import PATH as INVITATION
from portal.web.desk.joining import WAITS, organisation_of
from portal.web.problems import HTML, Problem
from portal.web.views.desk import Item
from portal.web.views.entering import RenewalRow, RenewalsPage, ToldPage
from portal.web.views.frame import Moment, said

PATH = "/desk/renewals"


def renewing_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Ask for the letter, hear that it waits, see what waits, stop it."""

    @post("/desk/sign-in/lost", status_code=200, opt={"deed": "desk:recover"})
    async def ask(request: Request[Any, Any, Any]) -> Response[bytes]:
        fields = await form_of(request)
        now, email = desk.office.clock.now(), one(fields, "email")
        with desk.tables.writing() as rows:
            count_attempt(rows, address_of(request), email, now)
            # In the one transaction that every address costs: the time it takes tells nobody who has a desk.
            owners = accounts_of_email(rows, email) if mail_address(email) else []
            links = [_write_to_owner(desk, rows, owner) for owner in owners]
        return wrote(desk, request, "lost", email, next((link for link in links if link), ""))

    @get(WAITS, sync_to_thread=False, opt={"deed": "public"})
    def waits(request: Request[Any, Any, Any]) -> Response[bytes]:
        notes = (said("desk.told.waits.letter"), said("desk.told.waits.acts"))
        page = ToldPage(
            **frame(desk, request, WAITS),
            title=said("desk.told.waits.title"),
            lead=said("desk.told.waits.lead"),
            notes=notes,
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:home"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        account = account_of(request)
        with desk.tables.reading() as rows:
            found = renewals_before(rows, account)
        page = RenewalsPage(
            **frame(desk, request, PATH),
            rows=tuple(
                RenewalRow(
                    name=owner.name,
                    mine=owner.id == account.id,
                    asked=Moment(renewal.made_at),
                    opens=Moment(renewal.opens_at),
                    action=f"{PATH}/{renewal.id}/stop",
                )
                for renewal, owner in found
            ),
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @post(f"{PATH}/{{name:str}}/stop", status_code=303, opt={"deed": "desk:home"})
    async def stop(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        with desk.tables.writing() as rows:
            stopped = stop_renewal(rows, account_of(request), name, desk.office.clock.now())
        if not stopped:
            raise Problem("page-missing", 404)
        return Redirect(PATH, status_code=303)

    return [ask, waits, show, stop]


def renewals_waiting(desk: Desk, account: Account) -> list[Item]:
    """Desks that will open again, for whoever may stop it."""
    with desk.tables.reading() as rows:
        found = renewals_before(rows, account)
    return [
        Item(
            said=said("desk.renewals.mine" if owner.id == account.id else "desk.renewals.of", name=owner.name),
            href=PATH,
            due=Moment(renewal.opens_at),
        )
        for renewal, owner in found
    ]


def write_to_oneself(desk: Desk, rows: Rows, template: str, invitation: Invitation, figures: dict[str, str]) -> str:
    """
    Keep an invitation that somebody asked for and write to its address, unless enough letters wait there unanswered.

    The letter holds nothing that whoever filled in the form has typed.

    Returns:
        The link, in demos alone, where no letter leaves; empty everywhere else.
    """
    now = desk.office.clock.now()
    if not asks_oneself(rows, invitation.email, now, str(invitation.facts.get("renews", ""))):
        return ""
    href = f"{INVITATION}/{make_invitation(rows, invitation, now)}"
    told = {**figures, "href": href, "until": format_time(now + LIFETIME)}
    post_mail(rows, invitation.email, template, told, at=now)
    return href if desk.is_demo else ""


def wrote(desk: Desk, request: Request[Any, Any, Any], what: str, email: str, link: str) -> Response[bytes]:
    """The page that says where to go on: in a letter, whether or not one was written."""
    page = ToldPage(
        **frame(desk, request, "/desk/sign-in"),
        title=said(f"desk.told.{what}.title"),
        lead=said(f"desk.told.{what}.lead", email=email),
        notes=(said(f"desk.told.{what}.then"), said("desk.told.nothing_came")),
        link=link,
    )
    return Response(desk.door.renderer.page(page), media_type=HTML)


def _write_to_owner(desk: Desk, rows: Rows, owner: Account) -> str:
    came_by = invitation_for(rows, owner.id)
    operator = desk.door.renderer.site.operator
    organisation = operator if came_by is None else organisation_of(desk, came_by)
    invitation = Invitation(
        id=new_id(),
        email=owner.email,
        name=owner.name,
        role=owner.role,
        facts={"renews": owner.id, "organisation": organisation},
    )
    role = desk.door.renderer.say(f"desk.roles.{owner.role}")
    return write_to_oneself(desk, rows, "renew_ask", invitation, {"role": role, "organisation": organisation})
