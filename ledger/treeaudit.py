"""
Hashes a published log from its entries up to its root, and compares every tile on the way.

Rules of this module:

1. A tile is what the entries below it hash to, and the root what the tiles hash to; nothing else makes a file right.
2. Where a bundle and its tile disagree, whichever leads to the hash above them (or to the signed root) is right, and the
   other one is named. Where neither does, both are named.
3. Partial tiles of older checkpoints must be the beginnings of the tiles that have grown out of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import source as sources
from ledger.entry import leaf_hash, leaf_hashes
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import BUNDLE_LIMIT
from ledger.prover import perfect_root
from ledger.seen import UNKNOWN
from ledger.tiles import ENTRIES, HASH_SIZE, HEIGHT, WIDTH, Tile, decode_bundle, split_tile
from ledger.tree import TreeBuilder, join_edge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.audit import EntryAudit
    from ledger.checkpoint import Checkpoint
    from ledger.folder import LogFolder
    from ledger.inventory import Inventory

    Find = Callable[[str, LedgerError], None]
    Progress = Callable[[int, int], None]


class TreeAudit:
    """One walk along the tree of one checkpoint: `bundles` first, then `upper_tiles`."""

    def __init__(
        self, folder: LogFolder, checkpoint: Checkpoint, inventory: Inventory, audit: EntryAudit, find: Find
    ) -> None:
        """
        Stand before the first bundle.

        Args:
            find: Told the path and the error of each finding.
        """
        self._folder = folder
        self._checkpoint = checkpoint
        self._inventory = inventory
        self._audit = audit
        self._find = find
        self._last_leaf = UNKNOWN
        self.edge: list[bytes] = []
        """The leaf hashes of the last tile, if it is partial."""
        self.rows: list[list[bytes]] = [[]]
        """The hashes of tile levels 1, 2 and so on."""

    @property
    def last_leaf(self) -> bytes:
        """The leaf hash of the last entry judged, which the next one must name."""
        return self._last_leaf

    def begin_after(self, leaf: bytes) -> None:
        """Begin in the middle: take this for the leaf hash of the entry before."""
        self._last_leaf = leaf

    def bundles(self, progress: Progress, numbers: range | None = None) -> None:
        """
        Judge each bundle with its entries, and the tile of its leaf hashes.

        Args:
            progress: Told (entries done, entries in all) after each bundle.
            numbers: Which bundles; otherwise all.
        """
        size = self._checkpoint.size
        for number in range(-(-size // WIDTH)) if numbers is None else numbers:
            width = min(WIDTH, size - number * WIDTH)
            leaves = self._bundle(number, width)
            if width < WIDTH:
                self.edge = leaves
            else:
                self.rows[0].append(self._above(number) if UNKNOWN in leaves else perfect_root(leaves))
            self._last_leaf = leaves[-1]
            progress(number * WIDTH + width, size)
        self._audit.finish(self.find)

    def upper_tiles(self) -> None:
        """Compare the root, and the tiles above the leaf hashes, with what the entries hash to."""
        if self._is_known() and self._root(self.edge) != self._checkpoint.root:
            self._find("checkpoint", VerificationError("checkpoint-root", "the log's files hash to another root"))
        level = 1
        while self._checkpoint.size >> (HEIGHT * level):
            hashes = self.rows[level - 1]
            for first in range(0, len(hashes), WIDTH):
                self._upper_tile(Tile(level, first // WIDTH, min(WIDTH, len(hashes) - first)), hashes[first:])
            groups = [hashes[first : first + WIDTH] for first in range(0, len(hashes) - WIDTH + 1, WIDTH)]
            self.rows.append([UNKNOWN if UNKNOWN in group else perfect_root(group) for group in groups])
            level += 1

    def leaves(self, number: int) -> list[bytes] | None:
        """Tell the leaf hashes of a tile again, after the walk; None where the files are not what was signed."""
        if number == len(self.rows[0]):
            return None if UNKNOWN in self.edge else self.edge
        try:
            data, held = self._read(Tile(0, number, WIDTH))
            hashes = split_tile(data, held)
        except (MalformedError, VerificationError):
            return None  # found in the walk
        return hashes if perfect_root(hashes) == self.rows[0][number] else None

    def find(self, index: int, error: LedgerError) -> None:
        """Note what is wrong with an entry, under the file it is in."""
        number = index // WIDTH
        bundle = Tile(ENTRIES, number, min(WIDTH, self._checkpoint.size - number * WIDTH))
        detail = f"entry {index}: {error.detail}" if error.detail else f"entry {index}"
        self._find(bundle.path, type(error)(error.reason, detail))

    def _upper_tile(self, tile: Tile, hashes: Sequence[bytes]) -> None:
        expected = hashes[: tile.width]
        found = self._hashes(tile)
        if found is not None:
            wrong = [place for place, pair in enumerate(zip(found, expected, strict=True)) if _differ(*pair)]
            if wrong:
                detail = f"hash {wrong[0]} is not what the files below hash to"
                self._find(tile.path, VerificationError("tile-differs", detail))
        self._older_tiles(tile, expected)

    def _bundle(self, number: int, width: int) -> list[bytes]:
        """Judge one bundle and its tile; tell the leaf hashes, whichever of the two files they come from."""
        bundle, tile = Tile(ENTRIES, number, width), Tile(0, number, width)
        entries = self._entries(bundle)
        hashed = None if entries is None else leaf_hashes(entries)
        stated = self._hashes(tile)
        leaves = self._choose(bundle, tile, hashed, stated)
        if entries is None:
            self._audit.skip(width)
        else:
            self._judge_entries(entries, hashed or [], leaves)
        self._older_tiles(tile, leaves)
        self._older_bundles(bundle, entries if hashed == leaves else None, leaves)
        return leaves

    def _choose(self, bundle: Tile, tile: Tile, hashed: list[bytes] | None, stated: list[bytes] | None) -> list[bytes]:
        """Tell which leaf hashes are right, and name the file that says otherwise."""
        if hashed is None or stated is None or hashed == stated:
            return hashed or stated or [UNKNOWN] * tile.width
        if self._leads_up(tile.number, hashed):
            self._find(tile.path, VerificationError("tile-differs", "not what its entries hash to"))
            return hashed
        first = next(place for place, pair in enumerate(zip(hashed, stated, strict=True)) if pair[0] != pair[1])
        self._find(bundle.path, VerificationError("bundle-differs", f"entry {tile.first + first} was changed"))
        if not self._leads_up(tile.number, stated):
            self._find(tile.path, VerificationError("tile-differs", "leads neither to its entries nor to the root"))
        return stated

    def _leads_up(self, number: int, leaves: list[bytes]) -> bool:
        """Tell whether these leaf hashes lead to the hash above them, or at the edge to the signed root."""
        if len(leaves) == WIDTH:
            return perfect_root(leaves) == self._above(number)
        return self._root(leaves) == self._checkpoint.root

    def _above(self, number: int) -> bytes:
        """Read the hash over a full tile from the tile above it."""
        above = self._checkpoint.size >> HEIGHT
        first = number // WIDTH * WIDTH
        tile = Tile(1, number // WIDTH, min(WIDTH, above - first))
        data = sources.read(self._folder.source, tile.path, WIDTH * HASH_SIZE) or b""
        return data[(number - first) * HASH_SIZE :][:HASH_SIZE].ljust(HASH_SIZE, b"\0")

    def _root(self, edge: list[bytes]) -> bytes:
        whole, rest = TreeBuilder(), TreeBuilder()
        whole.extend(self.rows[0])
        rest.extend(edge)
        return join_edge([*whole.edge, *rest.edge])

    def _is_known(self) -> bool:
        return UNKNOWN not in self.rows[0] and UNKNOWN not in self.edge

    def _judge_entries(self, entries: list[bytes], hashed: list[bytes], leaves: list[bytes]) -> None:
        """Have the entries judged where they stand; a changed one was named already, and only its place counts."""
        before = [self._last_leaf, *leaves[:-1]]
        if hashed == leaves:
            self._audit.read(entries, before, self.find)
            return
        for entry, found, leaf, link in zip(entries, hashed, leaves, before, strict=True):
            if found == leaf:
                self._audit.read([entry], [link], self.find)
            else:
                self._audit.skip(1)

    def _older_tiles(self, tile: Tile, hashes: Sequence[bytes]) -> None:
        """Compare the partial tiles that this one has grown out of."""
        for older in self._inventory.older(tile):
            found = self._hashes(older)
            if found is not None and any(map(_differ, found, hashes)):
                self._find(older.path, VerificationError("tile-differs", "not the beginning of the later tile"))

    def _older_bundles(self, bundle: Tile, entries: list[bytes] | None, leaves: Sequence[bytes]) -> None:
        """Compare the partial bundles that this one has grown out of: by bytes if it is right itself, else by hashes."""
        for older in self._inventory.older(bundle):
            found = self._entries(older)
            if found is None:
                continue
            same = found == entries[: older.width] if entries else not any(map(_differ, map(leaf_hash, found), leaves))
            if not same:
                self._find(older.path, VerificationError("bundle-differs", "not the beginning of the later bundle"))

    def _hashes(self, tile: Tile) -> list[bytes] | None:
        try:
            data, held = self._read(tile)
            return split_tile(data, held)[: tile.width]
        except (MalformedError, VerificationError) as error:
            self._find(tile.path, error)
            return None

    def _entries(self, bundle: Tile) -> list[bytes] | None:
        try:
            data, held = self._read(bundle)
            return decode_bundle(data, held)[: bundle.width]
        except (MalformedError, VerificationError) as error:
            self._find(bundle.path, error)
            return None

    def _read(self, tile: Tile) -> tuple[bytes, int]:
        """Read exactly the file that must be there; only over HTTP may the full tile stand in for a partial one."""
        if not self._inventory.listed:
            return self._folder.read_tile(tile)
        limit = BUNDLE_LIMIT if tile.level == ENTRIES else tile.width * HASH_SIZE
        data = sources.read(self._folder.source, tile.path, limit)
        if data is None:
            raise VerificationError("file-missing", "the checkpoint implies this file")
        return data, tile.width


def _differ(one: bytes, other: bytes) -> bool:
    return one != other and UNKNOWN not in {one, other}
