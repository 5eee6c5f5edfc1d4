"""Inclusion proofs from a store of a million leaves: how many reads each takes."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import event

from ledger.tree import verify_inclusion
from tests.benchmarks import samples
from tests.benchmarks.appending import new_store
from tests.benchmarks.measure import Comparison, Count, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.entry import VerifiedStatement
    from ledger.store import LedgerStore

BATCH = 8192


def slim(count: int) -> Iterator[VerifiedStatement]:
    """Make statements a batch at a time, so that a million of them need not lie in memory."""
    for first in range(0, count, BATCH):
        yield from samples.as_if_signed(min(BATCH, count - first), seed=100 + first)


def filled(path: Path, leaves: int) -> LedgerStore:
    """Make a store of so many entries, by appending them."""
    store = new_store(path)
    supply = slim(leaves)
    while batch := list(itertools.islice(supply, BATCH)):
        with store.writing() as connection:
            store.append(connection, batch, samples.AT)
    return store


def cases(folder: Path, *, quick: bool) -> Iterator[Comparison | Count]:
    """Prove entries at random, the first and the last, in trees of the full size and of odd sizes below it."""
    leaves = 3_000 if quick else 1_000_000
    reads = [0]

    def count(*_arguments: object) -> None:
        reads[0] += 1

    chance = random.Random(3)
    wanted = [(0, leaves), (leaves - 1, leaves)]
    for size in (leaves, leaves - 1, leaves // 2 + 77, leaves // 3):
        wanted += [(chance.randrange(size), size) for _ in range(100)]

    def most_reads() -> int:
        store = filled(folder / "million.sqlite", leaves)
        worst = 0
        with store.reading() as connection:
            event.listen(store.engine, "before_cursor_execute", count)
            for index, size in wanted:
                reads[0] = 0
                proof = store.inclusion_proof(connection, index, size)
                worst = max(worst, reads[0])
                leaf = cast(
                    "Any", connection.exec_driver_sql("SELECT leaf FROM ledger_entry WHERE entry_index = ?", (index,))
                )
                verify_inclusion(bytes(leaf.scalar_one()), index, size, proof, store.root_at(connection, size))
            event.remove(store.engine, "before_cursor_execute", count)
        return worst

    yield Count(
        "inclusion_proof_reads",
        f"the most reads that a verified inclusion proof took, of {len(wanted)} from a store of {leaves} leaves",
        most_reads,
        "reads",
        Target("at most", 5),
    )
