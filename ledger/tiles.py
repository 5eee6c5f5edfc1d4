"""
Tiles and entry bundles: the published form of the tree (C2SP tlog-tiles).

Rules (SPEC.md, section 5):
- Tile (level, number) holds up to 256 hashes of tree level 8·level; bundle `number` the up to 256
  entries under tile (0, number), each behind its length in two bytes.
- A path has one spelling. A full tile has no width in its path; an empty tile does not exist.
- Once written, a tile or bundle never changes: a wider one is another file.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from ledger.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

HEIGHT = 8
"""Tree levels from one tile level to the next."""

HASH_SIZE = 32
ENTRIES = -1
"""The level that stands for entry bundles."""

ENTRY_LIMIT = 65_535
"""Bytes that the two length bytes can announce."""

LEVEL_LIMIT = 63
NUMBER_LIMIT = 2**55 - 1
"""The last tile of leaves in a tree whose size has 63 bits."""

_PATH_LIMIT = 128
_PATH = re.compile(
    r"tile/(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


class Tile(NamedTuple):
    """One published file: a hash tile, or a bundle where `level` is `ENTRIES`."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the file lies under the log's prefix (tlog-tiles, Merkle Tree)."""
        rest, last = divmod(self.number, 1000)
        path = f"{last:03d}"
        while rest:
            rest, group = divmod(rest, 1000)
            path = f"x{group:03d}/{path}"
        level = "entries" if self.level == ENTRIES else str(self.level)
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{path}{suffix}"

    @property
    def first(self) -> int:
        """The number, at the tile's own tree level, of the first hash in it."""
        return self.number * WIDTH

    def is_ahead_of(self, size: int) -> bool:
        """Tell whether only a log larger than `size` has it."""
        return self.first + self.width > size >> (HEIGHT * max(self.level, 0))


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Name a hash tile's file."""
    return Tile(level, number, width).path


def entries_path(number: int, width: int = WIDTH) -> str:
    """Name an entry bundle's file."""
    return Tile(ENTRIES, number, width).path


def parse_path(path: str) -> Tile:
    """
    Read a tile's path in its one spelling.

    Raises:
        MalformedError: `tile-path`.
    """
    found = _PATH.fullmatch(path) if len(path) <= _PATH_LIMIT else None
    if found is None:
        raise MalformedError("tile-path", f"{path[:90]!r}")
    level = ENTRIES if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
    # Leading x000 groups and a width of 256 are second spellings; levels end at 63.
    if tile.path != path or tile.width > WIDTH or tile.number > NUMBER_LIMIT or level > LEVEL_LIMIT:
        raise MalformedError("tile-path", f"{path[:90]!r}")
    return tile


def tiles_of(size: int) -> list[Tile]:
    """
    List every file that a checkpoint of this size implies: full tiles, and the right edge's.

    Bundles come first, then hash tiles by level; the order is that in which they are written.
    """
    return needed_tiles(0, size)


def needed_tiles(old: int, new: int) -> list[Tile]:
    """List the files that a log of size `new` has and the same log at size `old` had not."""
    tiles: list[Tile] = []
    level = 0
    while new >> (HEIGHT * level):
        before, after = old >> (HEIGHT * level), new >> (HEIGHT * level)
        if before != after:
            added = list(_row(level, before, after))
            if level == 0:
                tiles += [Tile(ENTRIES, tile.number, tile.width) for tile in added]
            tiles += added
        level += 1
    return tiles


def _row(level: int, before: int, after: int) -> Iterator[Tile]:
    for number in range(before // WIDTH, after // WIDTH):
        yield Tile(level, number)
    if after % WIDTH:
        yield Tile(level, after // WIDTH, after % WIDTH)


def split_tile(data: bytes, width: int) -> list[bytes]:
    """
    Read a hash tile.

    Raises:
        MalformedError: `tile-length`.
    """
    if len(data) != width * HASH_SIZE:
        raise MalformedError("tile-length", f"{len(data)} bytes for {width} hashes")
    return list(struct.unpack(f"{HASH_SIZE}s" * width, data))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """
    Put entries behind their lengths.

    Raises:
        MalformedError: `bundle-width` or `bundle-entry`.
    """
    if not 1 <= len(entries) <= WIDTH:
        raise MalformedError("bundle-width", f"{len(entries)} entries")
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_LIMIT:
            raise MalformedError("bundle-entry", f"an entry of {len(entry)} bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """
    Read the entries of a bundle; there must be exactly `width`, and nothing after them.

    Raises:
        MalformedError: `bundle-truncated` or `bundle-trailing`.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    try:
        for _ in range(width):
            start = at + 2
            at = start + (data[at] << 8 | data[at + 1])
            entries.append(data[start:at])
    except IndexError:
        at = end + 1
    if at > end:
        raise MalformedError("bundle-truncated", f"{end} bytes are too few for {width} entries")
    if at != end:
        raise MalformedError("bundle-trailing", f"{end - at} bytes after {width} entries")
    return entries
