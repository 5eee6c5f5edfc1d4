"""
Seats at the desk for tests: an account with an open session, however people sign in, and the desk's routes as composed.

A seat is made in the desk's own tables, as a sign-in leaves it behind, so that these tests hold for every way of signing in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from litestar import Litestar

from ledger.entry import format_time
from portal.app import compose
from portal.identity.accounts import Account, account_named, make_account
from portal.identity.sessions import open_session
from portal.identity.tables import Rows, Tables
from portal.web.cache import App
from portal.web.desk.door import DeskDoor
from tests.portal.stations import COLLEGE, NEIGHBOUR, town_at
from tests.portal.town import AGENCY, Town
from tests.web.made_site import ask

ADDRESS = "http://localhost:8000"
TYPE = "application/x-www-form-urlencoded"


def seat(name: str, role: Any, **whose: Any) -> Account:
    """An account as an invitation makes it."""
    return Account(id=f"seat-{name}", name=name.title(), email=f"{name}@seat.example", role=role, **whose)


PEOPLE: dict[str, Account | None] = {
    "visitor": None,
    "firm": seat("ridge", "firm", firm="firm:ridge"),
    "partner": seat("college", "partner", partner=COLLEGE),
    "head": seat("board", "head", agency=AGENCY),
    "officer": seat("ada", "officer", agency=AGENCY, person="person:ada"),
    "evaluator": seat("eve", "evaluator", agency=AGENCY, person="person:eve"),
    "keeper": seat("kim", "keeper", keeper="keeper:kim"),
    "registrar": seat("registrar", "registrar"),
    "auditor": seat("auditor", "auditor"),
}
"""Who is in the right at the pilot of `tests.portal.stations`, one for each role of the published table."""

STRANGERS: dict[str, Account] = {
    "an officer of another agency": seat("olga", "officer", agency=NEIGHBOUR, person="person:olga"),
    "an evaluator of another agency": seat("ivy", "evaluator", agency=NEIGHBOUR, person="person:ivy"),
    "an evaluator of the agency who is not on the panel": seat("hal", "evaluator", agency=AGENCY, person="person:hal"),
    "a firm that did not bid": seat("creek", "firm", firm="firm:creek"),
    "another bidder": seat("hollow", "firm", firm="firm:hollow"),
    "a keeper whom the notice does not name": seat("oak", "keeper", keeper="keeper:oak"),
    "an officer with the pseudonym of one elsewhere": seat("ada2", "officer", agency=NEIGHBOUR, person="person:ada"),
    "a head of another agency": seat("board2", "head", agency=NEIGHBOUR),
    "another training partner": seat("school", "partner", partner="partner:school"),
    "a registrar": seat("registrar", "registrar"),
    "an auditor": seat("auditor", "auditor"),
}
"""Who has a seat, and no business with the pilot or with its people's drafts."""


class Route(NamedTuple):
    """One route of the desk: its method, its address with holes, and what its handler says about itself."""

    method: str
    path: str
    opt: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What a table of cases calls it."""
        return f"{self.method} {self.path}"


def inner_apps(app: Any) -> Iterator[Any]:
    """The application and everything it wraps, from outside in."""
    yield app
    for value in getattr(app, "__dict__", {}).values() if not isinstance(app, Litestar) else ():
        if callable(value) and type(value).__module__.startswith(("portal.web.", "litestar.app")):
            yield from inner_apps(value)


def routes_of(router: Litestar) -> list[Route]:
    """Every route of a router with each of its methods; OPTIONS is Litestar's own."""
    return [
        Route(str(method), route.path_format, handler.opt)
        for route in router.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods)
        if method != "OPTIONS"
    ]


def routers_of(app: App) -> tuple[Litestar, Litestar]:
    """The public router and the desk's, out of the composed application itself."""
    desk = next(inner for inner in inner_apps(app) if isinstance(inner, DeskDoor))
    (behind,) = [inner for inner in inner_apps(desk) if isinstance(inner, Litestar)]
    (public,) = [inner for inner in inner_apps(app) if isinstance(inner, Litestar) and inner is not behind]
    return public, behind


@dataclass
class Hall:
    """The composed application over a town, with the desk's tables open beside it."""

    town: Town
    app: App
    tables: Tables
    cookie: str

    @classmethod
    def over(cls, town: Town) -> "Hall":
        """Compose it."""
        app = compose(town.office, ADDRESS)
        door = next(inner for inner in inner_apps(app) if isinstance(inner, DeskDoor))
        return cls(town, app, Tables(town.office.folder.desk), door._cookie)

    def close(self) -> None:
        """Let go of the database."""
        self.tables.close()
        self.town.office.close()

    def seat(self, rows: Rows, account: Account) -> None:
        """Make the account where there is none."""
        if account_named(rows, account.id) is None:
            make_account(rows, account, format_time(self.town.clock.now()))

    def ask(
        self,
        account: Account | None,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """One request by somebody who has just signed in, or by nobody."""
        with self.tables.writing() as rows:
            if account is not None:
                self.seat(rows, account)
            session = open_session(rows, self.town.clock.now(), account)
        sent = {"cookie": f"{self.cookie}={session.id}", "accept": "application/json", "origin": ADDRESS, **headers}
        body = b""
        if method not in {"GET", "HEAD"}:
            sent.setdefault("content-type", TYPE)
            body = urlencode({"token": session.token, **(fields or {})}).encode("ascii")
        return ask(self.app, method, path, sent, body)


def outcome_of(method: str, answer: httpx.Response) -> str:
    """`in` where the room answered, with whatever it has to say about the form; else the reason of the refusal."""
    if method == "GET" and answer.status_code == 303 and answer.headers["location"] == "/desk/sign-in":
        return "sign-in-first"
    if answer.status_code < 400 or answer.status_code == 422:
        return "in"
    reason: str = answer.json()["reason"]
    return reason


class Halls:
    """The composed desk at each station, made once; whoever changes something works on a copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Hall] = {}

    def at(self, station: str) -> Hall:
        """The hall at a state or at a moment within one."""
        if station not in self._made:
            self._made[station] = Hall.over(town_at(station, self._folder / station))
        return self._made[station]

    def close(self) -> None:
        """Let all databases go."""
        for hall in self._made.values():
            hall.close()
