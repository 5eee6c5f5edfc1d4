"""
Roots and proofs of any size of the log, from tiles.

Rules of this module:

1. A proof is made of complete nodes; each lies inside one tile of 256 hashes, so that five tiles are enough for an
   inclusion proof in any log of up to 16 million entries (two along the leaf's own path, two along the right edge, one
   above both).
2. Where tiles come from is the caller's affair (rows of a database, files of a folder): no input or output here.
3. Nothing is verified here. Whoever receives a proof verifies it; whoever serves it may show a false one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import tree
from ledger.tiles import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Prover:
    """
    The tree of one size, seen through its tiles.

    Each tile is asked for once. A prover is for one answer or a few: it keeps what it read.
    """

    def __init__(self, size: int, read_tile: Callable[[int, int, int], Sequence[bytes]]) -> None:
        """
        Set up; nothing is read yet.

        Args:
            size: How many leaves the tree has; tiles are asked for with the width they have in this tree.
            read_tile: (level, number, width) to at least `width` hashes.
        """
        self.size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def edge(self) -> list[bytes]:
        """Tell the complete subtrees, largest first: what `tree.TreeBuilder` goes on from."""
        return self.nodes(tree.edge_nodes(self.size))

    def root(self) -> bytes:
        """Tell the root hash of the whole tree."""
        return tree.join_edge(self.edge())

    def inclusion(self, index: int) -> list[bytes]:
        """Show that the leaf is in the tree; see `tree.inclusion_proof`."""
        return tree.inclusion_proof(index, self.size, self.nodes)

    def consistency(self, old: int) -> list[bytes]:
        """Show that the tree begins with the tree of size `old`; see `tree.consistency_proof`."""
        return tree.consistency_proof(old, self.size, self.nodes)

    def nodes(self, coordinates: Sequence[tree.Coordinate]) -> list[bytes]:
        """Look complete nodes up; a node between two tile levels is hashed from the lower one."""
        return [self._node(level, number) for level, number in coordinates]

    def _node(self, level: int, number: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        tile, offset = divmod(number << height, WIDTH)
        if (tile_level, tile) not in self._tiles:
            width = min(WIDTH, (self.size >> (HEIGHT * tile_level)) - tile * WIDTH)
            self._tiles[tile_level, tile] = self._read_tile(tile_level, tile, width)
        return perfect_root(self._tiles[tile_level, tile][offset : offset + (1 << height)])


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Hash a power of two of neighbours into the node above them."""
    row = hashes
    while len(row) > 1:
        row = tree.parents(row)
    return row[0]
