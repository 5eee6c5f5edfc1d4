"""`serve`: the public site of a data folder on this machine's own addresses."""

import argparse
import asyncio
import errno
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.entry import parse_time
from portal.cli import BAD_USAGE, UsageError, add_command
from portal.clock import Clock, FixedClock, SystemClock
from portal.identity.public_address import cookies_are_plain, holds_passkeys, read_address
from portal.settings import DataFolder, stated_address

LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))


def add(commands: Any) -> None:
    """Add the command of this module."""
    serve = add_command(
        commands,
        "serve",
        "Serve the site and its desks on 127.0.0.1 and localhost; a demo is shown at its own moment.",
        "daylight serve --data data --port 8000",
    )
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="the port (default 8000)")
    serve.add_argument(
        "--address", default="", metavar="URL", help="the site's public address, e.g. https://pilots.example.org"
    )
    serve.set_defaults(run=run_serve)


def pinned_moment(data: Path) -> datetime | None:
    """The instant at which a demo or re-enactment is shown; None for a live record."""
    path = DataFolder(data).moment
    return parse_time(path.read_text(encoding="ascii").strip()) if path.exists() else None


def clock_of(data: Path) -> Clock:
    """The machine's clock, or one that stands at the pinned moment."""
    moment = pinned_moment(data)
    return SystemClock() if moment is None else FixedClock(moment)


def run_serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or ctrl-C; exit 2 when the port is taken or the address would send cookies in clear."""
    if not 0 < options.port < 65536:  # noqa: PLR2004 -- TCP
        raise UsageError(f"{options.port} is no port")
    if not DataFolder(options.data).exists():
        raise UsageError(f"{options.data} holds no record; `daylight demo` or `daylight init` makes one")
    given = options.address.rstrip("/") or stated_address()
    moment = pinned_moment(options.data)
    cookies_are_plain(read_address(given or _local(options.port)), demo=moment is not None)
    try:
        sockets = list(_listen(options.port))
    except OSError as error:
        sys.stderr.write(f"daylight: port {options.port} is taken ({error.strerror}); choose another with --port\n")
        return BAD_USAGE
    with closing(_Sockets(sockets)):
        return _run(options, given, moment, sockets)


def _run(options: argparse.Namespace, given: str, moment: datetime | None, sockets: list[socket.socket]) -> int:
    from portal.app import compose  # noqa: PLC0415 -- the web framework is loaded for this command only
    from portal.commands.clerk import Clerk  # noqa: PLC0415
    from portal.commands.office import Office  # noqa: PLC0415
    from portal.commands.state_module import state_module  # noqa: PLC0415
    from portal.commands.state_party import recorded_address, state_party  # noqa: PLC0415

    office = Office.open(options.data, clock_of(options.data))
    office.share_commits()
    address = given or recorded_address(office) or _local(options.port)
    shown = f", shown at its own moment {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
    clerk = Clerk(office, advances=moment is None)
    if moment is None:
        state_module(office)
        if holds_passkeys(public := read_address(address)):
            state_party(office, public.origin, public.host)
    clerk.start()
    asyncio.run(
        _serve(compose(office, address), sockets, f"Daylight is ready: {_local(options.port)} ({options.data}{shown})")
    )
    clerk.stop()
    office.close()
    return 0


def _local(port: int) -> str:
    return f"http://localhost:{port}"


def _listen(port: int) -> Iterator[socket.socket]:
    for host, family in LOOPBACK:
        # The protocol is named so that asyncio sees TCP and turns Nagle's algorithm off (it compares `proto`): otherwise
        # every answer after the first on a connection waits 40 ms for the client's acknowledgement.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                listener.bind((host, port))
            except OSError as error:
                listener.close()
                if error.errno == errno.EADDRINUSE:
                    raise
                continue  # a machine without IPv6 is served on 127.0.0.1 alone
        else:
            listener.bind((host, port))
        yield listener


async def _serve(app: Any, sockets: list[socket.socket], ready: str) -> None:
    import uvicorn  # noqa: PLC0415

    from portal.web.public.opening_events import STOPPING  # noqa: PLC0415 -- whoever follows an opening is told of the end

    class Server(uvicorn.Server):
        """uvicorn, but SIGTERM ends the process with status 0: being told to stop is no failure."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop)
            yield

        def _stop(self) -> None:
            self.should_exit = True

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            self.lifespan.state[STOPPING] = asyncio.Event()
            await super().startup(sockets)
            sys.stdout.write(ready + "\n")
            sys.stdout.flush()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            self.lifespan.state[STOPPING].set()
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on", server_header=False)
    with closing(_Sockets(sockets)):
        await Server(config).serve(sockets=sockets)


class _Sockets:
    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = sockets

    def close(self) -> None:
        for listener in self._sockets:
            with suppress(OSError):
                listener.close()
