"""Promised work at the desk: announced, changed with a reason, dropped with one; the first step of most pilots."""

import re
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.procurement.agency import Agency
from portal.procurement.decisions.lookups import the_plan, the_policy
from portal.procurement.events.plan import PlanAnnounced, PlanChanged, PlanDropped
from portal.procurement.plan import Plan
from portal.procurement.refusal import Refusal
from portal.projections.queries.plans import Promised, find_plans
from portal.projections.shelf import Shelf
from portal.web.addresses import subject_href
from portal.web.agency.notice import free_subject
from portal.web.agency.telling import plan_changes, plan_lines
from portal.web.agency.writing_desk import officers_agency
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.desk.fields import choice, line, text
from portal.web.desk.rooms import Fields, answered, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.drafting.given import skills_in
from portal.web.drafting.sheet import text_of
from portal.web.printing import quarter
from portal.web.problems import HTML, missing
from portal.web.views.desk import Field, FormPage
from portal.web.views.frame import Said, said
from portal.web.views.planning import PlanRow, PlansDeskPage
from portal.web.views.told import Told

PATH: Final = "/desk/plans"
_QUARTERS: Final = 8
_MOST_PLACES: Final = 50
_MOST_SKILLS: Final = 10
_LONGEST: Final = {"title": 120, "need": 6000, "why": 300}


def planning_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The list of one's agency's promises, and the three acts."""
    opt = {"deed": "desk:plan"}

    @get(PATH, sync_to_thread=False, opt=opt)
    def show_all(request: Request[Any, Any, Any]) -> Response[bytes]:
        account = account_of(request)
        with desk.office.store.reading() as connection:
            agency = officers_agency(account, Library(desk.office.store, connection))
            found = find_plans(Shelf(connection), agency=agency.id)
        page = PlansDeskPage(**frame(desk, request, PATH), rows=tuple(_row(one) for one in found), begin=f"{PATH}/new")
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @get(f"{PATH}/new", sync_to_thread=False, opt=opt)
    def begin(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answered(desk, _form(desk, request, None, {}, {}))

    @post(f"{PATH}/new", status_code=200, opt=opt)
    async def announce(request: Request[Any, Any, Any]) -> Response[Any]:
        return _write(desk, request, None, await form_of(request))

    @get(f"{PATH}/{{name:str}}/change", sync_to_thread=False, opt=opt)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _form(desk, request, _own(desk, request, name), {}, {}))

    @post(f"{PATH}/{{name:str}}/change", status_code=200, opt=opt)
    async def change(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        return _write(desk, request, _own(desk, request, name), await form_of(request))

    @get(f"{PATH}/{{name:str}}/drop", sync_to_thread=False, opt=opt)
    def show_drop(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _drop_form(desk, request, _own(desk, request, name), {}, {}))

    @post(f"{PATH}/{{name:str}}/drop", status_code=200, opt=opt)
    async def drop(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        plan, fields = _own(desk, request, name), await form_of(request)
        wanted = {"drop_reason": "desk.choose_one", "why": "desk.fill_in"}
        errors = {field: said(words) for field, words in wanted.items() if not text_of(fields, field)}
        errors |= _too_long(fields)
        if errors:
            return answered(desk, _drop_form(desk, request, plan, fields, errors))
        body = PlanDropped(reason=text_of(fields, "drop_reason"), why=text_of(fields, "why"))
        try:
            return _signed(desk, account_of(request), "plan-dropped", plan.id, body)
        except Refusal as refusal:
            return answered(desk, _drop_form(desk, request, plan, fields, {}, refusal=refusal))

    return [show_all, begin, announce, show, change, show_drop, drop]


def _row(one: Promised) -> PlanRow:
    name = one.id.partition(":")[2]
    stands = one.state == "planned"
    return PlanRow(
        title=one.title,
        href=subject_href(one.id),
        state=one.state,  # type: ignore[arg-type]  # the expression in queries/plans.py names no other
        quarter=one.quarter,
        change=f"{PATH}/{name}/change" if stands else "",
        drop=f"{PATH}/{name}/drop" if stands else "",
        publish=f"/desk/notices/new?plan={name}" if stands else "",
    )


def _own(desk: Desk, request: Request[Any, Any, Any], name: str) -> Plan:
    """A promise of the account's agency that still stands; anybody else's is not there."""
    account = account_of(request)
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        agency = officers_agency(account, library)
        try:
            plan = the_plan(library, f"plan:{name}")
        except Refusal as refusal:
            raise missing() from refusal
    if plan.promise.agency != agency.id or plan.dropped is not None:
        raise missing()
    return plan


def _agency(desk: Desk, account: Account) -> Agency:
    with desk.office.store.reading() as connection:
        return officers_agency(account, Library(desk.office.store, connection))


def _write(desk: Desk, request: Request[Any, Any, Any], plan: Plan | None, fields: Fields) -> Response[Any]:
    """A promise or its change: looked at first, then on to be signed."""
    account = account_of(request)
    errors = _errors(fields, changed=plan is not None)
    if errors:
        return answered(desk, _form(desk, request, plan, fields, errors))
    promise = _promise(_agency(desk, account), fields)
    if text_of(fields, "do") == "check":
        return answered(desk, _form(desk, request, plan, fields, {}, told=_told(plan, promise, account.name)))
    try:
        if plan is None:
            return _signed(desk, account, "plan-announced", free_subject(desk, "plan", promise.title), promise)
        body = PlanChanged(plan=promise, why=text_of(fields, "why"))
        return _signed(desk, account, "plan-changed", plan.id, body)
    except Refusal as refusal:
        return answered(desk, _form(desk, request, plan, fields, {}, refusal=refusal))


def _signed(desk: Desk, account: Account, kind: str, subject: str, body: msgspec.Struct) -> Redirect:
    draft = prepare(desk, account, kind, subject, body, key=key_of(desk, account))
    return Redirect(f"/desk/sign/{draft}", status_code=303)


def _errors(fields: Fields, *, changed: bool) -> dict[str, Said]:
    needed = ("title", "need", "skills", *(("why",) if changed else ()))
    found = {name: said("desk.fill_in") for name in needed if not text_of(fields, name)}
    found |= _too_long(fields)
    skills = skills_in(text_of(fields, "skills"))
    if not skills:
        found["skills"] = said("desk.fill_in")
    elif len(skills) > _MOST_SKILLS or any(len(skill) > _LONGEST["title"] for skill in skills):
        found["skills"] = said("drafting.too_many_skills", n=len(skills), most=_MOST_SKILLS)
    for name in ("quarter", "tier", "money"):
        if not text_of(fields, name):
            found[name] = said("desk.choose_one")
    if not re.fullmatch(r"[0-9]{4}-q[1-4]", text_of(fields, "quarter")):
        found["quarter"] = said("desk.choose_one")
    places = text_of(fields, "learner_places")
    if places and not (re.fullmatch("[0-9]{1,2}", places) and int(places) <= _MOST_PLACES):
        found["learner_places"] = said("drafting.no_number", least=0, most=_MOST_PLACES)
    return found


def _too_long(fields: Fields) -> dict[str, Said]:
    sizes = {name: len(text_of(fields, name)) for name in _LONGEST}
    return {
        name: said("drafting.too_long", n=sizes[name], most=most)
        for name, most in _LONGEST.items()
        if sizes[name] > most
    }


def _promise(agency: Agency, fields: Fields) -> PlanAnnounced:
    return PlanAnnounced(
        agency=agency.id,
        title=text_of(fields, "title"),
        need=text_of(fields, "need"),
        skills=skills_in(text_of(fields, "skills")),
        tier="T1" if text_of(fields, "tier") == "T1" else "T0",
        quarter=text_of(fields, "quarter"),
        money="secured" if text_of(fields, "money") == "secured" else "sought",
        place=agency.profile.place,
        place_name=agency.profile.place_name,
        learner_places=int(text_of(fields, "learner_places") or 0),
    )


def _told(plan: Plan | None, promise: PlanAnnounced, by: str) -> Told:
    if plan is None:
        return Told(
            what=said("told.plan", title=promise.title),
            by=by,
            lines=plan_lines(promise),
            follows=(said("told.plan_public"),),
        )
    return Told(
        what=said("told.plan_changed", title=promise.title),
        by=by,
        compared=said("told.against_promise"),
        changes=plan_changes(plan.promise, promise),
        follows=(said("told.plan_kept"),),
    )


def _form(
    desk: Desk,
    request: Request[Any, Any, Any],
    plan: Plan | None,
    fields: Fields,
    errors: dict[str, Said],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> FormPage:
    path = f"{PATH}/new" if plan is None else f"{PATH}/{plan.id.partition(':')[2]}/change"
    made = _fields(desk, fields or _standing(plan), changed=plan is not None)
    return FormPage(
        **frame(desk, request, path),
        title=said("desk.plan.title" if plan is None else "desk.plan.change"),
        lead=said("desk.plan.lead") if plan is None else said("desk.plan.about", title=plan.promise.title),
        action=path,
        fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
        submit="send",
        checks=True,
        told=told,
        **refused_words(desk, refusal),
    )


def _standing(plan: Plan | None) -> Fields:
    """The promise as it stands, for the fields of a fresh page."""
    if plan is None:
        return {"learner_places": ["0"]}
    promise = plan.promise
    return {
        "title": [promise.title],
        "need": [promise.need],
        "skills": [", ".join(promise.skills)],
        "tier": [promise.tier],
        "quarter": [promise.quarter],
        "money": [promise.money],
        "learner_places": [str(promise.learner_places)],
    }


def _fields(desk: Desk, fields: Fields, *, changed: bool) -> list[Field]:
    made = [
        line("title", fields, "plan_title", most=_LONGEST["title"]),
        text("need", fields, "plan_need", rows=4, most=_LONGEST["need"]),
        line("skills", fields),
        choice("tier", fields, [(tier, said(f"tiers.{tier}")) for tier in ("T0", "T1")], "plan_tier"),
        choice("quarter", fields, [(each, quarter(each)) for each in _quarters(desk, fields)]),
        choice("money", fields, [(each, said(f"plan.facts.money_{each}")) for each in ("secured", "sought")]),
        line("learner_places", fields, kind="number"),
    ]
    return made + ([text("why", fields, "plan_why", rows=2, most=_LONGEST["why"])] if changed else [])


def _quarters(desk: Desk, fields: Fields) -> list[str]:
    """This quarter and those of the next two years, and the one that was promised before."""
    now = desk.office.clock.now()
    first = now.year * 4 + (now.month - 1) // 3
    found = [f"{each // 4}-q{each % 4 + 1}" for each in range(first, first + _QUARTERS)]
    standing = text_of(fields, "quarter")
    return found if standing in found or not standing else [standing, *found]


def _drop_form(
    desk: Desk,
    request: Request[Any, Any, Any],
    plan: Plan,
    fields: Fields,
    errors: dict[str, Said],
    *,
    refusal: Refusal | None = None,
) -> FormPage:
    path = f"{PATH}/{plan.id.partition(':')[2]}/drop"
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        agency = officers_agency(account_of(request), library)
        rules = the_policy(library, agency.policy().document.sha256).rules(desk.office.clock.now())
    reasons = [(row.code, row.text) for row in rules.award.plan_drop_reasons]
    made = [choice("drop_reason", fields, reasons), text("why", fields, "plan_why", rows=2, most=_LONGEST["why"])]
    return FormPage(
        **frame(desk, request, path),
        title=said("desk.plan.drop"),
        lead=said("desk.plan.about", title=plan.promise.title),
        action=path,
        fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
        submit="send",
        told=Told(what=said("told.plan_dropped", title=plan.promise.title), follows=(said("told.plan_counted"),)),
        **refused_words(desk, refusal),
    )
