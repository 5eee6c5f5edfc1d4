"""
Judges files that reach beyond the checkpoint.

A publisher that was cut off between writing files and signing leaves some. They fit if they go on from the published
log without a gap and agree with each other; then they are reported as unpublished, and nobody relies on them. A file that
does not fit is stray: a cut-off publisher cannot have left it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import source as sources
from ledger.documents import references_in_entry
from ledger.entry import leaf_hashes
from ledger.errors import MalformedError, VerificationError
from ledger.folder import BUNDLE_LIMIT
from ledger.prover import perfect_root
from ledger.tiles import ENTRIES, HASH_SIZE, WIDTH, Tile, decode_bundle, split_tile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.entry import DocumentReference
    from ledger.errors import LedgerError
    from ledger.source import Source

    Find = Callable[[str, LedgerError], None]


class Ahead:
    """What lies ahead of a checkpoint of one size."""

    def __init__(self, source: Source, tiles: Sequence[Tile], known: Sequence[bytes], rows: list[list[bytes]]) -> None:
        """
        Take the files, and what the walk along the published log found.

        Args:
            tiles: Those that only a larger log has.
            known: The leaf hashes of the published log's last tile, if that is partial.
            rows: The hashes of its tile levels 1, 2 and so on.
        """
        self._source = source
        self._tiles = sorted(tiles)
        self._leaves: dict[int, list[bytes]] = {}
        self._rows = [list(row) for row in rows]
        self.references: dict[str, DocumentReference] = {}
        self.fitting: list[str] = []
        self._go_on(list(known))

    def judge(self, find: Find) -> None:
        """Sort the files: those that fit into `fitting`, the others into findings."""
        for tile in self._tiles:
            if self._fits(tile):
                self.fitting.append(tile.path)
            else:
                detail = "reaches beyond the checkpoint, and does not go on from it"
                find(tile.path, VerificationError("stray-file", detail))

    def _go_on(self, known: list[bytes]) -> None:
        """Follow the bundles from where the published log ends, as far as they go."""
        number = len(self._rows[0])
        while widest := self._widest(number):
            entries = self._load(widest)
            leaves = leaf_hashes(entries)
            if not leaves or leaves[: len(known)] != known:
                break
            self._leaves[number] = leaves
            for entry in entries[len(known) :]:
                self._note_references(entry)
            if widest.width < WIDTH:
                break
            self._rows[0].append(perfect_root(leaves))
            number, known = number + 1, []
        for level, row in enumerate(self._rows):
            above = [perfect_root(row[first : first + WIDTH]) for first in range(0, len(row) - WIDTH + 1, WIDTH)]
            if above:
                self._rows[level + 1 :] = [above]  # the walk goes on into the level just written

    def _widest(self, number: int) -> Tile | None:
        bundles = [tile for tile in self._tiles if (tile.level, tile.number) == (ENTRIES, number)]
        return bundles[-1] if bundles else None

    def _fits(self, tile: Tile) -> bool:
        found = self._load(tile)
        if tile.level == ENTRIES:
            found = leaf_hashes(found)
        if tile.level in {ENTRIES, 0}:
            expected = self._leaves.get(tile.number, [])
        else:
            expected = self._rows[tile.level - 1][tile.first :] if tile.level <= len(self._rows) else []
        return len(found) == tile.width and found == expected[: tile.width]

    def _load(self, tile: Tile) -> list[bytes]:
        """Read a bundle's entries or a tile's hashes; nothing of a file that is neither."""
        try:
            if tile.level == ENTRIES:
                return decode_bundle(sources.read(self._source, tile.path, BUNDLE_LIMIT) or b"", tile.width)
            return split_tile(sources.read(self._source, tile.path, tile.width * HASH_SIZE) or b"", tile.width)
        except MalformedError:
            return []

    def _note_references(self, entry: bytes) -> None:
        try:
            self.references.update((each.sha256, each) for each in references_in_entry(entry))
        except MalformedError:
            return  # judged when it is published; nothing refers to a document through it until then
