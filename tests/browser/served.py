"""A site served over HTTP on a free port of this machine, for the length of a test."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from portal.web.cache import App
from portal.web.public.opening_events import STOPPING


class Server(uvicorn.Server):
    """uvicorn, as `portal.cli.serving` runs it: whoever follows an opening is told of the end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[STOPPING] = asyncio.Event()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[STOPPING].set()
        await super().shutdown(sockets)


@contextmanager
def served(make: Callable[[str], App]) -> Iterator[str]:
    """Serve what `make` builds for its own address; gives that address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    address = f"http://localhost:{listener.getsockname()[1]}"
    config = uvicorn.Config(make(address), log_level="warning", access_log=False, lifespan="on", server_header=False)
    server = Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
