"""Serves a folder over HTTP on this machine, well or badly, for the tests of whoever reads logs over HTTP."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[["Handler", bytes | None], None]


class Handler(BaseHTTPRequestHandler):
    folder: Path
    answer: Answer

    def do_GET(self) -> None:
        path = self.folder / self.path.lstrip("/").removeprefix("log/")
        type(self).answer(self, path.read_bytes() if path.is_file() else None)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def plainly(handler: Handler, data: bytes | None) -> None:
    handler.send(404 if data is None else 200, data or b"")


def packed(handler: Handler, data: bytes | None) -> None:
    if data is None:
        plainly(handler, None)
    else:
        handler.send(200, gzip.compress(data), Content_Encoding="gzip")


@contextmanager
def serving(folder: Path, answer: Answer = plainly) -> Iterator[str]:
    """Serve until the block ends; tell the address of the log."""
    handler = type("Serving", (Handler,), {"folder": folder, "answer": staticmethod(answer)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/log/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
