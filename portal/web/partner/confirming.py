"""
A training partner's desk: where it is named, and the way to say that it stands by that.

Only notices and opened bids show; a sealed bid names nobody. A firm that trains learners itself has a firm's desk and
confirms with its key file.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ledger.entry import format_time
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.events.partnering import PartnerConfirmed
from portal.projections.queries.partners import NamingShown, namings_of
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk, account_of, frame, one
from portal.web.desk.fields import choice
from portal.web.desk.rooms import Fields, answered, draft_from_form, must_sit, refused_words
from portal.web.problems import Problem
from portal.web.views.desk import FormPage, Item
from portal.web.views.frame import Said, said

PATH: Final = "/desk/partner"
_NOTICE: Final = "notice"
_OVER: Final = frozenset({"withdrawn", "cancelled"})


def partner_waits(desk: Desk, account: Account) -> list[Item]:
    """Pilots that name this partner and in which it has not confirmed yet."""
    if account.role != "partner":
        return []
    pilots = {row.opportunity: row.title for row in reversed(_unconfirmed(desk, account))}
    return [
        Item(said=said("desk.partner.now", pilot=title), href=f"{PATH}/{subject.partition(':')[2]}")
        for subject, title in pilots.items()
    ]


def confirming_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form for one pilot."""
    opt = {"deed": "desk:partner", "pilot": "name"}

    def find(request: Request[Any, Any, Any], name: str) -> list[NamingShown]:
        account = account_of(request)
        must_sit(account, "partner")
        found = [row for row in _unconfirmed(desk, account) if row.opportunity == f"opportunity:{name}"]
        if not found:
            raise Problem("page-missing", 404)
        return found

    @get(f"{PATH}/{{name:str}}", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _page_of(desk, find(request, name))(request, {}, {}, None))

    @post(f"{PATH}/{{name:str}}", status_code=200, opt=opt)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        found, account = find(request, name), account_of(request)
        places = {row.bid or _NOTICE for row in found}

        def check(fields: Fields) -> dict[str, Said]:
            return {} if one(fields, "named") in places else {"named": said("desk.choose_one")}

        def body(fields: Fields) -> tuple[str, str, msgspec.Struct, dict[str, object]]:
            named = one(fields, "named")
            confirmed = PartnerConfirmed(bid=None if named == _NOTICE else named, partner=account.partner or "")
            return "partner-confirmed", found[0].opportunity, confirmed, {}

        return await draft_from_form(desk, request, _page_of(desk, found), check, body)

    return [show, take]


def _unconfirmed(desk: Desk, account: Account) -> list[NamingShown]:
    """Where this partner is named and has not confirmed; newest first."""
    subject, now = account.partner or "", format_time(desk.office.clock.now())
    with desk.office.store.reading() as connection:
        partner = Library(desk.office.store, connection).partner(subject)
        found = [] if partner is None else namings_of(Shelf(connection), subject, partner.profile.name, now)
    return [row for row in found if row.confirmed_entry is None and row.stage not in _OVER]


def _page_of(desk: Desk, found: list[NamingShown]) -> Any:
    """The form over these places; the first is chosen already."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        firms = {row.firm: firm.profile.name for row in found if row.firm and (firm := library.firm(row.firm))}
    options = [
        (
            row.bid or _NOTICE,
            said("desk.partner.in_bid", firm=firms.get(row.firm or "", ""), n=row.learner_places)
            if row.bid
            else said("desk.partner.in_notice", n=row.learner_places),
        )
        for row in found
    ]

    def page(request: Request[Any, Any, Any], fields: Fields, errors: dict[str, Said], refusal: Any) -> FormPage:
        path = f"{PATH}/{found[0].opportunity.partition(':')[2]}"
        field = choice("named", fields or {"named": [options[0][0]]}, options, "partner.named")
        return FormPage(
            **frame(desk, request, path),
            title=said("desk.partner.title"),
            lead=said("desk.partner.lead", pilot=found[0].title),
            action=path,
            fields=(msgspec.structs.replace(field, error=errors.get("named")),),
            submit="send",
            **refused_words(desk, refusal),
        )

    return page
