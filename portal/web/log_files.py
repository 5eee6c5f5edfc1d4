"""
The published log under `/log/`: the same bytes as on disk, with the specification's types and cache headers.

Answered before the router, from the folder that the publisher wrote. Only names that a log can have are looked for, so
that no address leads out of the folder. Tiles, bundles and documents never change and are cached for ever; the checkpoint
is asked for again each time.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portal.web.cache import App, Headers, Message, Receive, Scope, Send

PREFIX: Final = "/log/"
_NUMBER: Final = r"(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
_TILE: Final = re.compile(rf"tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/{_NUMBER}")
_DOCUMENT: Final = re.compile(r"document/([0-9a-f]{64})")
_IMMUTABLE: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_SHORT: Final = (b"cache-control", b"public, max-age=5, must-revalidate")
_ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-origin", b"*"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"referrer-policy", b"no-referrer"),
]
_HOT: Final = 256
_HOT_SIZE: Final = 64 * 1024


class LogFiles:
    """An ASGI application for `/log/…` in front of another for everything else."""

    def __init__(self, app: App, folder: Path, vkeys: Path, media_type: Callable[[str], str | None]) -> None:
        """
        Take the folder as it is on each request; nothing is listed ahead.

        Args:
            vkeys: The file of verifier keys beside the folder, served as `/log/vkeys` for convenience.
            media_type: Tells the recorded media type of a document by its SHA-256, None for one that no entry names.
        """
        self._app = app
        self._folder = folder
        self._vkeys = vkeys
        self._media_type = media_type
        self._hot: OrderedDict[str, tuple[Headers, bytes]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a file of the log, or pass on."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX) or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        found = self._find(scope["path"].removeprefix(PREFIX))
        if found is None:
            await self._app(scope, receive, send)
            return
        headers, data = found
        start: Message = {
            "type": "http.response.start",
            "status": 200,
            "headers": [*headers, (b"content-length", str(len(data)).encode())],
        }
        await send(start)
        await send({"type": "http.response.body", "body": data if scope["method"] == "GET" else b""})

    def _find(self, name: str) -> tuple[Headers, bytes] | None:
        hot = self._hot.get(name)
        if hot is not None:
            self._hot.move_to_end(name)
            return hot
        if name == "checkpoint":
            return self._read(self._folder / name, b"text/plain; charset=utf-8", _SHORT)
        if name == "vkeys":
            return self._read(self._vkeys, b"text/plain; charset=utf-8", _SHORT)
        document = _DOCUMENT.fullmatch(name)
        if document is not None:
            kind = self._media_type(document[1])
            found = None if kind is None else self._read(self._folder / name, kind.encode(), _IMMUTABLE)
        elif _TILE.fullmatch(name):
            found = self._read(self._folder / name, b"application/octet-stream", _IMMUTABLE)
        else:
            return None
        if found is not None and len(found[1]) <= _HOT_SIZE:
            self._hot[name] = found
            if len(self._hot) > _HOT:
                self._hot.popitem(last=False)
        return found

    @staticmethod
    def _read(path: Path, media_type: bytes, cache: tuple[bytes, bytes]) -> tuple[Headers, bytes] | None:
        if not path.is_file():
            return None
        return [(b"content-type", media_type), cache, *_ALWAYS], path.read_bytes()
