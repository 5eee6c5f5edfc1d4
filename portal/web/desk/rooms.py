"""What rooms share: running cases of an agency, and a form that becomes a draft or comes back with its refusal."""

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response
from litestar.response import Redirect
from msgspec import Struct

from policies import Rules
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import rules_of, the_agency, the_case
from portal.procurement.decisions.reading import AUDITOR
from portal.procurement.refusal import Refusal
from portal.projections.shelf import Shelf
from portal.web.desk.desk import Desk, account_of, form_of
from portal.web.desk.fields import our_words
from portal.web.desk.signing import key_of, prepare
from portal.web.problems import HTML, Problem
from portal.web.views.desk import FormPage
from portal.web.views.frame import Said

Fields = dict[str, list[str]]


class Room(Struct, frozen=True, kw_only=True):
    """One case as a room of the desk sees it: the case, its pinned rules, the agency's zone and name."""

    case: Case
    rules: Rules
    zone: ZoneInfo
    agency: str

    @property
    def name(self) -> str:
        """The case's name in addresses."""
        return self.case.id.partition(":")[2]


def room_of(desk: Desk, name: str) -> Room:
    """The case with this name; `page-missing` when there is none."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        try:
            return _room(library, the_case(library, f"opportunity:{name}"))
        except Refusal as refusal:
            raise Problem("page-missing", 404) from refusal


_OF_AGENCY = " AND agency = ?"
_OF_BIDDER = " AND ranked_entry IS NOT NULL AND id IN (SELECT opportunity FROM {bid} WHERE firm = ?)"


def running_rooms(desk: Desk, agency: str | None = None, *, bidder: str | None = None) -> Iterator[Room]:
    """
    Cases that have neither ended nor been awarded, of one agency or all, oldest first.

    Args:
        bidder: Only those that are ranked and in which an offer of this firm was opened.
    """
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        clauses = [(_OF_AGENCY, agency), (_OF_BIDDER, bidder)]
        where = "".join(clause for clause, value in clauses if value is not None)
        rows = Shelf(connection).rows(
            f"SELECT id FROM {{opportunity}} WHERE ended_entry IS NULL AND awarded_entry IS NULL{where} ORDER BY entry",  # noqa: S608 -- of the clauses above
            tuple(value for _, value in clauses if value is not None),
        )
        found = [_room(library, the_case(library, row[0])) for row in rows]
    yield from found


def _room(library: Library, case: Case) -> Room:
    agency = the_agency(library, case.notice.agency)
    return Room(case=case, rules=rules_of(library, case), zone=ZoneInfo(agency.profile.zone), agency=agency.id)


def must_sit(account: Account, role: str, agency: str | None = None) -> None:
    """The account has the role, and sits at this agency's desk; `role-deed` otherwise."""
    if account.role != role or (agency is not None and account.agency != agency):
        raise Problem("role-deed", 403)


def officers_room(desk: Desk, request: Request[Any, Any, Any], name: str) -> Room:
    """The pilot of this name, for an officer of its agency; `page-missing` or `role-deed` otherwise."""
    room = room_of(desk, name)
    must_sit(account_of(request), "officer", room.agency)
    return room


def reader_of(account: Account) -> str:
    """
    As whom the record names somebody who reads what is not public.

    Auditors are appointed nowhere: they stand there by the id of their desk, which says nothing about anybody.

    Raises:
        Problem: `role-deed` for whoever is neither.
    """
    if account.role == "auditor":
        return f"{AUDITOR}{account.id}"
    if account.person is None:
        raise Problem("role-deed", 403)
    return account.person


Page = Callable[[Request[Any, Any, Any], Fields, dict[str, Said], Refusal | None], FormPage]
Body = Callable[[Fields], tuple[str, str, Struct, dict[str, object]]]


async def draft_from_form(
    desk: Desk, request: Request[Any, Any, Any], page: Page, check: Callable[[Fields], dict[str, Said]], body: Body
) -> Response[Any]:
    """
    Take a form: come back with what is missing or refused, or go on to the page where the draft is signed.

    Args:
        body: Gives kind, subject, body and withheld fields of the act.
    """
    fields = await form_of(request)
    account = account_of(request)
    errors = check(fields)
    if errors:
        return answered(desk, page(request, fields, errors, None))
    try:
        kind, subject, act, withheld = body(fields)
        draft = prepare(desk, account, kind, subject, act, key=key_of(desk, account), withheld=withheld)
    except Refusal as refusal:
        return answered(desk, page(request, fields, {}, refusal))
    return Redirect(f"/desk/sign/{draft}", status_code=303)


def answered(desk: Desk, page: FormPage) -> Response[bytes]:
    """A form's page; 422 when it came back with something to mend."""
    wrong = page.refused is not None or any(field.error for field in page.fields)
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=422 if wrong else 200)


def refused_words(desk: Desk, refusal: Refusal | None) -> dict[str, Any]:
    """What a form page shows of a refusal."""
    if refusal is None:
        return {}
    return {"refused": our_words(desk, refusal), "fix": refusal.fix}
