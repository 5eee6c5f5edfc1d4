"""Pages as bytes: whole, light, honest about what they are, and silent about the log's size."""

import re
import xml.etree.ElementTree as ET

import brotli
import pytest

from portal.web.render import Renderer
from tests.web import page_samples as samples
from tests.web import seen

LIVE = Renderer(samples.SITE)
DEMO = Renderer(samples.DEMO)
REENACTMENT = Renderer(
    samples.frame.Site(
        operator="Daylight", purpose="re-enactment", origin="r.example/log", address="http://localhost:8000"
    )
)
FIRST_PAGE_LIMIT = 30_000
USUAL = [name for name in samples.PAGES if not name.endswith("-much")]


def html(renderer: Renderer, name: str) -> str:
    return renderer.page(samples.PAGES[name]()).decode("utf-8")


@pytest.mark.parametrize("name", USUAL)
def test_a_first_page_with_its_style_weighs_at_most_30_kb_on_the_wire(name: str) -> None:
    page = brotli.compress(DEMO.page(samples.PAGES[name]()), quality=5)
    styles = sum(len(DEMO.assets[name].brotli) for name in ("daylight.css", "favicon.svg"))
    assert len(page) + styles <= FIRST_PAGE_LIMIT


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_demo_says_on_every_page_that_it_is_fictional_and_which_moment_it_shows(name: str) -> None:
    text = seen.read(html(DEMO, name))
    assert "Fictional demonstration." in text
    assert "Shown as of Tue 3 March 2026, 10:00 EST (15:00 UTC) ." in text


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_re_enactment_says_so_on_every_page_and_a_live_site_claims_neither(name: str) -> None:
    assert "Re-enactment." in seen.read(html(REENACTMENT, name))
    live = seen.read(html(LIVE, name))
    assert "Fictional" not in live
    assert "Re-enactment" not in live


@pytest.mark.parametrize("name", samples.PAGES)
def test_every_page_says_that_the_outside_check_is_pending(name: str) -> None:
    assert "Recorded; outside check pending" in seen.read(html(DEMO, name))


@pytest.mark.parametrize("name", [name for name in samples.PAGES if not name.startswith(("ledger", "record"))])
def test_no_page_but_the_records_own_prints_its_size_or_root(name: str) -> None:
    page = html(DEMO, name)
    assert "1842" not in page
    assert "1,842" not in page
    assert samples.digest("root") not in page


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_has_one_heading_one_main_part_and_unique_anchors(name: str) -> None:
    page = html(DEMO, name)
    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    anchors = re.findall(r'\sid="([^"]+)"', page)
    if not name.startswith("policy") and not name.endswith("-much"):
        assert len(anchors) == len(set(anchors))
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in anchors


@pytest.mark.parametrize("name", samples.PAGES)
def test_no_page_needs_a_script_or_anything_from_elsewhere(name: str) -> None:
    page = html(DEMO, name)
    assert "<script" not in page
    assert "style=" not in page
    assert re.search(r"<[^>]*\son[a-z]+=", page) is None
    assert (
        re.findall(r'(?:src|<link[^>]*href)="(https?:[^"]+)"', page.replace('rel="canonical" href', "canonical")) == []
    )


def test_what_others_wrote_is_escaped() -> None:
    page = samples.firm_page()
    hostile = type(page)(
        **{**{f: getattr(page, f) for f in page.__struct_fields__}, "name": "<script>alert(1)</script>"}
    )
    assert b"<script" not in DEMO.page(hostile)


def test_every_end_has_the_same_sections_as_a_success() -> None:
    heading = re.compile(r'<h2 id="([a-z]+)"')
    expected = heading.findall(html(DEMO, "pilot-awarded"))
    assert len(expected) == 10
    for state in samples.STATES:
        assert heading.findall(html(DEMO, f"pilot-{state}")) == expected


def test_a_deadline_is_printed_in_the_agencys_zone_and_in_utc_with_days_left() -> None:
    text = seen.read(html(DEMO, "pilot-open"))
    assert "Sat 7 March 2026, 10:00 EST (15:00 UTC) , in 4 days" in text


def test_a_feed_is_well_formed_and_says_what_it_is() -> None:
    feed = ET.fromstring(DEMO.page(samples.feed_page()))  # noqa: S314 -- our own bytes
    atom = "{http://www.w3.org/2005/Atom}"
    assert "Fictional" in (feed.findtext(f"{atom}subtitle") or "")
    entries = feed.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}title") for entry in entries] == [f"{title} <&>" for title in samples.TITLES[:3]]
    assert all("Fictional" in (entry.findtext(f"{atom}summary") or "") for entry in entries)
    assert len({entry.findtext(f"{atom}id") for entry in entries}) == 3


def test_the_version_of_templates_changes_with_a_word_and_is_stable_otherwise() -> None:
    assert Renderer(samples.DEMO).version == DEMO.version
    assert re.fullmatch("[0-9a-f]{12}", DEMO.version)


def test_a_static_file_carries_its_fingerprint_in_its_name() -> None:
    style = DEMO.assets["daylight.css"]
    assert re.fullmatch(r"daylight\.[0-9a-f]{12}\.css", style.name)
    assert brotli.decompress(style.brotli) == style.plain
    assert style.href in html(DEMO, "home")
