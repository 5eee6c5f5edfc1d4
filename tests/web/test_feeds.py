"""Atom feeds: whole, in order, and paged by the record's numbers."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.projections.made_log import agency, notice, promise
from tests.web.made_site import MadeSite

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/opportunities.atom", "/plans.atom", "/awards.atom"]


def read(site: MadeSite, path: str) -> ET.Element:
    answer = site.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.content)  # noqa: S314 -- our own feed


def link(feed: ET.Element, rel: str) -> str:
    found = [each.attrib["href"] for each in feed.findall(f"{ATOM}link") if each.attrib.get("rel") == rel]
    return found[0] if found else ""


@pytest.mark.parametrize("path", FEEDS)
def test_each_feed_is_whole_and_says_that_it_is_fictional(tmp_path: Path, path: str) -> None:
    site = MadeSite(tmp_path)
    feed = read(site, path)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{name}") is not None
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for entry in entries:
        assert "Fictional demonstration." in (entry.findtext(f"{ATOM}summary") or "")
        assert entry.findtext(f"{ATOM}id", "").startswith("tag:test.example/log,2026:/")
    assert link(feed, "next") == ""


@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_feed_is_still_a_feed(tmp_path: Path, path: str) -> None:
    feed = read(MadeSite(tmp_path, filled=False), path)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize("kind", ["opportunity", "plan"])
def test_whoever_follows_a_feed_to_its_end_misses_nothing(tmp_path: Path, kind: str) -> None:
    site = MadeSite(tmp_path, filled=False)
    site.log.act("agency:harlan", agency(), by="registrar")
    for number in range(120):
        body = notice(f"N{number}") if kind == "opportunity" else promise(f"N{number}")
        site.log.act(f"{kind}:n{number}", body)
    path, titles = f"/{'opportunities' if kind == 'opportunity' else 'plans'}.atom", []
    while path:
        feed = read(site, path)
        titles.append([entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")])
        if len(titles) == 1:
            late = notice("late") if kind == "opportunity" else promise("late")
            site.log.act(f"{kind}:late", late)
        path = link(feed, "next").removeprefix("http://localhost:8000")
    assert [len(page) for page in titles] == [50, 50, 20]
    assert [title for page in titles for title in page] == [f"N{number}" for number in reversed(range(120))]
