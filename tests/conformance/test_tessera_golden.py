"""A log of 15 entries that Tessera wrote: every checkpoint and partial file, with its data formats read by our readers."""

from __future__ import annotations

import pytest

from ledger import checkpoint, entry, signers, tiles, tree
from ledger.errors import MalformedError
from tests.conformance import shared

FOLDER = shared.folder("data", "vectors", "tessera-golden-log", "testdata", "log")
VERIFIER = signers.parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
SIZE = 15


def read(size: int) -> checkpoint.Checkpoint:
    return checkpoint.parse_checkpoint((FOLDER / f"checkpoint.{size}").read_bytes(), [VERIFIER], origin=VERIFIER.name)


def entries(size: int) -> list[bytes]:
    return tiles.decode_bundle((FOLDER / tiles.entries_path(0, size)).read_bytes(), size)


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_each_checkpoint_is_signed_over_the_tree_of_its_files(size: int) -> None:
    found = read(size)
    assert found.size == size
    for tile in tiles.tiles_of(size):
        data = (FOLDER / tile.path).read_bytes()
        if tile.level == tiles.ENTRIES:
            assert tiles.encode_bundle(tiles.decode_bundle(data, tile.width)) == data
        else:
            hashes = tiles.split_tile(data, tile.width)
            assert hashes == [entry.leaf_hash(each) for each in entries(size)]
            assert tree.root_of(hashes) == found.root
    assert found.root == tree.root_of([entry.leaf_hash(each) for each in (entries(size) if size else [])])


def test_every_tree_grows_out_of_every_earlier_one() -> None:
    leaves = [entry.leaf_hash(each) for each in entries(SIZE)]
    nodes = {(0, number): leaf for number, leaf in enumerate(leaves)}
    nodes |= {(level, number): digest for level, number, digest in tree.TreeBuilder().extend(leaves)}
    roots = [read(size).root for size in range(SIZE + 1)]
    for new in range(SIZE + 1):
        for old in range(new + 1):
            proof = tree.consistency_proof(old, new, lambda asked: [nodes[each] for each in asked])
            tree.verify_consistency(old, new, roots[old], roots[new], proof)


def test_the_files_of_the_last_size_are_those_we_would_write() -> None:
    theirs = {str(path.relative_to(FOLDER)) for path in (FOLDER / "tile").rglob("*") if path.is_file()}
    ours = {tile.path for size in range(SIZE + 1) for tile in tiles.tiles_of(size)}
    assert ours == theirs


def test_their_entries_are_no_statements() -> None:
    """The difference: a Tessera log holds any bytes; ours holds signed statements and nothing else."""
    for each in entries(SIZE):
        with pytest.raises(MalformedError) as refused:
            entry.parse_entry(each)
        assert refused.value.reason == "json-syntax"
