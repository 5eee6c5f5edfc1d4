"""
The versions of all subjects, in memory, as fresh as the last commit.

The front cache asks before every answer. On SQLite a pragma tells in microseconds whether another connection has
committed; only then is the table of versions read, and of it only what is new. On PostgreSQL the size that the
projections have read is asked for at most every 50 ms, so that a page may be that much behind another process's append.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

from ledger.store import LedgerStore
from portal.projections.queries.versions import changed_since
from portal.projections.shelf import Shelf

_PATIENCE_S = 0.05


class Versions:
    """Which entry last touched each subject. `generation` moves whenever anything did; used by one thread."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._known: dict[str, int] = {}
        self._newest = -1
        self._watch: Any = None
        self.generation = 0
        self._stirred: Callable[[], object] = (
            self._watch_sqlite() if store.engine.dialect.name == "sqlite" else self._tick
        )
        self._seen: object = None

    def look(self) -> int:
        """Read what has changed since the last look, if anything; tells the generation."""
        stirred = self._stirred()
        if stirred != self._seen:
            self._seen = stirred
            self._read()
        return self.generation

    def of(self, name: str) -> int:
        """The last entry that touched a subject or a collection; -1 for none."""
        return self._known.get(name, -1)

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
        """A connection of our own that never writes: its `data_version` moves with every commit of any other."""
        borrowed = self._store.engine.raw_connection()
        borrowed.detach()
        self._watch = borrowed.dbapi_connection
        execute = self._watch.cursor().execute

        def data_version() -> object:
            return execute("PRAGMA data_version").fetchone()[0]

        return data_version

    @staticmethod
    def _tick() -> object:
        return int(monotonic() / _PATIENCE_S)
