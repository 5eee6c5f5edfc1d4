"""The keeper's page, asked as a browser asks it and as others would: only its own link, name and origin get anywhere."""

import http.client
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal.clock import SimulatedClock
from portal.commands.open_proposals import open_proposals
from portal.keeper.home import Home
from portal.keeper.locks import Passkey
from portal.keeper.page.desk import KeeperDesk
from portal.keeper.page.holder import IDLE_S, Holder
from portal.keeper.page.server import HEADERS, LIMIT, PageServer, serve
from portal.keeper.paper import write_words
from portal.keeper.reaching import WebPortal
from portal.keeper.ring import Ring
from portal.procurement.events import opening, opportunity
from tests.keeper.conftest import Served
from tests.portal.town import OFFICERS, PILOT, START, key_of, refusal_of
from tests.web import seen

NAME = PILOT.partition(":")[2]
PASSKEY = Passkey("cGFzc2tleS1udW1iZXItb25l", "laptop", bytes([5]) * 32)
Start = Callable[..., Served]


class Visitor:
    """A browser without a window: it keeps nothing but the address it was led to."""

    def __init__(self, server: PageServer) -> None:
        self.server = server
        self.below = server.path

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One request, by whatever name and from whatever origin the headers say."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": self.server.host, "Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, told

    def get(self, name: str = "") -> str:
        """The text of a page."""
        status, _, html = self.ask("GET", self.below + name)
        assert status == 200, html
        return html

    def post(self, name: str, **fields: str) -> tuple[int, str]:
        """Send a form, as the page does; gives where it led to, or what the page said."""
        status, headers, html = self.ask(
            "POST", self.below + name, urlencode(fields).encode(), Origin=self.server.origin
        )
        return status, headers["Location"].removeprefix(self.below) if status == 303 else seen.read(html)

    def run(self, name: str, **fields: str) -> str:
        """Send a form that begins something, wait for its end, and read what it said."""
        assert self.post(name, **fields) == (303, "run")
        self.server.desk.runs.wait()
        return seen.read(self.get("run"))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Serve the page of a home, by default an empty one of a portal that nobody answers for."""
    with ExitStack() as stack:

        def start(site: Served | None = None, name: str = "kim") -> Visitor:
            address = site.address if site else "http://localhost:9"
            home = Home(tmp_path / "homes" / name)
            if site:
                site.town.office.publish()
                home.pin(address, site.town.office.folder.vkeys.read_bytes())
                Ring.adopt(f"keeper:{name}", key_of(name), site.town.packs[name]).save(home.ring)
            home.make()
            clock = site.town.clock if site else SimulatedClock(START)
            server = PageServer(KeeperDesk(Holder(home), WebPortal(address), clock, demo=True))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return Visitor(server)

        yield start


def test_the_printed_link_lets_somebody_in_once(page: Callable[..., Visitor]) -> None:
    visitor = page()
    link = visitor.server.link.removeprefix(visitor.server.origin)
    status, headers, _ = visitor.ask("GET", link)
    assert (status, headers["Location"]) == (303, visitor.below)
    assert len(visitor.below) > 40
    assert visitor.ask("GET", link)[0] == 403
    assert visitor.ask("GET", "/start/")[0] == 403
    assert visitor.ask("GET", link[:-1] + "x")[0] == 403


def test_without_the_link_s_address_there_is_nothing(page: Callable[..., Visitor]) -> None:
    visitor = page()
    for path in (
        "/",
        "/keys",
        "/keeper.js",
        "/run.json",
        f"{visitor.below[:-2]}/",
        "/../ring",
        f"{visitor.below}../ring",
    ):
        assert visitor.ask("GET", path)[0] == 404
    assert visitor.ask("POST", "/look", b"", Origin=visitor.server.origin)[0] == 403
    assert visitor.ask("PUT", visitor.below)[0] == 501


STRANGE_HOSTS = (
    "127.0.0.1",
    "127.0.0.1:PORT",
    "localhost",
    "keeper.example.org:PORT",
    "localhost:PORT.evil.example",
    "",
)


@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_another_name_that_leads_here_is_not_answered(page: Callable[..., Visitor], host: str) -> None:
    visitor = page()
    named = host.replace("PORT", str(visitor.server.server_port))
    for method in ("GET", "POST"):
        status, _, told = visitor.ask(method, visitor.below, Host=named, Origin=visitor.server.origin)
        assert status == 421
        assert visitor.below not in told


@pytest.mark.parametrize(
    "origin", ["null", "http://localhost:8000", "https://pilots.example.org", "http://127.0.0.1:PORT", ""]
)
def test_what_comes_from_elsewhere_changes_nothing(page: Callable[..., Visitor], origin: str) -> None:
    visitor = page()
    headers = {"Origin": origin.replace("PORT", str(visitor.server.server_port))} if origin else {}
    form = urlencode({"keeper": "keeper:kim"}).encode()
    assert visitor.ask("POST", f"{visitor.below}make", form, **headers)[0] == 403
    assert not visitor.server.desk.holder.exists


def test_every_answer_forbids_what_is_foreign_and_nothing_sets_a_cookie(page: Callable[..., Visitor]) -> None:
    visitor = page()
    for path in ("/", visitor.below, f"{visitor.below}keeper.js", f"{visitor.below}keeper.css"):
        _, headers, _ = visitor.ask("GET", path)
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert headers["Set-Cookie"] is None
    html = visitor.get()
    assert set(re.findall(r'(?:src|href)="([^"]+)"', html)) == {"keeper.css", "keeper.js"}
    assert "style=" not in html
    script = visitor.ask("GET", f"{visitor.below}keeper.js")[2]
    assert ".toJSON(" not in script, "it would carry what a passkey answers along (sealing.md flaw 2)"
    assert "console." not in script
    assert re.findall(r"<script[^>]*>", html) == ['<script type="module" src="keeper.js">']


def test_a_browser_that_leaves_before_the_answer_is_not_told_of(
    page: Callable[..., Visitor], capfd: pytest.CaptureFixture[str]
) -> None:
    visitor = page()
    for _ in range(20):
        left = socket.create_connection(("127.0.0.1", visitor.server.server_port))
        left.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        left.sendall(f"GET {visitor.below} HTTP/1.1\r\nHost: {visitor.server.host}\r\n\r\n".encode())
        left.close()
    assert "Your keys" in visitor.get()
    assert capfd.readouterr().err == ""


def test_a_form_is_bounded_and_strict(page: Callable[..., Visitor]) -> None:
    visitor = page()
    assert (
        visitor.ask("POST", f"{visitor.below}make", Origin=visitor.server.origin, **{"Content-Length": "many"})[0]
        == 413
    )
    large = {"Content-Length": str(LIMIT + 1)}
    assert visitor.ask("POST", f"{visitor.below}make", Origin=visitor.server.origin, **large)[0] == 413
    for body in (b"\xff", b"no equals sign", b"&".join(b"a=%d" % number for number in range(21))):
        assert visitor.ask("POST", f"{visitor.below}make", body, Origin=visitor.server.origin)[0] == 422
    assert visitor.post("nothing")[0] == 404
    assert visitor.ask("GET", f"{visitor.below}nothing")[0] == 404


def test_a_ring_is_made_once_and_shown_by_its_public_half(page: Callable[..., Visitor]) -> None:
    visitor = page()
    assert "There are no keys" in seen.read(visitor.get())
    status, told = visitor.post("make", keeper="law-school")
    assert (status, "law-school is no keeper" in told) == (422, True)
    assert visitor.post("make", keeper="keeper:law-school") == (303, "keys")
    ring = visitor.server.desk.holder.ring()
    html = visitor.get("keys")
    assert ring.key.key_id in html
    assert ring.sign.hex() not in html
    status, told = visitor.post("make", keeper="keeper:law-school")
    assert (status, "There are keys in your folder already." in told) == (422, True)


def test_a_backup_brings_a_ring_back_and_so_do_the_words(page: Callable[..., Visitor]) -> None:
    first = page()
    first.post("make", keeper="keeper:zoe")
    ring = first.server.desk.holder.ring()
    status, headers, backup = first.ask("GET", f"{first.below}backup")
    assert (status, headers["Content-Disposition"].startswith("attachment")) == (200, True)
    words = re.findall(r"<li>([a-z]+)</li>", first.get("words"))
    assert len(words) == 66
    second = page(name="two")
    assert second.post("restore", backup="{}")[0] == 422
    assert second.post("restore", backup=backup) == (303, "")
    assert second.server.desk.holder.ring() == ring
    third = page(name="three")
    sheets = {"signing": " ".join(words[:33]), "opening": " ".join(words[33:])}
    assert third.post("restore-words", named="keeper:zoe", **{**sheets, "signing": "pebble"})[0] == 422
    assert third.post("restore-words", named="keeper:zoe", **sheets) == (303, "")
    assert third.server.desk.holder.ring() == ring


def test_a_keeper_looks_releases_and_confirms(serve: Start, page: Callable[..., Visitor]) -> None:
    site = serve()
    kim = page(site)
    assert "Look into the public record" in seen.read(kim.get())
    assert "24 records" in kim.run("look")
    home = seen.read(kim.get())
    assert "1 thing waits for you." in home
    assert "held; not before the proposals are open and scored" in home
    review = seen.read(kim.get(f"release/{NAME}/proposal"))
    assert "cannot be taken back" in review
    assert "may be released now" in review
    told = kim.run(f"release/{NAME}/proposal")
    assert "All 4 sealed parts are kept on this machine." in told
    assert f"It stands at {site.address}/ledger/entries/" in told
    assert len(site.town.case().released["proposal"]) == 1
    site.town.release("proposal", names=("mae",))
    open_proposals(site.town.office, PILOT)
    site.town.office.publish()
    kim.run("look")
    assert "compared with the one the portal published" in seen.read(kim.get(f"confirm/{NAME}/proposal"))
    assert "every result is the published one" in kim.run(f"confirm/{NAME}/proposal")
    assert [b.keeper for a in site.town.case().confirmations if isinstance(b := a.body, opening.OpeningConfirmed)] == [
        "keeper:kim"
    ]
    assert "30 pairs of keys are registered" in kim.run("register")
    assert kim.server.desk.holder.ring().made == 30


def test_what_is_refused_is_said_and_nothing_happened(serve: Start, page: Callable[..., Visitor]) -> None:
    site = serve()
    kim = page(site)
    kim.run("look")
    told = kim.run(f"release/{NAME}/offer")
    assert "The proposals have not been opened yet." in told
    run = kim.server.desk.runs.current
    assert run is not None
    assert run.reason == "proposals-not-opened"
    assert site.town.case().released == {}
    for path in (f"release/{NAME}/price", f"release/{NAME}", "release"):
        assert kim.post(path)[0] == 422
    for path in (f"release/{NAME}/price", "release/nothing/proposal", f"delete/{NAME}/more", f"look/{NAME}"):
        assert kim.ask("GET", kim.below + path)[0] == 404


def test_only_one_thing_runs_at_a_time(page: Callable[..., Visitor]) -> None:
    visitor = page()
    visitor.post("make", keeper="keeper:kim")
    begun, end = threading.Event(), threading.Event()

    def work(_run: object) -> str:
        begun.set()
        end.wait(10)
        return ""

    visitor.server.desk.runs.start("Something long", work)
    assert begun.wait(10)
    assert "At work" in seen.read(visitor.get("run"))
    assert visitor.ask("GET", f"{visitor.below}run.json")[2] == '{"lines": [], "done": false}'
    status, told = visitor.post("look")
    assert (status, "Something is still at work." in told) == (422, True)
    end.set()
    visitor.server.desk.runs.wait()
    assert "Done." in seen.read(visitor.get("run"))


def test_a_run_that_the_disk_stops_says_so(page: Callable[..., Visitor]) -> None:
    visitor = page()
    visitor.post("make", keeper="keeper:kim")

    def work(_run: object) -> str:
        raise OSError(28, "No space left on device", "notes")

    visitor.server.desk.runs.start("Something", work)
    visitor.server.desk.runs.wait()
    assert "No space left on device: notes" in seen.read(visitor.get("run"))


def test_without_a_run_there_is_nothing_to_follow(page: Callable[..., Visitor]) -> None:
    visitor = page()
    status, headers, _ = visitor.ask("GET", f"{visitor.below}run")
    assert (status, headers["Location"]) == (303, visitor.below)


def test_a_locked_ring_shows_nothing_and_does_nothing_until_it_is_open(
    serve: Start, page: Callable[..., Visitor]
) -> None:
    site = serve()
    kim = page(site)
    holder = kim.server.desk.holder
    ring = holder.ring()
    status, told = kim.post("lock", credential=PASSKEY.credential, answer="BQUF" * 10 + "BQU", label="laptop")
    assert (status, "Before your keys are locked you need a backup." in told) == (422, True)
    fields = {"credential": PASSKEY.credential, "answer": "BQUF" * 10 + "BQU", "label": "laptop", "backed_up": "yes"}
    assert kim.post("lock", **fields) == (303, "keys")
    assert ring.sign.hex().encode() not in holder.home.ring.read_bytes()
    assert kim.post("lock", **fields)[0] == 422, "the same passkey again"
    assert kim.post("forget") == (303, "")
    html = kim.get()
    assert "The keys of keeper:kim are locked." in seen.read(html)
    assert PASSKEY.credential in html
    for path in ("keys", "words", "backup"):
        assert kim.ask("GET", kim.below + path)[0] == 422
    for form in ("look", f"release/{NAME}/proposal", "register"):
        assert kim.post(form)[0] == 422
    status, told = kim.post("unlock", credential=PASSKEY.credential, answer="AAAA" * 10 + "AAA")
    assert (status, "This passkey does not unlock these keys." in told) == (422, True)
    assert kim.post("unlock", credential=PASSKEY.credential, answer="?")[0] == 422
    assert kim.post("unlock", credential=PASSKEY.credential, answer="BQUF" * 10 + "BQU") == (303, "")
    assert "24 records" in kim.run("look")
    assert "30 pairs of keys are registered" in kim.run("register")
    kim.post("forget")
    kim.post("unlock", credential=PASSKEY.credential, answer="BQUF" * 10 + "BQU")
    assert holder.ring().made == 30


def test_the_backup_file_and_the_words_open_a_locked_ring_too(serve: Start, page: Callable[..., Visitor]) -> None:
    site = serve()
    kim = page(site)
    holder = kim.server.desk.holder
    ring = holder.ring()
    holder.lock(PASSKEY)
    holder.forget()
    other = Ring.make("keeper:zoe")
    status, told = kim.post("unlock-file", backup=other.encode().decode())
    assert (status, "These are the keys of keeper:zoe" in told) == (422, True)
    assert kim.post("unlock-file", backup=ring.encode().decode()) == (303, "")
    assert holder.ring() == ring
    assert "30 pairs of keys are registered" in kim.run("register"), "the record tells which are made"
    assert refusal_of(lambda: holder.save(ring)) == "passkey-first"
    assert refusal_of(lambda: holder.lock(PASSKEY)) == "passkey-first"
    assert kim.post(f"delete/{NAME}", sure="yes")[0] == 422
    holder.forget()
    words = {"signing": write_words(ring.sign)[0], "opening": write_words(ring.state)[0]}
    assert kim.post("unlock-words", **words) == (303, "")
    assert holder.ring().key.key_id == ring.key.key_id


def test_an_open_ring_is_forgotten_when_nobody_used_it_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    now = [0.0]
    home = Home(tmp_path / "home")
    home.make()
    holder = Holder(home, lambda: now[0])
    assert refusal_of(holder.ring) == "ring-missing"
    holder.make("keeper:kim")
    now[0] += 10 * IDLE_S
    holder.ring()
    holder.lock(PASSKEY)
    now[0] += IDLE_S
    holder.ring()
    now[0] += IDLE_S + 0.1
    assert refusal_of(holder.ring) == "ring-locked"


def test_what_a_finished_pilot_left_is_deleted_after_being_sure(serve: Start, page: Callable[..., Visitor]) -> None:
    site = serve()
    kim = page(site)
    kim.run("look")
    kim.run(f"release/{NAME}/proposal")
    body = opportunity.OpportunityCancelled(reason="no-need", why="The board closed the office.")
    site.town.act("opportunity-cancelled", PILOT, body, *OFFICERS)
    site.town.office.publish()
    kim.run("look")
    assert "Pilots that are over" in seen.read(kim.get())
    assert "Delete them for good" in seen.read(kim.get(f"delete/{NAME}"))
    status, told = kim.post(f"delete/{NAME}")
    assert (status, "Nothing was deleted." in told) == (422, True)
    assert "Deleted: 4 sealed parts and 1 pairs of keys." in kim.run(f"delete/{NAME}", sure="yes")
    assert "Pilots that are over" not in seen.read(kim.get())


def test_a_taken_port_is_said(page: Callable[..., Visitor], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = page().server.server_port
    home = Home(tmp_path / "other")
    assert serve(home, WebPortal("http://localhost:9"), SimulatedClock(START), taken, demo=True) == 2
    assert f"Port {taken} is taken" in capsys.readouterr().err


def test_no_page_uses_a_term_of_the_code(serve: Start, page: Callable[..., Visitor]) -> None:
    site = serve()
    kim = page(site)
    texts = [kim.get(), kim.get("keys"), kim.get("words")]
    kim.run("look")
    texts += [kim.get(), kim.get("run"), kim.get(f"release/{NAME}/proposal"), kim.get(f"confirm/{NAME}/proposal")]
    assert [
        seen.banned_words(re.sub(r"[a-z]+</li>", "</li>", text)) for text in map(seen.read, texts[:2] + texts[3:])
    ] == [[] for _ in range(6)]
