"""
Static files under names that hold their own fingerprint, so that a browser may keep them for ever.

Scripts are also found under their plain names, for they import each other by them, and anyone may fetch the sealing module
at an address that does not change and compare it with the record.
"""

import base64
import gzip
import hashlib
from importlib import resources

import brotli  # type: ignore[import-untyped]  # it ships no types
from msgspec import Struct

SCRIPT = "text/javascript; charset=utf-8"
_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "js": SCRIPT}


class Asset(Struct, frozen=True, kw_only=True):
    """A static file in the three encodings a browser may ask for. `name` is hashed: `daylight.3f9a0c1b2d4e.css`."""

    name: str
    media_type: str
    plain_name: str
    sha256: str
    plain: bytes
    gzip: bytes
    brotli: bytes

    @property
    def href(self) -> str:
        """Where it is served, with `Cache-Control: public, max-age=31536000, immutable`."""
        return f"/static/{self.name}"

    @property
    def integrity(self) -> str:
        """What a page states about a script, so that a browser runs no other."""
        return "sha256-" + base64.b64encode(bytes.fromhex(self.sha256)).decode()

    @property
    def plain_href(self) -> str:
        """Where a script is also served, to be asked for again each time."""
        return f"/static/{self.plain_name}"


def load_assets() -> dict[str, Asset]:
    """Read the static files once at start, by their plain names (`daylight.css`)."""
    folder = resources.files("portal.web").joinpath("static")
    assets = {}
    for plain_name in sorted(path.name for path in folder.iterdir()):
        data = folder.joinpath(plain_name).read_bytes()
        stem, _, suffix = plain_name.rpartition(".")
        sha256 = hashlib.sha256(data).hexdigest()
        assets[plain_name] = Asset(
            name=f"{stem}.{sha256[:12]}.{suffix}",
            media_type=_TYPES[suffix],
            plain_name=plain_name,
            sha256=sha256,
            plain=data,
            gzip=gzip.compress(data, 9, mtime=0),
            brotli=brotli.compress(data),
        )
    return assets
