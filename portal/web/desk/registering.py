"""
A firm or a training partner enters its name in one page: the form, a passkey to sign in with, a key for acts, a signature.

Nobody admits them; nothing is proved before a firm is first-ranked. The form becomes an invitation to oneself, so that the
rest is the way everybody comes in: by a link in a letter, so that no address is written to again whose owner has not opened
it, and nobody learns here who has a desk.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from portal.commands.judge import judge
from portal.commands.library import Library
from portal.identity.accounts import new_id
from portal.identity.attempts import count_attempt
from portal.identity.invitations import Invitation
from portal.identity.mail import mail_address
from portal.procurement.act import read_body
from portal.procurement.refusal import Refusal
from portal.projections.folding import slug_of
from portal.web.addresses import web_address
from portal.web.desk.ceremonies import address_of
from portal.web.desk.desk import Desk, form_of, frame, one
from portal.web.desk.fields import choice, line, text
from portal.web.desk.renewing import write_to_oneself, wrote
from portal.web.desk.rooms import answered, refused_words
from portal.web.views.desk import Field, FormPage
from portal.web.views.frame import Said, said

PATH = "/desk/register"
Fields = dict[str, list[str]]
_NEEDED = {"firm": ("name", "place", "place_name", "founded", "staff"), "partner": ("name", "place", "place_name")}
KINDS = {"firm": "firm-registered", "partner": "partner-registered"}


def registering_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form, for whoever has no desk yet."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:register-firm"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _page(desk, request, {}, {}))

    @post(PATH, status_code=200, opt={"deed": "desk:register-firm"})
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        fields = await form_of(request)
        with desk.tables.writing() as rows:
            count_attempt(rows, address_of(request), "", desk.office.clock.now())
        role = _role(fields)
        errors = _errors(role, fields)
        if errors:
            return answered(desk, _page(desk, request, fields, errors))
        profile = _profile(role, fields)
        subject = _free(desk, role, slug_of(one(fields, "name"))[:70])
        try:
            _try(desk, role, subject, profile)
        except Refusal as refusal:
            return answered(desk, _page(desk, request, fields, {}, refusal))
        invitation = Invitation(
            id=new_id(),
            email=one(fields, "email"),
            name=one(fields, "person"),
            role=role,  # type: ignore[arg-type]  # one of two roles
            firm=subject if role == "firm" else None,
            partner=subject if role == "partner" else None,
            facts={"organisation": one(fields, "name"), "profile": profile},
        )
        with desk.tables.writing() as rows:
            link = write_to_oneself(desk, rows, "register_ask", invitation, {})
        return wrote(desk, request, "register", one(fields, "email"), link)

    return [show, take]


def _role(fields: Fields) -> str:
    return "partner" if one(fields, "kind") == "partner" else "firm"


def _errors(role: str, fields: Fields) -> dict[str, Said]:
    found = {name: said("desk.fill_in") for name in (*_NEEDED[role], "person", "email") if not one(fields, name)}
    staff = one(fields, "staff")
    if role == "firm" and "staff" not in found and not (staff.isascii() and staff.isdecimal() and len(staff) < 7):  # noqa: PLR2004 -- a million at most
        found["staff"] = said("desk.no_number")
    if "email" not in found and mail_address(one(fields, "email")) is None:
        found["email"] = said("desk.no_mail")
    if one(fields, "website") and not web_address(one(fields, "website")):
        found["website"] = said("desk.no_web")
    if not slug_of(one(fields, "name")) and "name" not in found:
        found["name"] = said("desk.fill_in")
    return found


def _profile(role: str, fields: Fields) -> dict[str, Any]:
    skills = [skill.strip() for skill in one(fields, "skills").split(",") if skill.strip()]
    profile: dict[str, Any] = {name: one(fields, name) for name in ("name", "place_name", "words", "website")}
    profile |= {"place": slug_of(one(fields, "place")), "skills": skills[:20]}
    if role == "firm":
        profile |= {"founded": one(fields, "founded"), "staff": int(one(fields, "staff"))}
    return profile


def _free(desk: Desk, role: str, slug: str) -> str:
    """The subject of this name; a second of the same name gets a number."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        named = library.firm if role == "firm" else library.partner
        found = f"{role}:{slug}"
        number = 2
        while named(found) is not None:
            found, number = f"{role}:{slug}-{number}", number + 1
    return found


def _try(desk: Desk, role: str, subject: str, profile: dict[str, Any]) -> None:
    refused = judge(desk.office, KINDS[role], subject, read_body(KINDS[role], profile), [desk.office.operator.key_id])
    if refused is not None:
        raise refused


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    fields: Fields,
    errors: dict[str, Said],
    refusal: Refusal | None = None,
) -> FormPage:
    def field(name: str, **more: Any) -> Field:
        return line(name, fields, f"register.{name}", error=errors.get(name), **more)

    kinds = [(kind, said(f"desk.register.kinds.{kind}")) for kind in KINDS]
    return FormPage(
        **frame(desk, request, PATH),
        title=said("desk.register.title"),
        lead=said("desk.register.lead"),
        action=PATH,
        fields=(
            choice("kind", {"kind": [_role(fields)]}, kinds, "register.kind"),
            field("name", most=120),
            field("place", most=80),
            field("place_name", most=120),
            field("founded", most=10),
            field("staff", most=7),
            field("skills", most=300),
            text("words", fields, "register.words", error=errors.get("words"), most=600),
            field("website", most=200),
            field("person", most=120),
            field("email", most=254),
        ),
        submit="register",
        **refused_words(desk, refusal),
    )
