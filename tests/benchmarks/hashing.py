"""Canonical bytes and the tree, against the libraries whose only work they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pymerkle
import rfc8785

from ledger import canonical
from ledger.entry import leaf_hashes, parse_entry
from ledger.tree import TreeBuilder
from tests.benchmarks import samples
from tests.benchmarks.measure import Comparison, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BATCH = 256


def cases(_folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Encode entries; build the tree over records."""
    records = samples.entries(200 if quick else 20_000)
    yield encoding(records[:2_000])
    yield from trees(records)


def encoding(records: list[bytes]) -> Comparison:
    """Write what was read, by our encoder and by RFC 8785's in Python."""
    parsed = [parse_entry(record) for record in records]
    plain = [msgspec.json.decode(record) for record in records]
    if [canonical.encode(entry) for entry in parsed] != [rfc8785.dumps(value) for value in plain]:
        raise AssertionError("the two encoders disagree")

    def encode() -> int:
        for _ in range(5):
            for entry in parsed:
                canonical.encode(entry)
        return 5 * len(parsed)

    def encode_rfc8785() -> int:
        for value in plain:
            rfc8785.dumps(value)
        return len(plain)

    return Comparison(
        "canonical_encoding_vs_rfc8785",
        "entries encoded a second: canonical.encode to rfc8785.dumps, byte for byte the same",
        encode,
        encode_rfc8785,
        Target("at least", 20),
    )


def trees(records: list[bytes]) -> Iterator[Comparison]:
    """Hash records into a tree, by ours and by both of pymerkle's."""

    def build() -> int:
        builder = TreeBuilder()
        for first in range(0, len(records), BATCH):
            builder.extend(leaf_hashes(records[first : first + BATCH]))
            builder.root()
        return len(records)

    def build_pymerkle() -> int:
        with pymerkle.SqliteTree(":memory:") as tree:
            tree.append_entries(records, chunksize=1024)
            tree.get_state()
        return len(records)

    def build_pymerkle_in_memory() -> int:
        tree = pymerkle.InmemoryTree.init_from_entries(records)
        tree.get_state()
        return len(records)

    target = Target("at least", 3)
    question = "leaves added a second from records, root after every 256, to pymerkle's in one go with one root: "
    yield Comparison(
        "tree_building_vs_pymerkle", question + "SqliteTree in memory, its fastest", build, build_pymerkle, target
    )
    yield Comparison(
        "tree_building_vs_pymerkle_objects", question + "InmemoryTree", build, build_pymerkle_in_memory, target
    )
