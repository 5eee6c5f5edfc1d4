"""Public pages, against the same template rendered from memory and against a bare ASGI answer."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar

from portal.app import make_door
from portal.web.fresh import Fresh
from portal.web.public.opportunities import ROWS, opportunities
from portal.web.public.query import Query
from portal.web.public.routes import routes
from tests.benchmarks.measure import Comparison, Target
from tests.benchmarks.serving import LISTED, body_of
from tests.portal.town import Town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from portal.web.reading import Door

PILOTS = ROWS + 6


class BusyTown(Town):
    """A town whose keepers have keys for as many notices as a full page needs."""

    def keeper(self, name: str, organisation: str, person: str | None = None, notices: int = PILOTS) -> None:
        """Register a keeper with a large pack."""
        super().keeper(name, organisation, person, notices)


def cases(folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Ask for the list of pilots: from the router, and from the front cache."""
    data = folder / "data"
    town = BusyTown.found(data)
    for number in range(PILOTS):
        town.publish(f"opportunity:pilot-{number}", title=f"Pilot number {number} of the town")
    town.office.publish()
    yield listing(make_door(town.office, "http://localhost:8000"), 3 if quick else 40)
    with server(data) as port:
        yield cached(port, 20 if quick else 1_500)


def listing(door: Door, repeat: int) -> Comparison:
    """Read, make the view and render, through the router but without the front cache, to rendering alone."""
    router = Litestar(route_handlers=[*routes(door)], openapi_config=None, logging_config=None)
    with door.reading(Fresh()) as reading:
        view = opportunities(reading, Query({}))
    if len(view.rows) != ROWS:
        raise AssertionError(f"{len(view.rows)} rows")

    async def ask() -> None:
        for _ in range(repeat):
            body, _headers = await body_of(router, LISTED)
            if b"Pilot number" not in body:
                raise AssertionError(body[:200])

    def page() -> int:
        asyncio.run(ask())
        return repeat

    def template() -> int:
        for _ in range(repeat):
            door.renderer.page(view)
        return repeat

    return Comparison(
        "list_page_vs_template",
        f"list pages of {ROWS} rows a second through the router, to rendering the same template from a view in memory",
        page,
        template,
        Target("at least", 0.6),
    )


@contextmanager
def server(data: Path) -> Iterator[int]:
    """Run a server over a data folder in a process of its own; tell its port."""
    command = [sys.executable, "-m", "tests.benchmarks.serving", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def asker(port: int, path: str) -> Callable[[], bytes]:
    """Keep a connection and ask for one address again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask() -> bytes:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return response.read()

    return ask


def cached(port: int, repeat: int) -> Comparison:
    """Ask a server, by the CPU time that the server uses."""
    page, bare, cpu = asker(port, LISTED), asker(port, "/bare"), asker(port, "/cpu")
    if page() != bare():
        raise AssertionError("the two sides answer different pages")

    def repeated(ask: Callable[[], Any]) -> Callable[[], int]:
        def run() -> int:
            for _ in range(repeat):
                ask()
            return repeat

        return run

    return Comparison(
        "front_cache_vs_bare_asgi",
        "list pages a second of CPU from the front cache, to a bare ASGI application answering the same bytes; one uvicorn",
        repeated(page),
        repeated(bare),
        Target("at least", 0.75),
        clock=lambda: float(cpu()),
    )
