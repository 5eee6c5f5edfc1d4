"""
`/api/keeper/…`: what `daylight keeper` asks of a portal. No account and no cookie: a keeper's signature is her authority.

    POST /api/keeper/drills     {"keeper", "keys"}                       a share for each key, to be opened
    POST /api/keeper/packs      {"signed", "nonce", "at", "answers"}     registers the keys; the operator signs as a witness
    POST /api/keeper/envelopes  {"asked", "key", "signature"}            the bytes of one listed envelope, for seated keepers
    POST /api/keeper/supplies/NAME   bytes                               puts back a listed envelope that the portal has lost
    POST /api/keeper/acts       {"signed"}                               a released key, or the confirmation of an opening

What keeps her from trusting the answers is on her side: she reads the record itself, from `/log/`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from ledger.entry import parse_time
from ledger.errors import MalformedError
from ledger.keys import decode_base64
from portal.commands.hand_out_envelope import hand_out_envelope
from portal.commands.office import Office
from portal.commands.perform import perform
from portal.commands.register_pack import register_pack, start_drill
from portal.commands.submit_bid import supply_envelope
from portal.procurement.drills import Asked
from portal.procurement.events import Instant
from portal.procurement.events.party import PackKey
from portal.procurement.refusal import Refusal
from portal.web.api.acts import accepted, bounded, recorded, signed_of
from portal.web.api.limits import Limits
from portal.web.problems import Problem

BYTES: Final = "application/octet-stream"
JSON: Final = "application/json"
FETCHES: Final = 600
FETCHES_PER_SECOND: Final = 10.0
"""A keeper fetches two envelopes of each bid, one after the other, and again when the line broke."""

MOST_KEYS: Final = 100
_ACTS: Final = {"keeper-key-released", "opening-confirmed"}
_FRESH: Final = {"cache-control": "no-store"}
Shape = TypeVar("Shape", bound=msgspec.Struct)


class DrillAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `drills`."""

    keeper: str
    keys: list[PackKey]


class DrillGiven(msgspec.Struct, frozen=True):
    """The answer of `drills`; `nonce` and `at` are sent back with the answers."""

    nonce: str
    at: str
    shares: list[bytes]


class PackPosted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `packs`; `answers` are what the shares held, in their order."""

    signed: dict[str, Any]
    nonce: str
    at: Instant
    answers: list[str]


class EnvelopeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `envelopes`: what is asked for, and the keeper's signature on it in base64."""

    asked: Asked
    key: str
    signature: str


class ActPosted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `acts`."""

    signed: dict[str, Any]


def keeper_routes(
    office: Office, limits: Limits | None = None, fetches: Limits | None = None
) -> list[HTTPRouteHandler]:
    """The handlers; `limits` count what is signed or drilled, `fetches` what is fetched."""
    counted = limits or Limits()
    fetched = fetches or Limits(FETCHES, FETCHES_PER_SECOND)

    def taking(
        path: str, bucket: Limits, act: Callable[[Office, Request[Any, Any, Any], bytes], Response[bytes]]
    ) -> HTTPRouteHandler:
        async def take(request: Request[Any, Any, Any]) -> Response[bytes]:
            bucket.take(request.client.host if request.client else "")
            return await _apart(act, office, request, await bounded(request))

        return post(path, status_code=200, opt={"deed": "api:keepers"})(take)

    return [
        taking("/api/keeper/drills", counted, _drill),
        taking("/api/keeper/packs", counted, _pack),
        taking("/api/keeper/envelopes", fetched, _envelope),
        taking("/api/keeper/supplies/{name:str}", fetched, _supply),
        taking("/api/keeper/acts", counted, _act),
    ]


def _apart(work: Callable[..., Response[bytes]], *given: object) -> Awaitable[Response[bytes]]:
    """Run in a thread of its own: these wait for the disk."""
    return asyncio.to_thread(work, *given)


def read_as(data: bytes, shape: type[Shape]) -> Shape:
    """
    Read a body, strictly.

    Raises:
        Problem: `body-malformed` with the place and what was expected there.
    """
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("body-malformed", 400, kind="request", where=str(error)) from error


def _drill(office: Office, _request: Request[Any, Any, Any], data: bytes) -> Response[bytes]:
    posted = read_as(data, DrillAsked)
    if not 0 < len(posted.keys) <= MOST_KEYS:
        raise Problem("body-malformed", 400, kind="request", where=f"{len(posted.keys)} keys")
    drill = start_drill(office, posted.keeper, posted.keys)
    return _json(DrillGiven(drill.nonce, drill.at, drill.shares))


def _pack(office: Office, _request: Request[Any, Any, Any], data: bytes) -> Response[bytes]:
    posted = read_as(data, PackPosted)
    answers = [_bytes(answer, "answers") for answer in posted.answers]
    try:
        parse_time(posted.at)
    except MalformedError as error:
        raise Problem("body-malformed", 400, kind="request", where="`at`") from error
    done = register_pack(office, signed_of(posted.signed), posted.nonce, posted.at, answers)
    return accepted(office, done, 201)


def _envelope(office: Office, _request: Request[Any, Any, Any], data: bytes) -> Response[bytes]:
    posted = read_as(data, EnvelopeAsked)
    envelope = hand_out_envelope(office, posted.asked, posted.key, _bytes(posted.signature, "signature"))
    return Response(envelope, media_type=BYTES, headers=_FRESH)


def _supply(office: Office, request: Request[Any, Any, Any], data: bytes) -> Response[bytes]:
    supply_envelope(office, f"opportunity:{request.path_params['name']}", data)
    return Response(b"", status_code=204, media_type=BYTES, headers=_FRESH)


def _act(office: Office, _request: Request[Any, Any, Any], data: bytes) -> Response[bytes]:
    """The same statement again is answered with its entry and changes nothing."""
    signed = signed_of(read_as(data, ActPosted).signed)
    if signed.statement.kind not in _ACTS:
        raise Refusal("kind-unexpected", {"kind": signed.statement.kind})
    before = recorded(office, signed)
    return accepted(office, before, 200) if before else accepted(office, perform(office, signed), 201)


def _json(answer: msgspec.Struct) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), media_type=JSON, headers=_FRESH)


def _bytes(text: str, where: str) -> bytes:
    try:
        return decode_base64(text, None, "body-malformed")
    except MalformedError as error:
        raise Problem("body-malformed", 400, kind="request", where=f"`{where}` is not base64") from error
