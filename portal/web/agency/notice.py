"""A try-out out of ten answers, checked by the rules while it is written, and signed by two officers."""

import re
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from ledger.entry import parse_time
from policies import Rules
from portal.commands.library import Library
from portal.commands.propose_notice import NoticeAnswers, propose_notice
from portal.identity.accounts import Account
from portal.procurement.agency import Agency
from portal.procurement.decisions.lookups import the_agency, the_policy
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.refusal import Refusal
from portal.projections.folding import slug_of
from portal.projections.shelf import Shelf
from portal.web.agency.wording import wording_errors, wording_findings, wording_mends
from portal.web.desk.desk import Desk, account_of, form_of, frame, one
from portal.web.desk.fields import choice, line, minor_of, our_words, text
from portal.web.desk.signing import key_of, prepare
from portal.web.problems import HTML, Problem
from portal.web.views.desk import Fact, Field, FormPage, Mend
from portal.web.views.frame import Moment, Said, said

PATH = "/desk/notices/new"
_REQUIRED = ("title", "need", "outcome", "audience", "existing", "incumbent", "budget", "acceptance", "helpers")
_LONGEST = {"title": 120, "incumbent": 120}
_LONGEST_REASON = 500
_MENDS = {
    "reservation-not-allowed": Mend(name="wanted", value="open", said=said("mends.open-to-all")),
    "tier-ceiling": Mend(name="tier", value="T1", said=said("mends.as-pilot")),
}
Fields = dict[str, list[str]]


def notice_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form and what becomes of it."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:notice"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _page(desk, request, {}, {}, None)

    @post(PATH, status_code=200, opt={"deed": "desk:notice"})
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        fields = await form_of(request)
        for mend in fields.pop("mend", []):
            name, _, value = mend.partition("=")
            fields[name] = [value]
        errors = _errors(desk, account_of(request), fields)
        if errors:
            return _page(desk, request, fields, errors, None)
        found = wording_findings(desk, account_of(request), fields)
        if found:
            return _page(desk, request, fields, wording_errors(found), None, mends=wording_mends(found))
        try:
            draft = _draft(desk, account_of(request), fields)
        except Refusal as refusal:
            return _page(desk, request, fields, {}, refusal)
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def officers_agency(account: Account, library: Library) -> Agency:
    """The agency at whose desk an officer sits; nobody else writes notices."""
    if account.agency is None or account.role != "officer":
        raise Problem("role-deed", 403)
    return the_agency(library, account.agency)


def _errors(desk: Desk, account: Account, fields: Fields) -> dict[str, Said]:
    found = {name: said("desk.fill_in") for name in _REQUIRED if not one(fields, name)}
    if "budget" not in found:
        with desk.office.store.reading() as connection:
            currency = officers_agency(account, Library(desk.office.store, connection)).profile.currency
        if minor_of(one(fields, "budget"), currency) is None:
            found["budget"] = said("desk.no_amount")
    return found


def answers_of(fields: Fields, currency: str) -> NoticeAnswers:
    """The form's answers; what was left open is the careful answer."""
    sure = one(fields, "cross_border")
    answers = NoticeAnswers(
        title=one(fields, "title"),
        need=one(fields, "need"),
        outcome=one(fields, "outcome"),
        audience=one(fields, "audience"),
        existing=one(fields, "existing"),
        incumbent=one(fields, "incumbent"),
        budget_minor=minor_of(one(fields, "budget"), currency) or 0,
        funding=one(fields, "funding") or "not-sure",
        cross_border=sure if sure in {"no", "yes"} else "not-sure",  # type: ignore[arg-type]  # one of three
        wanted="open" if one(fields, "wanted") == "open" else "local",
        acceptance=one(fields, "acceptance"),
        helpers=one(fields, "helpers"),
        tier="T1" if one(fields, "tier") == "T1" else "T0",
        kept_because=one(fields, "override"),
    )
    skills = tuple(skill.strip() for skill in one(fields, "skills").split(",") if skill.strip())
    return msgspec.structs.replace(answers, skills=skills[:10]) if skills else answers


def proposal_for(desk: Desk, account: Account, fields: Fields) -> OpportunityPublished:
    """The whole notice that follows from the form."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        agency = officers_agency(account, library)
        answers = answers_of(fields, agency.profile.currency)
        requester = account.person or ""
        return propose_notice(library, Shelf(connection), agency, requester, answers, now=desk.office.clock.now())


def _draft(desk: Desk, account: Account, fields: Fields) -> str:
    body = proposal_for(desk, account, fields)
    subject = free_subject(desk, body.title)
    return prepare(desk, account, "opportunity-published", subject, body, key=key_of(desk, account))


def free_subject(desk: Desk, title: str) -> str:
    """An address for a new pilot, made from its title; numbered when another pilot has it."""
    stem = re.sub(r"[^a-z0-9-]", "", slug_of(title))[:60].strip("-") or "pilot"
    with desk.office.store.reading() as connection:
        for number in range(1, 1000):
            subject = f"opportunity:{stem}" if number == 1 else f"opportunity:{stem}-{number}"
            if desk.office.store.last_index(connection, subject) < 0:
                return subject
    raise Problem("title-taken", 409)


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    fields: Fields,
    errors: dict[str, Said],
    refusal: Refusal | None,
    *,
    mends: tuple[Mend, ...] = (),
) -> Response[bytes]:
    account = account_of(request)
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        agency = officers_agency(account, library)
        rules = the_policy(library, agency.policy().document.sha256).rules(desk.office.clock.now())
    shown = _proposed(desk, account, fields, agency.profile.zone) if fields and not errors else ()
    mend = _MENDS.get(refusal.reason) if refusal else None
    page = FormPage(
        **frame(desk, request, PATH),
        title=said("desk.notice.title"),
        lead=said("desk.notice.lead"),
        action=PATH,
        fields=tuple(_fields(fields, rules, errors, ask_why=bool(mends or one(fields, "override")))),
        refused=our_words(desk, refusal) if refusal else None,
        fix=refusal.fix if refusal else "",
        mends=(mend,) if mend else mends,
        shown=shown,
    )
    status = 422 if errors or refusal else 200
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=status)


def _fields(fields: Fields, rules: Rules, errors: dict[str, Said], *, ask_why: bool) -> list[Field]:
    money = [(row.code, row.text) for row in (*rules.reservation.allowed_funding, *rules.reservation.banned_funding)]
    unique = list(dict(money).items())
    made = [
        line("title", fields),
        text("need", fields, rows=5),
        text("outcome", fields, rows=4),
        text("audience", fields, rows=3),
        text("existing", fields, rows=4),
        line("incumbent", fields),
        line("budget", fields, kind="amount"),
        choice("funding", fields, [*unique, ("not-sure", said("options.not-sure"))]),
        choice("cross_border", fields, [(name, said(f"options.{name}")) for name in ("no", "yes", "not-sure")]),
        text("acceptance", fields, rows=5),
        text("helpers", fields, rows=2),
        *([text("override", fields, rows=2, most=_LONGEST_REASON)] if ask_why else []),
    ]
    kept = (
        [Field(name="wanted", code="wanted", kind="kept", value=one(fields, "wanted"))] if fields.get("wanted") else []
    )
    kept += [Field(name="tier", code="tier", kind="kept", value=one(fields, "tier"))] if fields.get("tier") else []
    return [
        msgspec.structs.replace(row, error=errors.get(row.name), most=_LONGEST.get(row.name, 0)) for row in made
    ] + kept


def _proposed(desk: Desk, account: Account, fields: Fields, zone: str) -> tuple[Fact, ...]:
    try:
        body = proposal_for(desk, account, fields)
    except Refusal:
        return ()
    return (
        Fact(code="closes", value=Moment(parse_time(body.closes), zone)),
        Fact(code="questions", value=Moment(parse_time(body.questions_close), zone)),
        Fact(code="opens", value=Moment(parse_time(body.opens_by), zone)),
        Fact(code="reservation", value=said(f"desk.reservations.{body.reservation}")),
        Fact(code="keepers", value=said("desk.n_keepers", k=body.sealing.k, n=len(body.sealing.seats))),
        Fact(code="evaluators", value=said("desk.n_evaluators", n=len(body.evaluators))),
    )
