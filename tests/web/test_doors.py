"""Two doors: each address leads through one of them, and both begin and end with the server."""

import asyncio

import pytest

from portal.web.cache import Message, Receive, Scope, Send
from portal.web.doors import TwoDoors
from tests.web.made_site import ask


class Room:
    """An application that says its name and remembers its life."""

    def __init__(self, name: str, fails_at: str = "") -> None:
        self.name = name
        self.fails_at = fails_at
        self.lived: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": self.name.encode()})
            return
        while True:
            told = (await receive())["type"]
            self.lived.append(told)
            failed = told == self.fails_at
            await send({"type": f"{told}.failed" if failed else f"{told}.complete", "message": self.name})
            if failed or told == "lifespan.shutdown":
                return


def live(app: TwoDoors) -> list[Message]:
    told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    heard: list[Message] = []

    async def receive() -> Message:
        return next(told)

    async def send(message: Message) -> None:
        heard.append(message)

    asyncio.run(asyncio.wait_for(app({"type": "lifespan"}, receive, send), 10))
    return heard


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("/", "public"),
        ("/desk", "desk"),
        ("/desk/sign-in", "desk"),
        ("/demo", "desk"),
        ("/demo/people", "desk"),
        ("/desks", "public"),
        ("/demonstration", "public"),
        ("/opportunities/desk/", "public"),
    ],
)
def test_each_address_leads_through_one_door(path: str, room: str) -> None:
    assert ask(TwoDoors(Room("public"), Room("desk")), "GET", path).text == room


def test_both_begin_and_end_with_the_server() -> None:
    public, desk = Room("public"), Room("desk")
    heard = live(TwoDoors(public, desk))
    assert [message["type"] for message in heard] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert public.lived == desk.lived == ["lifespan.startup", "lifespan.shutdown"]


@pytest.mark.parametrize("which", ["public", "desk"])
def test_a_door_that_cannot_open_is_told_to_the_server(which: str) -> None:
    rooms = [Room(name, fails_at="lifespan.startup" if name == which else "") for name in ("public", "desk")]
    (heard,) = live(TwoDoors(*rooms))
    assert (heard["type"], heard["message"]) == ("lifespan.startup.failed", which)
