"""
The head of an agency adopts its rules: reads the two-page memo first, names the board's resolution, signs.

The rules enter the record whole, as this release ships them; every notice is then judged by them, and keeps them.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import DocumentReference
from policies import Jurisdiction, available, load_jurisdiction
from portal.commands.library import Library
from portal.documents.pdf import PaperError
from portal.procurement.events.party import PolicyAdopted
from portal.procurement.refusal import Refusal
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import choice, line
from portal.web.desk.rooms import answered, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.policy_memo import print_policy_memo
from portal.web.problems import Problem
from portal.web.views.entering import RosterPage, RosterRow
from portal.web.views.frame import Said, said

PATH = "/desk/rules"
Fields = dict[str, list[str]]
_LONGEST = 200


def rules_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page, the memo of each set of rules, and the draft of the adoption."""

    @get(PATH, sync_to_thread=False, opt={"deed": "policy-adopted"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _page(desk, request, {}, {}))

    @get(f"{PATH}/{{name:str}}/memo", opt={"deed": "desk:policy"}, sync_to_thread=True)
    def memo(name: FromPath[str]) -> Response[bytes]:
        policy = _shipped(name)
        day = _today(desk, policy)
        try:
            printed = print_policy_memo(policy, day.date())
        except PaperError as error:
            raise Problem("pdf-unavailable", 503) from error
        head = {"content-disposition": f'inline; filename="{policy.id}-memo.pdf"'}
        return Response(printed.pdf, media_type="application/pdf", headers=head)

    @post(PATH, status_code=200, opt={"deed": "policy-adopted"})
    async def adopt(request: Request[Any, Any, Any]) -> Response[Any]:
        fields = await form_of(request)
        account = account_of(request)
        errors = {name: said("desk.fill_in") for name in ("jurisdiction", "resolution") if not one(fields, name)}
        digest = one(fields, "resolution_digest").casefold()
        if digest and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):  # noqa: PLR2004 -- SHA-256 in hexadecimal
            errors["resolution_digest"] = said("desk.rules.no_digest")
        if errors:
            return answered(desk, _page(desk, request, fields, errors))
        policy = _shipped(one(fields, "jurisdiction"))
        resolution = one(fields, "resolution") + (f", sha256 {digest}" if digest else "")
        body = PolicyAdopted(
            jurisdiction=policy.id,
            document=DocumentReference(len(policy.document), "application/json", policy.digest),
            resolution=resolution,
        )
        try:
            draft = prepare(desk, account, "policy-adopted", account.agency or "", body, key=key_of(desk, account))
        except Refusal as refusal:
            return answered(desk, _page(desk, request, fields, {}, refusal))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, memo, adopt]


def _shipped(name: str) -> Jurisdiction:
    """Rules that this release ships and that an agency may adopt."""
    if name not in available():
        raise Problem("page-missing", 404)
    policy = load_jurisdiction(name)
    if policy.purpose == "re-enactment":
        raise Problem("page-missing", 404)
    return policy


def _today(desk: Desk, policy: Jurisdiction) -> datetime:
    return desk.office.clock.now().astimezone(ZoneInfo(policy.zone))


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    fields: Fields,
    errors: dict[str, Said],
    refusal: Refusal | None = None,
) -> RosterPage:
    account = account_of(request)
    shipped = [policy for name in available() if (policy := load_jurisdiction(name)).purpose != "re-enactment"]
    with desk.office.store.reading() as connection:
        agency = Library(desk.office.store, connection).agency(account.agency or "")
    adopted = [] if agency is None else agency.policies
    names = {policy.id: policy.name for policy in shipped}
    return RosterPage(
        **frame(desk, request, PATH),
        title=said("desk.rules.title"),
        lead=said("desk.rules.lead"),
        action=PATH,
        fields=(
            choice("jurisdiction", fields, [(policy.id, policy.name) for policy in shipped], "rules.jurisdiction"),
            line("resolution", fields, "rules.resolution", error=errors.get("resolution"), most=_LONGEST),
            line(
                "resolution_digest",
                fields,
                "rules.resolution_digest",
                error=errors.get("resolution_digest"),
                most=64,
            ),
        ),
        heading=said("desk.rules.adopted"),
        rows=tuple(
            RosterRow(
                who=names.get(body.jurisdiction, body.jurisdiction),
                said=said("desk.rules.by", resolution=body.resolution, record=act.index),
            )
            for act, body in adopted
        ),
        links=tuple((said("desk.rules.memo", name=policy.name), f"{PATH}/{policy.id}/memo") for policy in shipped),
        **refused_words(desk, refusal),
    )
