"""
The registrar: invite an agency's head or a key keeper, and put them on record when their key is there.

A head makes hers at the desk. A keeper brings the signing key that her own tool printed: with no other could she release
keys, and what her tool holds is never made here.

A registrar signs with a key of her own as soon as the record has it; until then with the operator's, which the server holds,
and the page says so. Nothing here reads or changes what an agency, a firm or a keeper does.
"""

import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from portal.commands.judge import judge
from portal.commands.library import Library
from portal.identity.accounts import Account, new_id
from portal.identity.credentials import credentials_of
from portal.identity.invitations import Invitation, invitations, withdraw_invitation
from portal.procurement.act import read_body
from portal.procurement.refusal import Refusal
from portal.projections.folding import slug_of
from portal.web.addresses import web_address
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import line
from portal.web.desk.inviting import invite, mail_error
from portal.web.desk.rooms import answered, refused_words
from portal.web.desk.signers import admitting_key
from portal.web.desk.signing import prepare
from portal.web.problems import Problem
from portal.web.views.desk import Field, Item
from portal.web.views.entering import RosterPage, RosterRow, Step
from portal.web.views.frame import Said, said

PATH = "/desk/admit"
Fields = dict[str, list[str]]
_ASKED = {
    "agency": ("name", "place", "place_name", "zone", "currency", "contact", "website", "person", "email"),
    "keeper": ("name", "organisation", "organisation_name", "key", "person", "email"),
}
_OPTIONAL = {"website"}
_KINDS = {"agency": "agency-registered", "keeper": "keeper-registered"}
_ROLES = {"agency": "head", "keeper": "keeper"}
_TOOLS_KEY = re.compile(r"ed25519:[0-9a-f]{64}")
"""How `daylight keeper make` prints a signing key."""


def admitting_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """One form for agencies and one for keepers, and the list of who was invited."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:admit"})
    def agencies(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _page(desk, request, "agency", {}, {}))

    @get(f"{PATH}/keepers", sync_to_thread=False, opt={"deed": "desk:admit"})
    def keepers(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _page(desk, request, "keeper", {}, {}))

    @post(PATH, status_code=200, opt={"deed": "desk:admit"})
    async def invite_agency(request: Request[Any, Any, Any]) -> Response[Any]:
        return _invited(desk, request, "agency", await form_of(request))

    @post(f"{PATH}/keepers", status_code=200, opt={"deed": "desk:admit"})
    async def invite_keeper(request: Request[Any, Any, Any]) -> Response[Any]:
        return _invited(desk, request, "keeper", await form_of(request))

    @post(f"{PATH}/invited/{{name:str}}", status_code=303, opt={"deed": "desk:admit"})
    async def put_on_record(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        invitation = _found(desk, account, name)
        kind, subject, body = admission(desk, invitation)
        draft = prepare(desk, account, kind, subject, body, key=admitting_key(desk, account))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    @post(f"{PATH}/invited/{{name:str}}/withdraw", status_code=303, opt={"deed": "desk:admit"})
    async def take_back(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        invitation = _found(desk, account_of(request), name)
        with desk.tables.writing() as rows:
            withdraw_invitation(rows, invitation.id)
        return Redirect(PATH, status_code=303)

    return [agencies, keepers, invite_agency, invite_keeper, put_on_record, take_back]


def admission(desk: Desk, invitation: Invitation) -> tuple[str, str, Struct]:
    """
    The act that puts an invited agency or keeper on record, with the key made by whoever accepted.

    Raises:
        Problem: `key-waits` while that key is not there.
    """
    what = "agency" if invitation.role == "head" else "keeper"
    key = key_made(desk, invitation)
    if key is None:
        raise Problem("key-waits", 409)
    profile = invitation.facts["profile"]
    body = read_body(_KINDS[what], {**profile, "head": key} if what == "agency" else profile)
    subject = invitation.agency if what == "agency" else invitation.keeper
    return _KINDS[what], subject or "", body


def key_made(desk: Desk, invitation: Invitation) -> str | None:
    """The first key for acts that whoever accepted has made; a keeper's is the one she was invited with."""
    if invitation.role == "keeper":
        brought: str | None = invitation.facts["profile"].get("key")
        return brought
    if invitation.account is None:
        return None
    with desk.tables.reading() as rows:
        found = credentials_of(rows, invitation.account, "act")
    return found[0].key_id if found else None


def admissions_waiting(desk: Desk, account: Account) -> list[Item]:
    """Who made a key and waits to be put on record; for registrars."""
    if account.role != "registrar":
        return []
    with desk.tables.reading() as rows:
        found = invitations(rows, made_by=account.id)
    return [
        Item(said=said("desk.admit.ready", name=str(each.facts["organisation"])), href=_place(each))
        for each in found
        if each.facts.get("profile") and not is_on_record(desk, each) and key_made(desk, each)
    ]


def _place(invitation: Invitation) -> str:
    return PATH if invitation.role == "head" else f"{PATH}/keepers"


def is_on_record(desk: Desk, invitation: Invitation) -> bool:
    """Whether the record has the agency or keeper of an invitation."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        if invitation.role == "head":
            return library.agency(invitation.agency or "") is not None
        return library.keeper(invitation.keeper or "") is not None


def _found(desk: Desk, account: Account, name: str) -> Invitation:
    """An invitation by this registrar; anybody else's is not there."""
    with desk.tables.reading() as rows:
        found = [each for each in invitations(rows, made_by=account.id) if each.id == name]
    if not found or not found[0].facts.get("profile"):
        raise Problem("page-missing", 404)
    return found[0]


def _invited(desk: Desk, request: Request[Any, Any, Any], what: str, fields: Fields) -> Response[Any]:
    account = account_of(request)
    errors = {name: said("desk.fill_in") for name in _ASKED[what] if name not in _OPTIONAL and not one(fields, name)}
    subject = f"{what}:{slug_of(one(fields, 'name'))[:70]}"
    wrong = mail_error(desk, one(fields, "email"), subject)
    if "email" not in errors and wrong is not None:
        errors["email"] = wrong
    if one(fields, "website") and not web_address(one(fields, "website")):
        errors["website"] = said("desk.no_web")
    if what == "keeper" and "key" not in errors and not _TOOLS_KEY.fullmatch(one(fields, "key")):
        errors["key"] = said("desk.admit.no_key")
    if errors:
        return answered(desk, _page(desk, request, what, fields, errors))
    profile = {
        name: one(fields, name) for name in _ASKED[what] if name not in {"person", "email"} and one(fields, name)
    }
    try:
        _try(desk, what, subject, profile)
    except Refusal as refusal:
        return answered(desk, _page(desk, request, what, fields, {}, refusal=refusal))
    invitation = Invitation(
        id=new_id(),
        email=one(fields, "email"),
        name=one(fields, "person"),
        role=_ROLES[what],  # type: ignore[arg-type]  # one of two roles
        agency=subject if what == "agency" else None,
        keeper=subject if what == "keeper" else None,
        facts={"organisation": one(fields, "name"), "profile": profile},
        made_by=account.id,
    )
    invite(desk, account, invitation)
    return Redirect(_place(invitation), status_code=303)


def _try(desk: Desk, what: str, subject: str, profile: dict[str, str]) -> None:
    """Ask the record now what it would refuse later; any key stands for a head's, which is not made yet."""
    operator = desk.office.operator.key_id
    body = read_body(_KINDS[what], {"head": operator, **profile} if what == "agency" else profile)
    refused = judge(desk.office, _KINDS[what], subject, body, [operator])
    if refused is not None:
        raise refused


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    what: str,
    fields: Fields,
    errors: dict[str, Said],
    *,
    refusal: Refusal | None = None,
) -> RosterPage:
    account = account_of(request)
    with desk.tables.reading() as rows:
        found = [each for each in invitations(rows, made_by=account.id) if each.role == _ROLES[what]]
    other, href = ("keeper", f"{PATH}/keepers") if what == "agency" else ("agency", PATH)
    return RosterPage(
        **frame(desk, request, PATH if what == "agency" else f"{PATH}/keepers"),
        title=said(f"desk.admit.title.{what}"),
        lead=said(f"desk.admit.lead.{what}"),
        action=PATH if what == "agency" else f"{PATH}/keepers",
        fields=tuple(_field(what, name, fields, errors) for name in _ASKED[what]),
        submit="invite",
        heading=said("desk.admit.invited"),
        rows=tuple(_row(desk, each) for each in found),
        links=((said(f"desk.admit.title.{other}"), href),),
        **refused_words(desk, refusal),
    )


def _field(what: str, name: str, fields: Fields, errors: dict[str, Said]) -> Field:
    return line(name, fields, f"admit.{what}.{name}", error=errors.get(name), most=120)


def _row(desk: Desk, invitation: Invitation) -> RosterRow:
    who = str(invitation.facts.get("organisation") or invitation.name)
    if is_on_record(desk, invitation):
        return RosterRow(who=who, said=said("roster.on_record", name=invitation.name))
    admit = Step(name="admit", action=f"{PATH}/invited/{invitation.id}")
    if invitation.account is None:
        back = Step(name="withdraw", action=f"{PATH}/invited/{invitation.id}/withdraw")
        return RosterRow(
            who=who,
            said=said("roster.invited", name=invitation.name, email=invitation.email),
            steps=(admit, back) if key_made(desk, invitation) else (back,),
        )
    if key_made(desk, invitation) is None:
        return RosterRow(who=who, said=said("roster.no_key", name=invitation.name))
    return RosterRow(who=who, said=said("roster.key", name=invitation.name), steps=(admit,))
