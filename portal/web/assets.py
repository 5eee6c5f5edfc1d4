"""Static files under names that hold their own fingerprint, so that a browser may keep them for ever."""

import gzip
import hashlib
from importlib import resources

import brotli  # type: ignore[import-untyped]  # it ships no types
from msgspec import Struct

_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_NAMES = ("daylight.css", "favicon.svg")


class Asset(Struct, frozen=True, kw_only=True):
    """A static file in the three encodings a browser may ask for. `name` is hashed: `daylight.3f9a0c1b2d4e.css`."""

    name: str
    media_type: str
    plain: bytes
    gzip: bytes
    brotli: bytes

    @property
    def href(self) -> str:
        """Where it is served, with `Cache-Control: public, max-age=31536000, immutable`."""
        return f"/static/{self.name}"


def load_assets() -> dict[str, Asset]:
    """Read the static files once at start, by their plain names (`daylight.css`)."""
    folder = resources.files("portal.web").joinpath("static")
    assets = {}
    for plain_name in _NAMES:
        data = folder.joinpath(plain_name).read_bytes()
        stem, _, suffix = plain_name.rpartition(".")
        assets[plain_name] = Asset(
            name=f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{suffix}",
            media_type=_TYPES[suffix],
            plain=data,
            gzip=gzip.compress(data, 9, mtime=0),
            brotli=brotli.compress(data),
        )
    return assets
