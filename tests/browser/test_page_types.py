"""Every page type in a real browser: no WCAG 2.2 AA violation in either theme, no sideways scroll on any screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from portal.web.render import Renderer
from tests.web import page_samples as samples

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
NARROW = 320
WIDTHS = (NARROW, 360, 768, 1280)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All sample pages as files, each with the style sheet beside it."""
    folder = tmp_path_factory.mktemp("pages")
    renderer = Renderer(samples.DEMO)
    css = renderer.assets["daylight.css"]
    (folder / "daylight.css").write_bytes(css.plain)
    for name, make in samples.PAGES.items():
        html = renderer.page(make()).decode("utf-8").replace(css.href, "daylight.css")
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.fixture(scope="package", params=[("light", 360), ("dark", 1280)], ids=["light-phone", "dark-desk"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Each theme on one kind of screen: colours do not depend on the width, nor sizes on the theme."""
    theme, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="package")
def sized(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options=RULES)
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:160]}" for violation in results.response["violations"]]


@pytest.mark.parametrize("name", samples.PAGES)
def test_axe_finds_no_violation(themed: Page, folder: Path, name: str) -> None:
    themed.goto((folder / f"{name}.html").as_uri())
    # what is folded away is read by somebody too
    themed.evaluate("document.querySelectorAll('details').forEach((panel, i) => { panel.open = i < 40 })")
    assert violations(themed) == []


def test_axe_finds_a_violation_planted_on_purpose(themed: Page, folder: Path) -> None:
    themed.goto((folder / "how.html").as_uri())
    themed.evaluate("document.querySelector('main p').style.color = 'var(--rule)'")
    themed.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"daylight.css\">')")
    assert [line.partition(":")[0] for line in violations(themed)] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize("name", samples.PAGES)
def test_no_page_scrolls_sideways(sized: Page, folder: Path, name: str) -> None:
    for width in WIDTHS:
        sized.set_viewport_size({"width": width, "height": 800})
        sized.goto((folder / f"{name}.html").as_uri())
        assert sized.evaluate("document.documentElement.scrollWidth") <= width, width
        sized.evaluate("document.querySelectorAll('details').forEach(panel => { panel.open = true })")
        assert sized.evaluate("document.documentElement.scrollWidth") <= width, f"{width}, panels open"


@pytest.mark.parametrize("name", samples.PAGES)
def test_no_page_holds_a_script_a_cookie_or_a_foreign_address(sized: Page, folder: Path, name: str) -> None:
    asked: list[str] = []
    sized.on("request", lambda request: asked.append(request.url))
    sized.goto((folder / f"{name}.html").as_uri())
    assert sized.evaluate("document.scripts.length") == 0
    assert sized.evaluate("document.cookie") == ""
    assert [url for url in asked if not url.startswith("file:")] == []


def test_the_table_of_bids_scrolls_inside_itself_with_its_first_column_fixed(sized: Page, folder: Path) -> None:
    sized.set_viewport_size({"width": 360, "height": 800})
    sized.goto((folder / "pilot-awarded.html").as_uri())
    before, after = sized.evaluate(
        """() => {
          const box = document.querySelector('table.bids').closest('.scroll');
          const cell = box.querySelector('tbody th');
          const before = cell.getBoundingClientRect().left;
          box.scrollLeft = 300;
          return [before, cell.getBoundingClientRect().left, box.scrollLeft];
        }"""
    )[:2]
    assert before == pytest.approx(after, abs=1)


def test_every_target_on_a_phone_is_large_enough_for_a_finger(sized: Page, folder: Path) -> None:
    sized.set_viewport_size({"width": 360, "height": 800})
    sized.goto((folder / "pilot-awarded.html").as_uri())
    small = sized.evaluate(
        """() => [...document.querySelectorAll('nav a, summary, button, input')]
            .filter(e => e.getBoundingClientRect().height < 24 && e.getBoundingClientRect().height > 0)
            .map(e => e.textContent)"""
    )
    assert small == []
