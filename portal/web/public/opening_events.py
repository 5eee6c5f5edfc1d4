"""
The events of an opening (server-sent events): "something moved", "still here", and nothing else.

1. An event carries no words: the page is fetched again and says it, so that it is said in one place. Whoever cannot follow
   loads the page.
2. Nothing is stored, nobody is known: no cookie, `no-store`, and a bound on how many follow at once, in all and from one
   address. One look at the record serves everybody who follows the same pilot.
3. A stream ends when the opening is over (204 to whoever asks again, which tells a browser to stop), after ten minutes (a
   browser comes back by itself), when its reader is gone, and when the server is told to stop.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from portal.web.cache import App, Message, Receive, Scope, Send
from portal.web.fresh import Fresh
from portal.web.headers import SECURITY
from portal.web.problems import Problem
from portal.web.public.opening import opening_page
from portal.web.reading import Door
from portal.web.versions import Versions

STOPPING: Final = "daylight.stopping"
"""In the server's state: an `asyncio.Event` that is set when the server is told to stop."""

MOST: Final = 500
MOST_FROM_ONE: Final = 20
BEAT: Final = 15
LAST: Final = 600
"""Ticks between two signs of life, and ticks after which a stream ends."""

_PATH: Final = re.compile(r"/opportunities/([a-z0-9][a-z0-9-]{0,79})/opening/events")
_ALWAYS: Final = [(name.encode(), value.encode()) for name, value in SECURITY.items()]
_STREAM: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    *_ALWAYS,
]
Tick = Callable[[], Awaitable[None]]


async def one_second() -> None:
    """Wait for the next look at the record."""
    await asyncio.sleep(1)


class _State:
    """What is known of one pilot's opening: what the page depends on, its tag, and whether it is over."""

    def __init__(self, fresh: Fresh, tag: str, *, over: bool) -> None:
        self.fresh = fresh
        self.tag = tag
        self.over = over


class OpeningEvents:
    """An ASGI application for the events in front of another for everything else."""

    def __init__(self, app: App, door: Door, versions: Versions, tick: Tick = one_second) -> None:
        """Take what the pages are made from; `tick` waits until the record is looked at again."""
        self._app = app
        self._door = door
        self._versions = versions
        self._tick = tick
        self._known: dict[str, _State] = {}
        self._following: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream, or pass on."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        state = self._look(found[1])
        if state is None:
            await self._app(scope, receive, send)  # there is no such pilot, and the router says so
        elif state.over:
            await _answer(send, 204)
        elif not self._may_follow(scope):
            await _answer(send, 503, (b"retry-after", b"30"))
        else:
            await self._follow(found[1], state, scope, receive, send)

    def _may_follow(self, scope: Scope) -> bool:
        return self._following.total() < MOST and self._following[_address(scope)] < MOST_FROM_ONE

    async def _follow(self, name: str, state: _State, scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope)
        self._following[address] += 1
        ended: list[asyncio.Future[Any]] = [asyncio.ensure_future(_gone(receive))]
        stopping = scope.get("state", {}).get(STOPPING)
        if stopping is not None:
            ended.append(asyncio.ensure_future(stopping.wait()))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
            await _say(send, f"retry: 3000\nid: {state.tag}\n\n")
            await self._tell(name, state, send, ended)
        finally:
            self._following[address] -= 1
            self._following += Counter()  # forget whoever follows nothing any more
            for each in ended:
                each.cancel()

    async def _tell(self, name: str, state: _State, send: Send, ended: "list[asyncio.Future[Any]]") -> None:
        """Tell every move until the end, and now and then that the line is alive."""
        for number in range(1, LAST + 1):
            tick = asyncio.ensure_future(self._tick())
            await asyncio.wait([tick, *ended], return_when=asyncio.FIRST_COMPLETED)
            if any(each.done() for each in ended):
                tick.cancel()
                break
            after = self._look(name)
            if after is not None and after.tag != state.tag:
                state = after
                await _say(send, f"id: {state.tag}\nevent: moved\ndata: \n\n")
            elif number % BEAT == 0:
                await _say(send, "event: here\ndata: \n\n")
            if state.over:
                break
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _look(self, name: str) -> _State | None:
        """How the opening stands now; made anew only when the page would be another."""
        self._versions.look()
        known = self._known.get(name)
        if known is not None and self._holds(known.fresh):
            return known
        fresh = Fresh()
        try:
            with self._door.reading(fresh) as reading:
                over = opening_page(reading, name).over
        except Problem:
            return None
        if len(self._known) > MOST:
            self._known.clear()
        self._known[name] = _State(fresh, fresh.tag(self._door.renderer.version, name.encode()).strip('W/"'), over=over)
        return self._known[name]

    def _holds(self, fresh: Fresh) -> bool:
        return self._versions.hold(fresh.subjects) and (fresh.until is None or self._door.clock.now() < fresh.until)


async def _gone(receive: Receive) -> None:
    """Wait until the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def _say(send: Send, text: str) -> None:
    message: Message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
    await send(message)


async def _answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    told = [(b"cache-control", b"no-store"), *headers, *_ALWAYS]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": b""})


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
