"""
A change to the terms of an open pilot: what stands now, in fields; what would be new, word by word, before it is signed.

1. Whether a change matters is decided by what it touches, not by whoever writes it; the page says which, and why.
2. A change that matters leaves bidders the days that the rules demand: the page proposes the close that follows.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from ledger.entry import format_time, parse_time
from policies import (
    PolicyError,
    Rules,
    add_working_days,
    first_close_from,
    objection_end,
    opens_latest,
    questions_end,
)
from portal.procurement.case import Case, changed_fields, changed_notice
from portal.procurement.decisions.noticing import MATTERS
from portal.procurement.events.opportunity import AddendumPublished, NoticeChanges, OpportunityPublished, Requirement
from portal.procurement.proposing import LONGEST_LINE, MOST_REQUIREMENTS, tests_in
from portal.procurement.refusal import Refusal
from portal.web.agency.consequences import after_addendum
from portal.web.desk.desk import Desk, account_of, form_of, frame
from portal.web.desk.fields import line, text
from portal.web.desk.rooms import Fields, Room, answered, officers_room, refused_words
from portal.web.desk.signing import key_of, prepare
from portal.web.drafting.compared import changes_between
from portal.web.drafting.given import LONGEST_PROSE, WHEN
from portal.web.drafting.sheet import text_of
from portal.web.views.desk import Field, FormPage
from portal.web.views.frame import Moment, Said, said
from portal.web.views.told import Told

_TEXTS: Final = {"need": 4, "outcome": 4, "existing": 4}
_SIGNING_DAYS: Final = 1
_OPT: Final = {"deed": "desk:addendum", "pilot": "name"}


class Change(Struct, frozen=True, kw_only=True):
    """A change as it would be published, and the terms that would hold then."""

    body: AddendumPublished
    after: OpportunityPublished


def changing_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The form for a change."""

    def find(request: Request[Any, Any, Any], name: str) -> Room:
        return officers_room(desk, request, name)

    @get("/desk/pilots/{name:str}/change", sync_to_thread=False, opt=_OPT)
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answered(desk, _page(desk, request, find(request, name), {}, {}))

    @post("/desk/pilots/{name:str}/change", status_code=200, opt=_OPT)
    async def take(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        room, account, fields = find(request, name), account_of(request), await form_of(request)
        errors = errors_in(room, fields)
        if errors:
            return answered(desk, _page(desk, request, room, fields, errors))
        try:
            change = change_of(room, fields, desk.office.clock.now())
            told = told_of_change(desk, room, change, account.name)
            if text_of(fields, "do") == "check":
                return answered(desk, _page(desk, request, room, fields, {}, told=told))
            key = key_of(desk, account)
            draft = prepare(desk, account, "addendum-published", room.case.id, change.body, key=key)
        except Refusal as refusal:
            return answered(desk, _page(desk, request, room, fields, {}, refusal=refusal))
        return Redirect(f"/desk/sign/{draft}", status_code=303)

    return [show, take]


def errors_in(room: Room, fields: Fields) -> dict[str, Said]:
    """What cannot be read, beside its field."""
    found: dict[str, Said] = {}
    if not text_of(fields, "why"):
        found["why"] = said("desk.fill_in")
    tests = tests_in(text_of(fields, "requirements"))
    if len(tests) > MOST_REQUIREMENTS:
        found["requirements"] = said("drafting.too_many_lines", n=len(tests), most=MOST_REQUIREMENTS)
    long = next((place for place, each in enumerate(tests, 1) if len(each) > LONGEST_LINE), None)
    if long is not None:
        size = len(tests[long - 1])
        found["requirements"] = said("drafting.line_too_long", line=long, n=size, most=LONGEST_LINE)
    for name in (*_TEXTS, "acceptance", "why"):
        if len(text_of(fields, name)) > LONGEST_PROSE:
            found[name] = said("drafting.too_long", n=len(text_of(fields, name)), most=LONGEST_PROSE)
    places = text_of(fields, "learner_places")
    if places and not (places.isascii() and places.isdigit() and int(places) <= 50):  # noqa: PLR2004 -- as the record bounds it
        found["learner_places"] = said("drafting.no_number", least=0, most=50)
    for name in ("closes", "questions_close"):
        if text_of(fields, name) and _moment(room, text_of(fields, name)) is None:
            found[name] = said("drafting.no_moment")
    return found


def change_of(room: Room, fields: Fields, now: datetime) -> Change:
    """
    The change that the form describes.

    Raises:
        Refusal: `addendum-empty` where nothing differs from the terms as they stand.
    """
    notice = room.case.notice
    texts = {name: text_of(fields, name) for name in ("summary", *_TEXTS, "acceptance")}
    changed: dict[str, Any] = {
        name: given for name, given in texts.items() if given and given != getattr(notice, name).strip()
    }
    rows = requirements_from(notice.requirements, tests_in(text_of(fields, "requirements")))
    if rows and rows != notice.requirements:
        changed["requirements"] = rows
    places = text_of(fields, "learner_places")
    if places and int(places) != notice.learner_places:
        changed["learner_places"] = int(places)
    material = bool(set(changed) & MATTERS)
    changed |= _dates(room, fields, now, material=material)
    if not changed:
        raise Refusal("addendum-empty", {})
    changes = NoticeChanges(**changed)
    body = AddendumPublished(material=material, changes=changes, why=text_of(fields, "why"))
    return Change(body=body, after=changed_notice(notice, changes))


def requirements_from(before: list[Requirement], lines: list[str]) -> list[Requirement]:
    """
    Lines as requirements. What stays keeps its name, so that an answer written to it stays an answer to it; a line whose
    words were mended in its place keeps the name of that place.
    """
    known = {row.text.strip(): row.id for row in before}
    taken = {known[each] for each in lines if each in known}
    made: list[Requirement] = []
    for place, each in enumerate(lines):
        name = known.get(each, "")
        if not name and len(lines) == len(before) and before[place].id not in taken:
            name = before[place].id
        if not name:
            name = next(f"r{n}" for n in range(1, 200) if f"r{n}" not in taken | {row.id for row in before})
        taken.add(name)
        made.append(Requirement(id=name, text=each))
    return made


def close_for(rules: Rules, case: Case, now: datetime, room: Room, *, material: bool) -> datetime:
    """The close that follows from a change: the one that stands, or a later one that leaves the days of the rules."""
    if not material:
        return case.closes
    signed = add_working_days(rules.calendar, now, _SIGNING_DAYS, room.zone) - timedelta(milliseconds=1)
    begin = add_working_days(rules.calendar, signed, rules.times.addendum_working_days, room.zone)
    return case.closes if case.closes >= begin else first_close_from(rules, begin, room.zone)


def _dates(room: Room, fields: Fields, now: datetime, *, material: bool) -> dict[str, str]:
    """The dates that move: the close as chosen or as follows, and behind it those that hang on it."""
    case, rules = room.case, room.rules
    given = _moment(room, text_of(fields, "closes"))
    asked = _moment(room, text_of(fields, "questions_close"))
    try:
        closes = given if given is not None and given != _minute(case.closes) else None
        closes = closes or close_for(rules, case, now, room, material=material)
        found: dict[str, str] = {}
        if closes != case.closes:
            found = {
                "closes": format_time(closes),
                "objection_until": format_time(objection_end(rules, closes)),
                "opens_by": format_time(opens_latest(rules, closes, room.zone)),
            }
        chosen = asked is not None and asked != _minute(case.questions_close)
        until = asked if chosen else questions_end(rules, closes, room.zone, case.notice.tier)
        if until is not None and (chosen or (closes > case.closes and until > case.questions_close)):
            found["questions_close"] = format_time(until)
    except PolicyError as error:
        raise Refusal(error.reason, {"sentence": error.detail}) from error
    return found


def _moment(room: Room, given: str) -> datetime | None:
    try:
        return datetime.strptime(given[:16], WHEN).replace(tzinfo=room.zone)
    except ValueError:
        return None


def _minute(instant: datetime) -> datetime:
    """A moment as a browser's field can hold it."""
    return instant.replace(second=0, microsecond=0)


def told_of_change(desk: Desk, room: Room, change: Change, by: str) -> Told:
    """The change in words, before it is a draft."""
    del desk
    notice, zone = room.case.notice, room.zone.key
    return Told(
        what=said("told.addendum", title=notice.title),
        by=by,
        compared=said("told.against_terms"),
        changes=changes_between(notice, change.after, zone, {}, answers=True),
        follows=(
            _why_it_matters(change),
            *after_addendum(room.case, change.after, zone, material=change.body.material)[1:],
        ),
    )


def _why_it_matters(change: Change) -> Said:
    """Whether bidders must confirm, with what decided it."""
    touched = [name for name in changed_fields(change.body.changes) if name in MATTERS]
    if not touched:
        return said("told.follows.stand")
    return said("told.follows.because", what=said(f"fields.{touched[0]}"))


def _page(
    desk: Desk,
    request: Request[Any, Any, Any],
    room: Room,
    fields: Fields,
    errors: dict[str, Said],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> FormPage:
    path = f"/desk/pilots/{room.name}/change"
    made = _fields(room, fields or _standing(room))
    return FormPage(
        **frame(desk, request, path),
        title=said("desk.change.title"),
        lead=said("desk.change.lead", pilot=room.case.notice.title, when=Moment(room.case.closes, room.zone.key)),
        action=path,
        fields=tuple(msgspec.structs.replace(field, error=errors.get(field.name)) for field in made),
        submit="send",
        checks=True,
        told=told,
        **refused_words(desk, refusal),
    )


def _standing(room: Room) -> Fields:
    """The terms as they stand, for the fields of a fresh page."""
    notice = room.case.notice
    given = {name: getattr(notice, name) for name in ("summary", *_TEXTS, "acceptance")}
    given["requirements"] = "\n".join(row.text for row in notice.requirements)
    given["learner_places"] = str(notice.learner_places)
    for name in ("closes", "questions_close"):
        given[name] = parse_time(getattr(notice, name)).astimezone(room.zone).strftime(WHEN)
    return {name: [value] for name, value in given.items()}


def _fields(room: Room, fields: Fields) -> list[Field]:
    made = [line("summary", fields, "change_summary", most=LONGEST_LINE)]
    made += [text(name, fields, f"change_{name}", rows=rows, most=LONGEST_PROSE) for name, rows in _TEXTS.items()]
    made += [
        text("requirements", fields, "change_requirements", rows=5),
        text("acceptance", fields, "change_acceptance", rows=4, most=LONGEST_PROSE),
        line("learner_places", fields, kind="number"),
        line("closes", fields, "change_closes", kind="moment"),
        line("questions_close", fields, "change_questions_close", kind="moment"),
        text("why", fields, "change_why", rows=3, most=LONGEST_PROSE),
    ]
    del room
    return made
