"""
`/practice`: anybody writes and checks a whole notice, without account, cookie or session.

The page reads the record like any public page. What is typed comes to `/api/practice/…` with each request and is kept
nowhere but on the visitor's own device.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from policies import Jurisdiction, PolicyError, available, load_jurisdiction
from portal.commands.library import Library
from portal.commands.propose_notice import last_habits
from portal.procurement.answers import HOUSE_HABITS, Habits
from portal.procurement.case import Case
from portal.procurement.proposing import Setting
from portal.projections.queries.parties import AgencyKnown, adoptions, names_of
from portal.projections.queries.parties import agency as agency_known
from portal.web.drafting.copying import habits_of_sheet, origin_words, sheet_from_notice
from portal.web.drafting.form import notice_form
from portal.web.drafting.practice import practice_setting
from portal.web.drafting.remarks import remarks_on
from portal.web.drafting.rows import Around
from portal.web.drafting.sheet import Sheet
from portal.web.drafting.writing import Writing, write
from portal.web.headers import SECURITY
from portal.web.printing import zone_of
from portal.web.problems import HTML, missing
from portal.web.public.names import digest_of_agency
from portal.web.public.notice_parts import policy_href
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading
from portal.web.views.drafting import Remark
from portal.web.views.frame import Link, said
from portal.web.views.practice import Choice, PracticePage

PATH: Final = "/practice"
CHECK: Final = "/api/practice/check"


class Practised(Struct, frozen=True, kw_only=True):
    """A practised notice with what the rules say to it. `rules` and `agency` are what was chosen, one of them ''."""

    writing: Writing
    remarks: tuple[Remark, ...]
    policy: Jurisdiction
    rules: str
    agency: str
    name: str
    source: Case | None = None


def practice_routes(door: Door) -> list[HTTPRouteHandler]:
    """The page, by GET like every other."""

    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        query = Query(request.query_params)
        rules, agency, start = query.slug("rules"), query.slug("agency"), query.slug("from")
        with door.reading(fresh_of(request)) as reading:
            case = _case(reading, start)
            if case is not None and not (rules or agency):
                agency = case.notice.agency.partition(":")[2]
            if not rules and not agency:
                return Response(door.renderer.page(choose_page(reading)), media_type=HTML)
            sheet: Sheet = {"from": start} if case is not None else {}
            made = practised(reading, rules, agency, sheet)
            if case is not None:
                begun = sheet_from_notice(case.notice, made.writing.setting)
                made = practised(reading, rules, agency, {**begun, **sheet})
            view = practice_page(reading, made, strict=False)
            _until_midnight(reading, made.writing.setting.zone)
        return Response(door.renderer.page(view), media_type=HTML, headers=security(door))

    return [get(PATH, sync_to_thread=False)(show)]


def security(door: Door) -> dict[str, str]:
    """The page runs its own script, which speaks to the check alone; forms go to this site alone."""
    policy = SECURITY["content-security-policy"]
    reached = f"script-src 'self'; connect-src {door.renderer.site.address}{CHECK}"
    return {**SECURITY, "content-security-policy": f"{policy}; {reached}"}


def _case(reading: Reading, name: str) -> Case | None:
    """The pilot that a notice begins from; no page where it was never published."""
    if not name:
        return None
    reading.shows(f"opportunity:{name}")
    case = Library(reading.door.store, reading.connection).case(f"opportunity:{name}")
    if case is None:
        raise missing()
    return case


def choose_page(reading: Reading, *, broken: bool = False) -> PracticePage:
    """Whose rules shall speak: those of an agency on record, or a set that comes with the portal."""
    reading.shows("policies")
    adopted = {row[2]: row[0] for row in adoptions(reading.shelf)}
    names = names_of(reading.shelf, "agency", list(adopted))
    found = [
        Choice(href=f"{PATH}?agency={subject.partition(':')[2]}", name=names[subject], about=policy.name)
        for subject, digest in adopted.items()
        if (policy := reading.policy(digest)) is not None and policy.purpose == "live"
    ]
    return PracticePage(
        path=PATH,
        agencies=tuple(sorted(found, key=lambda each: each.name)),
        sets=tuple(
            Choice(href=f"{PATH}?rules={policy.id}", name=policy.name, about=policy.about) for policy in live_sets()
        ),
        broken=broken,
    )


@lru_cache(maxsize=1)
def live_sets() -> tuple[Jurisdiction, ...]:
    """The sets of rules of this release that real money may be spent under."""
    return tuple(policy for name in available() if (policy := load_jurisdiction(name)).purpose == "live")


def practised(reading: Reading, rules: str, agency: str, sheet: Sheet) -> Practised:
    """
    Read a sheet under the rules of an agency, or under a set of this release.

    Raises:
        Problem: `page-missing` for rules or an agency that are not there.
    """
    subject = f"agency:{agency}" if agency else ""
    policy = _policy(reading, rules, subject)
    try:
        in_force = policy.rules(reading.at)
    except PolicyError as error:
        raise missing() from error
    library = Library(reading.door.store, reading.connection)
    known = agency_known(reading.shelf, subject) if subject else None
    setting = practice_setting(policy, in_force)
    if known is not None:
        setting = settled_in(setting, known)
    usual: Habits = last_habits(library, reading.shelf, subject) if subject else HOUSE_HABITS
    source = library.case(f"opportunity:{sheet['from']}") if "from" in sheet else None
    giver = agency_known(reading.shelf, source.notice.agency) if source else None
    renderer = reading.door.renderer
    writing = write(
        in_force,
        setting,
        habits_of_sheet(source, usual),
        {name: value for name, value in sheet.items() if name not in {"evaluators", "keepers", "plan", "again"}},
        now=reading.at,
        begins_from=origin_words(renderer, source, giver.name if giver else ""),
        rules_href=policy_href(policy.digest) if subject else "",
    )
    return Practised(
        writing=writing,
        remarks=remarks_on(writing, renderer),
        policy=policy,
        rules="" if subject else policy.id,
        agency=agency,
        name=known.name if known else policy.name,
        source=source,
    )


def _policy(reading: Reading, rules: str, subject: str) -> Jurisdiction:
    if subject:
        reading.shows("policies")
        found = reading.policy(digest_of_agency(reading, subject))
    else:
        found = next((policy for policy in live_sets() if policy.id == rules), None)
    if found is None or found.purpose != "live":
        raise missing()
    return found


def settled_in(setting: Setting, known: AgencyKnown) -> Setting:
    """The same stand-ins at an agency that is on record."""
    return msgspec.structs.replace(
        setting,
        agency=known.id,
        place=known.place,
        place_name=known.place_name,
        zone=known.zone,
        currency=known.currency,
        keepers=tuple(
            msgspec.structs.replace(each, house=known.id) if each.house == setting.agency else each
            for each in setting.keepers
        ),
    )


def practice_page(reading: Reading, made: Practised, *, strict: bool) -> PracticePage:
    """The page with its form."""
    hidden = tuple((name, value) for name, value in (("rules", made.rules), ("agency", made.agency)) if value)
    source = made.source
    return PracticePage(
        path=PATH,
        form=notice_form(
            made.writing,
            made.remarks,
            Around(practice=True),
            action=CHECK,
            strict=strict,
            hidden=hidden,
            source=said("drafting.began_from", title=source.notice.title) if source else None,
        ),
        name=made.name,
        rules=Link(made.policy.name, policy_href(made.policy.digest)) if made.agency else None,
        script=reading.door.renderer.assets["practice.js"].href,
        desk=f"/desk/notices/new?{urlencode({'from': made.writing.sheet['from']})}" if source else "",
    )


def _until_midnight(reading: Reading, zone: str) -> None:
    """The dates that are proposed move on with the day."""
    local = reading.at.astimezone(zone_of(zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    reading.expires(midnight.astimezone(reading.at.tzinfo))
