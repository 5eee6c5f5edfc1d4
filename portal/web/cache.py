"""
The front cache: answers before the router what has not changed since it was last made.

1. An answer is kept under its address and belongs to the versions of the subjects it shows; an append makes only those
   stale. It ends at its own next deadline.
2. Only whole answers to GET without cookies are kept; nothing here depends on who asks.
3. Each answer is compressed once for each encoding that somebody asks for. The tag is weak and the same for all.
4. HEAD is GET without the body. `If-None-Match` is answered here and nowhere else.
5. The store is bounded; the least recently asked goes first.
"""

import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import brotli  # type: ignore[import-untyped]  # it ships no types

from portal.clock import Clock
from portal.web.fresh import SCOPE_KEY, Fresh
from portal.web.versions import Versions

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LARGEST: Final = 64 * 1024 * 1024
LONGEST_ADDRESS: Final = 1024
SMALLEST_COMPRESSED: Final = 600
_CACHE_CONTROL: Final = (b"cache-control", b"public, no-cache")
_VARY: Final = (b"vary", b"Accept-Encoding")
_PLAIN: Final = b"identity"
_PDF: Final = b"application/pdf"


class Kept:
    """One answer and its encodings; `messages` are the two ASGI messages for each encoding, made once."""

    __slots__ = ("body", "fresh", "generation", "headers", "messages", "not_modified", "size", "tag")

    def __init__(self, headers: Headers, body: bytes, fresh: Fresh, tag: bytes) -> None:
        self.fresh = fresh
        self.generation = -1
        self.body = body
        self.tag = tag
        self.size = len(body) + 2048
        self.headers = [
            pair for pair in headers if pair[0] not in {b"content-length", b"cache-control", b"vary", b"etag"}
        ]
        self.headers += [(b"etag", tag), _CACHE_CONTROL, _VARY]
        self.not_modified: Message = {"type": "http.response.start", "status": 304, "headers": self._bare_headers()}
        self.messages: dict[bytes, tuple[Message, Message]] = {}

    def encoded(self, encoding: bytes) -> tuple[Message, Message]:
        """The two messages of this answer in one encoding."""
        found = self.messages.get(encoding)
        if found is None:
            found = self.messages[encoding] = self._encode(encoding)
            self.size += len(found[1]["body"])
        return found

    def _encode(self, encoding: bytes) -> tuple[Message, Message]:
        body, headers = self.body, list(self.headers)
        if (b"content-type", _PDF) in headers:
            encoding = _PLAIN
        if encoding == b"br":
            body = brotli.compress(body, quality=5)
        elif encoding == b"gzip":
            body = gzip.compress(body, 6, mtime=0)
        if encoding != _PLAIN:
            headers.append((b"content-encoding", encoding))
        headers.append((b"content-length", str(len(body)).encode()))
        start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        return start, {"type": "http.response.body", "body": body}

    def _bare_headers(self) -> Headers:
        return [pair for pair in self.headers if pair[0] != b"content-type"]


class FrontCache:
    """An ASGI application in front of another; see the module."""

    def __init__(self, app: App, versions: Versions, clock: Clock, build: str, checkpoint: Path) -> None:
        """
        Stand in front of an application.

        Args:
            build: Fingerprint of templates, words and styles.
            checkpoint: The published one, which the pages about the log follow.
        """
        self._checkpoint = checkpoint
        self._app = app
        self._versions = versions
        self._clock = clock
        self._build = build
        self._kept: OrderedDict[tuple[bytes, bytes], Kept] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the store, or ask the application and keep what it says."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        raw_path = scope.get("raw_path") or scope["path"].encode()
        key = (raw_path, scope["query_string"])
        kept = self._kept.get(key)
        if kept is not None and not self._holds(kept):
            self._drop(key)
            kept = None
        if kept is None:
            kept = await self._ask(scope, receive, send, key)
            if kept is None:
                return
        else:
            self._kept.move_to_end(key)
        await self._answer(kept, scope, send)

    def _holds(self, kept: Kept) -> bool:
        generation = self._versions.look()
        if kept.generation != generation:
            if not self._versions.hold(kept.fresh.subjects):
                return False
            kept.generation = generation
        until = kept.fresh.until
        if until is not None and self._clock.now() >= until:
            return False
        checkpoint = kept.fresh.checkpoint
        return checkpoint is None or read_checkpoint(self._checkpoint) == checkpoint

    async def _answer(self, kept: Kept, scope: Scope, send: Send) -> None:
        encoding, condition = _wishes(scope["headers"], len(kept.body))
        if condition is not None and (condition == b"*" or kept.tag in _tags(condition)):
            await send(kept.not_modified)
            await send({"type": "http.response.body", "body": b""})
            return
        before = kept.size
        start, body = kept.encoded(encoding)
        self._size += kept.size - before
        await send(start)
        await send(body if scope["method"] == "GET" else {"type": "http.response.body", "body": b""})

    async def _ask(self, scope: Scope, receive: Receive, send: Send, key: tuple[bytes, bytes]) -> Kept | None:
        """Let the application answer; a whole answer that names what it depends on is kept, all else passes through."""
        self._versions.look()
        fresh = Fresh()
        inner = {**scope, "method": "GET", SCOPE_KEY: fresh}
        start: Message | None = None
        pieces: list[bytes] = []
        head_only = scope["method"] == "HEAD"

        async def keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if not (fresh.kept and message["status"] == 200):  # noqa: PLR2004 -- OK
                    await send(message)
            elif fresh.kept and start is not None and start["status"] == 200:  # noqa: PLR2004 -- OK
                pieces.append(message.get("body", b""))
            else:
                await send({**message, "body": b""} if head_only else message)

        await self._app(inner, receive, keep)
        if not fresh.kept or start is None or start["status"] != 200:  # noqa: PLR2004 -- OK
            return None
        address = key[0] + b"?" + key[1]
        tag = fresh.tag(self._build, address).encode()
        kept = Kept(list(start["headers"]), b"".join(pieces), fresh, tag)
        if len(address) <= LONGEST_ADDRESS:
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[bytes, bytes], kept: Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self._size += kept.size
        while self._size > LARGEST and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[bytes, bytes]) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._size -= dropped.size


def read_checkpoint(path: Path) -> bytes:
    """The published checkpoint as it is now; nothing before the first publication."""
    return path.read_bytes() if path.exists() else b""


def _wishes(headers: Headers, length: int) -> tuple[bytes, bytes | None]:
    """The encoding to answer in, and the value of `If-None-Match`."""
    encoding, condition = _PLAIN, None
    for name, value in headers:
        if name == b"accept-encoding" and length >= SMALLEST_COMPRESSED:
            encoding = _encoding(value)
        elif name == b"if-none-match":
            condition = value
    return encoding, condition


def accepted_encoding(headers: Headers) -> bytes:
    """The best encoding that a request's headers take: `br`, `gzip` or `identity`."""
    for name, value in headers:
        if name == b"accept-encoding":
            return _encoding(value)
    return _PLAIN


@lru_cache(maxsize=256)
def _encoding(accepted: bytes) -> bytes:
    """The best encoding a client takes. One that is refused by `q=0` is not taken."""
    if b";" in accepted:
        offers = [offer.strip().lower().replace(b" ", b"") for offer in accepted.split(b",")]
        names = {offer.partition(b";")[0] for offer in offers if not _refused(offer)}
    else:
        names = {offer.strip().lower() for offer in accepted.split(b",")}
    if b"br" in names:
        return b"br"
    return b"gzip" if b"gzip" in names else _PLAIN


def _refused(offer: bytes) -> bool:
    quality = offer.partition(b";q=")[2]
    return bool(quality) and not quality.strip(b"0.")


def _tags(condition: bytes) -> set[bytes]:
    """The tags of an `If-None-Match`, compared weakly (RFC 9110, 8.8.3.2) by giving each the weak form."""
    tags = (tag.strip() for tag in condition.split(b","))
    return {tag if tag.startswith(b"W/") else b"W/" + tag for tag in tags}
