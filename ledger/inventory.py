"""
Sorts what lies in a log folder by what it can be, so that every file is accounted for once.

A published folder lists nothing of itself. What must be there follows from the checkpoint and from the entries; what
else may be there are partial tiles of older checkpoints, and files ahead of the checkpoint where a publisher was cut off.
Anything else is stray.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import CHECKPOINT, VKEYS
from ledger.source import DirectorySource
from ledger.tiles import parse_path

if TYPE_CHECKING:
    from ledger.source import Source
    from ledger.tiles import Tile

_DOCUMENT = re.compile(r"document/([0-9a-f]{64})")


def document_path(sha256: str) -> str:
    """Name a document's file."""
    return f"document/{sha256}"


@dataclass
class Inventory:
    """The files of a folder; over HTTP, where nothing can be listed, it is empty."""

    listed: bool = False
    tiles: dict[tuple[int, int], list[Tile]] = field(default_factory=dict)
    """By level and number, narrowest first."""
    documents: set[str] = field(default_factory=set)
    stray: list[tuple[str, LedgerError]] = field(default_factory=list)
    count: int = 0

    def older(self, tile: Tile) -> list[Tile]:
        """List the narrower partial tiles of the same place: those of older checkpoints."""
        return [each for each in self.tiles.get((tile.level, tile.number), ()) if each.width < tile.width]

    def ahead_of(self, size: int) -> list[Tile]:
        """List the tiles that only a larger log than `size` has."""
        return [tile for tiles in self.tiles.values() for tile in tiles if tile.is_ahead_of(size)]


def take_inventory(source: Source) -> Inventory:
    """List and sort the files of a folder; reads none of them."""
    inventory = Inventory()
    if not isinstance(source, DirectorySource):
        return inventory
    inventory.listed = True
    for path, is_file in source.paths():
        inventory.count += 1
        if not is_file:
            inventory.stray.append((path, VerificationError("not-a-file", "neither a file nor a folder")))
        elif found := _DOCUMENT.fullmatch(path):
            inventory.documents.add(found[1])
        elif path not in {CHECKPOINT, VKEYS}:
            _sort_tile(inventory, path)
    for tiles in inventory.tiles.values():
        tiles.sort(key=lambda tile: tile.width)
    return inventory


def _sort_tile(inventory: Inventory, path: str) -> None:
    try:
        tile = parse_path(path)
    except MalformedError:
        inventory.stray.append((path, VerificationError("stray-file", "no file of a log has this name")))
    else:
        inventory.tiles.setdefault((tile.level, tile.number), []).append(tile)
