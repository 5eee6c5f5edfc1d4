"""What the devices' pages ask and answer: options out, a device's answer in, always with the session's own token."""

from typing import Any

from litestar import Request, Response

from portal.identity.challenges import Purpose, draw_challenge
from portal.identity.passkeys import creation_options, request_options
from portal.web.desk.desk import Desk, session_of

JSON = "application/json"


def asked(
    desk: Desk, request: Request[Any, Any, Any], purpose: Purpose, *, about: str = "", **more: Any
) -> dict[str, Any]:
    """
    One question to a device: `{purpose, publicKey}`. The page hashes purpose and challenge together before it asks.

    Args:
        about: What the challenge is about, given back when it is answered.
        more: For new credentials `name`, `act` and `known`; else `allowed`.
    """
    with desk.tables.writing() as rows:
        drawn = draw_challenge(rows, purpose, session_of(request), desk.office.clock.now(), about)
    if "allowed" in more:
        options = request_options(desk.address, drawn, more["allowed"])
    else:
        options = creation_options(desk.address, desk.door.renderer.site.operator, more.pop("name"), drawn, **more)
    return {"purpose": purpose, "publicKey": options}


def told(**values: Any) -> Response[dict[str, Any]]:
    """An answer for the page's script."""
    return Response(values, media_type=JSON)


def went(location: str) -> Response[dict[str, Any]]:
    """Tell the page's script where to go on."""
    return told(location=location)


def address_of(request: Request[Any, Any, Any]) -> str:
    """The network address that asks; uvicorn takes it from the front server when that one is on this machine."""
    return request.client.host if request.client else ""
