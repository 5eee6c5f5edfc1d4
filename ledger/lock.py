"""
Remembers, apart from the ledger's database, the newest tree this log has bound itself to.

Rules of this module:

1. The lock store lives in a file (or database) of its own. A ledger restored from an old backup, or copied and run
   twice, then meets a memory that was not restored with it.
2. It only moves from what the caller saw to something larger, in one step (compare and swap); whoever loses the race
   has signed nothing.
3. It is never restored from a backup and never edited.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from ledger.database import open_engine, writer_of
from ledger.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

_TABLE = {
    "sqlite": "CREATE TABLE IF NOT EXISTS ledger_lock (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " time INTEGER NOT NULL)",
    "postgresql": 'CREATE TABLE IF NOT EXISTS ledger_lock (origin TEXT COLLATE "C" PRIMARY KEY, size BIGINT NOT NULL,'
    " root BYTEA NOT NULL, time BIGINT NOT NULL)",
}


class Locked(msgspec.Struct, frozen=True):
    """What a log has bound itself to: exactly this is signed, and after a crash exactly this is signed again."""

    size: int
    root: bytes
    time: int
    """Seconds since 1970 in UTC, as the checkpoint's time-stamped signature states them."""


class LockStore:
    """The memory of one or more logs, by origin."""

    def __init__(self, place: str | Path) -> None:
        """
        Open, and make the table if it is not there.

        Args:
            place: A path or URL other than the ledger's own, best on another machine.
        """
        self._engine = open_engine(place)
        self._postgres = self._engine.dialect.name == "postgresql"
        with self._transaction() as connection:
            connection.exec_driver_sql(_TABLE[self._engine.dialect.name])

    def read(self, origin: str) -> Locked | None:
        """Tell what the log is bound to; None for a log that never published."""
        with self._transaction() as connection:
            sql = self._sql("SELECT size, root, time FROM ledger_lock WHERE origin = ?")
            row = connection.exec_driver_sql(sql, (origin,)).one_or_none()
        return None if row is None else Locked(int(row[0]), bytes(row[1]), int(row[2]))

    def compare_and_swap(self, origin: str, old: Locked | None, new: Locked) -> None:
        """
        Bind the log to a new tree, if it is still bound to the old one.

        Raises:
            RefusedError: `lock-moved` if another publisher was faster; `lock-shrinks` if the new tree is no larger than
                the old. Nothing was changed.
        """
        if old is not None and new.size <= old.size:
            raise RefusedError("lock-shrinks", f"from {old.size} to {new.size}")
        values: tuple[object, ...]
        if old is None:
            sql = "INSERT INTO ledger_lock (origin, size, root, time) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            values = (origin, new.size, new.root, new.time)
        else:
            sql = "UPDATE ledger_lock SET size = ?, root = ?, time = ? WHERE origin = ? AND size = ? AND root = ? AND time = ?"
            values = (new.size, new.root, new.time, origin, old.size, old.root, old.time)
        with self._transaction() as connection:
            changed = connection.exec_driver_sql(self._sql(sql), values).rowcount
        if changed != 1:
            raise RefusedError("lock-moved", f"{origin} is no longer bound to what this publisher saw")

    def close(self) -> None:
        """Let go of the database's connections."""
        self._engine.dispose()

    def _sql(self, sql: str) -> str:
        return sql.replace("?", "%b") if self._postgres else sql

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with writer_of(self._engine).connect() as connection, connection.begin():
            yield connection
