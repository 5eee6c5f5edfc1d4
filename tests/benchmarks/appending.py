"""Durable appends, against a bare file and against the bare database driver."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, cast

from ledger.store import LedgerStore, open_engine
from tests.benchmarks import samples
from tests.benchmarks.measure import Comparison, Target

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

BATCH = 256


class BareResult:
    """A cursor under the names that the store asks a SQLAlchemy result for."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """Hold the cursor."""
        self.all = cursor.fetchall
        self.one_or_none = self.one = cursor.fetchone
        self._cursor = cursor

    def scalar(self) -> Any:
        """Take the first value of the first row."""
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    scalar_one = scalar


class BareConnection:
    """The raw driver under the one method through which the store writes: what SQLAlchemy adds is what differs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Hold the driver's connection."""
        self._connection = connection

    def exec_driver_sql(self, sql: str, values: Any = ()) -> BareResult:
        """Run SQL once, or once for each of a list of rows."""
        run = self._connection.executemany if isinstance(values, list) else self._connection.execute
        return BareResult(run(sql, values))


@contextmanager
def bare_writing(connection: sqlite3.Connection) -> Iterator[Connection]:
    """Do what `LedgerStore.writing` does, with the driver alone."""
    connection.execute("BEGIN IMMEDIATE")
    yield cast("Connection", BareConnection(connection))
    connection.execute("COMMIT")


def new_store(path: Path) -> LedgerStore:
    """Make an empty log in a database file."""
    store = LedgerStore(open_engine(path), samples.LOG)
    store.create()
    return store


def cases(folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Append one by one, and by batches of 256."""
    singles, batches, rounds = (5, 1, 2) if quick else (400, 20, 11)
    supply = iter(samples.as_if_signed(singles * rounds + BATCH * batches * rounds))
    store = new_store(folder / "one.sqlite")

    def append_one_by_one() -> int:
        for verified in itertools.islice(supply, singles):
            with store.writing() as connection:
                store.append(connection, [verified], samples.AT)
        return singles

    record = samples.entries(1)[0] + bytes(64)
    file = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write_one_by_one() -> int:
        for _ in range(singles):
            os.write(file, record)
            os.fdatasync(file)
        return singles

    yield Comparison(
        "durable_append_vs_fdatasync",
        "entries a second, each in a transaction of its own on SQLite, to bare writes of as many bytes, each with fdatasync",
        append_one_by_one,
        write_one_by_one,
        Target("at least", 0.35),
        clock=time.perf_counter,
    )
    os.close(file)

    stock = samples.as_if_signed(BATCH * batches * rounds, seed=2)
    through, bare = iter(stock), iter(stock)
    first, second = new_store(folder / "sqlalchemy.sqlite"), new_store(folder / "driver.sqlite")
    with closing(second.engine.raw_connection()) as pooled:
        driver = cast("sqlite3.Connection", pooled.driver_connection)  # with the pragmas that the store sets

        def append_batches() -> int:
            for _ in range(batches):
                with first.writing() as connection:
                    first.append(connection, list(itertools.islice(through, BATCH)), samples.AT)
            return batches * BATCH

        def append_batches_bare() -> int:
            for _ in range(batches):
                with bare_writing(driver) as connection:
                    second.append(connection, list(itertools.islice(bare, BATCH)), samples.AT)
            return batches * BATCH

        yield Comparison(
            "batch_append_vs_raw_driver",
            "entries a second in batches of 256, through SQLAlchemy to the same append on the raw sqlite3 driver",
            append_batches,
            append_batches_bare,
            Target("at least", 0.9),
        )
        with first.reading() as one, second.reading() as other:
            if first.head(one).root != second.head(other).root:
                raise AssertionError("the two sides wrote different logs")
