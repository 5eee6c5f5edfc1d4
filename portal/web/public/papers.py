"""
Papers: the award notice as PDF.

A paper is printed once for each award, edition of the templates and paper size, and then kept: its proof is against the
snapshot that was latest at that moment, and stays true for ever.
"""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from ledger.proof import make_proof
from portal.procurement.case import Case
from portal.procurement.events.award import AwardMade
from portal.procurement.money import Money
from portal.projections.queries.parties import agency as agency_known
from portal.web.fresh import Fresh
from portal.web.papers import Paper
from portal.web.press import Key, Press
from portal.web.problems import Problem, missing
from portal.web.public.judged_parts import opened_bids, ranking_of, reasons_of
from portal.web.public.ledger import record_href
from portal.web.public.names import Names
from portal.web.public.opportunity import read_case
from portal.web.public.query import Query
from portal.web.public.routes import fresh_of
from portal.web.reading import Door, Reading
from portal.web.views.notice import AwardNotice

SIZES: Final[tuple[Paper, ...]] = ("a4", "letter")
_LETTER_CURRENCIES = {"USD", "CAD"}


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


def read_award(door: Door, fresh: Fresh, name: str, wanted: str) -> tuple[Key, AwardNotice]:
    """What the notice prints, and the name under which it is kept; no page before the award."""
    with door.reading(fresh) as reading:
        case = read_case(reading, name)
        if case.awarded is None or not isinstance(case.awarded.body, AwardMade):
            raise missing()
        view = award_notice(reading, case, case.awarded.body)
        return (case.awarded.leaf_hash, door.renderer.version, size_of(case, wanted)), view


def size_of(case: Case, wanted: str) -> Paper:
    """The sheet that was asked for, else the usual one where this money is spent."""
    usual: Paper = "letter" if case.notice.currency in _LETTER_CURRENCIES else "a4"
    return usual if not wanted else "letter" if wanted == "letter" else "a4"


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
        receipt=proof_now(reading, awarded.index, entry),
    )


def proof_now(reading: Reading, index: int, entry: bytes) -> bytes:
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
