"""What stands at which address, in which shape, for people and for programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.projections.made_log import POLICY, agency, instant, notice
from tests.web.made_site import HTML, MadeSite, ask, made_site

PAGES = [
    "/",
    "/opportunities",
    "/opportunities?q=septic&state=open&agency=harlan&place=us-ky-harlan&value=under-10k&skill=web-forms&sort=newest",
    "/opportunities?sort=value",
    "/opportunities/septic",
    "/opportunities/two",
    "/plans",
    "/plans?by=skill&skill=sensors&agency=harlan",
    "/plans/septic",
    "/awards",
    "/awards?agency=harlan&firm=blue-ridge&year=2026",
    "/agencies",
    "/agencies/harlan",
    "/firms",
    "/firms?place=us-ky-harlan&skill=gis-mapping",
    "/firms/blue-ridge",
    "/ledger",
    "/ledger?before=5",
    "/ledger/entries/0",
    "/ledger/entries/18",
    "/policies",
    f"/policies/{POLICY.digest}",
    f"/policies/{POLICY.id}",
    "/policies/roles",
    "/policies/lint",
    "/how",
    "/practice",
]
MISSING = [
    "/nowhere",
    "/opportunities/nothing",
    "/opportunities/two/nothing",
    "/plans/nothing",
    "/agencies/nothing",
    "/firms/nothing",
    "/ledger/entries/9999",
    "/ledger/entries/01",
    "/ledger/entries/-1",
    "/ledger/entries/one",
    "/ledger/entries/٣",
    "/policies/nothing",
    "/practice?rules=historical",
    "/practice?agency=nobody",
    "/practice?from=nothing",
    "/static/nothing.css",
    "/.well-known/nothing.txt",
    "/favicon.ico",
]
BAD = [
    "/opportunities?state=nonsense",
    "/opportunities?value=1",
    "/opportunities?agency=../etc",
    "/opportunities?after=nonsense",
    "/opportunities?after=9~x~1",
    "/opportunities?sort=value&after=0~abc~1",
    "/opportunities?sort=worst",
    f"/opportunities?q={'x' * 201}",
    "/plans?by=colour",
    "/awards?year=20x6",
    "/ledger?before=-1",
    "/ledger?before=007",
    "/opportunities.atom?before=x",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeSite]:
    with made_site(tmp_path_factory.mktemp("site")) as made:
        made.office.publish()
        yield made


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_served_without_cookies_and_may_be_cached(site: MadeSite, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Fictional demonstration" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_head_answers_like_get_without_the_body(site: MadeSite, path: str) -> None:
    whole, head = site.get(path), site.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == whole.headers["etag"]
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_said_as_a_page_or_as_a_problem(site: MadeSite, path: str) -> None:
    page = site.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "There is no such page" in page.text
    problem = site.get(path, accept="application/json")
    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["reason"] == "page-missing"
    assert {"type", "title", "status", "detail", "fix"} <= set(problem.json())


@pytest.mark.parametrize("path", BAD)
def test_a_word_in_an_address_that_cannot_be_is_refused(site: MadeSite, path: str) -> None:
    assert site.get(path).status_code == 400
    problem = site.get(path, accept="application/problem+json")
    assert (problem.status_code, problem.json()["reason"]) == (400, "query-malformed")


def test_words_nobody_knows_are_tolerated(site: MadeSite) -> None:
    assert site.get("/opportunities?utm_source=letter&x=%00").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_are_only_for_reading(site: MadeSite, method: str) -> None:
    answer = ask(site.app, method, "/opportunities", HTML)
    assert (answer.status_code, answer.json()["reason"]) == (405, "method-not-allowed")


def test_filters_narrow_and_search_folds_accents(site: MadeSite) -> None:
    assert "Book a septic" not in site.get("/opportunities?state=open").text
    assert "Count parking" in site.get("/opportunities?state=open").text
    assert "Count parking" in site.get("/opportunities?q=zolw+park").text
    assert "Book a septic" not in site.get("/opportunities?q=park").text
    assert "Nothing matches" in site.get("/opportunities?q=unheard").text


def test_the_agency_and_firm_pages_tell_their_record(site: MadeSite) -> None:
    agency = site.get("/agencies/harlan").text
    assert "1 award" in agency
    assert "Book a septic inspection" in agency
    firm = site.get("/firms/blue-ridge").text
    assert "Book a septic inspection" in firm
    assert "9,500" in firm.replace("\xa0", " ")


def test_the_pilot_page_shows_its_whole_life(site: MadeSite) -> None:
    text = site.get("/opportunities/septic").text.replace("\xa0", " ")
    assert "awarded this pilot to" in text
    assert "Which calendar?" in text
    assert "2 sealed bids came in." in text
    assert "/opportunities/septic/award.pdf" in text
    assert "/ledger/entries/5" in text


def test_only_pages_about_the_log_print_its_size_or_root(site: MadeSite) -> None:
    with site.office.store.reading() as connection:
        root = site.office.store.head(connection).root.hex()
    for path in PAGES:
        assert (root in site.get(path).text) is path.startswith("/ledger"), path


def test_plain_texts(site: MadeSite) -> None:
    assert site.get("/healthz").text == "ok\n"
    assert "Disallow: /api/" in site.get("/robots.txt").text


def test_static_files_are_kept_for_ever_under_names_of_their_own(site: MadeSite) -> None:
    href = site.get("/").text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    answer = site.get(href, accept_encoding="br")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "br"
    assert site.get(href, accept_encoding="identity").text == answer.text


def test_a_first_visit_stays_under_thirty_kilobytes(site: MadeSite) -> None:
    page = site.get("/", accept_encoding="br")
    href = page.text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    style = site.get(href, accept_encoding="br")
    assert int(page.headers["content-length"]) + int(style.headers["content-length"]) < 30_000


def test_pages_of_a_list_follow_each_other_both_ways(tmp_path: Path) -> None:
    site = MadeSite(tmp_path, filled=False)
    site.log.act("agency:harlan", agency(), by="registrar")
    for number in range(65):
        closes = instant(10 + number % 7) if number % 3 else instant(0.001)
        site.log.act(f"opportunity:n{number}", notice(f"Number {number}.", closes=closes))
    site.at(1)
    for sort in ("", "&sort=newest", "&sort=value"):
        walk, forward = f"/opportunities?x=1{sort}", []
        while walk:
            text = site.get(walk).text
            forward.append([part.partition("<")[0] for part in text.split('">Number ')[1:]])
            walk = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
            last = text
        assert [len(page) for page in forward] == [30, 30, 5]
        assert len({title for page in forward for title in page}) == 65
        back = last.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert [part.partition("<")[0] for part in site.get(back).text.split('">Number ')[1:]] == forward[1]
