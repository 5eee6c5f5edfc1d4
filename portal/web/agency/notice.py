"""
A notice at the desk: ten answers, checked by the rules while they are written, kept as they are typed, signed by two.

1. Every press of a button and every pause in typing keeps the form under its name; nothing waits for "save".
2. A session that ended meanwhile loses nothing: what was sent comes back on a page that goes on after signing in again.
3. Checking decides nothing. The draft that goes on to be signed is judged again, and again when the second has signed.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_hex
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import parse_time
from policies.roles_table import may
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.drafts import settle_draft
from portal.identity.unfinished import State, Unfinished, change_state, find_unfinished, keep_unfinished
from portal.procurement.decisions.lookups import the_plan
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.refusal import Refusal
from portal.projections.folding import slug_of
from portal.web.agency.rerun import hints_for
from portal.web.agency.writing_desk import PUBLISH, Written, may_follow, written
from portal.web.desk.desk import Desk, account_of, form_of, frame, session_of
from portal.web.desk.signing import key_of, prepare
from portal.web.drafting.copying import sheet_from_notice, sheet_from_plan
from portal.web.drafting.form import notice_form
from portal.web.drafting.remarks import refusal_said
from portal.web.drafting.sheet import Sheet, sheet_of
from portal.web.problems import HTML, Problem, missing
from portal.web.views.drafting import NoticePage, Remark, SignedOutPage
from portal.web.views.frame import Moment, said

PATH: Final = "/desk/notices/new"
FORM: Final = "/desk/notices/form"
"""Where the page sends its form: whoever has no session any more gets it back."""

_DEED: Final = "desk:notice"
_NAME: Final = re.compile(r"[0-9a-f]{16}")
_KEPT_BACK: Final = frozenset({"token", "do", "mend"})


def notice_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form, what becomes of it, and what was begun before."""

    @get(PATH, sync_to_thread=False, opt={"deed": _DEED})
    def begin(request: Request[Any, Any, Any]) -> Response[bytes]:
        account = account_of(request)
        sheet = _beginning(desk, account, request)
        return _page(desk, request, written(desk, account, sheet), _name_in(request.query_params))

    @get("/desk/notices/drafts/{name:str}", sync_to_thread=False, opt={"deed": _DEED})
    def go_on(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        account = account_of(request)
        kept = _kept(desk, account, name)
        return _page(desk, request, written(desk, account, kept.sheet), name, saved=kept.saved_at)

    @post(PATH, status_code=200, opt={"deed": _DEED})
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        return _take(desk, request, account_of(request), await form_of(request))

    @post(FORM, status_code=200, opt={"deed": "practice"})
    async def take_from_page(request: Request[Any, Any, Any]) -> Response[Any]:
        """As `take`, but whoever is not signed in as an officer any more gets back what was sent, to go on with."""
        account = session_of(request).account
        raw = await _sent(request)
        if account is None or not may(account.role, _DEED):
            return _signed_out(desk, request, raw)
        try:
            fields = await form_of(request)
        except Problem:  # the page is older than this session: nothing is kept by it, and nothing is lost
            return _page(desk, request, written(desk, account, sheet_of(raw)), _name_in(raw), status=403, stale=True)
        return _take(desk, request, account, fields)

    @get("/desk/notices/session", sync_to_thread=False, media_type="application/json", opt={"deed": _DEED})
    def token(request: Request[Any, Any, Any]) -> bytes:
        return msgspec.json.encode({"token": session_of(request).token})

    @post("/desk/notices/drafts/{name:str}/drop", status_code=303, opt={"deed": _DEED})
    async def drop(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        return _change(desk, account_of(request), name, dropped=True)

    @post("/desk/notices/drafts/{name:str}/restore", status_code=303, opt={"deed": _DEED})
    async def restore(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        return _change(desk, account_of(request), name, dropped=False)

    return [begin, go_on, take, take_from_page, token, drop, restore]


def new_name() -> str:
    """A name for a notice that is begun; nobody else can guess it, and it says nothing."""
    return token_hex(8)


def whom(account: Account) -> str:
    """What the copies on a device are kept under: this account's, and not to be turned back into it."""
    return sha256(b"daylight-device-v1\x00" + account.id.encode("utf-8")).hexdigest()[:16]


def _name_in(fields: Mapping[str, Any]) -> str:
    """The name under which a form was begun; a new one where it brings none, or something else."""
    given = fields.get("draft", "")
    name = "".join(given[:1]) if isinstance(given, list) else str(given)
    return name if _NAME.fullmatch(name) else new_name()


async def _sent(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """The form as it was sent, without its token: for whoever has to be shown it again."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str) and name != "token":
            found.setdefault(name, []).append(value)
    return found


def _signed_out(desk: Desk, request: Request[Any, Any, Any], raw: dict[str, list[str]]) -> Response[bytes]:
    """What was sent, to be sent again after signing in: nothing is kept for somebody who is not known as an officer."""
    page = SignedOutPage(
        **frame(desk, request, PATH),
        action=FORM,
        carried=tuple((name, value) for name, values in raw.items() if name not in _KEPT_BACK for value in values),
    )
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=422)


def _take(desk: Desk, request: Request[Any, Any, Any], account: Account, fields: dict[str, list[str]]) -> Response[Any]:
    """One press of a button, or one pause in typing."""
    do = "".join(fields.get("do", [])[:1]) or "sign"
    name, sheet = _name_in(fields), sheet_of(fields)
    if fields.get("mend") and do == "sign":
        do = "check"
    at = desk.office.clock.now()
    made = written(desk, account, sheet)
    if sheet:
        with desk.tables.writing() as rows:
            keep_unfinished(rows, account.id, name, made.writing.body.title, sheet, at)
    if do == "later":
        return Redirect("/desk", status_code=303)
    if do != "sign" or made.remarks or made.writing.missing:
        wrong = bool(made.remarks or made.writing.missing) and do != "keep"
        return _page(
            desk, request, made, name, strict=do != "keep", status=422 if wrong else 200, saved=at if sheet else None
        )
    try:
        draft = _prepare(desk, account, made)
    except Refusal as refusal:
        remark = Remark(
            field="", reason=refusal.reason, said=refusal_said(desk.door.renderer, refusal), help=refusal.fix
        )
        made = msgspec.structs.replace(made, remarks=(remark,))
        return _page(desk, request, made, name, strict=True, status=422, saved=at)
    _bind(desk, account, name, draft)
    return Redirect(f"/desk/sign/{draft}", status_code=303)


def _prepare(desk: Desk, account: Account, made: Written) -> str:
    """The draft that two officers sign; its shape is checked as the record will check it."""
    body = made.writing.body
    try:
        body = msgspec.convert(msgspec.to_builtins(body), OpportunityPublished)
    except msgspec.ValidationError as error:
        raise Refusal("body-malformed", {"detail": str(error)}) from error
    return prepare(
        desk, account, PUBLISH, free_subject(desk, "opportunity", body.title), body, key=key_of(desk, account)
    )


def _bind(desk: Desk, account: Account, name: str, draft: str) -> None:
    """Note which draft the form became; an earlier draft of the same form, signed or not, is dropped for it."""
    with desk.tables.writing() as rows:
        before = find_unfinished(rows, account.id, name)
        if before is not None and before.draft:
            settle_draft(rows, before.draft, "dropped")
        change_state(rows, account.id, name, "notice-signing", desk.office.clock.now(), draft=draft)


def free_subject(desk: Desk, kind: Literal["opportunity", "plan"], title: str) -> str:
    """An address for a new pilot or promise, made from its title; numbered when another has it."""
    stem = re.sub(r"[^a-z0-9-]", "", slug_of(title))[:60].strip("-") or kind
    with desk.office.store.reading() as connection:
        for number in range(1, 1000):
            subject = f"{kind}:{stem}" if number == 1 else f"{kind}:{stem}-{number}"
            if desk.office.store.last_index(connection, subject) < 0:
                return subject
    raise Problem("title-taken", 409)


def _kept(desk: Desk, account: Account, name: str) -> Unfinished:
    with desk.tables.reading() as rows:
        kept = find_unfinished(rows, account.id, name)
    if kept is None:
        raise missing()
    return kept


def _change(desk: Desk, account: Account, name: str, *, dropped: bool) -> Redirect:
    with desk.tables.writing() as rows:
        state: State = "notice-dropped" if dropped else "notice"
        if change_state(rows, account.id, name, state, desk.office.clock.now()) is None:
            raise missing()
    return Redirect("/desk#unfinished", status_code=303)


def _beginning(desk: Desk, account: Account, request: Request[Any, Any, Any]) -> Sheet:
    """An empty sheet, or one from an old notice, from a promise, or from a pilot on which nobody bid."""
    wishes = request.query_params
    again, copied, plan = (str(wishes.get(name, "")) for name in ("again", "from", "plan"))
    if not (again or copied or plan):
        return {}
    setting = written(desk, account, {}).writing.setting
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        if plan:
            try:
                return sheet_from_plan(the_plan(library, f"plan:{plan}"))
            except Refusal as refusal:
                raise missing() from refusal
        case = library.case(f"opportunity:{again or copied}")
    if case is None or (again and not may_follow(case, setting.agency, desk.office.clock.now())):
        raise missing()
    sheet = {**sheet_from_notice(case.notice, setting), ("again" if again else "from"): again or copied}
    return {**sheet, "plan": case.notice.plan} if again and case.notice.plan else sheet


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    made: Written,
    name: str,
    *,
    strict: bool = False,
    status: int = 200,
    saved: Any = None,
    stale: bool = False,
) -> Response[bytes]:
    """The form; `strict` asks for every missing answer beside its field."""
    writing, source = made.writing, made.source
    origin = None
    if source is not None:
        key = "drafting.began_again" if made.again else "drafting.began_from"
        origin = said(key, title=source.notice.title)
    at = parse_time(saved) if isinstance(saved, str) else saved
    page = NoticePage(
        **frame(desk, request, PATH),
        form=notice_form(
            writing,
            made.remarks,
            made.around,
            action=FORM,
            strict=strict,
            hidden=(("token", session_of(request).token), ("draft", name)),
            source=origin,
        ),
        hints=hints_for(made),
        draft=name,
        whom=whom(account_of(request)),
        saved=Moment(at, writing.setting.zone) if at is not None else None,
        stale=stale,
        script=desk.door.renderer.assets["notice.js"].href,
    )
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=status)
