"""
Serves the keeper's page: on 127.0.0.1, to whoever has the link that was printed, and to nobody else.

1. The link works once. It leads to an address that nobody can guess, and every page lies below that; there is no cookie, for
   browsers give those to every port of this machine.
2. Only the name `localhost` with this port is answered, so that no foreign name that leads here is (DNS rebinding), and what
   changes something must come from this page's own origin.
3. Nothing is loaded from elsewhere, framed, stored or told to other addresses.
"""

from __future__ import annotations

import json
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from ledger.errors import LedgerError, MalformedError
from policies import PolicyError
from portal.keeper.page import pages
from portal.keeper.page.desk import KeeperDesk
from portal.keeper.page.holder import Holder
from portal.keeper.page.steps import POSTS, Form
from portal.keeper.sayings import refusal_lines, say
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.clock import Clock
    from portal.keeper.home import Home
    from portal.keeper.reaching import Portal

LIMIT: Final = 4 << 20
_LABELS: Final = {"proposal", "offer"}
_FILES: Final = {"keeper.css": "text/css; charset=utf-8", "keeper.js": "text/javascript; charset=utf-8"}
_HTML: Final = "text/html; charset=utf-8"
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes = b""
    media_type: str = _HTML
    headers: dict[str, str] = {}  # noqa: RUF012 -- never changed


class PageServer(ThreadingHTTPServer):
    """One page over one desk. `link` is what is printed; it works once."""

    daemon_threads = True

    def __init__(self, desk: KeeperDesk, port: int = 0) -> None:
        """Bind the port of 127.0.0.1; port 0 takes any that is free."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.desk = desk
        self.host = f"localhost:{self.server_port}"
        self.origin = f"http://{self.host}"
        self._once = secrets.token_urlsafe(24)
        self.path = f"/{secrets.token_urlsafe(32)}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell of what went wrong, but not of browsers that went on to another page and read no answer any more."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # the library's own two

    @property
    def link(self) -> str:
        """The address that lets somebody in, once."""
        return f"{self.origin}/start/{self._once}"

    def enter(self, once: str) -> bool:
        """Whether this is the link that was printed; it is worth nothing afterwards."""
        if not self._once or not secrets.compare_digest(once.encode(), self._once.encode()):
            return False
        self._once = ""
        return True


def serve(home: Home, portal: Portal, clock: Clock, port: int, *, demo: bool) -> int:
    """Serve until ctrl-C; exit 2 when the port is taken."""
    desk = KeeperDesk(Holder(home), portal, clock, demo=demo)
    try:
        server = PageServer(desk, port)
    except OSError as error:
        sys.stderr.write(say("keeper.page.port_taken", port=port, detail=error.strerror) + "\n")
        return 2
    with server:
        sys.stdout.write(f"{server.link}\n")
        sys.stdout.flush()
        sys.stderr.write(say("keeper.page.printed") + "\n")
        server.serve_forever()
    return 0


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "daylight-keeper"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._respond(self._get)

    def do_POST(self) -> None:
        self._respond(self._post)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: an address of this page is a secret."""

    def _respond(self, find: Callable[[str], Answer]) -> None:
        try:
            answer = find(urlsplit(self.path).path) if self._is_ours() else _plain(421, say("keeper.page.elsewhere"))
        except (Refusal, LedgerError, PolicyError) as error:
            answer = _page(pages.refused_page(refusal_lines(error)), 422)
        self.send_response(answer.status)
        for name, value in {**HEADERS, **answer.headers, "Content-Type": answer.media_type}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _is_ours(self) -> bool:
        return self.headers.get_all("Host") == [self.server.host]

    def _get(self, path: str) -> Answer:
        if path.startswith("/start/"):
            if self.server.enter(path.removeprefix("/start/")):
                return Answer(303, headers={"Location": self.server.path})
            return _plain(403, say("keeper.page.used_link"))
        if not path.startswith(self.server.path):
            return _plain(404, say("keeper.page.no_such"))
        return self._page_at(path.removeprefix(self.server.path))

    def _page_at(self, name: str) -> Answer:
        desk = self.server.desk
        if name in _FILES:
            return Answer(200, resources.files(__package__ or "").joinpath(name).read_bytes(), _FILES[name])
        if name in {"run", "run.json"}:
            return self._run(name)
        if name == "":
            return _page(self._home() if desk.holder.exists else pages.first_page())
        if name in _PAGES and desk.holder.exists:
            return _PAGES[name](desk)
        step, _, rest = name.partition("/")
        return self._about(step, rest)

    def _home(self) -> str:
        desk = self.server.desk
        try:
            return pages.home_page(desk)
        except Refusal as refusal:
            if refusal.reason != "ring-locked":
                raise
            return pages.locked_page(desk.holder.home.ring.read_bytes())

    def _run(self, name: str) -> Answer:
        run = self.server.desk.runs.current
        if run is None:
            return Answer(303, headers={"Location": self.server.path})
        if name == "run":
            return _page(pages.run_page(self.server.desk, run))
        told = json.dumps({"lines": run.lines, "done": run.done})
        return Answer(200, told.encode(), "application/json")

    def _about(self, step: str, rest: str) -> Answer:
        """The page before an act: `release/NAME/LABEL`, `confirm/NAME/LABEL`, `delete/NAME`."""
        desk = self.server.desk
        name, _, label = rest.partition("/")
        for duty in desk.seen.duties if desk.seen else []:
            if duty.opportunity != f"opportunity:{name}":
                continue
            if step in {"release", "confirm"} and duty.label == label:
                return _page(pages.act_page(desk, step, duty))
            if step == "delete" and not label:
                return _page(pages.delete_page(desk, duty.title))
        return _plain(404, say("keeper.page.no_such"))

    def _post(self, path: str) -> Answer:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LIMIT:
            return _plain(413, say("keeper.page.too_large"))
        body = self.rfile.read(int(length))
        if self.headers.get_all("Origin") != [self.server.origin] or not path.startswith(self.server.path):
            return _plain(403, say("keeper.page.foreign"))
        try:
            fields = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20)
        except (UnicodeDecodeError, ValueError) as error:
            raise MalformedError("form-malformed", "not a form") from error
        name, _, rest = path.removeprefix(self.server.path).partition("/")
        if name not in POSTS:
            return _plain(404, say("keeper.page.no_such"))
        form = Form({key: values[0] for key, values in fields.items()}, tuple(rest.split("/")) if rest else ())
        return self._done(name, form)

    def _done(self, name: str, form: Form) -> Answer:
        desk = self.server.desk
        try:
            then = POSTS[name](desk, form)
        except (Refusal, LedgerError) as error:
            return _page(self._again(name, refusal_lines(error)), 422)
        return Answer(303, headers={"Location": f"{self.server.path}{then}"})

    def _again(self, name: str, lines: list[str]) -> str:
        """The page that a refused form was on, with what was refused on top."""
        desk = self.server.desk
        if not desk.holder.exists:
            return pages.first_page(lines)
        if name.startswith("unlock"):
            return pages.locked_page(desk.holder.home.ring.read_bytes(), lines)
        if name == "lock":
            return pages.keys_page(desk, lines)
        return pages.refused_page(lines)


def _backup(desk: KeeperDesk) -> Answer:
    """The ring in clear, as a file; only where it is open."""
    disposition = {"Content-Disposition": 'attachment; filename="keeper-ring.backup"'}
    return Answer(200, desk.holder.ring().encode(), "application/octet-stream", disposition)


_PAGES: Final[dict[str, Callable[[KeeperDesk], Answer]]] = {
    "keys": lambda desk: _page(pages.keys_page(desk)),
    "words": lambda desk: _page(pages.words_page(desk.holder.ring())),
    "backup": _backup,
}


def _page(html: str, status: int = 200) -> Answer:
    return Answer(status, html.encode())


def _plain(status: int, words: str) -> Answer:
    return Answer(status, f"{words}\n".encode(), "text/plain; charset=utf-8")
