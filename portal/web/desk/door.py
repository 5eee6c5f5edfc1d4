"""
The desk's own middleware: session, origin check, headers. Written here because Litestar's sessions accept any id a visitor
brings and keep it through sign-in (stack.md, trap 1).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from portal.clock import Clock
from portal.identity.sessions import Session, find_session, keep_alive, open_session
from portal.identity.tables import Tables

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SESSION = "daylight_session"
SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)"),
)


class DeskDoor:
    """
    Opens a session for whoever comes, refuses what comes from elsewhere, and sets the cookie when the session changes.

    `plain` allows a cookie without `Secure` and `__Host-`: in demos, and on http://localhost, which never leaves the
    machine (`cookies_are_plain` decides). A demo is also shown under other names of its machine; everything else answers
    forms from its own public address only.
    """

    def __init__(self, app: App, tables: Tables, clock: Clock, address: str, *, plain: bool, demo: bool) -> None:
        self._app = app
        self._tables = tables
        self._clock = clock
        self._origin = address
        self._demo = demo
        self._cookie = "daylight-demo" if plain and demo else "daylight-local" if plain else "__Host-daylight"
        self._attributes = "Path=/; HttpOnly; SameSite=Lax" + ("" if plain else "; Secure")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in SAFE and not self._same_origin(headers):
            await _refuse(send)
            return
        session = self._session(headers)
        scope[SESSION] = session

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [(k, v) for k, v in message["headers"] if k not in {name for name, _ in HEADERS}]
                now: Session = scope[SESSION]
                if now.id != headers_id(headers, self._cookie):
                    kept.append((b"set-cookie", f"{self._cookie}={now.id}; {self._attributes}".encode("ascii")))
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        await self._app(scope, receive, answer)

    def _session(self, headers: dict[str, str]) -> Session:
        now = self._clock.now()
        given = headers_id(headers, self._cookie)
        if given:
            with self._tables.writing() as rows:
                found = find_session(rows, given, now)
                if found is not None:
                    keep_alive(rows, found, now)
                    return found
        with self._tables.writing() as rows:
            return open_session(rows, now)

    def _same_origin(self, headers: dict[str, str]) -> bool:
        """Whether a request that changes something comes from our own pages: browsers say so twice."""
        site = headers.get("sec-fetch-site", "same-origin")
        origin = headers.get("origin", "")
        ours = origin in {"", self._origin} or (self._demo and _same_host(origin, headers.get("host", "")))
        return site == "same-origin" and ours


def headers_id(headers: dict[str, str], cookie: str) -> str:
    """The session id that the browser brought; empty when there is none, or the header is broken."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(cookie)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _same_host(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc == host


async def _refuse(send: Send) -> None:
    body = b'{"reason":"origin-other","detail":"This form was sent from another site."}'
    head = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": 403, "headers": [*head, *HEADERS]})
    await send({"type": "http.response.body", "body": body})
