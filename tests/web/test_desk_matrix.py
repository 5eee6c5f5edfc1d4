"""
Every route of the desk by every role by every state of a pilot: allowed exactly when the published table says so.

The routes come from the composed application itself, so that a new one without a line in `desk_cases.py` fails. The pilot
is brought to each state by the real commands. What belongs to somebody is tried by everybody else who has a seat.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import get
from litestar.connection import ASGIConnection

from ledger.entry import format_time
from policies.roles_table import ROLES, STATES, may, roles_table
from portal.identity.accounts import Account
from portal.identity.sessions import Session
from portal.procurement.readings import readings
from portal.web.desk.door import SESSION
from portal.web.desk.guard import Guard
from portal.web.problems import Problem
from tests.portal.stations import BETWEEN
from tests.portal.town import reopened, size_of
from tests.web.desk_cases import CASES, Case, expected, invitation, own_draft
from tests.web.desk_seats import PEOPLE, STRANGERS, Hall, Halls, Route, outcome_of, routers_of, routes_of
from tests.web.made_site import ask

FENCE = {"sign-in-first", "role-deed", "role-state", "role-whose", "page-missing"}
"""Every reason with which somebody is kept out of a room; whatever else a room says, it let them in."""

OTHERS = {"sign-in-first", "role-deed", "role-whose", "page-missing"}
"""With which of them somebody is kept out of what is another's, while its state would allow it."""


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("halls"))
    yield made
    made.close()


def desk_routes(hall: Hall) -> list[Route]:
    return routes_of(routers_of(hall.app)[1])


def address(route: Route, case: Case, hall: Hall, account: Account | None) -> str:
    return route.path.format(**case.fill(hall, account))


def found(route: Route, case: Case, hall: Hall, account: Account | None, whose: Account | None) -> str:
    answer = hall.ask(account, route.method, address(route, case, hall, whose), case.fields)
    outcome = outcome_of(route.method, answer)
    assert answer.status_code != 500, (route.name, answer.text)
    return outcome if outcome in FENCE else "in"


def test_every_route_of_the_composed_desk_has_its_line_in_the_table_of_cases(halls: Halls) -> None:
    assert {route.name for route in desk_routes(halls.at("open"))} == set(CASES)


def test_every_route_names_a_deed_and_a_deed_with_states_names_its_pilot(halls: Halls) -> None:
    deeds = roles_table().deeds
    for route in desk_routes(halls.at("open")):
        assert route.opt.get("deed") in deeds, route.name
        if deeds[route.opt["deed"]].states:
            assert f"{{{route.opt['pilot']}}}" in route.path, route.name


def test_somebody_stands_for_every_role() -> None:
    assert set(PEOPLE) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_a_route_lets_in_exactly_whom_the_table_lets(halls: Halls, state: str, role: str) -> None:
    outcomes, wanted = {}, {}
    for route in desk_routes(halls.at(state)):
        case = CASES[route.name]
        hall = halls.at(case.at.get(state, state))
        before = _changes(hall)
        outcomes[route.name] = found(route, case, hall, PEOPLE[role], PEOPLE[role])
        wanted[route.name] = expected(route, case, role, state)
        assert _changes(hall) == before, route.name
    assert outcomes == wanted


def _changes(hall: Hall) -> int:
    """How many entries there are, apart from those that say that somebody was let in and read."""
    return size_of(hall.town) - len(readings(hall.town.case()))


def test_the_table_of_cases_reaches_every_room(halls: Halls) -> None:
    """So that a matrix that is refused everywhere would not pass for a matrix."""
    for route in desk_routes(halls.at("open")):
        case, deed = CASES[route.name], str(route.opt["deed"])
        states = roles_table().deeds[deed].states or ("open",)
        reached = [role for role in ROLES for state in states if expected(route, case, role, state) == "in"]
        assert reached or case.roles == (), route.name


AUDITED = {"desk:read-proposals", "desk:read-withheld"}
"""What an auditor reads after the award, whosever it is."""


@pytest.mark.parametrize("station", [*STATES, *BETWEEN])
def test_what_is_anothers_is_refused_on_every_route_that_names_something(
    halls: Halls, station: str, tmp_path: Path
) -> None:
    original = halls.at(station).town
    shutil.copytree(original.office.folder.root, tmp_path / "copy")
    hall = Hall.over(reopened(original, tmp_path / "copy"))
    before, settled = size_of(hall.town), _settled(hall)
    wrong = {}
    for route in [route for route in desk_routes(hall) if "{" in route.path]:
        case = CASES[route.name]
        if case.fill == invitation or (case.fill == own_draft and station != "open"):
            continue
        for who, stranger in STRANGERS.items():
            if stranger.role == "auditor" and str(route.opt["deed"]) in AUDITED and station == "awarded":
                continue
            for whose in _owners(case, stranger):
                outcome = found(route, case, hall, stranger, whose)
                if outcome not in OTHERS | {"role-state"}:
                    wrong[f"{route.name} by {who}, of {whose.name}"] = outcome
    assert wrong == {}
    assert (size_of(hall.town), _settled(hall)) == (before, settled)
    hall.close()


def _owners(case: Case, stranger: Account) -> list[Account]:
    """Whose thing it may be: a draft is somebody's, a pilot and its questions are there for all to name."""
    owners = [account for account in PEOPLE.values() if account is not None and account.id != stranger.id]
    return owners if case.fill == own_draft else owners[:1]


def _settled(hall: Hall) -> list[object]:
    """The drafts that somebody signed or dropped."""
    with hall.tables.reading() as rows:
        return [
            *rows.rows("SELECT id, state, signatures FROM desk_draft WHERE state <> 'waiting' OR signatures <> '[]'")
        ]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("role", ROLES)
def test_an_unknown_route_or_method_is_refused_for_everybody(halls: Halls, role: str, method: str) -> None:
    hall = halls.at("open")
    known = {(route.method, route.path) for route in desk_routes(hall)}
    for path in ("/desk/admin", "/desk/bids", "/demo", "/desk/notices/new", "/desk"):
        if (method, path) not in known:
            outcome = outcome_of(method, hall.ask(PEOPLE[role], method, path))
            assert outcome in {"page-missing", "method-not-allowed"}, path


def test_a_role_that_the_table_does_not_know_enters_nothing(halls: Halls) -> None:
    hall = halls.at("open")
    with hall.tables.writing() as rows:
        values = ("seat-root", "Root", "root@seat.example", "administrator", format_time(hall.town.clock.now()))
        rows.run("INSERT INTO desk_account (id, name, email, role, made_at) VALUES (?, ?, ?, ?, ?)", values)
        root = Account(id="seat-root", name="Root", email="root@seat.example", role="officer")
    for route in desk_routes(hall):
        case = CASES[route.name]
        assert found(route, case, hall, root, PEOPLE["officer"]) == "role-deed", route.name
    assert not may("administrator", "public")


UNDECLARED: dict[str, tuple[dict[str, str], str]] = {
    "no deed at all": ({}, "role-deed"),
    "a deed that the table does not know": ({"deed": "desk:everything"}, "role-deed"),
    "an act that nobody may do at a desk": ({"deed": "bids-closed"}, "role-deed"),
    "a deed with states, and no pilot named": ({"deed": "desk:answer"}, "role-state"),
    "a deed with states, of a pilot that is not there": ({"deed": "desk:answer", "pilot": "name"}, "page-missing"),
}


@pytest.mark.parametrize("what", UNDECLARED)
def test_a_route_that_says_too_little_about_itself_lets_nobody_in(halls: Halls, what: str) -> None:
    opt, reason = UNDECLARED[what]

    @get("/desk/new", opt=opt, sync_to_thread=False)
    def handler() -> None:
        raise AssertionError

    (guard,) = [guard for guard in routers_of(halls.at("open").app)[1].guards if isinstance(guard, Guard)]
    session = Session(id="a", token="b", account=PEOPLE["officer"])
    scope: Any = {"type": "http", "path_params": {"name": "nothing"}, "headers": [], SESSION: session}
    with pytest.raises(Problem) as refused:
        guard(ASGIConnection(scope), handler)
    assert refused.value.reason == reason


def test_the_public_door_is_not_reached_by_what_looks_like_the_desks(halls: Halls) -> None:
    for path in ("/DESK", "//desk", "/desk%00", "/./desk", "/x/../desk", "/Demo/sign-in", "/%64esk"):
        answer = ask(halls.at("open").app, "GET", path)
        assert answer.status_code in {404, 303}, path
        assert ("set-cookie" in answer.headers) == (answer.status_code == 303), path
