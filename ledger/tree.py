"""
The Merkle tree of RFC 6962, section 2.1, and its proofs.

Rules (SPEC.md, section 4):
- A leaf hash is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), the empty tree's root
  SHA-256 of nothing.
- Node (level, number) covers the 2^level leaves from number·2^level; it is named only once it is
  complete, and then never changes. Proofs and roots of any size are made of such nodes.
- A proof is exactly as long as it has to be, and every hash is 32 bytes.
- A tree of size 0 begins every tree, by an empty proof and with the empty tree's root only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ledger.errors import VerificationError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Coordinate: TypeAlias = tuple[int, int]
"""(level, number) of a complete node; level 0 are the leaf hashes."""

Node: TypeAlias = tuple[int, int, bytes]
"""A complete node with its hash."""

Fetch: TypeAlias = Callable[[Sequence[Coordinate]], Sequence[bytes]]
"""Looks nodes up, all of one proof at once, so that a store can answer in few reads."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Join two hashes (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def parents(row: Sequence[bytes]) -> list[bytes]:
    """Join neighbours, two by two; the row has an even length. Most of the time of building a tree is spent here."""
    sha256 = hashlib.sha256
    pairs = iter(row)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]


class TreeBuilder:
    """
    Grows a tree by batches of leaf hashes, keeping only its right edge.

    A batch costs one hash a leaf and hardly any Python; the store keeps the nodes it yields and
    starts again from `edge`.
    """

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """
        Begin empty, or where a tree of `size` ended.

        Args:
            size: Leaves that are in the tree already.
            edge: The hashes of `edge_nodes(size)`, in that order.
        """
        nodes = edge_nodes(size)
        if len(nodes) != len(edge):
            raise VerificationError("tree-edge", f"{len(edge)} hashes for a tree of {size}")
        self.size = size
        self._pending: list[bytes | None] = [None] * (size.bit_length() + 1)
        for (level, _), digest in zip(nodes, edge, strict=True):
            self._pending[level] = digest

    def extend(self, leaves: Sequence[bytes]) -> list[Node]:
        """
        Add leaf hashes; return the nodes above level 0 that are complete now, by level.

        The leaves themselves, level 0, are not repeated.
        """
        complete: list[Node] = []
        first = self.size
        self.size += len(leaves)
        row: list[bytes] = list(leaves)
        level = 0
        while row:
            if level == len(self._pending):
                self._pending.append(None)
            waiting = self._pending[level]
            if waiting is not None:
                row.insert(0, waiting)
                first -= 1
            self._pending[level] = row.pop() if len(row) % 2 else None
            row = parents(row)
            first //= 2
            level += 1
            complete += zip([level] * len(row), range(first, first + len(row)), row, strict=True)
        return complete

    @property
    def edge(self) -> list[bytes]:
        """The complete subtrees of the tree, largest first: all that is needed to go on."""
        return [digest for digest in reversed(self._pending) if digest is not None]

    def root(self) -> bytes:
        """Hash the tree as it stands; the cost is its height."""
        return join_edge(self.edge)


def join_edge(edge: Sequence[bytes]) -> bytes:
    """Hash the complete subtrees of a tree, largest first, to its root."""
    if not edge:
        return EMPTY_ROOT
    root = edge[-1]
    for digest in reversed(edge[:-1]):
        root = node_hash(digest, root)
    return root


def edge_nodes(size: int) -> list[Coordinate]:
    """Name the complete subtrees of a tree of this size, largest first."""
    return _nodes_of(0, size)


def _nodes_of(start: int, end: int) -> list[Coordinate]:
    """
    Name the largest complete nodes that cover the leaves [start, end), left to right.

    RFC 6962 cuts at powers of two, so a subtree's start is a multiple of every node in it.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Hash a whole tree from its leaf hashes."""
    builder = TreeBuilder()
    builder.extend(list(leaves))
    return builder.root()


def _split(size: int) -> int:
    """Tell the largest power of two below a size of at least two (RFC 6962 2.1: k)."""
    return 1 << ((size - 1).bit_length() - 1)


def _inclusion_ranges(index: int, start: int, end: int) -> list[tuple[int, int]]:
    """List the subtrees of PATH(index, D[start:end]), the leaf's sibling first (RFC 6962 2.1.1)."""
    ranges: list[tuple[int, int]] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def _consistency_ranges(size1: int, size2: int) -> list[tuple[int, int]]:
    """List the subtrees of PROOF(size1, D[size2]) in order (RFC 6962 2.1.2)."""
    ranges: list[tuple[int, int]] = []
    start, end, whole = 0, size2, True
    while size1 != end:
        middle = start + _split(end - start)
        if size1 <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def _prove(ranges: list[tuple[int, int]], fetch: Fetch) -> list[bytes]:
    """Look up what covers each range, all at once, and join each to one hash."""
    groups = [_nodes_of(start, end) for start, end in ranges]
    hashes = iter(fetch([node for group in groups for node in group]))
    return [join_edge([next(hashes) for _ in group]) for group in groups]


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """
    Prove that leaf `index` is in the tree of `size` leaves.

    Raises:
        VerificationError: `proof-index`: there is no such leaf.
    """
    if not 0 <= index < size:
        raise VerificationError("proof-index", f"no leaf {index} in a tree of {size}")
    return _prove(_inclusion_ranges(index, 0, size), fetch)


def consistency_proof(size1: int, size2: int, fetch: Fetch) -> list[bytes]:
    """
    Prove that the tree of `size2` begins with the tree of `size1`.

    Raises:
        VerificationError: `proof-size`: trees do not shrink.
    """
    if not 0 <= size1 <= size2:
        raise VerificationError("proof-size", f"no growth from {size1} to {size2}")
    if size1 in {0, size2}:
        return []
    return _prove(_consistency_ranges(size1, size2), fetch)


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for digest in hashes:
        if len(digest) != HASH_SIZE:
            raise VerificationError("proof-hash", f"a hash of {len(digest)} bytes")


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """
    Make sure that a leaf hash stands at this index of the tree with this root.

    Raises:
        VerificationError: `proof-hash`, `proof-index`, `proof-length` or `proof-root`.
    """
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise VerificationError("proof-index", f"no leaf {index} in a tree of {size}")
    ranges = _inclusion_ranges(index, 0, size)
    if len(proof) != len(ranges):
        raise VerificationError("proof-length", f"{len(proof)} hashes, not {len(ranges)}")
    found = leaf
    for (start, _), digest in zip(ranges, proof, strict=True):
        found = node_hash(digest, found) if start < index else node_hash(found, digest)
    if found != root:
        raise VerificationError("proof-root", "the proof leads to another root")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """
    Make sure that the tree with root2 begins with all of the tree with root1.

    Raises:
        VerificationError: `proof-hash`, `proof-size`, `proof-length` or `proof-root`.
    """
    _check_hashes([root1, root2, *proof])
    if not 0 <= size1 <= size2:
        raise VerificationError("proof-size", f"no growth from {size1} to {size2}")
    trivial = size1 in {0, size2}
    ranges = [] if trivial else _consistency_ranges(size1, size2)
    if len(proof) != len(ranges):
        raise VerificationError("proof-length", f"{len(proof)} hashes, not {len(ranges)}")
    if trivial:
        # RFC 6962 leaves size 0 open; some libraries take any root for it (decisions/0006).
        right = root1 == root2 if size1 else root1 == EMPTY_ROOT and (size2 > 0 or root2 == EMPTY_ROOT)
    else:
        right = _consistency_roots(size1, root1, ranges, proof) == (root1, root2)
    if not right:
        raise VerificationError("proof-root", "the proof leads to another root")


def _consistency_roots(
    size1: int, root1: bytes, ranges: list[tuple[int, int]], proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """
    Compute the old and the new root from a proof.

    RFC 9162 2.1.4.2 says it with shifts; these are the same steps, said with ranges. The innermost
    subtree that both trees have is the old tree itself where that is complete, else the first hash.
    """
    steps = zip(ranges, proof, strict=True)
    if size1 & (size1 - 1) == 0:
        old = new = root1
    else:
        _, old = next(steps)
        new = old
    for (start, _), digest in steps:
        if start < size1:
            old, new = node_hash(digest, old), node_hash(digest, new)
        else:
            new = node_hash(new, digest)
    return old, new
