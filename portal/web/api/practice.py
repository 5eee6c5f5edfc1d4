"""
`POST /api/practice/check`, `/paper`, `/file`, `/open`: what the rules say to a practised notice; nothing is recorded.

The check takes the form as a browser sends it and answers with the page, or JSON and answers with JSON:

    {"rules": "blue-ridge-county", "sheet": {"need": "…", "outcome": "…", "budget": "4,200"}}

`agency` names one on record instead of `rules`. A pressed button (`do`) asks the same address for the paper or the file, so
that a browser without script needs one form. Each request is answered from itself alone.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from portal.procurement.act import body_of
from portal.projections.folding import slug_of
from portal.web.api.limits import Limits
from portal.web.drafting.practice import LARGEST_FILE, practice_file, read_practice_file
from portal.web.drafting.sheet import Sheet, known, sheet_of, text_of
from portal.web.fresh import Fresh
from portal.web.policy_memo import usual_sheet
from portal.web.press import Press
from portal.web.problems import HTML, Problem
from portal.web.public.practice import Practised, choose_page, practice_page, practised, security
from portal.web.public.practice_paper import practice_paper
from portal.web.reading import Door
from portal.web.views.drafting import Remark

JSON: Final = "application/json"
_NOT_KEPT: Final = {"cache-control": "no-store"}
_CHECKS: Final = (120, 2.0)
_PAPERS: Final = (6, 0.05)


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A check asked for by a program."""

    sheet: dict[str, str]
    rules: str = ""
    agency: str = ""


class ToldFix(Struct, frozen=True, kw_only=True):
    """A way to mend: what to change in the sheet, in the spelling of `portal.web.drafting.sheet.mended`, and in words."""

    sends: str
    says: str


class ToldRemark(Struct, frozen=True, kw_only=True):
    """One thing to mend."""

    field: str
    reason: str
    says: str
    help: str
    rule: str
    fixes: list[ToldFix]


class Told(Struct, frozen=True, kw_only=True):
    """What the rules say. `notice` is the whole notice as it would be published, stand-ins and all."""

    ready: bool
    missing: list[str]
    remarks: list[ToldRemark]
    notice: dict[str, Any]


def practice_api_routes(
    door: Door, press: Press, limits: Limits | None = None, papers: Limits | None = None
) -> list[HTTPRouteHandler]:
    """The handlers; `limits` and `papers` bound how often one address may ask."""
    counted, printed = limits or Limits(*_CHECKS), papers or Limits(*_PAPERS)

    @post("/api/practice/check", status_code=200, opt={"deed": "api:check"})
    async def check(request: Request[Any, Any, Any]) -> Response[bytes]:
        counted.take(_who(request))
        if request.headers.get("content-type", "").partition(";")[0].strip() == JSON:
            return _told(door, await request.body())
        fields = await _fields(request)
        do = text_of(fields, "do")
        made = _practised(door, fields)
        if do == "paper":
            printed.take(_who(request))
            return await _paper(door, press, made)
        return _file(made) if do == "file" else _page(door, made, strict=do != "keep")

    @post("/api/practice/open", status_code=200, opt={"deed": "practice"})
    async def open_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        counted.take(_who(request))
        data = await uploaded(request)
        found = read_practice_file(data)
        with door.reading(Fresh()) as reading:
            if found is None or not (found.rules or found.agency):
                page = door.renderer.page(choose_page(reading, broken=True))
                return Response(page, media_type=HTML, status_code=422, headers=_NOT_KEPT)
            made = practised(reading, found.rules, found.agency.removeprefix("agency:"), found.sheet)
        return _page(door, made, strict=False)

    return [check, open_file]


async def uploaded(request: Request[Any, Any, Any]) -> bytes:
    """The one file of a form, no larger than a practice file may be; empty where there is none."""
    found = (await request.form()).get("file")
    return await found.read(LARGEST_FILE + 1) if isinstance(found, UploadFile) else b""


def _who(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


async def _fields(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _practised(door: Door, fields: dict[str, list[str]]) -> Practised:
    with door.reading(Fresh()) as reading:
        return practised(reading, text_of(fields, "rules"), text_of(fields, "agency"), sheet_of(fields))


def _page(door: Door, made: Practised, *, strict: bool) -> Response[bytes]:
    with door.reading(Fresh()) as reading:
        view = practice_page(reading, made, strict=strict)
    wrong = strict and bool(made.remarks or made.writing.missing)
    return Response(
        door.renderer.page(view),
        media_type=HTML,
        status_code=422 if wrong else 200,
        headers={**security(door), **_NOT_KEPT},
    )


async def _paper(door: Door, press: Press, made: Practised) -> Response[bytes]:
    file = practice_file(made.writing.sheet, made.rules, made.agency)
    view = practice_paper(made, file)
    pdf = await press.make(
        (view.fingerprint, door.renderer.version, usual_sheet(made.policy.country)), view, keep=False
    )
    name = f'attachment; filename="practice-{_name(made.writing.body.title)}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"content-disposition": name, **_NOT_KEPT})


def _file(made: Practised) -> Response[bytes]:
    name = f'attachment; filename="practice-{_name(made.writing.body.title)}.json"'
    data = practice_file(made.writing.sheet, made.rules, made.agency)
    return Response(data, media_type=JSON, headers={"content-disposition": name, **_NOT_KEPT})


def _name(title: str) -> str:
    """A file's name out of a title, in plain letters."""
    plain = "".join(sign for sign in slug_of(title) if sign.isascii() and (sign.isalnum() or sign == "-"))
    return plain[:60].strip("-") or "notice"


def _told(door: Door, data: bytes) -> Response[bytes]:
    try:
        asked = msgspec.json.decode(data, type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("body-malformed", 400, detail=str(error)[:200]) from error
    sheet: Sheet = known(asked.sheet)
    with door.reading(Fresh()) as reading:
        made = practised(reading, asked.rules, asked.agency.removeprefix("agency:"), sheet)
    told = Told(
        ready=not made.remarks and not made.writing.missing,
        missing=list(made.writing.missing),
        remarks=[_remark(door, remark) for remark in made.remarks],
        notice=body_of(made.writing.body),
    )
    return Response(msgspec.json.encode(told), media_type=JSON, headers=_NOT_KEPT)


def _remark(door: Door, remark: Remark) -> ToldRemark:
    say = door.renderer.say
    return ToldRemark(
        field=remark.field,
        reason=remark.reason,
        says=say(remark.said.key, **remark.said.figures),
        help=remark.help,
        rule=remark.text or (remark.rule.text if remark.rule else ""),
        fixes=[ToldFix(sends=fix.sends, says=say(fix.said.key, **fix.said.figures)) for fix in remark.fixes],
    )
