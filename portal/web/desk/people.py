"""
The head of an agency: invite people, appoint them when their key is there, end an appointment.

What is appointed is what was written in the invitation: duties, amount, term, resolution. Names stay off the record; the
appointment commits to them.
"""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import format_time
from portal.commands.library import Library
from portal.identity.accounts import Account, new_id
from portal.identity.invitations import Invitation, invitations, withdraw_invitation
from portal.procurement.agency import Agency
from portal.procurement.decisions.lookups import the_agency
from portal.procurement.events.party import AppointmentEnded, AppointmentMade
from portal.procurement.refusal import Refusal
from portal.projections.folding import slug_of
from portal.web.desk.admitting import key_made
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import line, minor_of, several
from portal.web.desk.inviting import invite, mail_error
from portal.web.desk.rooms import answered, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.problems import Problem
from portal.web.views.desk import Field, Item
from portal.web.views.entering import RosterPage, RosterRow, Step
from portal.web.views.frame import Moment, Said, said

PATH = "/desk/people"
DUTIES = ("plan", "publish", "answer", "addendum", "choose", "award", "cancel", "verify", "evaluate")
Fields = dict[str, list[str]]
_NEEDED = ("person", "post", "email", "begins", "ends", "resolution")


def people_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The list with its form, the appointment of somebody who made a key, and the end of one."""

    @get(PATH, sync_to_thread=False, opt={"deed": "appointment-made"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _page(desk, request, {}, {}))

    @post(PATH, status_code=200, opt={"deed": "appointment-made"})
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        fields = await form_of(request)
        account = account_of(request)
        agency = _agency(desk, account)
        facts, errors = _facts(desk, agency, fields)
        if errors:
            return answered(desk, _page(desk, request, fields, errors))
        invitation = Invitation(
            id=new_id(),
            email=one(fields, "email"),
            name=one(fields, "person"),
            role="evaluator" if facts["duties"] == ["evaluate"] else "officer",
            person=f"person:{_pseudonym(one(fields, 'person'))}",
            agency=agency.id,
            facts={"organisation": agency.profile.name, "appointment": facts, "post": one(fields, "post")},
            made_by=account.id,
        )
        invite(desk, account, invitation)
        return Redirect(PATH, status_code=303)

    @post(f"{PATH}/{{name:str}}/appoint", status_code=303, opt={"deed": "appointment-made"})
    async def appoint(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        invitation = _found(desk, account, name)
        key = key_made(desk, invitation)
        if key is None:
            raise Problem("key-waits", 409)
        body = AppointmentMade(person=invitation.person or "", key=key, **invitation.facts["appointment"])
        withheld: dict[str, object] = {"name": invitation.name, "post": invitation.facts["post"]}
        draft = prepare(
            desk,
            account,
            "appointment-made",
            account.agency or "",
            body,
            key=key_of(desk, account),
            withheld=withheld,
        )
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    @post(f"{PATH}/{{name:str}}/withdraw", status_code=303, opt={"deed": "appointment-made"})
    async def take_back(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        invitation = _found(desk, account_of(request), name)
        with desk.tables.writing() as rows:
            withdraw_invitation(rows, invitation.id)
        return Redirect(PATH, status_code=303)

    @post(f"{PATH}/{{name:str}}/end", status_code=303, opt={"deed": "appointment-ended"})
    async def end(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        agency = _agency(desk, account)
        person = f"person:{name}"
        if person not in {row.made.person for row in agency.appointments}:
            raise Problem("page-missing", 404)
        why = desk.door.renderer.say("desk.people.ended_why")
        body = AppointmentEnded(person=person, why=why)
        draft = prepare(desk, account, "appointment-ended", agency.id, body, key=key_of(desk, account))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take, appoint, take_back, end]


def appointments_waiting(desk: Desk, account: Account) -> list[Item]:
    """Who made a key and waits to be appointed; for heads."""
    if account.role != "head" or account.agency is None:
        return []
    agency = _agency_or_none(desk, account)
    if agency is None:
        return []
    with desk.tables.reading() as rows:
        found = invitations(rows, agency=account.agency)
    return [
        Item(said=said("desk.people.ready", name=each.name), href=PATH)
        for each in found
        if each.facts.get("appointment") and not _is_appointed(agency, each) and key_made(desk, each)
    ]


def _agency_or_none(desk: Desk, account: Account) -> Agency | None:
    with desk.office.store.reading() as connection:
        return Library(desk.office.store, connection).agency(account.agency or "")


def _agency(desk: Desk, account: Account) -> Agency:
    with desk.office.store.reading() as connection:
        return the_agency(Library(desk.office.store, connection), account.agency or "")


def _is_appointed(agency: Agency, invitation: Invitation) -> bool:
    return any(row.made.person == invitation.person for row in agency.appointments)


def _found(desk: Desk, account: Account, name: str) -> Invitation:
    with desk.tables.reading() as rows:
        found = [each for each in invitations(rows, agency=account.agency or "") if each.id == name]
    if not found or not found[0].facts.get("appointment"):
        raise Problem("page-missing", 404)
    return found[0]


def _pseudonym(name: str) -> str:
    """What the record calls a person: nothing that gives the name away, and never twice the same."""
    return f"{slug_of(name)[:1] or 'p'}{new_id()[:10]}"


def _facts(desk: Desk, agency: Agency, fields: Fields) -> tuple[dict[str, Any], dict[str, Said]]:
    errors = {name: said("desk.fill_in") for name in _NEEDED if not one(fields, name)}
    if "email" not in errors and (wrong := mail_error(desk, one(fields, "email"), agency.id)) is not None:
        errors["email"] = wrong
    duties = [duty for duty in DUTIES if duty in fields.get("duties", [])]
    if not duties:
        errors["duties"] = said("desk.people.no_duty")
    limit = minor_of(one(fields, "limit"), agency.profile.currency) if one(fields, "limit") else None
    if one(fields, "limit") and limit is None:
        errors["limit"] = said("desk.no_amount")
    zone = ZoneInfo(agency.profile.zone)
    begins, ends = _day(one(fields, "begins")), _day(one(fields, "ends"))
    for name, day in (("begins", begins), ("ends", ends)):
        if day is None:
            errors.setdefault(name, said("desk.people.no_day"))
    if begins is not None and ends is not None and ends < begins:
        errors["ends"] = said("desk.people.ends_first")
    if errors or begins is None or ends is None:
        return {}, errors
    return {
        "duties": duties,
        "limit_minor": limit,
        "begins": format_time(datetime.combine(begins, time(), zone)),
        "ends": format_time(datetime.combine(ends, time(23, 59), zone)),
        "resolution": one(fields, "resolution"),
    }, {}


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    fields: Fields,
    errors: dict[str, Said],
    refusal: Refusal | None = None,
) -> RosterPage:
    account = account_of(request)
    agency = _agency_or_none(desk, account)

    def field(name: str, **more: Any) -> Field:
        return line(name, fields, f"people.{name}", error=errors.get(name), **more)

    duties = several(
        "duties",
        fields,
        [(duty, said(f"desk.duties.{duty}")) for duty in DUTIES],
        "people.duties",
        error=errors.get("duties"),
    )
    return RosterPage(
        **frame(desk, request, PATH),
        title=said("desk.people.title"),
        lead=said("desk.people.lead") if agency else said("desk.people.not_yet"),
        action=PATH,
        fields=(
            field("person", most=120),
            field("post", most=120),
            field("email", most=254),
            duties,
            field("limit", kind="amount"),
            field("begins", most=10),
            field("ends", most=10),
            field("resolution", most=200),
        ),
        submit="invite",
        heading=said("desk.people.heading"),
        rows=_rows(desk, agency) if agency else (),
        **refused_words(desk, refusal),
    )


def _rows(desk: Desk, agency: Agency) -> tuple[RosterRow, ...]:
    with desk.tables.reading() as rows:
        invited = [each for each in invitations(rows, agency=agency.id) if each.facts.get("appointment")]
    names = {each.person: each.name for each in invited}
    now = desk.office.clock.now()
    found = [_invited_row(desk, each) for each in invited if not _is_appointed(agency, each)]
    for row in agency.appointments:
        who = names.get(row.made.person) or row.made.person.partition(":")[2]
        end = Step(name="end", action=f"{PATH}/{row.made.person.partition(':')[2]}/end")
        until = Moment(row.ends, zone=agency.profile.zone)
        if row.ends > now:
            found.append(RosterRow(who=who, said=said("desk.people.until", until=until), steps=(end,)))
        else:
            found.append(RosterRow(who=who, said=said("desk.people.over", until=until)))
    return tuple(found)


def _invited_row(desk: Desk, invitation: Invitation) -> RosterRow:
    if invitation.account is None:
        back = Step(name="withdraw", action=f"{PATH}/{invitation.id}/withdraw")
        waits = said("roster.invited", name=invitation.name, email=invitation.email)
        return RosterRow(who=invitation.name, said=waits, steps=(back,))
    if key_made(desk, invitation) is None:
        return RosterRow(who=invitation.name, said=said("roster.no_key", name=invitation.name))
    step = Step(name="appoint", action=f"{PATH}/{invitation.id}/appoint")
    return RosterRow(who=invitation.name, said=said("roster.key", name=invitation.name), steps=(step,))
