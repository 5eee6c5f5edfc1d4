"""
Roots and proofs of any size of the log, from tiles.

Rules of this module:

1. A proof is put together from perfect subtrees; each lies inside one tile of 256 hashes, so that five tiles are
   enough for an inclusion proof in any log of up to 16 million entries (two tiles along the leaf's own path, two along
   the right edge, one above both).
2. Where tiles come from is the caller's affair (rows of a database, files of a folder): no input or output here.
3. Nothing is verified here. Whoever receives a proof verifies it; whoever serves it may show a false one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import RefusedError
from ledger.tree import EMPTY_ROOT, node_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TILE_WIDTH = 256


def perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """
    Cut the leaves from `start` to `end` into the largest perfect subtrees, left to right, as (level, position).

    `start` must be 0 or a multiple of the largest power of two below `end - start`, as every split of RFC 6962 is.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """Hash perfect subtrees, largest first, into the root over them all (RFC 6962, 2.1: the left part is the larger)."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Hash a power of two of neighbours into the node above them."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class Prover:
    """
    The tree of one size, seen through its tiles.

    Each tile is asked for once. A prover is for one answer or a few: it keeps what it read.
    """

    def __init__(self, size: int, read_tile: Callable[[int, int, int], Sequence[bytes]]) -> None:
        """
        Set up.

        Args:
            size: How many leaves the tree has; tiles are asked for with the width they have in this tree.
            read_tile: (level, position, width) to at least `width` hashes.
        """
        self.size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """Tell the root hash of the whole tree."""
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """
        Show that the leaf is in the tree (RFC 6962, 2.1.1): siblings from the leaf's to the root's child.

        Raises:
            RefusedError: If the tree has no such leaf.
        """
        if not 0 <= index < self.size:
            raise RefusedError("proof-index", f"no entry {index} among {self.size}")
        start, end, proof = 0, self.size, list[bytes]()
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """
        Show that the tree begins with the tree of size `old` (RFC 6962, 2.1.2).

        An empty old tree and an equal one have empty proofs.

        Raises:
            RefusedError: If the old tree would be larger than this one.
        """
        if not 0 <= old <= self.size:
            raise RefusedError("proof-size", f"size {old} is not within {self.size}")
        if old in {0, self.size}:
            return []
        start, end, proof = 0, self.size, list[bytes]()
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        if start:
            proof.append(self._range(start, end))
        return proof[::-1]

    def _range(self, start: int, end: int) -> bytes:
        return fold([self._node(level, position) for level, position in perfect_subtrees(start, end)])

    def _node(self, level: int, position: int) -> bytes:
        tile_level, height = divmod(level, 8)
        first = position << height
        tile, offset = divmod(first, TILE_WIDTH)
        key = tile_level, tile
        if key not in self._tiles:
            width = min(TILE_WIDTH, (self.size >> (8 * tile_level)) - tile * TILE_WIDTH)
            self._tiles[key] = self._read_tile(tile_level, tile, width)
        return perfect_root(self._tiles[key][offset : offset + (1 << height)])


def _split(count: int) -> int:
    """Tell the largest power of two below `count`: RFC 6962 cuts there."""
    return 1 << ((count - 1).bit_length() - 1)
