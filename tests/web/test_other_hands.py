"""
Nobody acts for another over HTTP: forged cookies, planted sessions, replayed tokens, other sites, headers, paths, fields.

Each attempt is made on every route of the composed desk, so that a new route is tried the day it comes. What holds for one
pilot and its people at every state is in `test_desk_matrix.py`, for the public door in `test_api_matrix.py`, and for the
database in `test_desk_clerk.py`.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from secrets import token_hex
from urllib.parse import urlencode

import httpx
import pytest

from portal.identity.accounts import Account
from portal.identity.drafts import waiting_drafts
from portal.identity.sessions import IDLE, LIFETIME, end_session, open_session
from tests.portal.stations import NEIGHBOUR
from tests.portal.town import AGENCY, size_of
from tests.web.desk_cases import CASES, entered_by, own_draft
from tests.web.desk_seats import ADDRESS, PEOPLE, STRANGERS, TYPE, Hall, Halls, Route, outcome_of, routers_of, routes_of
from tests.web.made_site import ask
from tests.web.test_desk import NOTICE

ADA = PEOPLE["officer"]
BEN = Account(id="seat-ben", name="Ben", email="ben@seat.example", role="officer", agency=AGENCY, person="person:ben")
assert ADA is not None


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("hands"))
    yield made
    made.close()


@pytest.fixture
def hall(halls: Halls) -> Hall:
    return halls.at("open")


def changing(hall: Hall) -> list[Route]:
    """Every route of the desk that changes something."""
    return [route for route in routes_of(routers_of(hall.app)[1]) if route.method not in {"GET", "HEAD"}]


def address(hall: Hall, route: Route) -> str:
    return route.path.format(**CASES[route.name].fill(hall, ADA))


def raw(hall: Hall, method: str, path: str, cookie: str, token: str = "", **headers: str) -> httpx.Response:
    """A request with exactly this cookie header and this token."""
    sent = {"cookie": cookie, "accept": "application/json", "content-type": TYPE, "origin": ADDRESS}
    body = urlencode({**NOTICE, **({"token": token} if token else {})}).encode("ascii")
    return ask(hall.app, method, path, {**sent, **headers}, body)


def state_of(hall: Hall) -> object:
    """What somebody could have changed: the record, drafts, forms, invitations and keys."""
    with hall.tables.reading() as rows:
        drafts = [*rows.rows("SELECT id, state, signatures, statement FROM desk_draft WHERE state <> 'waiting'")]
        signed = [*rows.rows("SELECT id FROM desk_draft WHERE signatures <> '[]'")]
        kept = [
            [*rows.rows(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608 -- names of our own
            for table in ("desk_form", "desk_invited", "desk_credential", "desk_secret")
        ]
    return size_of(hall.town), drafts, signed, kept


FROM_ELSEWHERE: dict[str, dict[str, str]] = {
    "another site": {"origin": "https://evil.example"},
    "the same name on another port": {"origin": "http://localhost:8001"},
    "the same name without a port": {"origin": "http://localhost"},
    "a name that begins alike": {"origin": "http://localhost:8000.evil.example"},
    "a page without an origin": {"origin": "null"},
    "a browser that says cross-site": {"sec-fetch-site": "cross-site"},
    "a sister site": {"sec-fetch-site": "same-site"},
    "nobody's page": {"sec-fetch-site": "none"},
}


@pytest.mark.parametrize("where", FROM_ELSEWHERE)
def test_nothing_is_changed_from_elsewhere(hall: Hall, where: str) -> None:
    for route in changing(hall):
        path = address(hall, route)
        before = state_of(hall)
        answer = hall.ask(ADA, route.method, path, **FROM_ELSEWHERE[where])
        assert (answer.status_code, answer.json()["reason"]) == (403, "origin-other"), route.name
        assert "set-cookie" not in answer.headers
        assert state_of(hall) == before


def _no_token(_hall: Hall, _token: str) -> str:
    return ""


def _anothers_token(hall: Hall, _token: str) -> str:
    with hall.tables.writing() as rows:
        return open_session(rows, hall.town.clock.now(), BEN).token


TOKENS: dict[str, Callable[[Hall, str], str]] = {
    "no token": _no_token,
    "an invented token": lambda _hall, _token: "0" * 64,
    "a token of another session": _anothers_token,
    "a token that begins right": lambda _hall, token: token[:-1],
    "a token twice": lambda _hall, token: token + token,
    "a token in other letters": lambda _hall, token: token.upper() + " ",
    "a token of strange letters": lambda _hall, _token: "ä" * 32,
}


@pytest.mark.parametrize("what", TOKENS)
def test_nothing_is_changed_without_this_sessions_own_token(halls: Halls, what: str) -> None:
    """Each route where somebody is let in and finds something, so that the token alone is missing."""
    for route in changing(halls.at("open")):
        entered = entered_by(route)
        if entered is None:
            continue
        role, station = entered
        hall, account = halls.at(station), PEOPLE[role]
        path = route.path.format(**CASES[route.name].fill(hall, account))
        with hall.tables.writing() as rows:
            for person in (account, BEN):
                if person is not None:
                    hall.seat(rows, person)
            session = open_session(rows, hall.town.clock.now(), account)
        before = state_of(hall)
        token = TOKENS[what](hall, session.token)
        answer = raw(hall, route.method, path, f"{hall.cookie}={session.id}", token)
        echoed = CASES[route.name].echoes and answer.status_code in {403, 422}
        assert echoed or outcome_of(route.method, answer) == "form-token", route.name
        assert state_of(hall) == before


def _session(hall: Hall, account: Account = BEN) -> str:
    with hall.tables.writing() as rows:
        hall.seat(rows, account)
        return open_session(rows, hall.town.clock.now(), account).id


def _ended(hall: Hall) -> str:
    with hall.tables.writing() as rows:
        session = open_session(rows, hall.town.clock.now(), ADA)
        end_session(rows, session)
    return f"{hall.cookie}={session.id}"


def _aged(hall: Hall, by: str) -> str:
    with hall.tables.writing() as rows:
        past = hall.town.clock.now() - (LIFETIME if by == "ends" else IDLE)
        session = open_session(rows, past, ADA)
    return f"{hall.cookie}={session.id}"


COOKIES: dict[str, Callable[[Hall], str]] = {
    "nothing": lambda _hall: "",
    "an invented id": lambda hall: f"{hall.cookie}={token_hex(32)}",
    "an account's id": lambda hall: f"{hall.cookie}=seat-ada",
    "what the table holds of a session": lambda hall: f"{hall.cookie}={sha256(_session(hall).encode()).hexdigest()}",
    "a session under another cookie's name": lambda hall: f"session={_session(hall)}; __Host-daylight={_session(hall)}",
    "a session of strange letters": lambda hall: f"{hall.cookie}={'ä' * 32}",
    "a very long session": lambda hall: f"{hall.cookie}={'a' * 8000}",
    "a session with a wildcard": lambda hall: f"{hall.cookie}={'%' * 64}",
    "a session with a quotation": lambda hall: f"{hall.cookie}=\"' OR '1'='1\"",
    "a session that was signed out": _ended,
    "a session that is over": lambda hall: _aged(hall, "ends"),
    "a session that was idle too long": lambda hall: _aged(hall, "idle"),
}


@pytest.mark.parametrize("what", COOKIES)
def test_a_forged_or_spent_cookie_is_nobody(hall: Hall, what: str) -> None:
    hall.ask(ADA, "GET", "/desk")
    answer = raw(hall, "GET", "/desk", COOKIES[what](hall))
    assert outcome_of("GET", answer) == "sign-in-first"
    for route in changing(hall):
        answer = raw(hall, route.method, address(hall, route), COOKIES[what](hall), token_hex(32))
        echoed = CASES[route.name].echoes and answer.status_code == 422
        assert echoed or outcome_of(route.method, answer) in {"sign-in-first", "form-token", "page-missing"}, route.name


SAYING_WHO: dict[str, str] = {
    "x-forwarded-user": "ada",
    "x-remote-user": "ada",
    "remote-user": "ada",
    "x-account": "seat-ada",
    "x-daylight-account": "seat-ada",
    "authorization": "Bearer seat-ada",
    "x-forwarded-for": "127.0.0.1",
    "x-original-url": "/desk",
    "x-rewrite-url": "/desk",
    "forwarded": "for=127.0.0.1;by=ada",
}


@pytest.mark.parametrize("header", SAYING_WHO)
def test_a_header_that_says_who_one_is_says_nothing(hall: Hall, header: str) -> None:
    hall.ask(ADA, "GET", "/desk")
    answer = raw(hall, "GET", "/desk", "", **{header: SAYING_WHO[header]})
    assert outcome_of("GET", answer) == "sign-in-first"
    creek = STRANGERS["a firm that did not bid"]
    for path in ("/desk/notices/new", "/desk/pilots/book-a-septic-inspection/choose"):
        assert outcome_of("GET", hall.ask(creek, "GET", path, **{header: SAYING_WHO[header]})) == "role-deed"


OVERRIDES: dict[str, str] = {
    "x-http-method-override": "POST",
    "x-http-method": "POST",
    "x-method-override": "POST",
}


@pytest.mark.parametrize("header", [*OVERRIDES, "_method"])
def test_no_header_or_field_makes_a_method_of_another(hall: Hall, header: str) -> None:
    for route in changing(hall):
        path = address(hall, route)
        before = state_of(hall)
        if header == "_method":
            answer = hall.ask(ADA, "GET", f"{path}?_method=POST&token=x")
        else:
            answer = hall.ask(ADA, "GET", path, **{header: "POST"})
        assert answer.status_code in {200, 303, 404, 405, 403}, route.name
        assert state_of(hall) == before


BENDING = (
    "/desk/sign/../sign/{name}",
    "/desk/sign/%2e%2e/sign/{name}",
    "/desk/sign/./{name}",
    "/desk//sign/{name}",
    "/desk/sign/{name}%00",
    "/desk/sign/{name};x=1",
    "/desk/sign/{name}%2fstatement",
    "/desk/sign/{name}/",
    "/desk/sign/{name}.json",
    "/DESK/sign/{name}",
    "/desk/sign/{upper}",
    "/demo/../desk/sign/{name}",
    "/public/../desk/sign/{name}/statement",
    "/%2564esk/sign/{name}",
    "/desk/sign/%",
    "/desk/sign/{name}?account=seat-ada",
)


@pytest.mark.parametrize("bent", BENDING)
def test_no_bent_path_leads_to_anothers_draft(hall: Hall, bent: str) -> None:
    name = own_draft(hall, ADA)["name"]
    path = bent.format(name=name, upper=name.upper())
    for who in (None, STRANGERS["an officer of another agency"], PEOPLE["evaluator"], PEOPLE["firm"]):
        answer = hall.ask(who, "GET", path)
        assert answer.status_code in {303, 404}, answer.text
        assert "notice-error" not in answer.text


INJECTED = {
    "agency": NEIGHBOUR,
    "requester": "person:ben",
    "person": "person:ben",
    "account": "seat-ben",
    "author": "ed25519:" + "0" * 64,
    "made_by": "seat-ben",
    "role": "registrar",
    "kind": "award-made",
    "subject": "opportunity:book-a-septic-inspection",
}


def test_fields_that_say_for_whom_are_not_asked(hall: Hall) -> None:
    answer = hall.ask(ADA, "POST", "/desk/notices/new", {**NOTICE, **INJECTED, "title": "Count the hedges"})
    assert answer.status_code == 303, answer.text
    with hall.tables.reading() as rows:
        (draft,) = [one for one in waiting_drafts(rows, made_by="seat-ada") if "hedges" in one.subject]
        assert waiting_drafts(rows, made_by="seat-ben") == []
    statement = draft.statement
    assert (draft.agency, statement.kind, statement.subject) == (
        AGENCY,
        "opportunity-published",
        "opportunity:count-the-hedges",
    )
    assert (statement.body["agency"], statement.body["requester"]) == (AGENCY, "person:ada")


@pytest.mark.parametrize(("field", "whose"), [("evaluators", "person:olga"), ("keepers", "keeper:nobody")])
def test_people_of_another_agency_are_not_put_into_a_notice(hall: Hall, field: str, whose: str) -> None:
    fields = {**NOTICE, "title": f"Count the {field}", field: whose}
    assert hall.ask(ADA, "POST", "/desk/notices/new", fields).status_code == 422
    with hall.tables.reading() as rows:
        assert [one for one in waiting_drafts(rows, made_by="seat-ada") if field in one.subject] == []


@pytest.mark.parametrize("secret", ["seat-ben", "0" * 32, "", "../desk", "' OR 1=1 --"])
def test_no_form_makes_somebody_else_out_of_somebody(hall: Hall, secret: str) -> None:
    """The demo's one click makes one an invented person, never an account that an invitation made."""
    _session(hall, BEN)
    answer = hall.ask(ADA, "POST", "/demo/sign-in", {"account": secret})
    assert (answer.status_code, "set-cookie" in answer.headers) == (404, False)
