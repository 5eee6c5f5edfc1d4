"""Static files under names that hold their fingerprint: compressed ahead, kept by browsers for ever."""

from collections.abc import Mapping
from typing import Final

from portal.web.assets import Asset
from portal.web.cache import App, Message, Receive, Scope, Send, accepted_encoding

PREFIX: Final = "/static/"


class StaticFiles:
    """An ASGI application for `/static/…` in front of another for everything else."""

    def __init__(self, app: App, assets: Mapping[str, Asset]) -> None:
        self._app = app
        self._assets = {asset.href: asset for asset in assets.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a static file, or pass on."""
        asset = self._assets.get(scope["path"]) if scope["type"] == "http" else None
        if asset is None or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        encoding = accepted_encoding(scope["headers"])
        body = {b"br": asset.brotli, b"gzip": asset.gzip}.get(encoding, asset.plain)
        headers = [
            (b"content-type", asset.media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"public, max-age=31536000, immutable"),
            (b"vary", b"Accept-Encoding"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if encoding != b"identity":
            headers.append((b"content-encoding", encoding))
        start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})
