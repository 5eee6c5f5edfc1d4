"""
The page on which a bid is written, sealed on the visitor's own device, and sent.

The page has no session and asks for nothing but its own files and public lists; its security policy says where it may
send, and that is where sealed bids are taken. Everybody gets the same bytes.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup

from portal.commands.library import Library
from portal.documents.pdf import qr_svg
from portal.procurement.case import Case
from portal.procurement.decisions.opening import latest
from portal.procurement.events.opening import Label
from portal.procurement.holders import LOG
from portal.procurement.money import Money, exponent
from portal.procurement.parties import fold_log, fold_relying_party
from portal.procurement.stage import next_change, stage
from portal.web.addresses import subject_href
from portal.web.headers import SECURITY
from portal.web.problems import HTML
from portal.web.public.eligible import eligible, pinned_rules, rules_for_device, sentences_of
from portal.web.public.names import Names
from portal.web.public.notice_parts import milestones_of
from portal.web.public.opportunity import read_case
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.public.sayings import record_of
from portal.web.reading import Door, Reading
from portal.web.render import Renderer
from portal.web.views.bidding import AskPage, BidPage, Script
from portal.web.views.frame import Link

_WAITING: Final = {"closed", "opened", "scoring", "opening-failed"}
_LIVES: Final = _WAITING | {"ranked", "chosen", "awarded", "unsuccessful"}
_SCRIPTS: Final = (
    "seal.js",
    "device-key.js",
    "firm-card.js",
    "firm-keys.js",
    "bid-papers.js",
    "bid-send.js",
    "bid-form.js",
    "files.js",
    "bid-firm.js",
    "bid.js",
)
_FIGURES: Final = ("n", "time", "what", "record", "name", "limit", "fix", "title")
"""Placeholders of the script's sentences; the script fills them."""


def bidding_routes(door: Door) -> list[HTTPRouteHandler]:
    """The handlers of the bid page and of the question whether to bid at all."""

    def show_bid(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        with door.reading(fresh_of(request)) as reading:
            view = bid_page(reading, name)
        headers = {**SECURITY, "content-security-policy": policy_of(door.renderer.site.address, view.pilot.href)}
        return Response(door.renderer.page(view), media_type=HTML, headers=headers)

    def show_eligible(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        fresh = fresh_of(request)
        with door.reading(fresh) as reading:
            view = eligible(reading, name, Query(request.query_params))
            fresh.kept = not request.query_params
        return Response(door.renderer.page(view), media_type=HTML)

    def show_ask(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        with door.reading(fresh_of(request)) as reading:
            view = ask_page(reading, name)
        policy = _policy(f"{door.renderer.site.address}/api/questions")
        return Response(
            door.renderer.page(view), media_type=HTML, headers={**SECURITY, "content-security-policy": policy}
        )

    return [
        get("/opportunities/{name:str}/ask", sync_to_thread=False)(show_ask),
        get("/opportunities/{name:str}/bid", sync_to_thread=False)(show_bid),
        get("/opportunities/{name:str}/eligible", sync_to_thread=False)(show_eligible),
    ]


def policy_of(address: str, pilot: str) -> str:
    """The page's security policy: own scripts and style, and connections to where bids and registrations are taken."""
    reached = " ".join(
        f"{address}{path}" for path in ("/api/bids", "/api/firms", f"{pilot}/bids.json", "/ledger/entries/")
    )
    return _policy(reached)


def _policy(reached: str) -> str:
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {reached}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def ask_page(reading: Reading, name: str) -> AskPage:
    """The page on which a question is asked, until questions close."""
    case = read_case(reading, name)
    reading.expires(next_change(case, reading.at))
    names, notice = Names(reading), case.notice
    renderer = reading.door.renderer
    terms = {"address": renderer.site.address, "log": reading.door.store.origin, "subject": case.id}
    return AskPage(
        path=f"{subject_href(case.id)}/ask",
        pilot=Link(notice.title, subject_href(case.id)),
        agency=names.agency(notice.agency),
        open=case.ended is None and reading.at < case.questions_close,
        until=reading.when(case.questions_close, names.zone(notice.agency)),
        terms=json.dumps(terms, ensure_ascii=False),
        says=json.dumps(sentences(renderer, lambda key: f"asking.says.{key}"), ensure_ascii=False),
    )


def bid_page(reading: Reading, name: str) -> BidPage:
    """The page of a pilot, whatever its state; outside `open` it takes no bid and says so."""
    case = read_case(reading, name)
    reading.expires(next_change(case, reading.at))
    names, notice = Names(reading), case.notice
    zone = names.zone(notice.agency)
    renderer = reading.door.renderer
    rules = pinned_rules(reading, case)
    reserved = rules is not None and notice.reservation == "local"
    address = f"{renderer.site.address}{subject_href(case.id)}/bid"
    module = renderer.assets["seal.js"].sha256
    now = stage(case, reading.at)
    log = fold_log(reading.acts(LOG))
    mattered = case.material_addenda()
    return BidPage(
        path=f"{subject_href(case.id)}/bid",
        title=notice.title,
        summary=notice.summary,
        pilot=Link(notice.title, subject_href(case.id)),
        agency=names.agency(notice.agency),
        state=now,
        lives=now in _LIVES,
        fallback=fallback_of(reading, case) if now in _WAITING else "",
        closes=reading.countdown(case.closes, zone),
        opens=reading.when(case.opens_by, zone),
        price=Money(notice.budget_minor, notice.currency),
        price_mode=notice.price_mode,
        milestones=tuple(milestones_of(notice)),
        tax=notice.tax,
        hours=notice.hours,
        requirements=tuple((each.id, each.text) for each in notice.requirements),
        learner_places=notice.learner_places,
        training_partner=names.partner(notice.training_partner),
        skills=tuple(notice.skills),
        areas=tuple((area.code, area.text) for area in rules.eligibility.areas) if rules else (),
        conditions=reserved,
        rules=json.dumps(rules_for_device(case, rules), ensure_ascii=False) if rules and reserved else "",
        sentences=sentences_of(rules) if rules and reserved else (),
        policy=notice.policy.digest,
        keepers=len(notice.sealing.seats),
        needed=notice.sealing.k,
        mattered=reading.when(mattered[-1].at, zone) if mattered else None,
        module=module,
        module_stated=log is not None and log.sealing_module == module,
        scripts=tuple(
            Script(asset.plain_href, asset.integrity, asset.sha256)
            for asset in (renderer.assets[name] for name in _SCRIPTS)
        ),
        qr=Markup(qr_svg(address, renderer.say("bidding.qr"))),  # noqa: S704 -- segno's own drawing, no text of others
        address=address,
        terms=json.dumps(
            {**terms_of(case, reading.door.store.origin, renderer.site.address), **passkeys_of(reading)},
            ensure_ascii=False,
        ),
        says=json.dumps(sentences(renderer, lambda key: f"bidding.says.{key}"), ensure_ascii=False),
        records=(record_of(case.published),),
    )


def sentences(renderer: Renderer, key: Callable[[str], str]) -> dict[str, str]:
    """A script's sentences by their short names, with their placeholders left in braces; `key` gives the whole name."""
    figures = {name: f"{{{name}}}" for name in _FIGURES}
    prefix, known = key(""), renderer.words.keys()
    names = sorted(each.removeprefix(prefix) for each in known if each.startswith(prefix))
    return {name: renderer.say(key(name), **figures) for name in names}


def fallback_of(reading: Reading, case: Case) -> str:
    """The label that bidders may open themselves now, because too few keepers did; '' for none."""
    if case.proposals_opened is None:
        return "proposal" if _failed(reading, case, "proposal") else ""
    return "offer" if case.offers_opened is None and _failed(reading, case, "offer") else ""


def _failed(reading: Reading, case: Case, label: Label) -> bool:
    until = latest(Library(reading.door.store, reading.connection), case, label)
    if until is not None and until > reading.at:
        reading.expires(until)
    in_time = until is None or reading.at < until
    return not in_time and len(case.released.get(label, {})) < case.notice.sealing.k


def passkeys_of(reading: Reading) -> dict[str, str]:
    """Where passkeys sign, as the record states it; empty while it states another address than this site's."""
    site = reading.door.renderer.site
    stated = fold_relying_party(reading.acts(LOG))
    here = stated is not None and site.address in stated.origins
    return {"rp_id": stated.rp_id if stated and here else "", "operator": site.operator}


def terms_of(case: Case, origin: str, address: str) -> dict[str, object]:
    """What a device needs to seal a bid on this notice, as the record has it."""
    notice = case.notice
    sealing = notice.sealing
    return {
        "address": address,
        "log": origin,
        "subject": case.id,
        "terms": case.terms,
        "k": sealing.k,
        "proposal": {"size": sealing.proposal_size, "keepers": [seat.proposal for seat in sealing.seats]},
        "offer": {"size": sealing.offer_size, "keepers": [seat.offer for seat in sealing.seats]},
        "requirements": [each.id for each in notice.requirements],
        "milestones": len(notice.milestones),
        "price_mode": notice.price_mode,
        "budget_minor": notice.budget_minor,
        "currency": notice.currency,
        "digits": exponent(notice.currency),
        "skills": list(notice.skills),
        "addenda": [act.leaf_hash for act in case.addenda],
        "closes": notice.closes,
    }
