"""Practice in a real browser: no cookie is ever set, the device alone keeps what is typed, and it can forget it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from portal.app import compose
from tests.browser.served import served
from tests.browser.test_notice_desk import ANSWERS, type_in
from tests.browser.test_page_types import violations
from tests.portal.town import POLICY, Town
from tests.web.test_desk import demo_town

FORM = f"/practice?rules={POLICY.id}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = demo_town(tmp_path_factory.mktemp("practised") / "data")
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def site(town: Town) -> Iterator[str]:
    with served(lambda address: compose(town.office, address)) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(accept_downloads=True)
    yield context.new_page()
    context.close()


def test_a_whole_notice_is_practised_kept_saved_and_forgotten_without_a_cookie(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.get_by_role("link", name="Practise a notice without an account").click()
    page.get_by_role("link", name="Blue Ridge County").last.click()
    type_in(page, "budget", "12,000")
    expect(page.get_by_role("button", name="Pay 10,000")).to_be_visible()
    for name, text in ANSWERS.items():
        type_in(page, name, text)
    page.get_by_label("No", exact=True).check()
    page.get_by_label("the county's own money").check()
    expect(page.locator("#row-title .value")).to_contain_text("A clerk sees every tree on a map")
    expect(page.get_by_text("The rules would take this notice as it stands.")).to_be_visible()
    page.goto(f"{site}/practice")
    page.goto(f"{site}{FORM}")
    expect(page.locator("[name=acceptance]")).to_have_value(ANSWERS["acceptance"])
    expect(page.get_by_label("No", exact=True)).to_be_checked()
    with page.expect_download() as file:
        page.get_by_role("button", name="Save it as a file").click()
    assert file.value.suggested_filename == "practice-a-clerk-sees-every-tree-on-a-map.json"
    page.get_by_role("button", name="Forget it on this device").click()
    page.goto(f"{site}{FORM}")
    expect(page.locator("[name=acceptance]")).to_have_value("")
    page.set_input_files("[name=file]", file.value.path())
    page.get_by_role("button", name="Open it").click()
    expect(page.locator("[name=acceptance]")).to_have_value(ANSWERS["acceptance"])
    assert page.context.cookies() == []


def test_what_is_typed_before_the_script_arrives_is_kept_and_checked(page: Page, site: str) -> None:
    held: list[Route] = []
    page.route("**/practice*.js", lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks its handler, a built-in takes no mark
    with page.expect_request("**/practice*.js"):
        page.goto(f"{site}{FORM}", wait_until="commit")
    type_in(page, "budget", "12,000")
    held[0].continue_()
    expect(page.get_by_role("button", name="Pay 10,000")).to_be_visible()
    page.unroute("**/practice*.js")
    page.reload()
    expect(page.locator("[name=budget]")).to_have_value("12,000")


def test_without_javascript_the_same_form_is_checked_and_mended(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{FORM}")
    for name, text in {**ANSWERS, "budget": "12,000"}.items():
        type_in(page, name, text)
    page.get_by_role("button", name="Check it").last.click()
    page.get_by_role("button", name="Pay 10,000").click()
    expect(page.get_by_text("The rules would take this notice as it stands.")).to_be_visible()
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, site: str, theme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    for path in ("/practice", FORM):
        page.goto(f"{site}{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Check it").last.click()
    page.evaluate("document.querySelectorAll('details').forEach(panel => { panel.open = true })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
