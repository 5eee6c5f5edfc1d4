"""
Reads a published log: the data folder, the log folder in it, or an http(s) address.

Rules of this module:

1. Every read is bounded: a tile by its width, a bundle by what its entries may have, a document by its stated length.
2. A partial tile that is gone is looked for in its full tile (tlog-tiles, Partial Tiles): a server may have deleted it.
3. `entries` compares each entry with its leaf hash and `document` each document with its name. Whether the tiles are
   the signed tree is what `ledger.verify` tells.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger import source as sources
from ledger.checkpoint import VKEYS_LIMIT, parse_vkeys
from ledger.entry import leaf_hash
from ledger.errors import MalformedError, VerificationError
from ledger.note import NOTE_LIMIT, split_note
from ledger.tiles import ENTRIES, ENTRY_LIMIT, HASH_SIZE, WIDTH, Tile, decode_bundle, split_tile
from ledger.treehead import parse_tree_head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.note import Verifier

CHECKPOINT: Final = "checkpoint"
VKEYS: Final = "vkeys"
BUNDLE_LIMIT: Final = WIDTH * (2 + ENTRY_LIMIT)
DOCUMENT_LIMIT: Final = 1 << 28
"""Bytes of a document that `document` is ready to hold in memory; the verifier hashes piece by piece instead."""


class LogFolder:
    """One published log, wherever it is."""

    def __init__(self, source: sources.Source, vkeys: Path | None) -> None:
        """Use `open`, which finds out where things are."""
        self.source = source
        self._vkeys = vkeys

    @classmethod
    def open(cls, place: str | Path) -> LogFolder:
        """
        Find the log in a data folder, a log folder, or at an address.

        Raises:
            MalformedError: `folder-missing` if there is no such folder; `log-address` for an address of another scheme.
        """
        if "://" in str(place):
            return cls(sources.WebSource(str(place)), None)
        folder = Path(place)
        if not folder.is_dir():
            raise MalformedError("folder-missing", f"{folder} is not a folder")
        inner = folder / "log"
        root = inner if inner.is_dir() and not (folder / CHECKPOINT).exists() else folder
        beside = [path for path in (root / VKEYS, root.parent / VKEYS) if path.is_file()]
        return cls(sources.DirectorySource(root), beside[0] if beside else None)

    @property
    def name(self) -> str:
        """Where the log is, for messages."""
        return self.source.name

    @property
    def vkeys(self) -> list[Verifier]:
        """
        The keys in the `vkeys` file in or beside the folder.

        Raises:
            MalformedError: `vkeys-missing`; an address has none, for keys that come with the log prove nothing about it.
        """
        if self._vkeys is None:
            raise MalformedError("vkeys-missing", f"no file {VKEYS!r} in or beside {self.name}")
        with self._vkeys.open("rb") as file:
            return parse_vkeys(file.read(VKEYS_LIMIT + 1))

    def checkpoint_bytes(self) -> bytes:
        """
        Read the checkpoint; nothing of it is checked.

        Raises:
            VerificationError: `checkpoint-missing`.
        """
        data = sources.read(self.source, CHECKPOINT, NOTE_LIMIT)
        if data is None:
            raise VerificationError("checkpoint-missing", f"{self.name} has no checkpoint")
        return data

    def size(self) -> int:
        """Tell the size that the checkpoint states, whoever signed it."""
        return parse_tree_head(split_note(self.checkpoint_bytes())[0]).size

    def tile(self, level: int, number: int, width: int) -> list[bytes]:
        """
        Read the first `width` hashes of a tile.

        Raises:
            VerificationError: `tile-missing`.
            MalformedError: `tile-length`.
        """
        data, held = self.read_tile(Tile(level, number, width))
        return split_tile(data, held)[:width]

    def read_tile(self, tile: Tile) -> tuple[bytes, int]:
        """
        Read a tile or bundle, partial or else full, and tell which width it had.

        Raises:
            VerificationError: `tile-missing`.
        """
        for width in dict.fromkeys((tile.width, WIDTH)):
            limit = BUNDLE_LIMIT if tile.level == ENTRIES else width * HASH_SIZE
            data = sources.read(self.source, tile._replace(width=width).path, limit)
            if data is not None:
                return data, width
        raise VerificationError("tile-missing", tile.path)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """
        Walk through the entries, each compared with its leaf hash.

        Args:
            end: Where to stop; otherwise the checkpoint's size.

        Raises:
            VerificationError: `tile-missing`, or `bundle-differs` where an entry is not what the tile says.
            MalformedError: If a file is no tile or bundle.
        """
        size = self.size()
        end = size if end is None else end
        if not 0 <= start <= end <= size:
            raise VerificationError("entry-missing", f"{start} to {end} of {size}")
        for number in range(start // WIDTH, -(-end // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            data, held = self.read_tile(Tile(ENTRIES, number, width))
            hashes = self.tile(0, number, width)
            for index, (entry, digest) in enumerate(
                zip(decode_bundle(data, held), hashes, strict=False), number * WIDTH
            ):
                if leaf_hash(entry) != digest:
                    raise VerificationError("bundle-differs", f"entry {index} is not what its leaf hash says")
                if start <= index < end:
                    yield entry

    def document(self, sha256: str) -> bytes:
        """
        Read a document and compare it with its name.

        Raises:
            VerificationError: `document-missing` or `document-differs`.
            MalformedError: `file-size` if it is larger than this can hold.
        """
        data = sources.read(self.source, f"document/{sha256}", DOCUMENT_LIMIT)
        if data is None:
            raise VerificationError("document-missing", f"document/{sha256}")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise VerificationError("document-differs", f"document/{sha256} has other content")
        return data
