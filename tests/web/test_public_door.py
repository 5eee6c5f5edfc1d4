"""
The public door answers everybody with the same bytes: before and after somebody signed in, with and without a cookie.

Every address that the composed application answers is asked, at a station with bids and at one with an award.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.portal.stations import town_at
from tests.portal.town import PILOT
from tests.web.desk_seats import ADDRESS, PEOPLE, Halls
from tests.web.live_desk import Desk
from tests.web.made_site import ask
from tests.web.public_addresses import public_addresses
from tests.web.test_desk import Browser

WANTED = {"accept": "text/html, */*", "accept-encoding": "gzip"}
NAME = PILOT.partition(":")[2]


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("public"))
    yield made
    made.close()


def heads(answer: httpx.Response) -> list[tuple[str, str]]:
    """All headers, in their order."""
    return list(answer.headers.multi_items())


@pytest.mark.parametrize("station", ["open", "awarded"])
def test_every_public_address_is_the_same_bytes_for_everybody(halls: Halls, station: str) -> None:
    hall = halls.at(station)
    hall.town.office.publish()
    addresses = public_addresses(hall)
    before = {path: ask(hall.app, "GET", path, WANTED) for path in addresses}
    browser = Browser(hall.app)
    browser.be("Ada")
    assert browser.get("/desk").status_code == 200
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert cookie
    wrong = {}
    for path in addresses:
        first = before[path]
        assert "set-cookie" not in first.headers, path
        assert "cookie" not in first.headers.get("vary", "").lower(), path
        assert first.status_code in {200, 304, 404}, path
        others = {
            "after somebody signed in": ask(hall.app, "GET", path, WANTED),
            "by whoever is signed in": ask(hall.app, "GET", path, {**WANTED, "cookie": cookie}),
            "with a forged cookie": ask(hall.app, "GET", path, {**WANTED, "cookie": f"{hall.cookie}=x; session=y"}),
            "with a token of access": ask(hall.app, "GET", path, {**WANTED, "authorization": "Bearer ada"}),
        }
        for when, other in others.items():
            if (other.status_code, other.content, heads(other)) != (first.status_code, first.content, heads(first)):
                wrong[f"{path} {when}"] = (other.status_code, heads(other))
    assert wrong == {}


def test_a_printed_award_is_the_same_bytes_for_everybody(halls: Halls) -> None:
    hall = halls.at("awarded")
    path = f"/opportunities/{NAME}/award.pdf"
    first = ask(hall.app, "GET", path, WANTED)
    browser = Browser(hall.app)
    browser.be("Ada")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    second = ask(hall.app, "GET", path, {**WANTED, "cookie": cookie})
    assert (first.status_code, first.content[:5]) == (200, b"%PDF-")
    assert (second.content, heads(second)) == (first.content, heads(first))
    assert "set-cookie" not in first.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_no_method_at_the_public_door_sets_a_cookie(halls: Halls, method: str) -> None:
    hall = halls.at("open")
    for path in public_addresses(hall):
        answer = ask(hall.app, method, path, {**WANTED, "cookie": f"{hall.cookie}={'0' * 64}"})
        assert "set-cookie" not in answer.headers, path
        assert answer.status_code < 500, path


def test_a_public_page_links_to_the_desk_and_knows_nobody_there(halls: Halls) -> None:
    hall = halls.at("open")
    people = [account.name.encode() for account in PEOPLE.values() if account is not None]
    for path in ("/", "/opportunities", f"/opportunities/{NAME}"):
        page = ask(hall.app, "GET", path, WANTED | {"accept-encoding": "identity"}).content
        assert b'href="/desk"' in page, path
        assert not [name for name in people if b"Signed in" in page and name in page]


ONE_CLICK = ("/demo", "/demo/sign-in", "/demo/sign/x", "/demo/anything")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_outside_a_demo_no_click_makes_anybody_somebody(tmp_path: Path, method: str) -> None:
    desk = Desk(tmp_path)
    ada = desk.officer("ada")
    people = tmp_path / "data" / "people"
    people.mkdir()
    ada_key = Path(tmp_path / "data" / "keys" / "operator.secret").read_bytes()
    (people / "ada.key").write_bytes(ada_key)
    with desk.tables.reading() as rows:
        ((account,),) = rows.rows("SELECT id FROM desk_account WHERE email = 'ada@harlan.example'")
    for person in (ada, desk.person()):
        for path in ONE_CLICK:
            answer = person.ask(method, path, {"token": person.token(), "account": account})
            assert answer.status_code == 404, path
        assert "Be " not in person.get("/desk/sign-in").text
        assert "demonstration" not in person.get("/desk/sign-in").text
    desk.close()


def test_a_demo_made_into_no_demo_loses_its_one_click(tmp_path: Path) -> None:
    """Purpose is what entry 0 says; neither a folder of keys nor a pinned moment makes a live record a demo."""
    town = town_at("open", tmp_path / "data", "live")
    people = tmp_path / "data" / "people"
    people.mkdir(exist_ok=True)
    (tmp_path / "data" / "moment").write_text("2027-03-01T14:00:00.000Z", encoding="ascii")
    from portal.app import compose  # noqa: PLC0415

    browser = Browser(compose(town.office, ADDRESS))
    for path in ONE_CLICK:
        assert browser.ask("POST", path, {"account": "x"}).status_code == 404
    town.office.close()
