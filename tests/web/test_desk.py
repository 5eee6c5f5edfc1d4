"""The desk, as invented people use it: sessions, forms, two officers, and nobody else's drafts."""

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from policies.roles_table import roles_table
from portal.app import compose, make_door
from portal.clock import FixedClock
from portal.commands.office import Office
from portal.procurement.events import bid
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.stage import candidate
from portal.web.desk.app import compose_desk
from portal.web.desk.door import DeskDoor
from tests.portal.town import AGENCY, EVALUATORS, FIRMS, OFFICERS, PILOT, Town, key_of, size_of

ADDRESS = "http://localhost:8000"
NOTICE = {
    "title": "Count the trees",
    "need": "Nobody knows how many trees the county has.",
    "outcome": "A clerk sees every tree on a map.",
    "audience": "Two clerks and four crews.",
    "existing": "A paper list of 1998.",
    "incumbent": "none",
    "budget": "9,000",
    "funding": "own-money",
    "cross_border": "no",
    "acceptance": "A crew adds a tree from a phone.\nA clerk prints a street.",
    "helpers": "nobody",
}


class Browser:
    """One visitor with a cookie jar of its own."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, cookies=self.cookies) as client:
                return await client.request(method, path, data=data, headers=headers)

        answer = asyncio.run(once())
        self.cookies |= dict(answer.cookies)
        return answer

    def ask_raw(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, cookies=self.cookies) as client:
                return await client.request(method, path, content=body, headers=headers)

        answer = asyncio.run(once())
        self.cookies |= dict(answer.cookies)
        return answer

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def token(self, path: str = "/desk/sign-in") -> str:
        found = re.search(r'name="token" value="([0-9a-f]{64})"', self.get(path).text)
        assert found is not None
        return found[1]

    def post(self, path: str, **data: Any) -> httpx.Response:
        return self.ask("POST", path, {"token": self.token(), **data})

    def be(self, name: str) -> httpx.Response:
        page = self.get("/desk/sign-in").text
        people = re.findall(r'name="account" value="([0-9a-f]+)"><button[^>]*>Be ([^<]+)<', page)
        (account,) = [account for account, who in people if who.startswith(name)]
        return self.post("/demo/sign-in", account=account)

    def sign(self, where: str) -> httpx.Response:
        return self.post(where.replace("/desk/sign/", "/demo/sign/"))


def demo_town(data: Path) -> Town:
    town = Town.found(data, purpose="demo")
    for name in ("oak", "ash", "elm"):
        town.appoint(name, ["plan"], None)
        town.keeper(name, AGENCY, person=f"person:{name}")
    people = data / "people"
    people.mkdir()
    for name in (*OFFICERS, *EVALUATORS, *FIRMS):
        key_of(name).save(people / f"{name}.key")
    town.publish()
    town.bid("ridge")
    town.bid("hollow")
    town.act("question-asked", PILOT, bid.QuestionAsked(text="Who hosts it?"), author=key_of("asker"))
    return town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = demo_town(tmp_path_factory.mktemp("desk") / "data")
    yield made
    made.office.close()


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(compose(town.office, ADDRESS))


def test_the_desk_asks_who_it_is(browser: Browser) -> None:
    answer = browser.get("/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")
    assert browser.get("/desk/sign-in").status_code == 200


def test_a_planted_session_id_is_not_kept_through_sign_in(browser: Browser) -> None:
    browser.cookies["daylight-demo"] = "a" * 64
    browser.get("/desk/sign-in")
    planted = browser.cookies["daylight-demo"]
    assert planted != "a" * 64
    browser.be("Ada")
    assert browser.cookies["daylight-demo"] != planted
    stranger = Browser(browser._app)
    stranger.cookies["daylight-demo"] = planted
    assert stranger.get("/desk").status_code == 303


def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(browser: Browser) -> None:
    browser.be("Ada")
    assert browser.ask("POST", "/desk/notices/new", NOTICE).status_code == 403
    assert browser.ask("POST", "/desk/notices/new", {"token": "0" * 64, **NOTICE}).status_code == 403
    token = browser.token()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = browser.ask("POST", "/desk/notices/new", {"token": token, **NOTICE}, **headers)
        assert (answer.status_code, answer.json()["reason"]) == (403, "origin-other")


def test_the_public_door_knows_no_cookie_and_answers_everybody_alike(browser: Browser) -> None:
    before = browser.get("/opportunities")
    browser.be("Ada")
    after = browser.get("/opportunities")
    assert "set-cookie" not in after.headers
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert browser.get("/desk").headers["cache-control"] == "no-store"


def test_two_officers_publish_a_try_out_from_one_form(browser: Browser) -> None:
    browser.be("Ada")
    drafted = browser.post("/desk/notices/new", **NOTICE)
    assert drafted.status_code == 303, drafted.text
    where = drafted.headers["location"]
    assert "Two officers sign" in browser.get(where).text
    browser.sign(where)
    waiting = browser.get(where).text
    assert "The second officer signs at this address" in waiting
    browser.be("Eve")
    assert browser.sign(where).status_code == 404
    browser.be("Ben")
    assert "Count the trees" not in browser.get("/opportunities").text
    browser.sign(where)
    assert "On the public record" in browser.get(where).text
    assert "Count the trees" in browser.get("/opportunities").text


MISSING = {"need": "", "budget": "a lot"}


@pytest.mark.parametrize("field", MISSING)
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(browser: Browser, field: str) -> None:
    browser.be("Ada")
    answer = browser.post("/desk/notices/new", **{**NOTICE, field: MISSING[field]})
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error"><(p|div) class="(wrong|remark)">', answer.text)
    assert "A paper list of 1998." in answer.text


def test_a_rule_that_refuses_names_itself_and_a_button_mends_it(browser: Browser) -> None:
    browser.be("Ada")
    dear = {**NOTICE, "budget": "12,000"}
    answer = browser.post("/desk/notices/new", **dear)
    assert answer.status_code == 422
    assert 'value="tier=T1"' in answer.text
    mended = browser.post("/desk/notices/new", **dear, mend="tier=T1")
    assert "costs at most" not in mended.text


def test_only_officers_of_the_agency_see_its_forms_and_drafts(browser: Browser) -> None:
    browser.be("Ada")
    where = browser.post("/desk/notices/new", **{**NOTICE, "title": "A secret draft"}).headers["location"]
    for name in ("Ridge", "Hollow"):
        browser.be(name)
        assert browser.get(where).status_code == 404
        assert browser.get("/desk/notices/new").status_code == 403
    browser.be("Eve")
    assert browser.get("/desk/notices/new").status_code == 403


def test_a_question_waits_with_its_clock_and_is_answered(browser: Browser, town: Town) -> None:
    browser.be("Ada")
    home = browser.get("/desk").text
    found = re.search(r'href="(/desk/pilots/[^"]+/questions/\d+)"', home)
    assert found is not None
    assert browser.post(found[1], answer="").status_code == 422
    where = browser.post(found[1], answer="The county does.").headers["location"]
    browser.sign(where)
    assert [question.answered is not None for question in town.case().questions.values()] == [True]
    assert found[1] not in browser.get("/desk").text


def test_from_the_ranking_to_the_award_at_the_desk(tmp_path: Path) -> None:
    town = demo_town(tmp_path / "data")
    town.to_ranking()
    first = candidate(town.case())
    assert first is not None
    town.prove(first.firm.removeprefix("firm:"))
    browser = Browser(compose(town.office, ADDRESS))
    path = f"/desk/pilots/{PILOT.partition(':')[2]}"
    browser.be("Ada")
    assert browser.get(f"{path}/choose").status_code == 404
    assert browser.post(f"{path}/proof", accepted="pass-over", why="We prefer the other.").status_code == 422
    browser.sign(browser.post(f"{path}/proof", accepted="accept", why="The papers agree.").headers["location"])
    page = browser.get(f"{path}/choose").text
    reasons = dict(re.findall(r'name="(r-\d+-[a-z]+)"[^>]*>([^<]*)<', page))
    assert set(reasons.values()) == {"Clear and short."}
    assert browser.post(f"{path}/choose", **reasons).status_code == 422
    where = browser.post(f"{path}/choose", **reasons, words="The clearest plan.").headers["location"]
    browser.sign(where)
    assert town.case().chosen is None
    browser.be("Ben")
    browser.sign(where)
    assert town.case().chosen is not None
    assert browser.post(f"{path}/award", words="Final.").status_code == 422
    chosen = town.case().chosen
    assert chosen is not None
    town.clock.advance_to(chosen.at.replace(year=chosen.at.year + 1))
    browser.be("Ada")
    name = typed(town.case().opened[first.bid], BidOpened).name
    assert f"You would make the award to {name} final, for" in browser.get(f"{path}/award").text
    where = browser.post(f"{path}/award", words="Final.").headers["location"]
    browser.sign(where)
    browser.be("Ben")
    browser.sign(where)
    assert town.case().awarded is not None
    town.office.close()


def test_a_live_record_has_a_desk_and_no_way_to_be_somebody_else(tmp_path: Path) -> None:
    town = Town.found(tmp_path / "data")
    (tmp_path / "data" / "people").mkdir()
    key_of("ada").save(tmp_path / "data" / "people" / "ada.key")
    browser = Browser(compose(town.office, ADDRESS))
    page = browser.get("/desk/sign-in")
    assert page.status_code == 200
    assert "/demo/" not in page.text
    assert "demonstration" not in page.text.casefold()
    for path in ("/demo", "/demo/sign-in", "/demo/sign/x"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, account="x").status_code == 404
    assert not [path for handler in desk_handlers(town) for path in handler.paths if "demo" in path]
    town.office.close()


def test_a_re_enactment_has_no_desk(tmp_path: Path) -> None:
    office = Office.create(tmp_path / "data", purpose="re-enactment", operator_name="Clerk", origin="old.example/log")
    office.publish()
    browser = Browser(compose(office, ADDRESS))
    for path in ("/desk", "/desk/sign-in", "/demo/sign-in"):
        assert browser.get(path).status_code == 404
    assert 'href="/desk"' not in browser.get("/").text
    office.close()


COOKIES = {
    "https://pilots.example.org": ("__Host-daylight", True),
    "http://localhost:8000": ("daylight-local", False),
}


@pytest.mark.parametrize("address", COOKIES)
def test_a_live_desk_sets_its_cookie_for(address: str, tmp_path: Path) -> None:
    name, secure = COOKIES[address]
    town = Town.found(tmp_path / "data")
    browser = Browser(compose(town.office, address))
    cookie = browser.get("/desk/sign-in").headers["set-cookie"]
    assert cookie.startswith(f"{name}=")
    assert ("; Secure" in cookie) == secure
    assert "; Path=/; HttpOnly; SameSite=Lax" in cookie
    assert "Domain" not in cookie
    town.office.close()


def test_a_live_desk_answers_forms_from_its_own_address_only(tmp_path: Path) -> None:
    town = Town.found(tmp_path / "data")
    browser = Browser(compose(town.office, "https://pilots.example.org"))
    token = browser.token()
    refused = browser.ask("POST", "/desk/sign-out", {"token": token}, origin=ADDRESS)
    assert (refused.status_code, refused.json()["reason"]) == (403, "origin-other")
    taken = browser.ask("POST", "/desk/sign-out", {"token": token}, origin="https://pilots.example.org")
    assert taken.status_code == 303
    town.office.close()


def test_a_session_ends_when_it_is_idle_or_signed_out(town: Town) -> None:
    browser = Browser(compose(town.office, ADDRESS))
    browser.be("Ada")
    kept = dict(browser.cookies)
    browser.post("/desk/sign-out")
    gone = Browser(browser._app)
    gone.cookies = kept
    assert gone.get("/desk").status_code == 303
    later = Office.open(town.office.folder.root, FixedClock(town.clock.now().replace(year=2028)))
    idle = Browser(compose(later, ADDRESS))
    browser.be("Ada")
    idle.cookies = dict(browser.cookies)
    assert idle.get("/desk").status_code == 303
    later.close()


ROUTES = {
    "/desk": {"Ada", "Eve", "Ridge"},
    "/desk/notices/new": {"Ada"},
    "/desk/judge/book-a-septic-inspection/interests": {"Eve"},
}


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("name", ["Ada", "Eve", "Ridge"])
def test_the_table_of_roles_decides_who_may_enter(browser: Browser, path: str, name: str) -> None:
    browser.be(name)
    answer = browser.get(path)
    assert (answer.status_code == 403) == (name not in ROUTES[path])


def test_every_route_of_the_desk_names_a_deed_of_the_table(town: Town) -> None:
    deeds = {handler.opt.get("deed") for handler in desk_handlers(town)}
    assert None not in deeds
    assert deeds - {"public"} <= set(roles_table().deeds)


def desk_handlers(town: Town) -> list[HTTPRouteHandler]:
    door = compose_desk(town.office, make_door(town.office, ADDRESS), ADDRESS)
    assert isinstance(door, DeskDoor)
    router: Any = door._app
    found = [handler for route in router.routes for handler in getattr(route, "route_handlers", [])]
    return [handler for handler in found if set(handler.http_methods) != {"OPTIONS"}]


def test_a_wish_that_shuts_firms_out_is_rewritten_in_one_click_or_kept_with_a_public_reason(browser: Browser) -> None:
    browser.be("Ada")
    asked = {**NOTICE, "title": "Map the ditches", "existing": "Bidders need ten years of experience with maps."}
    answer = browser.post("/desk/notices/new", **asked)
    assert answer.status_code == 422
    assert 'id="f-existing-error"' in answer.text
    mend = re.search(r'name="mend" value="(existing=[^"]+)"', answer.text)
    assert mend is not None
    mended = browser.post("/desk/notices/new", **asked, mend=unescape(mend[1]))
    assert (mended.status_code, "ten years of experience" in mended.text) == (200, False)
    kept = browser.post("/desk/notices/new", **asked, override="The state's insurer demands it.")
    assert kept.status_code == 303
    assert "insurer demands it" in browser.get(kept.headers["location"] + "/statement").text


def test_only_who_made_a_draft_drops_it_and_a_dropped_draft_is_signed_by_nobody(browser: Browser, town: Town) -> None:
    browser.be("Ada")
    where = browser.post("/desk/notices/new", **{**NOTICE, "title": "Count the benches"}).headers["location"]
    browser.sign(where)
    browser.be("Ben")
    assert "Drop this draft" not in browser.get(where).text
    assert browser.post(f"{where}/drop").json()["reason"] == "role-deed"
    browser.be("Eve")
    for path in (where, f"{where}/statement"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"{where}/drop").status_code == 404
    before = size_of(town)
    browser.be("Ada")
    assert browser.post(f"{where}/drop").status_code == 303
    assert "was dropped" in browser.get(where).text
    browser.be("Ben")
    assert browser.sign(where).json()["reason"] == "draft-settled"
    assert size_of(town) == before


def test_what_one_person_signs_alone_is_no_other_officers_before_it_is_on_record(browser: Browser, town: Town) -> None:
    town.act("question-asked", PILOT, bid.QuestionAsked(text="In which language?"), author=key_of("second-asker"))
    browser.be("Ada")
    found = re.findall(r'href="(/desk/pilots/[^"]+/questions/\d+)"', browser.get("/desk").text)
    where = browser.post(found[-1], answer="In English.").headers["location"]
    browser.be("Ben")
    assert browser.get(where).status_code == 404
    assert browser.sign(where).status_code == 404
