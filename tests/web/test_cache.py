"""The front cache: 304 until a subject changes or a deadline passes, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from ledger.store import LedgerStore, open_engine
from portal.procurement.events import opportunity
from portal.web.cache import FrontCache, Receive, Scope, Send, accepted_encoding
from portal.web.fresh import SCOPE_KEY, Fresh
from portal.web.versions import Versions
from tests.projections.made_log import START, MadeLog, firm, intended, notice, opened, promise, ranking, sealed
from tests.web.made_site import MadeSite, ask, made_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MadeSite]:
    with made_site(tmp_path) as made:
        yield made


def tag_of(site: MadeSite, path: str) -> str:
    answer = site.get(path)
    assert answer.status_code == 200
    tag: str = answer.headers["etag"]
    again = site.get(path, if_none_match=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    return tag


ALL = ["/", "/opportunities", "/opportunities/two", "/opportunities/septic", "/plans", "/awards", "/agencies/harlan",
       "/firms", "/firms/blue-ridge", "/policies", "/how", "/ledger", "/opportunities.atom"]  # fmt: skip


def test_every_page_is_not_modified_until_something_changes(site: MadeSite) -> None:
    for path in ALL:
        assert tag_of(site, path) == tag_of(site, path)


def test_an_append_changes_only_what_it_touched(site: MadeSite) -> None:
    before = {path: tag_of(site, path) for path in ALL}
    site.log.act("opportunity:two", sealed("new"), by="bid-new")
    after = {path: tag_of(site, path) for path in ALL}
    assert {path for path in ALL if before[path] != after[path]} == {"/opportunities/two", "/ledger"}


@pytest.mark.parametrize(
    ("subject", "body", "changed"),
    [
        ("firm:new", firm("New"), {"/", "/firms", "/ledger"}),
        ("plan:new", promise(), {"/", "/plans", "/agencies/harlan", "/ledger"}),
        (
            "opportunity:new",
            notice("New"),
            {"/", "/opportunities", "/plans", "/agencies/harlan", "/ledger", "/opportunities.atom"},
        ),
    ],
    ids=["a firm enters", "work is promised", "a pilot is published"],
)
def test_each_kind_of_act_reaches_the_pages_that_show_it(
    site: MadeSite, subject: str, body: object, changed: set[str]
) -> None:
    before = {path: tag_of(site, path) for path in ALL}
    site.log.act(subject, body)  # type: ignore[arg-type]  # one of the bodies above
    assert {path for path in ALL if before[path] != tag_of(site, path)} == changed


def test_an_end_reaches_the_pages_of_the_firms_that_bid(site: MadeSite) -> None:
    subject, firm_id = "opportunity:two", "firm:blue-ridge"
    site.log.act(subject, sealed("lost"), by="bid-lost")
    key = site.log.key("bid-lost").key_id.removeprefix("ed25519:")
    site.log.act(subject, opened(key, firm_id))
    site.log.act(subject, ranking((key, firm_id, 1)))
    watched = ["/firms/blue-ridge", "/firms", "/awards", "/", "/agencies/harlan"]
    before = {path: tag_of(site, path) for path in watched}
    assert "Being judged" in site.get("/firms/blue-ridge").text
    site.log.act(subject, intended(key, firm_id))
    between = {path: tag_of(site, path) for path in watched}
    assert all(between[path] != before[path] for path in watched)
    site.log.act(subject, opportunity.OpportunityCancelled(reason="no-need", why="No longer."))
    after = {path: tag_of(site, path) for path in watched}
    assert all(after[path] != between[path] for path in watched)
    assert "Being judged" not in site.get("/firms/blue-ridge").text


def test_a_record_page_outlives_later_appends(site: MadeSite) -> None:
    site.office.publish()
    before = tag_of(site, "/ledger/entries/4")
    site.log.act("firm:later", firm("Later"))
    assert tag_of(site, "/ledger/entries/4") == before


def test_a_page_expires_at_its_next_deadline_though_nobody_acts(site: MadeSite) -> None:
    site.at(9.6)
    page, others = "/opportunities/two", ["/opportunities/septic", "/firms", "/how"]
    before, still = tag_of(site, page), {path: tag_of(site, path) for path in others}
    assert "asks for bids" in site.get(page).text
    site.clock.advance_to(START + timedelta(days=10, milliseconds=-1))
    assert "asks for bids" in site.get(page).text
    site.clock.advance_to(START + timedelta(days=10))
    assert site.get(page, if_none_match=before).status_code == 200
    assert "Nobody bid" in site.get(page).text
    assert "No bids" in site.get("/opportunities").text
    assert {path: tag_of(site, path) for path in others} == still


def test_days_left_are_counted_anew_at_midnight_of_the_agency(site: MadeSite) -> None:
    site.at(1)
    assert "in 9 days" in site.get("/opportunities").text
    before = tag_of(site, "/opportunities")
    site.at(1.5)
    assert tag_of(site, "/opportunities") != before or "in 9 days" in site.get("/opportunities").text
    site.at(2)
    assert "in 8 days" in site.get("/opportunities").text


def test_the_record_pages_follow_the_checkpoint(site: MadeSite) -> None:
    assert "No snapshot has been signed" in site.get("/ledger").text
    before, record = tag_of(site, "/ledger"), tag_of(site, "/ledger/entries/3")
    assert site.get("/ledger/entries/3/receipt").status_code == 404
    site.office.publish()
    assert tag_of(site, "/ledger") != before
    assert tag_of(site, "/ledger/entries/3") != record
    assert site.get("/ledger/entries/3/receipt").status_code == 200


@pytest.mark.parametrize("condition", ['"{0}"', 'W/"{0}"', 'W/"x", W/"{0}"', "*", '"x" , "{0}"'])
def test_if_none_match_is_compared_weakly(site: MadeSite, condition: str) -> None:
    opaque = tag_of(site, "/how").removeprefix('W/"').removesuffix('"')
    assert site.get("/how", if_none_match=condition.replace("{0}", opaque)).status_code == 304


@pytest.mark.parametrize("condition", ['"x"', "", "x", 'W/"x", "y"'])
def test_another_tag_gets_the_page(site: MadeSite, condition: str) -> None:
    tag_of(site, "/how")
    assert site.get("/how", if_none_match=condition).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("br;q=0.000, gzip; q=0", None),
        ("identity", None),
        ("", None),
        ("*", None),
        ("GZIP", "gzip"),
    ],
)
def test_each_client_gets_an_encoding_it_takes(site: MadeSite, accepted: str, encoding: str | None) -> None:
    first, second = site.get("/how", accept_encoding=accepted), site.get("/how", accept_encoding=accepted)
    for answer in (first, second):
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
    assert first.text == second.text == site.get("/how", accept_encoding="identity").text


def test_the_encoding_is_read_from_headers_alone() -> None:
    assert accepted_encoding([(b"host", b"x")]) == b"identity"
    assert accepted_encoding([(b"accept-encoding", b"br")]) == b"br"
    assert brotli.decompress(brotli.compress(b"x")) == b"x"


def test_refusals_are_never_kept(site: MadeSite) -> None:
    assert site.get("/opportunities/later").status_code == 404
    site.log.act("opportunity:later", notice("Later"))
    assert site.get("/opportunities/later").status_code == 200
    answer = site.get("/nowhere")
    assert "etag" not in answer.headers


def test_another_process_s_append_is_seen_at_once(tmp_path: Path) -> None:
    site = MadeSite(tmp_path)
    before = tag_of(site, "/opportunities/two")
    other = MadeLog.over(LedgerStore(open_engine(tmp_path / "ledger.sqlite"), site.office.origin), site.office.operator)
    other.at = site.log.at
    other.act("opportunity:two", sealed("elsewhere"), by="bid-elsewhere")
    assert site.get("/opportunities/two", if_none_match=before).status_code == 200


def test_the_tag_names_build_address_subjects_and_stretch() -> None:
    fresh = Fresh()
    fresh.shows("firm:a", 3)
    tags = {fresh.tag("b1", b"/x"), fresh.tag("b2", b"/x"), fresh.tag("b1", b"/y")}
    fresh.shows("firm:a", 4)
    tags.add(fresh.tag("b1", b"/x"))
    fresh.expires(START)
    tags.add(fresh.tag("b1", b"/x"))
    fresh.expires(START + timedelta(days=1))
    tags.add(fresh.tag("b1", b"/x"))
    fresh.follows(b"")
    tags.add(fresh.tag("b1", b"/x"))
    fresh.follows(b"checkpoint")
    tags.add(fresh.tag("b1", b"/x"))
    assert len(tags) == 7


async def same_page(scope: Scope, _receive: Receive, send: Send) -> None:
    """A page that depends on nothing."""
    scope[SCOPE_KEY].kept = True
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<p>" + b"x" * 2_000, "more_body": True})
    await send({"type": "http.response.body", "body": b"</p>"})


def test_the_store_is_bounded_and_forgets_what_was_asked_longest_ago(
    site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.cache.LARGEST", 60_000)
    versions = Versions(site.office.store)
    cache = FrontCache(same_page, versions, site.clock, "build", site.office.folder.log / "checkpoint")
    for number in range(40):
        answer = ask(cache, "GET", f"/how?n={number}", {"accept-encoding": "br"})
        assert (answer.status_code, len(answer.text)) == (200, 2_007)
        assert ask(cache, "GET", "/how?n=0").status_code == 200
    assert 0 < cache._size <= 60_000
    assert cache._size == sum(kept.size for kept in cache._kept.values())
    assert {key[1] for key in cache._kept} >= {b"n=0", b"n=39"}
    assert b"n=1" not in {key[1] for key in cache._kept}
    assert ask(cache, "GET", f"/how?{'x' * 2000}").status_code == 200
    assert all(len(key[1]) < 2000 for key in cache._kept)
    versions.close()
