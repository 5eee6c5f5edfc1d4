"""
The public door's routes at every station of a pilot: what takes something in, from whom, and when.

Nobody signs in here, so everybody is the table's visitor. What the record takes by command it takes over HTTP, at the same
stations and no others; what an officer or an evaluator signs is not taken at this door, however well signed. What a keeper
signs has addresses of its own (`test_keeper_api`).
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import get, post
from litestar.connection import ASGIConnection

from ledger.entry import Signed, parse_entry
from policies.roles_table import may, roles_table
from portal.app import compose
from portal.web.api.limits import Limits
from portal.web.cache import App
from portal.web.problems import Problem
from portal.web.visitors import VISITOR, visitors_only
from tests.portal.bidder_acts import LETTERS, Letter
from tests.portal.stations import STATES, Copies
from tests.portal.test_act_matrix import ACTS
from tests.portal.town import Town, size_of
from tests.web.desk_seats import routers_of, routes_of
from tests.web.made_site import ADDRESS, ask

JSON = {"content-type": "application/json", "accept": "application/json"}
AT = {"question-asked": "/api/questions"}
DEEDS = {
    "question-asked": "api:questions",
    "objection-filed": "api:objections",
    "content-key-published": "api:content-keys",
}
TAKING = {
    "POST /api/bids",
    "POST /api/questions",
    "POST /api/firms",
    "POST /api/follow",
    "POST /api/follow/{name}",
    "POST /api/keeper/drills",
    "POST /api/keeper/packs",
    "POST /api/keeper/envelopes",
    "POST /api/keeper/supplies/{name}",
    "POST /api/keeper/acts",
    "POST /api/practice/check",
    "POST /api/practice/open",
}
"""Every public route that takes something in; a new one is a new way into the record, and says so here."""


class Doors:
    """The composed site over each station, made anew when something was taken there."""

    def __init__(self, copies: Copies) -> None:
        self.copies = copies
        # With the town, which must live as long: another could else get its id, and an application over the wrong record.
        self._apps: dict[int, tuple[Town, App]] = {}

    def at(self, station: str) -> tuple[Town, App]:
        """A town, and the application in front of it."""
        town = self.copies.at(station)
        if id(town) not in self._apps:
            self._apps[id(town)] = (town, compose(town.office, ADDRESS, Limits(burst=10_000)))
        return self._apps[id(town)]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    copies = Copies(tmp_path_factory.mktemp("doors"))
    yield Doors(copies)
    copies.close()


def send(app: App, path: str, letter: Letter) -> httpx.Response:
    content: dict[str, Any] = {"signed": msgspec.to_builtins(letter.signed)}
    if letter.offer:
        content |= {
            "proposal": base64.b64encode(letter.proposal).decode(),
            "offer": base64.b64encode(letter.offer).decode(),
        }
    return ask(app, "POST", path, JSON, json.dumps(content).encode())


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_is_taken_at_the_stations_of_its_act_and_nowhere_else(doors: Doors, kind: str) -> None:
    taken = []
    for station in STATES:
        town, app = doors.at(station)
        before = size_of(town)
        answer = send(app, AT.get(kind, "/api/bids"), LETTERS[kind](town))
        if answer.status_code == 201:
            taken.append(station)
            doors.copies.used(station)
        else:
            assert answer.json()["reason"] not in {"internal", "not-found"}, answer.text
            assert size_of(town) == before, station
    assert tuple(taken) == ACTS[kind].works
    deed = DEEDS.get(kind, "api:bids")
    assert all(may(VISITOR, deed, STATES[station]) for station in taken)


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind not in LETTERS])
@pytest.mark.parametrize("path", ["/api/bids", "/api/questions", "/api/firms"])
def test_what_others_sign_is_not_taken_at_the_public_door(doors: Doors, kind: str, path: str) -> None:
    station = ACTS[kind].works[0]
    entry = parse_entry(ACTS[kind].do(doors.copies.at(station)).entry)
    doors.copies.used(station)
    town, app = doors.at(station)
    before = size_of(town)
    signed = Signed(signatures=entry.signatures, statement=entry.statement)
    assert send(app, path, Letter(signed)).json()["reason"] == "kind-unexpected"
    assert size_of(town) == before


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_at_the_wrong_address_is_not_taken(doors: Doors, kind: str) -> None:
    station = ACTS[kind].works[0]
    town, app = doors.at(station)
    before, letter = size_of(town), LETTERS[kind](town)
    for path in {"/api/bids", "/api/questions", "/api/firms"} - {AT.get(kind, "/api/bids")}:
        assert send(app, path, letter).json()["reason"] in {"kind-unexpected", "body-malformed"}
    assert size_of(town) == before


def test_nothing_else_at_the_public_door_takes_anything_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    copies = Copies(tmp_path_factory.mktemp("public"), "demo")
    public, _ = routers_of(compose(copies.at("open").office, ADDRESS))
    routes = routes_of(public)
    assert {route.name for route in routes if route.method not in {"GET", "HEAD"}} == TAKING
    for route in routes:
        deed = route.opt.get("deed", "public")
        assert may(VISITOR, deed), route.name
        assert deed in roles_table().deeds
        assert (deed == "public") == (route.name not in TAKING)
    copies.close()


def test_a_public_route_that_takes_something_in_without_a_deed_takes_nothing() -> None:
    @post("/api/everything", sync_to_thread=False)
    def undeclared() -> None:
        raise AssertionError

    @post("/api/awards", opt={"deed": "award-made"}, sync_to_thread=False)
    def anothers() -> None:
        raise AssertionError

    @get("/secret", opt={"deed": "desk:read-withheld"}, sync_to_thread=False)
    def secret() -> None:
        raise AssertionError

    for handler in (undeclared, anothers, secret):
        with pytest.raises(Problem) as refused:
            visitors_only(ASGIConnection({"type": "http", "headers": []}), handler)  # type: ignore[arg-type]  # enough of a scope
        assert refused.value.reason == "role-deed"
