"""
Papers: the award notice as PDF.

Printing takes a tenth of a second of CPU and more, so it happens in processes of its own, started with the first paper. A
paper is printed once for each award, edition of the templates and paper size, and then kept: its proof is against the
snapshot that was latest at that moment, and stays true for ever.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Final, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from ledger.proof import make_proof
from portal.documents.pdf import PaperError
from portal.procurement.case import Case
from portal.procurement.events.award import AwardMade
from portal.procurement.money import Money
from portal.projections.queries.parties import agency as agency_known
from portal.web.fresh import Fresh
from portal.web.problems import Problem, missing
from portal.web.public.judged_parts import opened_bids, ranking_of, reasons_of
from portal.web.public.ledger import record_href
from portal.web.public.names import Names
from portal.web.public.opportunity import read_case
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading
from portal.web.render import Renderer
from portal.web.views.frame import Site
from portal.web.views.notice import AwardNotice

PaperSize = Literal["a4", "letter"]
SIZES: Final[tuple[PaperSize, ...]] = ("a4", "letter")
KEPT: Final = 64
_LETTER_CURRENCIES = {"USD", "CAD"}
_Key = tuple[str, str, PaperSize]

_worker: list[Renderer] = []


def start_worker(site: Site) -> None:
    """Make the one renderer of a printing process."""
    _worker[:] = [Renderer(site)]


def print_in_worker(view: AwardNotice, size: PaperSize) -> bytes | None:
    """Print a notice; runs in a printing process. None where that machine lacks the libraries."""
    from portal.documents.award_notice import print_award_notice  # noqa: PLC0415 -- loaded where papers are printed

    try:
        return print_award_notice(_worker[0], view, size).pdf
    except PaperError:
        return None


class Press:
    """The printing processes of one server, and what they have printed."""

    def __init__(self, site: Site, workers: int = 1) -> None:
        self._site = site
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._printed: OrderedDict[_Key, bytes] = OrderedDict()

    def find(self, key: _Key) -> bytes | None:
        """A paper that was printed before."""
        return self._printed.get(key)

    async def make(self, key: _Key, view: AwardNotice) -> bytes:
        """
        Print a paper and keep it.

        Raises:
            Problem: `pdf-unavailable` when this server cannot print.
        """
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=get_context("spawn"), initializer=start_worker, initargs=(self._site,)
            )
        try:
            pdf = await asyncio.get_running_loop().run_in_executor(self._pool, print_in_worker, view, key[2])
        except BrokenProcessPool as error:
            self._pool = None
            raise Problem("pdf-unavailable", 503) from error
        if pdf is None:
            raise Problem("pdf-unavailable", 503)
        self._printed[key] = pdf
        if len(self._printed) > KEPT:
            self._printed.popitem(last=False)
        return pdf

    def close(self) -> None:
        """End the printing processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def paper_routes(door: Door, press: Press) -> list[HTTPRouteHandler]:
    """The handlers of papers."""

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        name: str = request.path_params["name"]
        wanted: str = Query(request.query_params).choice("paper", SIZES)
        fresh = fresh_of(request)
        key, view = read_award(door, fresh, name, wanted)
        pdf = press.find(key) or await press.make(key, view)
        disposition = f'inline; filename="award-{name}.pdf"'
        return Response(pdf, media_type="application/pdf", headers={"content-disposition": disposition})

    return [get("/opportunities/{name:str}/award.pdf")(show)]


def read_award(door: Door, fresh: Fresh, name: str, wanted: str) -> tuple[_Key, AwardNotice]:
    """What the notice prints, and the name under which it is kept; no page before the award."""
    with door.reading(fresh) as reading:
        case = read_case(reading, name)
        if case.awarded is None or not isinstance(case.awarded.body, AwardMade):
            raise missing()
        view = award_notice(reading, case, case.awarded.body)
        usual: PaperSize = "letter" if case.notice.currency in _LETTER_CURRENCIES else "a4"
        size: PaperSize = usual if not wanted else "letter" if wanted == "letter" else "a4"
        return (case.awarded.leaf_hash, door.renderer.version, size), view


def award_notice(reading: Reading, case: Case, made: AwardMade) -> AwardNotice:
    """The view of the award notice; `receipt-waiting` until a snapshot covers the award."""
    awarded = case.awarded
    if awarded is None:
        raise missing()
    names, notice = Names(reading), case.notice
    zone = names.zone(notice.agency)
    agency = agency_known(reading.shelf, notice.agency)
    ranking = ranking_of(case, names)
    entry = reading.door.store.entry(reading.connection, awarded.index)
    return AwardNotice(
        path=record_href(awarded.index),
        title=notice.title,
        summary=notice.summary,
        agency=names.agency(notice.agency).text,
        agency_contact=agency.contact if agency else "",
        place=notice.place_name,
        firm=names.firm(made.firm).text,
        amount=Money(made.amount_minor, made.currency),
        tax=notice.tax,
        awarded=reading.when(awarded.at, zone),
        published=reading.when(case.published.at, zone),
        closed=reading.when(case.closes, zone),
        words=made.words,
        bids=sum(1 for _, body in opened_bids(case) if body.status == "valid"),
        ranking=ranking.rows if ranking else (),
        reasons=reasons_of(case, names),
        index=awarded.index,
        fingerprint=awarded.leaf_hash,
        entry=entry,
        receipt=_receipt(reading, awarded.index, entry),
    )


def _receipt(reading: Reading, index: int, entry: bytes) -> bytes:
    """
    The proof against the latest snapshot.

    The paper does not follow the checkpoint once it is printed: a proof that was true stays true.
    """
    followed = reading.fresh.checkpoint
    checkpoint = reading.checkpoint()
    reading.fresh.checkpoint = followed
    if checkpoint is None or index >= checkpoint.size:
        raise Problem("receipt-waiting", 404, index=index)
    hashes = reading.door.store.inclusion_proof(reading.connection, index, checkpoint.size)
    return make_proof(index, entry, hashes, checkpoint.note)
