from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import tree
from ledger.errors import VerificationError
from tests.ledger import vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KNOWN = vectors.load("tree")
LEAVES = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in KNOWN["leaves"]]
ROOTS = [bytes.fromhex(root) for root in KNOWN["roots"]]


def leaf(number: int) -> bytes:
    return hashlib.sha256(b"\0leaf %d" % number).digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word and slow."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


class Store:
    """Keeps every complete node of a tree, as a store does."""

    def __init__(self, leaves: list[bytes], steps: Sequence[int] = (7,)) -> None:
        self.builder = tree.TreeBuilder()
        self.nodes = {}
        at, turn = 0, 0
        while at < len(leaves):
            some = leaves[at : at + steps[turn % len(steps)]]
            self.nodes |= {(0, at + place): digest for place, digest in enumerate(some)}
            for level, number, digest in self.builder.extend(some):
                assert (level, number) not in self.nodes
                self.nodes[level, number] = digest
            at, turn = at + len(some), turn + 1
        self.asked = 0

    def fetch(self, coordinates: Sequence[tree.Coordinate]) -> list[bytes]:
        self.asked += 1
        return [self.nodes[each] for each in coordinates]


@pytest.mark.parametrize("size", range(9))
def test_the_reference_leaves_have_the_roots_everyone_knows(size: int) -> None:
    assert tree.root_of(LEAVES[:size]) == ROOTS[size] == plain_root(LEAVES[:size])


@given(st.integers(0, 70), st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_batches_of_any_sizes_grow_the_same_tree(size: int, steps: list[int]) -> None:
    leaves = [leaf(number) for number in range(size)]
    store = Store(leaves, steps)
    assert store.builder.root() == plain_root(leaves)
    assert store.builder.edge == store.fetch(tree.edge_nodes(size))
    for (level, number), digest in store.nodes.items():
        assert digest == plain_root(leaves[number << level : (number + 1) << level])
    assert len(store.nodes) == 2 * size - (size).bit_count()


@given(st.integers(0, 300), st.integers(0, 40))
def test_a_builder_goes_on_from_its_edge(size: int, more: int) -> None:
    leaves = [leaf(number) for number in range(size + more)]
    whole = tree.TreeBuilder()
    whole.extend(leaves[:size])
    resumed = tree.TreeBuilder(size, whole.edge)
    assert resumed.root() == whole.root()
    assert resumed.extend(leaves[size:]) == whole.extend(leaves[size:])
    assert (resumed.size, resumed.root()) == (whole.size, whole.root())


def test_a_builder_refuses_an_edge_of_another_size() -> None:
    assert vectors.outcome(lambda: tree.TreeBuilder(3, [leaf(0)])) == "tree-edge"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33])
def test_every_leaf_of_a_tree_is_proven_and_no_other_place_is(size: int) -> None:
    leaves = [leaf(number) for number in range(size)]
    store, root = Store(leaves), plain_root(leaves)
    for index in range(size):
        proof = tree.inclusion_proof(index, size, store.fetch)
        tree.verify_inclusion(leaves[index], index, size, proof, root)
        for wrong in range(size):
            if wrong != index:
                with pytest.raises(VerificationError) as refused:
                    tree.verify_inclusion(leaves[index], wrong, size, proof, root)
                assert refused.value.reason in {"proof-root", "proof-length"}
    assert store.asked == size


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 20])
def test_every_earlier_tree_is_proven_and_no_other_is(size: int) -> None:
    leaves = [leaf(number) for number in range(size)]
    store = Store(leaves)
    roots = [plain_root(leaves[:end]) for end in range(size + 1)]
    for earlier in range(size + 1):
        proof = tree.consistency_proof(earlier, size, store.fetch)
        tree.verify_consistency(earlier, size, roots[earlier], roots[size], proof)
        for wrong in set(range(size + 1)) - {earlier}:
            with pytest.raises(VerificationError):
                tree.verify_consistency(earlier, size, roots[wrong], roots[size], proof)
        for wrong in range(size) if earlier else ():  # every tree begins with the empty one
            with pytest.raises(VerificationError):
                tree.verify_consistency(earlier, size, roots[earlier], roots[wrong], proof)


def flips(proof: list[bytes]) -> Iterator[list[bytes]]:
    """Give the proof with each byte changed, cut short, and longer."""
    for place, digest in enumerate(proof):
        for at in range(len(digest)):
            changed = digest[:at] + bytes([digest[at] ^ 0x40]) + digest[at + 1 :]
            yield [*proof[:place], changed, *proof[place + 1 :]]
    yield proof[:-1]
    yield [*proof, leaf(0)]
    yield [leaf(0), *proof]


def test_an_inclusion_proof_with_any_byte_changed_is_refused() -> None:
    leaves = [leaf(number) for number in range(11)]
    store, root = Store(leaves), plain_root(leaves)
    proof = tree.inclusion_proof(5, 11, store.fetch)
    for changed in flips(proof):
        assert vectors.outcome(lambda: tree.verify_inclusion(leaves[5], 5, 11, changed, root)) in {  # noqa: B023 -- called at once
            "proof-root",
            "proof-length",
        }


def test_a_consistency_proof_with_any_byte_changed_is_refused() -> None:
    leaves = [leaf(number) for number in range(11)]
    store = Store(leaves)
    old, new = plain_root(leaves[:6]), plain_root(leaves)
    proof = tree.consistency_proof(6, 11, store.fetch)
    for changed in flips(proof):
        assert vectors.outcome(lambda: tree.verify_consistency(6, 11, old, new, changed)) in {  # noqa: B023 -- called at once
            "proof-root",
            "proof-length",
        }


ROOT1, ROOT2 = ROOTS[1], ROOTS[2]
INCLUSIONS = {
    "index of the size": ((LEAVES[0], 1, 1, [], ROOT1), "proof-index"),
    "negative index": ((LEAVES[0], -1, 1, [], ROOT1), "proof-index"),
    "index beyond a size of two powers (sigstore-python 4.5.1)": (
        (LEAVES[0], 5, 4, [ROOT1, ROOT2], ROOTS[4]),
        "proof-index",
    ),
    "empty tree": ((LEAVES[0], 0, 0, [], tree.EMPTY_ROOT), "proof-index"),
    "short leaf": ((LEAVES[0][:31], 0, 1, [], LEAVES[0][:31]), "proof-hash"),
    "leaf and root of no bytes (aics-tlog, tlog-scales)": ((b"", 0, 1, [], b""), "proof-hash"),
    "short hash in the proof": ((LEAVES[0], 0, 2, [LEAVES[1][:31]], ROOT2), "proof-hash"),
    "long root": ((LEAVES[0], 0, 1, [], ROOT1 + b"\0"), "proof-hash"),
    "other root": ((LEAVES[0], 0, 1, [], ROOT2), "proof-root"),
    "no proof": ((LEAVES[0], 0, 2, [], ROOT2), "proof-length"),
    "proof of one leaf": ((LEAVES[0], 0, 1, [LEAVES[0]], ROOT1), "proof-length"),
}


@pytest.mark.parametrize(("given_", "reason"), INCLUSIONS.values(), ids=INCLUSIONS)
def test_false_inclusion_is_refused_by_name(given_: tuple[Any, ...], reason: str) -> None:
    assert vectors.outcome(lambda: tree.verify_inclusion(*given_)) == reason


CONSISTENCIES = {
    "shrinking": ((2, 1, ROOT2, ROOT1, []), "proof-size"),
    "negative": ((-1, 1, ROOT1, ROOT1, []), "proof-size"),
    "size 0 with another root (tlog-scales, transparency-dev/merkle 0.0.2)": ((0, 2, ROOT1, ROOT2, []), "proof-root"),
    "size 0 with a proof": ((0, 2, tree.EMPTY_ROOT, ROOT2, [ROOT1]), "proof-length"),
    "size 0 twice with another root": ((0, 0, tree.EMPTY_ROOT, ROOT1, []), "proof-root"),
    "size 0 twice with another old root": ((0, 0, ROOT1, tree.EMPTY_ROOT, []), "proof-root"),
    "two roots of one size": ((2, 2, ROOT1, ROOT2, []), "proof-root"),
    "one size with a proof": ((2, 2, ROOT2, ROOT2, [ROOT1]), "proof-length"),
    "short root": ((1, 2, ROOT1[:12], ROOT2, [LEAVES[1]]), "proof-hash"),
    "short hash": ((1, 2, ROOT1, ROOT2, [LEAVES[1][:31]]), "proof-hash"),
    "no proof": ((1, 2, ROOT1, ROOT2, []), "proof-length"),
}


@pytest.mark.parametrize(("given_", "reason"), CONSISTENCIES.values(), ids=CONSISTENCIES)
def test_false_growth_is_refused_by_name(given_: tuple[Any, ...], reason: str) -> None:
    assert vectors.outcome(lambda: tree.verify_consistency(*given_)) == reason


def test_every_tree_begins_with_the_empty_one() -> None:
    tree.verify_consistency(0, 0, tree.EMPTY_ROOT, tree.EMPTY_ROOT, [])
    tree.verify_consistency(0, 2, tree.EMPTY_ROOT, ROOT2, [])


def test_no_proof_is_made_for_what_is_not_there() -> None:
    assert vectors.outcome(lambda: tree.inclusion_proof(2, 2, Store([]).fetch)) == "proof-index"
    assert vectors.outcome(lambda: tree.consistency_proof(3, 2, Store([]).fetch)) == "proof-size"
    assert tree.consistency_proof(0, 2, Store([]).fetch) == tree.consistency_proof(2, 2, Store([]).fetch) == []
