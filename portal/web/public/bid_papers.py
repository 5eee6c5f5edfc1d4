"""What a bidder can read and print of her bid: how it was judged, and a receipt that holds no secret."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from portal.procurement.case import bid_key
from portal.web.papers import Printable
from portal.web.press import Key, Press
from portal.web.problems import HTML, missing
from portal.web.public.judged_bid import judged_page
from portal.web.public.ledger import record_href
from portal.web.public.names import Names
from portal.web.public.opportunity import read_case
from portal.web.public.papers import SIZES, proof_now, size_of
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading
from portal.web.views.bidding import JudgedPaper, ReceiptPaper

_KINDS = {"bid-sealed", "bid-replaced", "bid-withdrawn", "bid-confirmed"}


def bid_paper_routes(door: Door, press: Press) -> list[HTTPRouteHandler]:
    """The handlers."""

    def show_judged(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            view = judged_page(reading, request.path_params["name"], request.path_params["bid"])
        return Response(door.renderer.page(view), media_type=HTML)

    async def print_judged(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            key, view = read_judged(reading, request)
        return await _pdf(press, key, view, "judged")

    async def print_receipt(request: Request[Any, Any, Any]) -> Response[bytes]:
        with door.reading(fresh_of(request)) as reading:
            key, view = read_receipt(reading, request)
        return await _pdf(press, key, view, f"receipt-{view.index}")

    return [
        get("/opportunities/{name:str}/bids/{bid:str}", sync_to_thread=False)(show_judged),
        get("/opportunities/{name:str}/bids/{bid:str}/judged.pdf")(print_judged),
        get("/opportunities/{name:str}/receipt.pdf")(print_receipt),
    ]


def read_judged(reading: Reading, request: Request[Any, Any, Any]) -> tuple[Key, JudgedPaper]:
    """The paper on one bid. Its record is the latest that it rests on: the choice, or the ranking before it."""
    name, bid = request.path_params["name"], request.path_params["bid"]
    case = read_case(reading, name)
    view = judged_page(reading, name, bid)
    act = case.chosen or case.ranking
    if act is None:
        raise missing()
    entry = reading.door.store.entry(reading.connection, act.index)
    paper = JudgedPaper(
        path=view.path,
        title=case.notice.title,
        agency=view.agency.text,
        dated=reading.when(act.at, Names(reading).zone(case.notice.agency)),
        index=act.index,
        fingerprint=act.leaf_hash,
        entry=entry,
        receipt=proof_now(reading, act.index, entry),
        judged=view,
    )
    size = size_of(case, Query(request.query_params).choice("paper", SIZES))
    return (f"{act.leaf_hash} {bid}", reading.door.renderer.version, size), paper


def read_receipt(reading: Reading, request: Request[Any, Any, Any]) -> tuple[Key, ReceiptPaper]:
    """The receipt of one act by a bid's own key; no page for any other record."""
    query = Query(request.query_params)
    case = read_case(reading, request.path_params["name"])
    index = query.number("entry")
    act = next((each for each in case.acts if each.index == index and each.kind in _KINDS), None)
    if act is None:
        raise missing()
    names = Names(reading)
    zone = names.zone(case.notice.agency)
    entry = reading.door.store.entry(reading.connection, act.index)
    paper = ReceiptPaper(
        path=record_href(act.index),
        title=case.notice.title,
        agency=names.agency(case.notice.agency).text,
        dated=reading.when(act.at, zone),
        index=act.index,
        fingerprint=act.leaf_hash,
        entry=entry,
        receipt=proof_now(reading, act.index, entry),
        kind=act.kind,
        bid=bid_key(act.author),
        statement=act.statement_hash,
        closes=reading.when(case.closes, zone),
        opens=reading.when(case.opens_by, zone),
    )
    return (act.leaf_hash, reading.door.renderer.version, size_of(case, query.choice("paper", SIZES))), paper


async def _pdf(press: Press, key: Key, view: Printable, name: str) -> Response[bytes]:
    pdf = press.find(key) or await press.make(key, view)
    disposition = f'inline; filename="{name}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"content-disposition": disposition})
