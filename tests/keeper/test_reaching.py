"""What a portal answers is bounded, believed by nobody, and never led elsewhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ledger.errors import LedgerError, MalformedError
from portal.keeper import reaching
from portal.keeper.clearing import clear
from portal.keeper.home import Home
from portal.keeper.looking import Tool, look
from portal.keeper.reaching import FolderPortal, WebPortal
from portal.keeper.registering import register
from portal.keeper.releasing import release
from portal.keeper.ring import Ring
from portal.procurement.events.party import PackKey
from portal.procurement.refusal import Refusal
from tests.keeper.conftest import Served
from tests.portal.town import PILOT, refusal_of

KEYS = [PackKey(offer="00" * 32, proposal="11" * 32)]
ADDRESSES = {
    "plain http to elsewhere": "http://pilots.example.org",
    "another scheme": "ftp://pilots.example.org",
    "no scheme": "pilots.example.org",
    "a file": "file:///etc/passwd",
    "no host": "https://",
    "a query": "https://pilots.example.org/?a=b",
    "a fragment": "https://pilots.example.org/#a",
    "a name and a password": "https://a:b@pilots.example.org",
    "a host that only begins like this machine": "http://localhost.example.org",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_that_no_key_goes_to(address: str) -> None:
    assert refusal_of(lambda: WebPortal(address)) == "portal-address"


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[WebPortal, list[str]]]:
    """A portal that answers everything alike, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield WebPortal(f"http://localhost:{server.server_port}"), asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_portal_that_leads_elsewhere_is_not_followed() -> None:
    with answering(307, b"", Location="/elsewhere") as (portal, asked), pytest.raises(LedgerError) as refused:
        portal.drill("keeper:kim", KEYS)
    assert refused.value.reason == "portal-unreachable"
    assert asked == ["/api/keeper/drills"]


def test_a_portal_that_is_not_there_is_said_to_be_unreachable() -> None:
    with answering(200, b"") as (portal, _):
        address = portal.address
    with pytest.raises(LedgerError) as refused:
        WebPortal(address).drill("keeper:kim", KEYS)
    assert refused.value.reason == "portal-unreachable"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"nonce":1,"at":"","shares":[]}', b'{"nonce":"","at":""}']
)
def test_an_answer_that_is_none_is_refused(body: bytes) -> None:
    with answering(200, body) as (portal, _), pytest.raises(MalformedError) as refused:
        portal.drill("keeper:kim", KEYS)
    assert refused.value.reason == "portal-answer"


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "_ANSWER_LIMIT", 10)
    with answering(200, b" " * 11) as (portal, _), pytest.raises(MalformedError) as refused:
        portal.drill("keeper:kim", KEYS)
    assert refused.value.reason == "portal-answer"


def test_a_refusal_comes_with_its_words_and_nothing_a_terminal_would_obey() -> None:
    body = b'{"reason":"keeper-unknown","figures":{"keeper":"a\\u001b[2Jb"},"fix":"Ask\\u0007 them."}'
    with answering(422, body) as (portal, _), pytest.raises(Refusal) as refused:
        portal.drill("keeper:kim", KEYS)
    assert refused.value.figures == {"keeper": "a [2Jb"}
    assert refused.value.fix == "Ask  them."


@pytest.mark.parametrize("body", [b"<html>", b'{"reason":"<script>"}', b'{"reason":"A"}', b"\xff"])
def test_a_failure_without_a_reason_is_no_refusal(body: bytes) -> None:
    with answering(500, body) as (portal, _), pytest.raises(LedgerError) as refused:
        portal.drill("keeper:kim", KEYS)
    assert refused.value.reason == "portal-unreachable"


def test_carried_folders_take_no_supply_and_no_drill(tmp_path: Path) -> None:
    portal = FolderPortal(tmp_path, None, tmp_path)
    portal.supply(PILOT, b"bytes")
    assert list(tmp_path.iterdir()) == []
    assert refusal_of(lambda: portal.drill("keeper:kim", KEYS)) == "portal-needed"
    challenge = reaching.Challenge(nonce="", at="", shares=[])
    assert refusal_of(lambda: portal.register(None, challenge, [])) == "portal-needed"  # type: ignore[arg-type]  # never looked at


Start = Callable[..., Served]


def test_a_keeper_whom_the_record_does_not_know_or_knows_by_another_key_releases_nothing(serve: Start) -> None:
    site = serve()
    tool = site.tool("kim")
    tool.ring = Ring.make("keeper:zoe")
    assert refusal_of(lambda: release(tool, PILOT, "proposal")) == "keeper-unknown"
    tool.ring = Ring.make("keeper:kim")
    assert refusal_of(lambda: release(tool, PILOT, "proposal")) == "keeper-key-other"
    assert refusal_of(lambda: register(tool, 1)) == "keeper-key-other"
    assert refusal_of(lambda: clear(tool, "opportunity:other")) == "opportunity-unknown"
    assert site.town.case().released == {}


def test_a_key_that_is_not_on_the_ring_cannot_be_released(serve: Start) -> None:
    site = serve()
    tool = site.tool("kim")
    seat = next(seat for seat in site.town.case().notice.sealing.seats if seat.keeper == "keeper:kim")
    ring = tool.ring.without(seat.proposal)
    assert ring is not None
    tool.ring = ring
    assert refusal_of(lambda: release(tool, PILOT, "proposal")) == "key-not-in-ring"
    assert site.town.case().released == {}


def test_a_keeper_without_a_seat_has_nothing_to_release(serve: Start) -> None:
    site = serve()
    site.town.keeper("ned", "elsewhere")
    tool = site.tool("ned")
    assert refusal_of(lambda: release(tool, PILOT, "proposal")) == "keeper-not-seated"


def test_before_anything_is_pinned_nothing_is_looked_at(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    tool = Tool(home, WebPortal("http://localhost:9"), None, Ring.make("keeper:kim"), print)  # type: ignore[arg-type]  # never read
    assert refusal_of(lambda: look(tool)) == "vkeys-missing"
    assert refusal_of(home.verifiers) == "vkeys-missing"
