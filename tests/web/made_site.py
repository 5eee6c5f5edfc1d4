"""A site over a log written act by act, asked without a network."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import httpx

from portal.app import compose
from portal.clock import SimulatedClock
from portal.commands.office import Office
from portal.web.cache import App, Message
from tests.projections.made_log import START, MadeLog, notice, whole_life

ADDRESS = "http://localhost:8000"
HTML = {"accept": "text/html,application/xhtml+xml"}


def ask(
    app: App, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | Iterable[bytes] = b""
) -> httpx.Response:
    """One request straight to the application, with the path exactly as written."""
    address, _, query = path.partition("?")
    pieces = iter([body] if isinstance(body, bytes) else body)
    sent: list[Message] = []

    async def receive() -> Message:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(address),
        "raw_path": address.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "server": ("localhost", 8000),
        "client": ("127.0.0.1", 50_000),
    }
    asyncio.run(app(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)


async def live_and_end(app: App) -> None:
    """Tell an application that the server has begun and that it ends."""
    told: Iterator[Message] = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    heard: list[str] = []

    async def receive() -> Message:
        return next(told)

    async def send(message: Message) -> None:
        heard.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert heard == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


class MadeSite:
    """An office, its log, and the application in front of them."""

    def __init__(self, folder: Path, *, filled: bool = True) -> None:
        self.clock = SimulatedClock(START)
        self.office = Office.create(
            folder, purpose="demo", operator_name="Operator", origin="test.example/log", clock=self.clock
        )
        self.log = MadeLog.over(self.office.store, self.office.operator)
        if filled:
            whole_life(self.log)
            self.log.act("opportunity:two", notice("Count parking spaces", plan=None))
        self.app = compose(self.office, ADDRESS)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask as a browser does."""
        return ask(
            self.app, "GET", path, {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
        )

    def head(self, path: str) -> httpx.Response:
        """Ask for the headers alone."""
        return ask(self.app, "HEAD", path, HTML)

    def at(self, days: float) -> datetime:
        """Move on to a moment of the notice's calendar."""
        moment = START + timedelta(days=days)
        self.clock.advance_to(moment)
        return moment

    def close(self) -> None:
        """End the application and let the database go."""
        asyncio.run(live_and_end(self.app))
        self.office.close()


@contextmanager
def made_site(folder: Path, *, filled: bool = True) -> Iterator[MadeSite]:
    """A site for the length of a test."""
    site = MadeSite(folder, filled=filled)
    try:
        yield site
    finally:
        site.close()
