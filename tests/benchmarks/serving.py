"""
A server with three addresses that `pages` compares: the portal's, `/bare` and `/cpu`.

It prints its port when it listens. `/bare` answers as many bytes as the list of pilots, from a constant; `/cpu` tells the
CPU time that this process has used so far.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

from portal.app import compose
from portal.clock import SimulatedClock
from portal.commands.office import Office
from tests.portal.town import START

LISTED = "/opportunities"


def answer(body: bytes, headers: list[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
    """Make the two messages of an answer."""
    return [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [*headers, (b"content-length", str(len(body)).encode())],
        },
        {"type": "http.response.body", "body": body},
    ]


async def body_of(app: Any, path: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Ask an application for a page without a server."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope_of(path), receive, send)
    return b"".join(message.get("body", b"") for message in sent), list(sent[0]["headers"])


def scope_of(path: str) -> dict[str, Any]:
    """Make the scope of a plain GET."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def main() -> None:
    """Serve until the process is ended."""
    app = compose(Office.open(Path(sys.argv[1]), SimulatedClock(START)), "http://localhost:8000")
    body, headers = asyncio.run(body_of(app, LISTED))
    kept = [pair for pair in headers if pair[0] != b"content-length"]
    bare = answer(body, kept)

    async def front(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"] == "/bare":
            for message in bare:
                await send(message)
        elif scope["path"] == "/cpu":
            for message in answer(repr(time.process_time()).encode(), []):
                await send(message)
        else:
            await app(scope, receive, send)

    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer waits 40 ms for the client.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        front, lifespan="off", access_log=False, log_level="warning", server_header=False, timeout_keep_alive=300
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
