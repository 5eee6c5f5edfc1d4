"""Practice mode: the whole form and all the rules for anybody, and nothing of it anywhere but on the visitor's device."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from pypdf import PdfReader

from portal.app import compose, make_door
from portal.commands.library import Library
from portal.web.api.limits import Limits
from portal.web.api.practice import practice_api_routes
from portal.web.drafting.practice import practice_file, read_practice_file
from portal.web.fresh import Fresh
from portal.web.papers import printed
from portal.web.press import Press
from portal.web.problems import ProblemWriter
from portal.web.public.practice import practised
from portal.web.public.practice_paper import practice_paper
from tests.portal.town import PILOT, POLICY, Town, size_of
from tests.web.made_site import ask
from tests.web.test_desk import ADDRESS, NOTICE, Browser, demo_town
from tests.web.test_notice_form import FormReader, fields_of, mends

CHECK = "/api/practice/check"
SHEET = {name: value for name, value in NOTICE.items() if name != "title"}
RULES = {"rules": POLICY.id}
AGENCY = {"agency": "harlan-county"}
JSON = {"content-type": "application/json", "accept": "application/json"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = demo_town(tmp_path_factory.mktemp("practice") / "data")
    yield made
    made.office.close()


@pytest.fixture
def visitor(town: Town) -> Browser:
    return Browser(compose(town.office, ADDRESS))


def told(visitor: Browser, asked: object) -> httpx.Response:
    return ask(visitor._app, "POST", CHECK, JSON, json.dumps(asked).encode())


def test_anybody_gets_the_form_without_cookie_account_or_session(visitor: Browser) -> None:
    assert "Harlan County" in visitor.get("/practice").text
    page = visitor.get(f"/practice?rules={POLICY.id}")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert len([name for name in FormReader(page.text).needed if name != "file"]) == 10
    assert page.headers["content-security-policy"].endswith(f"script-src 'self'; connect-src {ADDRESS}{CHECK}")
    assert "token" not in fields_of(page)
    checked = visitor.ask("POST", CHECK, {**RULES, **SHEET})
    assert checked.status_code == 200
    assert "The rules would take this notice as it stands." in checked.text
    assert "set-cookie" not in checked.headers
    assert checked.headers["cache-control"] == "no-store"
    assert visitor.cookies == {}


def test_the_same_rules_speak_as_at_the_desk(visitor: Browser, town: Town) -> None:
    dear = {**SHEET, "budget": "12,000", "need": "Bidders need ten years of experience.", "payment_days": "90"}
    practised_mends = mends(visitor.ask("POST", CHECK, {**AGENCY, **dear}))
    officer = Browser(compose(town.office, ADDRESS))
    officer.be("Ada")
    assert practised_mends == mends(officer.post("/desk/notices/new", **dear, do="check"))
    page = visitor.ask("POST", CHECK, {**AGENCY, **dear})
    assert page.status_code == 422
    mended = visitor.ask("POST", CHECK, {**AGENCY, **dear, "mend": mends(page)["Pay 10,000 USD"]})
    assert "Pay 10,000 USD" not in mends(mended)


def test_a_program_asks_in_json(visitor: Browser) -> None:
    fine = told(visitor, {**RULES, "sheet": SHEET}).json()
    assert (fine["ready"], fine["missing"], fine["remarks"]) == (True, [], [])
    assert fine["notice"]["title"] == "A clerk sees every tree on a map"
    dear = told(visitor, {**RULES, "sheet": {**SHEET, "budget": "12,000", "incumbent": ""}}).json()
    assert (dear["ready"], dear["missing"]) == (False, ["incumbent"])
    (remark,) = dear["remarks"]
    assert (remark["field"], remark["reason"]) == ("budget", "tier-ceiling")
    assert remark["rule"] == "A try-out costs at most USD 10,000."
    assert {fix["sends"] for fix in remark["fixes"]} == {"budget=10%2C000", "tier=T1"}
    worded = told(visitor, {**RULES, "sheet": {**SHEET, "need": "Ten years of experience with Kubernetes."}}).json()
    assert {remark["reason"] for remark in worded["remarks"]} <= {"wording-l02", "wording-l03"}


BROKEN: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b"{", 400, "body-malformed"),
    "bytes that are no text": (b"\xff\xfe", 400, "body-malformed"),
    "an unknown field": (b'{"sheet": {}, "publish": true}', 400, "body-malformed"),
    "a sheet of numbers": (b'{"sheet": {"need": 1}}', 400, "body-malformed"),
    "no rules": (b'{"sheet": {}}', 404, "page-missing"),
    "rules that nobody wrote": (b'{"sheet": {}, "rules": "atlantis"}', 404, "page-missing"),
    "rules that must not be used": (b'{"sheet": {}, "rules": "historical"}', 404, "page-missing"),
    "an agency that nobody admitted": (b'{"sheet": {}, "agency": "atlantis"}', 404, "page-missing"),
    "far too much": (b" " * 1_000_001, 413, "body-too-large"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_makes_no_sense_is_refused_with_its_reason(visitor: Browser, case: str) -> None:
    data, status, reason = BROKEN[case]
    answer = ask(visitor._app, "POST", CHECK, JSON, data)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


def test_unknown_names_are_left_out_and_wild_values_are_answered(visitor: Browser) -> None:
    wild = {"publish": "yes", "closes": "9999-12-31T23:59", "budget": "9" * 15, "c1_weight": "-1", "tier": "T9"}
    answer = told(visitor, {**RULES, "sheet": {**SHEET, **wild}})
    assert answer.status_code == 200
    assert answer.json()["ready"] is False
    assert "publish" not in answer.text


def test_nothing_that_is_practised_is_found_on_the_site_afterwards(tmp_path: Path) -> None:
    town = demo_town(tmp_path / "data")
    visitor = Browser(compose(town.office, ADDRESS))
    secret = "Quinces ripen beside the theodolite"
    before = size_of(town)
    for do in ("check", "keep", "file"):
        assert visitor.ask("POST", CHECK, {**RULES, **SHEET, "need": secret, "do": do}).status_code == 200
    told(visitor, {**RULES, "sheet": {**SHEET, "need": secret}})
    assert size_of(town) == before
    for path in town.office.folder.root.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    assert secret not in visitor.get(f"/practice?rules={POLICY.id}").text
    town.office.close()


def test_a_file_goes_on_here_and_at_the_desk_where_it_is_published(tmp_path: Path) -> None:
    town = demo_town(tmp_path / "data")
    visitor = Browser(compose(town.office, ADDRESS))
    saved = visitor.ask("POST", CHECK, {**RULES, **SHEET, "licence": "Apache-2.0", "do": "file"})
    assert 'filename="practice-a-clerk-sees-every-tree-on-a-map.json"' in saved.headers["content-disposition"]
    opened = upload(visitor, "/api/practice/open", saved.content)
    assert {name: fields_of(opened)[name][0] for name in SHEET} == SHEET
    assert fields_of(opened)["licence"] == ["Apache-2.0"]
    visitor.be("Ada")
    there = upload(visitor, "/desk/notices/open", saved.content, token=visitor.token())
    page = visitor.get(there.headers["location"])
    assert fields_of(page)["licence"] == ["Apache-2.0"]
    fields = {name: value for name, value in fields_of(page).items() if value != []}
    where = visitor.ask("POST", "/desk/notices/form", {**fields, "do": "sign"}).headers["location"]
    visitor.sign(where)
    visitor.be("Ben")
    visitor.sign(where)
    assert "A clerk sees every tree on a map" in visitor.get("/opportunities").text
    town.office.close()


DAMAGED = {
    "nothing": b"",
    "another file": b'{"format": "daylight-other", "sheet": {}}',
    "no sheet": b'{"format": "daylight-practice-1"}',
    "a sheet of lists": b'{"format": "daylight-practice-1", "sheet": {"need": ["a"]}}',
    "bytes": bytes(range(256)),
    "too large": practice_file({"need": "x" * 200_000}, "english-council", ""),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_no_practice_file_opens_nothing(visitor: Browser, case: str) -> None:
    assert read_practice_file(DAMAGED[case]) is None
    answer = upload(visitor, "/api/practice/open", DAMAGED[case])
    assert answer.status_code == 422
    assert "This is no practice file" in answer.text
    visitor.be("Ada")
    answer = upload(visitor, "/desk/notices/open", DAMAGED[case], token=visitor.token())
    assert answer.status_code == 422


def test_a_file_brings_only_what_a_form_may_hold(visitor: Browser) -> None:
    odd = {"need": "A need.", "token": "x", "draft": "y", "keepers": "keeper:kim", "again": "a-pilot"}
    found = read_practice_file(practice_file(odd, POLICY.id, ""))
    assert found is not None
    assert set(found.sheet) == {"need", "keepers", "again"}
    visitor.be("Ada")
    data = practice_file(odd, POLICY.id, "")
    there = upload(visitor, "/desk/notices/open", data, token=visitor.token()).headers["location"]
    assert "keeper:kim" not in json.loads(fields_of(visitor.get(there))["proposed"][0]).values()
    assert "ended without award" not in visitor.get(there).text


def upload(visitor: Browser, path: str, data: bytes, **fields: str) -> httpx.Response:
    """Send a file as a browser's form does."""
    edge = b"edge-of-the-form"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    head = b'Content-Disposition: form-data; name="file"; filename="p.json"\r\nContent-Type: application/json\r\n\r\n'
    body = (
        b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in [*parts, head + data]) + b"--" + edge + b"--\r\n"
    )
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {"content-type": f"multipart/form-data; boundary={edge.decode()}", "accept": "text/html"}
    return ask(visitor._app, "POST", path, {**headers, **({"cookie": cookies} if cookies else {})}, body)


def test_the_paper_for_the_chief_says_that_it_is_practice_what_the_rules_say_and_who_has_to_act(town: Town) -> None:
    door = make_door(town.office, ADDRESS)
    with door.reading(Fresh()) as reading:
        made = practised(reading, "", "harlan-county", {**SHEET, "budget": "12,000"})
    file = practice_file(made.writing.sheet, made.rules, made.agency)
    pdf = printed(door.renderer, practice_paper(made, file), "letter").pdf
    reader = PdfReader(io.BytesIO(pdf))
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    for words in (
        "Practice \u2013 not published",
        "A clerk sees every tree on a map",
        "A try-out costs at most USD 10,000",
        "Two officers sign it",
        "any 2 of them open the bids",
        "about three hours",
        "If nobody bids",
        "A crew adds a tree from a phone.",
    ):
        assert words in text, words
    assert reader.attachments["practice.json"] == [file]
    again = printed(door.renderer, practice_paper(made, file), "letter").pdf
    assert again == pdf


def test_the_press_keeps_no_practised_paper_and_prints_a_few_for_each_address(town: Town) -> None:
    door = make_door(town.office, ADDRESS)
    press = PressThatRemembers(door.renderer.site)
    router = Litestar(
        route_handlers=practice_api_routes(door, press, papers=Limits(2, 0.001)),
        exception_handlers={Exception: ProblemWriter(door.renderer).answer},
        openapi_config=None,
    )
    browser = Browser(router)
    answers = [browser.ask("POST", CHECK, {**RULES, **SHEET, "do": "paper"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["reason"] == "too-many-acts"
    assert press.asked == [False, False]


class PressThatRemembers(Press):
    """Prints nothing, and remembers whether it was to keep it."""

    asked: list[bool]

    async def make(self, key: object, view: object, *, keep: bool = True) -> bytes:
        del key, view
        self.asked = [*getattr(self, "asked", []), keep]
        return b"%PDF-"


def test_a_finished_pilot_is_a_start_for_anybody(visitor: Browser, town: Town) -> None:
    name = PILOT.partition(":")[2]
    page = visitor.get(f"/practice?from={name}")
    assert fields_of(page)["need"] == ["Three clerks take four hundred calls a month."]
    assert "You began from “Book a septic inspection”" in page.text
    assert f"/desk/notices/new?from={name}" in page.text
    assert fields_of(page)["from"] == [name]
    with town.office.store.reading() as connection:
        case = Library(town.office.store, connection).case(PILOT)
    assert case is not None
    fields = {key: value for key, value in fields_of(page).items() if value != []}
    answer = visitor.ask("POST", CHECK, {**fields, "helpers": "nobody", "do": "check"})
    assert f"record no. {case.published.index}" in answer.text
    assert "/practice?from=" not in visitor.get(f"/opportunities/{name}").text


def test_a_check_is_counted_for_each_address(town: Town) -> None:
    door = make_door(town.office, ADDRESS)
    router = Litestar(
        route_handlers=practice_api_routes(door, Press(door.renderer.site), Limits(1, 0.001)),
        exception_handlers={Exception: ProblemWriter(door.renderer).answer},
        openapi_config=None,
    )
    assert [told(Browser(router), {**RULES, "sheet": {}}).status_code for _ in range(2)] == [200, 429]
    assert re.search(r"too-many", told(Browser(router), {**RULES, "sheet": {}}).text)
