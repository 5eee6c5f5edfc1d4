"""
What authors say they had seen: each is a head this log really had, before the statement came into it.

Rules of this module (SPEC.md, entry-6):

1. Each different claim is judged once, however many entries make it; the first of them is named.
2. A log whose every entry makes a claim of its own costs a few hashes an entry: trees are grown from one claimed size to
   the next, from the roots of tiles and, in the tile where a claim ends, from its leaf hashes.
3. Where files are missing or wrong, which was found already, nobody can tell: then nothing is found here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import VerificationError
from ledger.tiles import HASH_SIZE, WIDTH
from ledger.tree import TreeBuilder, join_edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.entry import Seen
    from ledger.errors import LedgerError

    Leaves = Callable[[int], Sequence[bytes] | None]

_SIZE_BYTES: Final = 8

UNKNOWN: Final = bytes(HASH_SIZE)
"""Stands for a hash that no file tells any more."""


class SeenHeads:
    """All heads that the authors of a log say they had seen."""

    def __init__(self) -> None:
        """Begin with none."""
        self._first: dict[bytes, int] = {}  # size and root, which sort by size: the first entry that says so

    def note(self, index: int, seen: Seen) -> None:
        """
        Keep what the author of an entry says.

        Raises:
            VerificationError: `seen-size`: no such head had been there to see.
        """
        if seen.size > index:
            raise VerificationError("seen-size", f"its author had seen {seen.size} entries")
        self._first.setdefault(seen.size.to_bytes(_SIZE_BYTES) + bytes.fromhex(seen.root), index)

    def go_on(self, later: SeenHeads) -> None:
        """Take over what another reader kept, who read later entries."""
        self._first = later._first | self._first

    def judge(self, tile_roots: Sequence[bytes], leaves: Leaves, find: Callable[[int, LedgerError], None]) -> None:
        """
        Compare all of them with the tree.

        Args:
            tile_roots: The hashes over the full tiles of leaf hashes.
            leaves: Tells the leaf hashes of a tile by its number; None where they are not known.
            find: Told (index, error), in order, for each head that this log never had.
        """
        claims = sorted(self._first)
        roots = _roots([int.from_bytes(claim[:_SIZE_BYTES]) for claim in claims], tile_roots, leaves)
        wrong = {
            self._first[claim]: int.from_bytes(claim[:_SIZE_BYTES])
            for claim, root in zip(claims, roots, strict=True)
            if root not in {UNKNOWN, claim[_SIZE_BYTES:]}
        }
        for index, size in sorted(wrong.items()):
            find(index, VerificationError("seen-root", f"its author says that {size} entries had another root"))


def _roots(sizes: Sequence[int], tile_roots: Sequence[bytes], leaves: Leaves) -> Iterator[bytes]:
    """Tell the root of the tree of each size, in ascending order; `UNKNOWN` where it is not known."""
    upper, lower = TreeBuilder(), TreeBuilder()
    tile: Sequence[bytes] | None = None
    lost = False
    for size in sizes:
        number, rest = divmod(size, WIDTH)
        if number > upper.size:
            added = tile_roots[upper.size : number]
            lost = lost or UNKNOWN in added
            upper.extend(added)
            lower, tile = TreeBuilder(), None
        if rest and tile is None:
            tile = leaves(number)
        if lost or (rest and tile is None):
            yield UNKNOWN
            continue
        if tile is not None:
            lower.extend(tile[lower.size : rest])
        yield join_edge([*upper.edge, *lower.edge])
