"""
Two doors in one application: the public one, which knows no cookies, and the desk.

Both are applications of their own with a beginning and an end; the server tells this one, and this one tells both.
"""

import asyncio
from typing import Final

from portal.web.cache import App, Message, Receive, Scope, Send

BEHIND: Final = ("/desk", "/demo")


class TwoDoors:
    """The desk behind `/desk` (and `/demo`, in demos); everything else is public."""

    def __init__(self, public: App, desk: App) -> None:
        self._public = public
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the door the address leads to."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        path: str = scope["path"]
        behind = path in BEHIND or path.startswith(tuple(f"{name}/" for name in BEHIND))
        await (self._desk if behind else self._public)(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin and end both; what the server hears is the answer of the one that fails, else of the last."""
        lives = [_Life(app, scope) for app in (self._public, self._desk)]
        while True:
            message = await receive()
            answers = [await life.tell(message) for life in lives]
            failed = [answer for answer in answers if answer["type"].endswith(".failed")]
            await send((failed or answers)[-1])
            if failed or message["type"] == "lifespan.shutdown":
                for life in lives:
                    life.task.cancel()
                await asyncio.wait([life.task for life in lives])
                return


class _Life:
    """One application's beginning and end, told message by message."""

    def __init__(self, app: App, scope: Scope) -> None:
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self.task = asyncio.ensure_future(self._run(app, scope))

    async def tell(self, message: Message) -> Message:
        """Pass a message on and wait for its answer."""
        await self._told.put(message)
        return await self._heard.get()

    async def _run(self, app: App, scope: Scope) -> None:
        await app({**scope}, self._told.get, self._heard.put)
