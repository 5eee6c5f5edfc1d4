"""
`POST /api/bids`, `/api/questions` and `/api/firms`: a signed statement as JSON, and the sealed envelopes in base64.

    {"signed": {"signatures": [...], "statement": {...}}, "proposal": "<base64>", "offer": "<base64>"}

The answer is 201 with the record's number, its hashes and the log's signed receipt, or a problem (RFC 9457) that says which
rule refused, with which figures, and what to do now. The same statement again is answered with its entry (200) and changes
nothing: a device on a slow line may send until it has heard.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from ledger import canonical
from ledger.entry import Signed, format_time, parse_signed, verify_signed
from portal.commands.office import Office
from portal.commands.perform import Done, party_for, perform
from portal.commands.submit_bid import submit_bid, withdraw_bid
from portal.procurement.act import read_act
from portal.procurement.refusal import Refusal
from portal.web.api.limits import Limits
from portal.web.problems import Problem
from portal.web.public.ledger import record_href

LIMIT: Final = 1_000_000
"""Bytes of a body: two envelopes of the largest pinned size in base64 are well below."""

_SEALING = {"bid-sealed", "bid-replaced"}
_BY_BID_KEY = {"bid-confirmed", "objection-filed", "content-key-published"}


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request. The envelopes are there for a bid and a replacement, and only for them."""

    signed: dict[str, Any]
    proposal: str = ""
    offer: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an act. `receipt` is the log's signed promise; keep it beside the bid's own receipt file."""

    index: int
    at: str
    leaf_hash: str
    statement_hash: str
    record: str
    receipt: str


def act_routes(office: Office, limits: Limits | None = None) -> list[HTTPRouteHandler]:
    """The handlers; acts wait for their commit in a thread of their own."""
    counted = limits or Limits()

    def taking(path: str, deed: str, act: Callable[[Office, Posted], Done]) -> HTTPRouteHandler:
        async def take(request: Request[Any, Any, Any]) -> Response[bytes]:
            counted.take(request.client.host if request.client else "")
            posted = read_posted(await bounded(request))
            before = await asyncio.to_thread(recorded, office, signed_of(posted.signed))
            if before is not None:
                return accepted(office, before, 200)
            return accepted(office, await asyncio.to_thread(act, office, posted), 201)

        return post(path, status_code=201, opt={"deed": deed})(take)

    return [
        taking("/api/bids", "api:bids", perform_bid),
        taking("/api/questions", "api:questions", perform_question),
        taking("/api/firms", "firm-registered", perform_firm),
    ]


def recorded(office: Office, signed: Signed) -> Done | None:
    """The entry of this very statement, when the record has it already."""
    verified = verify_signed(signed, party_for(office, signed))
    with office.store.reading() as connection:
        index = office.store.index_of_statement(connection, verified.hash)
        if index is None:
            return None
        entry = office.store.entry(connection, index)
    return Done(read_act(entry), entry)


def read_posted(data: bytes) -> Posted:
    """
    Read a body, strictly.

    Raises:
        Problem: `body-malformed` with the place and what was expected there.
    """
    try:
        return msgspec.json.decode(data, type=Posted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("body-malformed", 400, kind="request", where=str(error)) from error


def perform_bid(office: Office, posted: Posted) -> Done:
    """Submit, replace, withdraw or confirm a bid, object to the list, or open one's own bid."""
    signed = signed_of(posted.signed)
    kind = signed.statement.kind
    if kind in _SEALING:
        return submit_bid(office, signed, _envelope(posted.proposal, "proposal"), _envelope(posted.offer, "offer"))
    if posted.proposal or posted.offer:
        raise Problem("body-malformed", 400, kind=kind, where="only a sealed bid has envelopes")
    if kind == "bid-withdrawn":
        return withdraw_bid(office, signed)
    if kind in _BY_BID_KEY:
        return perform(office, signed)
    raise Refusal("kind-unexpected", {"kind": kind})


def perform_question(office: Office, posted: Posted) -> Done:
    """Ask a question in public."""
    signed = signed_of(posted.signed)
    if posted.proposal or posted.offer:
        raise Problem("body-malformed", 400, kind=signed.statement.kind, where="a question has no envelopes")
    if signed.statement.kind != "question-asked":
        raise Refusal("kind-unexpected", {"kind": signed.statement.kind})
    return perform(office, signed)


def perform_firm(office: Office, posted: Posted) -> Done:
    """Register a firm by a key that its own device made."""
    signed = signed_of(posted.signed)
    if posted.proposal or posted.offer:
        raise Problem("body-malformed", 400, kind=signed.statement.kind, where="a registration has no envelopes")
    if signed.statement.kind != "firm-registered":
        raise Refusal("kind-unexpected", {"kind": signed.statement.kind})
    return perform(office, signed)


def signed_of(signed: dict[str, Any]) -> Signed:
    """The statement in its one spelling: the signature decides whether it is the one that was signed."""
    return parse_signed(canonical.encode(signed))


def _envelope(text: str, label: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Problem("body-malformed", 400, kind="request", where=f"`{label}` is not base64") from error


def accepted(office: Office, done: Done, status: int) -> Response[bytes]:
    """The answer that tells what became of an act."""
    href = record_href(done.index)
    answer = Accepted(
        index=done.index,
        at=format_time(done.act.at),
        leaf_hash=done.act.leaf_hash,
        statement_hash=done.act.statement_hash,
        record=href,
        receipt=office.receipt(done).decode(),
    )
    headers = {"location": href, "cache-control": "no-store"}
    return Response(msgspec.json.encode(answer), status_code=status, media_type="application/json", headers=headers)


async def bounded(request: Request[Any, Any, Any]) -> bytes:
    """The body, read in pieces; `body-too-large` at the first byte too many."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > LIMIT:
            raise Problem("body-too-large", 413, limit=LIMIT)
        pieces.append(piece)
    return b"".join(pieces)
