"""
Every page of the desk in every state, in a real browser: no WCAG 2.2 AA violation in either theme, no sideways scroll.

The pages are the routes of the composed desk, entered by every role that the table lets in, at the stations of a pilot at
which they have something to say; each form is also sent empty, so that it comes back with its errors.
"""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from policies.roles_table import ROLES, roles_table
from portal.app import compose
from portal.identity.accounts import Account
from portal.identity.sessions import open_session
from tests.browser.served import served
from tests.browser.test_page_types import NARROW, RULES
from tests.portal.stations import STATES
from tests.web.desk_cases import CASES, Case, expected
from tests.web.desk_seats import PEOPLE, Hall, Halls, Route, routers_of, routes_of, seat
from tests.web.test_desk import NOTICE

HOME = "/desk"
PHONE = 360
ENOUGH = 40
"""Pages that must have been looked at, so that a desk without pages would not pass."""

Made = TypeVar("Made")
BEN = seat("ben", "officer", agency="agency:harlan-county", person="person:ben")
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SETTLED = "document.querySelectorAll('details').forEach((panel) => { panel.open = true })"
FORM = """[...document.querySelectorAll('main form')].find((form) => form.method === 'post'
  && form.querySelector('textarea, select, input:not([type=hidden]):not([type=file])'))"""
SENT = f"""() => {{
  const form = {FORM}
  for (const field of form.querySelectorAll('textarea, input:not([type=hidden]):not([type=file])')) {{
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = false
    else field.value = ''
  }}
  HTMLFormElement.prototype.submit.call(form)
}}"""
"""Send the page's form with nothing in it, past the browser's own checks and the page's scripts."""


class Visit(NamedTuple):
    """A page: who looks, where, and whether its form is sent empty."""

    who: Account | None
    path: str
    empty: bool = False


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halls]:
    made = Halls(tmp_path_factory.mktemp("rooms"))
    yield made
    made.close()


def visits(halls: Halls) -> dict[str, list[Visit]]:
    """By station, every route that answers with a page, for one of those it lets in; the first page of everybody."""
    found: dict[str, list[Visit]] = {}
    routes = routes_of(routers_of(halls.at("open").app)[1])
    posts = {route.path for route in routes if route.method == "POST"}
    for route in (route for route in routes if route.method == "GET"):
        states = roles_table().deeds[str(route.opt["deed"])].states
        for state, station in _stations(CASES[route.name], states or ("open",)):
            roles = [role for role in reversed(ROLES) if expected(route, CASES[route.name], role, state) == "in"]
            pages = [(role, path) for role in roles if (path := _page(halls.at(station), route, PEOPLE[role]))]
            for role, path in pages if route.path == HOME else pages[:1]:
                found.setdefault(station, []).append(Visit(PEOPLE[role], path))
                if route.path in posts:
                    found[station].append(Visit(PEOPLE[role], path, empty=True))
    return found


def _stations(case: Case, states: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each state with the station at which a page is looked at in it."""
    yield from ((state, case.at.get(state, state)) for state in states)
    yield from ((STATES[station], station) for station in sorted(case.looks))


def _page(hall: Hall, route: Route, account: Account | None) -> str:
    """The address of a page for somebody; empty where the route answers with a file, or sends her on."""
    path = route.path.format(**CASES[route.name].fill(hall, account))
    answer = hall.ask(account, "GET", path, accept="text/html")
    is_page = answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    return path if is_page else ""


def drafts(hall: Hall) -> list[Visit]:
    """One notice on its way: unsigned, waiting for the second officer, refused to others, on record; and one dropped."""
    ada, firm = PEOPLE["officer"], PEOPLE["firm"]
    made = [
        hall.ask(ada, "POST", "/desk/notices/new", {**NOTICE, "title": title}).headers["location"]
        for title in ("Count the trees", "Count the trees " + "w" * 60, "Count the benches", "Count the lamps")
    ]
    signing = [where.replace("/desk/sign/", "/demo/sign/") for where in made]
    for number in (1, 2):
        assert hall.ask(ada, "POST", signing[number]).status_code == 303
    assert hall.ask(BEN, "POST", signing[2]).status_code == 303
    assert hall.ask(ada, "POST", f"{made[3]}/drop").status_code == 303
    return [
        Visit(ada, made[0]),
        Visit(ada, made[1]),
        Visit(BEN, made[1]),
        Visit(BEN, "/desk"),
        Visit(BEN, made[2]),
        Visit(ada, made[3]),
        Visit(firm, made[0]),
        Visit(firm, "/desk/notices/new"),
        Visit(None, made[0]),
    ]


class Look:
    """One browser in one theme, and what it found."""

    def __init__(self, browser: Browser, theme: str) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": PHONE, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]  # one of two
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.rules = RULES if theme == "light" else CONTRAST
        self.theme = theme
        self.wrong: dict[str, list[str]] = {}
        self.seen = 0
        self.page.on("pageerror", lambda error: self.wrong.setdefault("script", []).append(str(error)))

    def at(self, hall: Hall, address: str, visit: Visit) -> None:
        """Go there as somebody who is signed in, and look."""
        self.context.clear_cookies()
        with hall.tables.writing() as rows:
            if visit.who is not None:
                hall.seat(rows, visit.who)
            session = open_session(rows, hall.town.clock.now(), visit.who)
        self.context.add_cookies([{"name": hall.cookie, "value": session.id, "url": address}])
        self.page.goto(f"{address}{visit.path}")
        if visit.empty:
            if not self.page.evaluate(f"Boolean({FORM})"):
                return
            with self.page.expect_navigation():
                self.page.evaluate(SENT)
        self._judge(f"{visit.path} by {visit.who.role if visit.who else 'nobody'}{' sent empty' * visit.empty}")

    def _judge(self, name: str) -> None:
        self.seen += 1
        self.page.evaluate(SETTLED)
        found = Axe().run(self.page, options=self.rules).response["violations"]
        wrong = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
        if self.theme == "light":
            self.page.set_viewport_size({"width": NARROW, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{wide} px wide at {NARROW}"] * (wide > NARROW)
            self.page.set_viewport_size({"width": PHONE, "height": 900})
        if wrong:
            self.wrong[name] = wrong


def apart(work: Callable[[], Made]) -> Made:
    """Do it in a thread of its own: the browser's loop runs in this one, and asking the application wants another."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_the_desk_is_one_for_everybody(browser: Browser, halls: Halls, theme: str) -> None:
    look = Look(browser, theme)
    pages = apart(lambda: visits(halls))
    pages["open"] += apart(lambda: drafts(halls.at("open")))
    for station, found in pages.items():
        hall = halls.at(station)
        with served(lambda address, hall=hall: compose(hall.town.office, address)) as address:
            for visit in found:
                look.at(hall, address, visit)
    look.context.close()
    assert "\n".join(f"{name}: {wrong}" for name, wrong in look.wrong.items()) == ""
    assert look.seen > ENOUGH
