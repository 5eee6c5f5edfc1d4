"""
The versions of all subjects, in memory, as fresh as the last commit.

The front cache looks before every answer, so looking must cost next to nothing. On SQLite the header of the write-ahead
log's index changes with every commit, of any process, and lies in shared memory (sqlite.org/walformat.html, 2.1): comparing
40 bytes of it takes a tenth of a microsecond, where the pragma `data_version` takes nine. Only when they differ is the table
of versions read, and of it only what is new. On PostgreSQL the table is asked at most every 50 ms, so that a page may be
that much behind another process's append.
"""

import mmap
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ledger.store import LedgerStore
from portal.projections.queries.versions import changed_since
from portal.projections.shelf import Shelf

_PATIENCE_S: Final = 0.05
_WAL_INDEX_VERSION: Final = 3_007_000
_HEADER: Final = slice(8, 48)
"""The first copy of the header, which SQLite writes last: change counter, last frame, salts, checksum."""


class Versions:
    """Which entry last touched each subject. `generation` moves whenever anything did; used by one thread."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._known: dict[str, int] = {}
        self._newest = -1
        self._watch: Any = None
        self.generation = 0
        self._stirred: Callable[[], object] = _tick if store.engine.dialect.name != "sqlite" else self._watch_sqlite()
        self._seen: object = None

    def look(self) -> int:
        """Read what has changed since the last look, if anything; tells the generation."""
        stirred = self._stirred()
        if stirred != self._seen:
            self._read()
            self._seen = stirred
        return self.generation

    def hold(self, subjects: dict[str, int]) -> bool:
        """Whether all these versions are still the newest."""
        known = self._known
        return all(known.get(name, -1) == version for name, version in subjects.items())

    def close(self) -> None:
        """Let the watching connection go."""
        if self._watch is not None:
            self._watch.close()

    def _read(self) -> None:
        with self._store.reading() as connection:
            changed = changed_since(Shelf(connection), self._newest)
        for name, entry in changed:
            self._known[name] = entry
            self._newest = max(self._newest, entry)
        if changed:
            self.generation += 1

    def _watch_sqlite(self) -> Callable[[], object]:
        """
        Keep a connection of our own open, which never writes: while it lives the shared index is not replaced.

        A SQLite that lays its index out in another way is asked by the pragma instead.
        """
        borrowed = self._store.engine.raw_connection()
        borrowed.detach()
        self._watch = borrowed.dbapi_connection
        self._watch.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        header = _wal_index(self._store.engine.url.database or "")
        return self._data_version if header is None else lambda: header[_HEADER]

    def _data_version(self) -> object:
        return self._watch.execute("PRAGMA data_version").fetchone()[0]


def _wal_index(database: str) -> mmap.mmap | None:
    path = Path(f"{database}-shm")
    if not path.is_file() or path.stat().st_size < _HEADER.stop:
        return None
    with path.open("rb") as file:
        header = mmap.mmap(file.fileno(), mmap.PAGESIZE, access=mmap.ACCESS_READ)
    known = {_WAL_INDEX_VERSION.to_bytes(4, order) for order in ("little", "big")}
    return header if header[:4] in known else None


def _tick() -> object:
    return int(monotonic() / _PATIENCE_S)
