"""Anybody can follow an opening: as a page that is complete by itself, and live."""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.app import compose, make_door
from portal.commands.open_offers import open_offers
from portal.commands.open_proposals import open_proposals
from portal.procurement.events import opening, opportunity
from portal.web.cache import App, Message
from portal.web.public.opening_events import BEAT, LAST, MOST, MOST_FROM_ONE, STOPPING, OpeningEvents
from portal.web.versions import Versions
from tests.portal.town import OFFICERS, PILOT, Town, reopened
from tests.web import seen
from tests.web.made_site import ADDRESS, HTML, ask

NAME = PILOT.partition(":")[2]
PAGE = f"/opportunities/{NAME}/opening"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town.found(tmp_path_factory.mktemp("ready") / "data")
    town.publish()
    town.bid("ridge")
    town.bid("hollow")
    town.declare_interests()
    yield town
    town.office.close()


@pytest.fixture
def town(ready: Town, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(ready.office.folder.root, tmp_path / "data")
    made = reopened(ready, tmp_path / "data")
    yield made
    made.office.close()


def lede(app: App) -> str:
    answer = ask(app, "GET", PAGE, HTML)
    assert answer.status_code == 200
    found = re.search(r'<p class="lede"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None
    return seen.read(found[1])


def steps(app: App) -> list[tuple[str, str]]:
    """Each step's tense and sentence."""
    text = ask(app, "GET", PAGE, HTML).text
    found = re.findall(r'<li class="(past|now|future)".*?<p class="said">(.*?)</p>', text, re.DOTALL)
    return [(tense, seen.read(said)) for tense, said in found]


def test_the_page_tells_every_step_of_an_opening(town: Town) -> None:
    app = compose(town.office, ADDRESS)
    assert lede(app).startswith("Nothing is opened before bidding closes on")
    assert {tense for tense, _ in steps(app)} == {"future"}
    town.clock.advance_to(town.case().closes)
    assert lede(app) == "Bidding has closed. The list of bids is being fixed."
    town.close()
    assert lede(app).startswith("2 bids are in and sealed. The list can be disputed until")
    town.clock.advance_to(town.case().objection_until)
    assert lede(app) == "0 of the 2 keys that open the proposals are given."
    town.release("proposal", names=("kim",))
    assert lede(app) == "1 of the 2 keys that open the proposals are given."
    text = ask(app, "GET", PAGE, HTML).text
    assert seen.read(text).count("no key yet") == 2
    assert "Kim, bar-association" in seen.read(text)
    assert ("now", "Keys for the anonymous proposals: 1 given; any 2 of 3 open them.") in steps(app)
    town.release("proposal", names=("mae",))
    open_proposals(town.office, PILOT)
    opened = town.case().proposals_opened
    assert opened is not None
    body = opening.OpeningConfirmed(keeper="keeper:kim", label="proposal", verdicts=opened.document)
    town.act("opening-confirmed", PILOT, body, "kim")
    assert lede(app) == "The proposals are open, without names. 0 of 3 evaluators have locked in their scores."
    assert "Worked out again and confirmed by Kim." in seen.read(ask(app, "GET", PAGE, HTML).text)
    assert ("past", "2 proposals were opened, without names.") in steps(app)
    town.score()
    assert lede(app) == "All scores are shown. 0 of the 2 keys that open names and prices are given."
    town.release("offer")
    open_offers(town.office, PILOT)
    assert lede(app) == "Everything is open: 2 bids, their names and their prices."
    assert {tense for tense, _ in steps(app)} == {"past"}
    assert len(steps(app)) == 8
    assert "opening.js" not in ask(app, "GET", PAGE, HTML).text


def test_a_page_with_too_few_keys_says_what_bidders_can_do(town: Town) -> None:
    app = compose(town.office, ADDRESS)
    town.close()
    town.release("proposal", names=("kim",))
    town.clock.advance_to(town.case().opens_by)
    assert lede(app).startswith("Too few keys came by")
    assert "open her own bid" in seen.read(ask(app, "GET", PAGE, HTML).text)


def test_a_pilot_without_bids_or_that_was_ended_says_so(town: Town, tmp_path: Path) -> None:
    other = Town.found(tmp_path / "empty")
    other.publish()
    other.declare_interests()
    other.close()
    app = compose(other.office, ADDRESS)
    assert lede(app) == "No bid is in. There is nothing to open."
    assert len(steps(app)) == 2
    other.office.close()
    app = compose(town.office, ADDRESS)
    town.close()
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    assert lede(app) == "The pilot ended before everything was opened."
    assert steps(app)[-1] == ("past", "The pilot was ended.")


def test_the_page_is_public_cached_and_complete_without_script(town: Town) -> None:
    app = compose(town.office, ADDRESS)
    first = ask(app, "GET", PAGE, HTML)
    assert "set-cookie" not in first.headers
    assert first.headers["cache-control"] == "public, no-cache"
    assert ask(app, "GET", PAGE, {**HTML, "if-none-match": first.headers["etag"]}).status_code == 304
    assert "connect-src 'self'" in first.headers["content-security-policy"]
    assert f'href="{PAGE}"' in first.text, "a link loads the page again"
    assert "http-equiv" not in first.text
    town.close()
    assert ask(app, "GET", PAGE, HTML).headers["etag"] != first.headers["etag"]
    assert ask(app, "GET", "/opportunities/nothing/opening", HTML).status_code == 404
    assert f'href="{PAGE}"' in ask(app, "GET", f"/opportunities/{NAME}", HTML).text


class Follower:
    """One reader of the events: a clock of ticks that a test moves, and everything the server sent."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.versions = Versions(town.office.store)
        self.ticks: asyncio.Queue[None] = asyncio.Queue()
        self.waits = asyncio.Event()
        self.events = OpeningEvents(_elsewhere, make_door(town.office, ADDRESS), self.versions, self._tick)
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self.state: dict[str, object] = {}

    async def _tick(self) -> None:
        self.waits.set()
        await self.ticks.get()

    async def tick(self, count: int = 1) -> None:
        """Let the record be looked at so many times."""
        for _ in range(count):
            await self.waits.wait()
            self.waits.clear()
            self.ticks.put_nowait(None)
        await self.waits.wait()

    def start(self, path: str = f"{PAGE}/events", client: str = "127.0.0.1") -> "asyncio.Task[None]":
        """Ask for the events."""
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": [],
            "client": (client, 50_000),
            "state": self.state,
        }
        return asyncio.ensure_future(self.events(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def text(self) -> str:
        """The stream so far."""
        return b"".join(message.get("body", b"") for message in self.sent).decode()


async def _elsewhere(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def following(town: Town, script: Callable[[Follower], Any]) -> Follower:
    """Run a reader's script to its end."""

    async def run() -> Follower:
        follower = Follower(town)
        try:
            async with asyncio.timeout(20):
                await script(follower)
        finally:
            follower.versions.close()
        return follower

    return asyncio.run(run())


def test_a_stream_says_that_something_moved_and_nothing_else(town: Town) -> None:
    town.close()
    town.clock.advance_to(town.case().objection_until)

    async def script(follower: Follower) -> None:
        task = follower.start()
        await follower.tick(2)
        assert "moved" not in follower.text()
        town.release("proposal", names=("kim",))
        await follower.tick()
        follower.gone.set()
        await task

    follower = following(town, script)
    headers = dict(follower.sent[0]["headers"])
    assert headers[b"content-type"] == b"text/event-stream"
    assert headers[b"cache-control"] == b"no-store"
    assert b"set-cookie" not in headers
    assert re.fullmatch(r"retry: 3000\nid: [0-9a-f]{24}\n\nid: [0-9a-f]{24}\nevent: moved\ndata: \n\n", follower.text())
    assert follower.events._following.total() == 0


def test_a_deadline_that_passes_moves_the_page_though_nobody_acts(town: Town) -> None:
    async def script(follower: Follower) -> None:
        task = follower.start()
        await follower.tick()
        town.clock.advance_to(town.case().closes)
        await follower.tick()
        follower.gone.set()
        await task

    assert following(town, script).text().count("event: moved") == 1


def test_a_quiet_line_shows_that_it_is_alive_and_ends_after_ten_minutes(town: Town) -> None:
    async def script(follower: Follower) -> None:
        task = follower.start()
        await follower.tick(BEAT - 1)
        assert "event: here" not in follower.text()
        await follower.tick()
        assert follower.text().endswith("event: here\ndata: \n\n")
        for _ in range(LAST - BEAT):
            follower.ticks.put_nowait(None)
        await task

    follower = following(town, script)
    assert follower.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert follower.text().count("event: here") == LAST // BEAT


def test_it_ends_when_everything_is_open_and_tells_whoever_comes_later_to_stop(town: Town) -> None:
    town.close()
    town.release("proposal")
    open_proposals(town.office, PILOT)
    town.score()
    town.release("offer")

    async def script(follower: Follower) -> None:
        task = follower.start()
        await follower.tick()
        open_offers(town.office, PILOT)
        follower.ticks.put_nowait(None)
        await task
        assert follower.text().endswith("event: moved\ndata: \n\n")
        follower.sent.clear()
        await follower.start()

    assert following(town, script).sent[0]["status"] == 204


def test_it_ends_when_the_server_is_told_to_stop(town: Town) -> None:
    async def script(follower: Follower) -> None:
        stopping = asyncio.Event()
        follower.state[STOPPING] = stopping
        task = follower.start()
        await follower.tick()
        stopping.set()
        await task

    assert following(town, script).sent[-1]["more_body"] is False


def test_only_so_many_follow_at_once(town: Town) -> None:
    async def script(follower: Follower) -> None:
        tasks = [follower.start(client="10.0.0.1") for _ in range(MOST_FROM_ONE)]
        await follower.tick()
        follower.sent.clear()
        await follower.start(client="10.0.0.1")
        assert follower.sent[0]["status"] == 503
        assert (b"retry-after", b"30") in follower.sent[0]["headers"]
        follower.events._following["many"] = MOST - MOST_FROM_ONE
        follower.sent.clear()
        await follower.start(client="10.0.0.2")
        assert follower.sent[0]["status"] == 503
        del follower.events._following["many"]
        follower.gone.set()
        await asyncio.gather(*tasks)
        assert follower.events._following == {}

    following(town, script)


def test_what_is_no_opening_is_somebody_else_s_to_answer(town: Town) -> None:
    async def script(follower: Follower) -> None:
        for path in (
            PAGE,
            "/opportunities/nothing/opening/events",
            f"{PAGE}/events/more",
            "/opportunities/A/opening/events",
        ):
            follower.sent.clear()
            await follower.start(path)
            assert follower.sent[0]["status"] == 404

    following(town, script)


def test_the_composed_site_streams_too(town: Town) -> None:
    app = compose(town.office, ADDRESS)
    body = opportunity.OpportunityWithdrawn(reason="notice-error", why="The budget was wrong by a digit.")
    town.act("opportunity-withdrawn", PILOT, body, *OFFICERS)
    answer = ask(app, "GET", f"{PAGE}/events", {})
    assert (answer.status_code, answer.headers["cache-control"]) == (204, "no-store")
    assert ask(app, "POST", f"{PAGE}/events", {}).status_code in {404, 405}
