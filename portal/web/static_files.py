"""Static files under names that hold their fingerprint: compressed ahead, kept by browsers for ever."""

from collections.abc import Mapping
from typing import Final

from portal.web.assets import SCRIPT, Asset
from portal.web.cache import App, Message, Receive, Scope, Send, accepted_encoding

PREFIX: Final = "/static/"
_FOR_EVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_AGAIN: Final = (b"cache-control", b"public, no-cache")


class StaticFiles:
    """An ASGI application for `/static/…` in front of another for everything else."""

    def __init__(self, app: App, assets: Mapping[str, Asset]) -> None:
        self._app = app
        self._assets = {asset.href: asset for asset in assets.values()}
        self._scripts = {asset.plain_href: asset for asset in assets.values() if asset.media_type == SCRIPT}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a static file, or pass on."""
        path = scope["path"] if scope["type"] == "http" else ""
        script = self._scripts.get(path)
        asset = script or self._assets.get(path)
        if asset is None or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        tag = f'W/"{asset.sha256[:24]}"'.encode()
        if script is not None and (b"if-none-match", tag) in scope["headers"]:
            await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", tag), _AGAIN]})
            await send({"type": "http.response.body", "body": b""})
            return
        encoding = accepted_encoding(scope["headers"])
        body = {b"br": asset.brotli, b"gzip": asset.gzip}.get(encoding, asset.plain)
        headers = [
            (b"content-type", asset.media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            _AGAIN if script is not None else _FOR_EVER,
            (b"etag", tag),
            (b"vary", b"Accept-Encoding"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if encoding != b"identity":
            headers.append((b"content-encoding", encoding))
        start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})
