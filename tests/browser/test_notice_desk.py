"""A notice at the desk in a real browser: kept while it is typed, also while the session is gone; judged after each pause."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.app import compose
from portal.identity.tables import Tables
from tests.browser.served import served
from tests.browser.test_page_types import violations
from tests.portal.town import Town
from tests.web.test_desk import demo_town

ANSWERS = {
    "need": "Nobody knows how many trees the county has.",
    "outcome": "A clerk sees every tree on a map.",
    "audience": "Two clerks and four crews.",
    "existing": "A paper list of 1998.",
    "incumbent": "none",
    "budget": "9,000",
    "acceptance": "A crew adds a tree from a phone.\nA clerk prints a street.",
    "helpers": "nobody",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = demo_town(tmp_path_factory.mktemp("notice") / "data")
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def site(town: Town) -> Iterator[str]:
    with served(lambda address: compose(town.office, address)) as address:
        yield address


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    be(made, site, "Ada")
    yield made
    context.close()


def be(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/desk/sign-in")
    page.get_by_role("button", name=f"Be {name}").first.click()


def type_in(page: Page, name: str, text: str) -> None:
    page.locator(f"[name={name}]").fill(text)


def test_what_is_typed_is_kept_and_judged_without_pressing_anything(page: Page, site: str) -> None:
    page.goto(f"{site}/desk/notices/new")
    type_in(page, "need", ANSWERS["need"])
    type_in(page, "budget", "12,000")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.get_by_role("button", name="Pay 10,000")).to_be_visible()
    assert "/desk/notices/drafts/" in page.url
    type_in(page, "outcome", ANSWERS["outcome"])
    expect(page.locator("#row-title .value")).to_contain_text("A clerk sees every tree on a map")
    page.get_by_role("button", name="Pay 10,000").click()
    expect(page.locator("[name=budget]")).to_have_value("10,000")
    page.reload()
    expect(page.locator("[name=need]")).to_have_value(ANSWERS["need"])


def end_all_sessions(town: Town) -> None:
    tables = Tables(town.office.folder.desk)
    with tables.writing() as rows:
        rows.run("DELETE FROM desk_session")
    tables.close()


def test_a_session_that_ends_while_somebody_types_loses_nothing(page: Page, site: str, town: Town) -> None:
    page.goto(f"{site}/desk/notices/new")
    type_in(page, "need", "Typed while signed in.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    end_all_sessions(town)
    type_in(page, "outcome", "Typed after the session had ended.")
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    other = page.context.new_page()
    be(other, site, "Ada")
    other.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(page.locator("[name=outcome]")).to_have_value("Typed after the session had ended.")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('daylight:notice')).length") == 0


def test_what_only_the_device_has_is_found_on_the_desk_by_its_own_author(page: Page, site: str, town: Town) -> None:
    page.goto(f"{site}/desk/notices/new")
    end_all_sessions(town)
    type_in(page, "outcome", "Only on this device.")
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    be(page, site, "Ben")
    expect(page.get_by_role("link", name="Only on this device.")).to_have_count(0)
    be(page, site, "Ada")
    page.get_by_role("link", name="Only on this device.").click()
    expect(page.locator("[name=outcome]")).to_have_value("Only on this device.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.goto(f"{site}/desk")
    expect(page.get_by_role("link", name="Only on this device")).to_have_count(1)


def test_without_javascript_the_check_button_does_the_same(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    be(page, site, "Ada")
    page.goto(f"{site}/desk/notices/new")
    for name, text in {**ANSWERS, "budget": "12,000"}.items():
        type_in(page, name, text)
    page.locator("[name=helpers]").press("Tab")
    page.get_by_role("button", name="Check it").last.click()
    page.get_by_role("button", name="Pay 10,000").click()
    expect(page.get_by_text("The rules would take this notice as it stands.")).to_be_visible()
    page.get_by_role("button", name="Go on to sign").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Read, then sign")
    context.close()


def test_it_is_written_with_the_keyboard_alone(page: Page, site: str) -> None:
    page.goto(f"{site}/desk/notices/new")
    page.locator("[name=need]").focus()
    answers = [*ANSWERS.values()]
    for text in answers[:6]:
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    for text in answers[6:]:
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.locator("[name=incumbent]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The rules would take this notice as it stands.")).to_be_visible()
    page.locator("#row-dates summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=closes]")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280), ("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, site: str, theme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    be(page, site, "Ada")
    page.goto(f"{site}/desk/notices/new")
    wrong = {**ANSWERS, "need": "Ten years of experience with " + "w" * 60, "budget": "12,000", "helpers": ""}
    for name, text in wrong.items():
        type_in(page, name, text)
    page.get_by_role("button", name="Check it").last.click()
    page.evaluate("document.querySelectorAll('details').forEach(panel => { panel.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.goto(f"{site}/desk")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
