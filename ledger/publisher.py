"""
Turns what is committed into the files that the world reads.

Rules of this module:

1. The order is: commit (the caller's) → entry bundles, tiles and documents, each created once and flushed → the lock
   store moves from what this publisher saw to (size, root, time) → exactly that is signed → `checkpoint` is replaced.
2. Every step may be repeated. After a crash the stored triple is signed again with its stored time; the lock store
   never goes back, so that two roots of one size are never signed.
3. Nothing is signed that was not recomputed from the entries' bytes: one flipped bit between commit and publication
   would be the end of the log.
4. The boot guard compares database, lock store and published checkpoint. A database that is behind (`log-behind`) or
   that holds another history (`log-differs`) becomes read-only, for every further append would widen the fork.
5. Partial tiles are never deleted: whoever holds an old checkpoint may still ask for them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.documents import references_in_entry
from ledger.durable import DurableFolder
from ledger.entry import leaf_hashes
from ledger.errors import LedgerError, RefusedError
from ledger.lock import Locked
from ledger.tiles import ENTRIES, HEIGHT, WIDTH, encode_bundle, needed_tiles
from ledger.tree import TreeBuilder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.checkpoint import CheckpointSigner
    from ledger.lock import LockStore
    from ledger.store import LedgerStore

CHECKPOINT = "checkpoint"


class Publisher:
    """Publishes one log into one folder. Processes on one machine take turns; the lock store finds out others."""

    def __init__(self, store: LedgerStore, folder: Path, lock: LockStore, signer: CheckpointSigner) -> None:
        """
        Set up; call `check` before the first append of a process.

        Args:
            folder: The log folder itself; `<folder>.staging` beside it must be on the same file system.
        """
        self._store = store
        self._folder = DurableFolder(folder)
        self._lock = lock
        self._signer = signer
        self._door = threading.Lock()
        self._published: Checkpoint | None = None

    def check(self) -> Checkpoint | None:
        """
        Compare the database with the lock store and with the published checkpoint: the boot guard.

        Raises:
            RefusedError: `log-behind`, `log-differs`, or `lock-behind` if the lock store itself was lost or set back.
                The store is read-only from then on.

        Returns:
            The published checkpoint, if there is one.
        """
        with self._door, self._folder.exclusively():
            self._folder.clear()
            return self._guard()[1]

    def publish(self, at: datetime) -> Checkpoint:
        """
        Publish everything committed; what is published already stays as it is.

        Args:
            at: The moment the checkpoint's time-stamped signature will state, in whole seconds.

        Raises:
            RefusedError: As `check`; or `lock-moved` if another publisher was faster; or `document-missing`.
        """
        with self._door, self._folder.exclusively():
            locked, published = self._guard()
            if locked is not None and (published is None or published.size < locked.size):
                published = self._finish(published, locked)
            with self._store.reading() as connection:
                head = self._store.head(connection)
            if published is None or locked is None or head.size > locked.size:
                earliest = 0 if locked is None else locked.time
                new = Locked(head.size, head.root, max(int(at.timestamp()), earliest))
                self._write_files(0 if published is None else published.size, new)
                self._lock.compare_and_swap(self._signer.origin, locked, new)
                published = self._sign(new)
            return published

    def _guard(self) -> tuple[Locked | None, Checkpoint | None]:
        try:
            return self._compare_all()
        except RefusedError as error:
            self._store.close_writing(error)
            raise

    def _compare_all(self) -> tuple[Locked | None, Checkpoint | None]:
        locked, published = self._lock.read(self._signer.origin), self._read_published()
        if published is not None and (locked is None or locked.size < published.size):
            raise RefusedError("lock-behind", f"the lock store knows nothing of the checkpoint of {published.size}")
        with self._store.reading() as connection:
            for known in (locked, published):
                if known is not None:
                    self._compare(connection, known)
        return locked, published

    def _compare(self, connection: Connection, known: Locked | Checkpoint) -> None:
        head = self._store.head(connection)
        if head.size < known.size:
            raise RefusedError("log-behind", f"the database has {head.size} entries, {known.size} were published")
        if self._store.root_at(connection, known.size) != known.root:
            raise RefusedError("log-differs", f"the database has another history of {known.size} entries")

    def _read_published(self) -> Checkpoint | None:
        path = self._folder.folder / CHECKPOINT
        if not path.exists():
            return None
        data = path.read_bytes()
        if self._published is None or self._published.note != data:
            try:
                self._published = parse_checkpoint(data, self._signer.verifiers, origin=self._signer.origin, every=True)
            except LedgerError as error:
                raise RefusedError("log-differs", f"the published checkpoint: {error}") from error
        return self._published

    def _finish(self, published: Checkpoint | None, locked: Locked) -> Checkpoint:
        """Complete a publication that a crash cut off after the lock store had moved."""
        self._write_files(0 if published is None else published.size, locked)
        return self._sign(locked)

    def _sign(self, locked: Locked) -> Checkpoint:
        note = self._signer.sign(locked.size, locked.root, locked.time)
        checkpoint = parse_checkpoint(note, self._signer.verifiers, origin=self._signer.origin, every=True)
        self._folder.replace(CHECKPOINT, note)
        self._published = checkpoint
        return checkpoint

    def _write_files(self, old: int, new: Locked) -> None:
        """Create what a log of the new size has and one of the old size had not: bundles, tiles, then documents."""
        with self._store.reading() as connection:
            self._recompute(connection, old, new)
            for tile in needed_tiles(old, new.size):
                if tile.level == ENTRIES:
                    data = encode_bundle(self._bundle(connection, tile.number, new.size))
                else:
                    data = b"".join(self._store.tile(connection, tile.level, tile.number, tile.width))
                self._folder.create(tile.path, data)
            for _, entry in self._store.entries(connection, old, new.size):
                for reference in references_in_entry(entry):
                    document = self._store.document(connection, reference.sha256)
                    if document is None:
                        raise RefusedError("document-missing", f"no document {reference.sha256}")
                    self._folder.create(f"document/{reference.sha256}", document)
        self._folder.settle()

    def _bundle(self, connection: Connection, number: int, size: int) -> list[bytes]:
        """One bundle. Its older entries are written again, so they must still be those that were signed for."""
        first, end = number * WIDTH, min(number * WIDTH + WIDTH, size)
        entries = [entry for _, entry in self._store.entries(connection, first, end)]
        if leaf_hashes(entries) != self._store.tile(connection, 0, number, end - first):
            raise RefusedError("log-differs", f"the entries from {first} on are not what was published")
        return entries

    def _recompute(self, connection: Connection, old: int, new: Locked) -> None:
        """Hash the new entries' bytes again, and compare each new hash of each tile, and the root, with the database's."""
        builder = TreeBuilder(old, self._store.prover(connection, old).edge())
        found: dict[tuple[int, int], bytes] = {}
        for first in range(old, new.size, WIDTH):
            entries = self._store.entries(connection, first, min(first + WIDTH, new.size))
            leaves = leaf_hashes(entry for _, entry in entries)
            found.update(((0, first + place), leaf) for place, leaf in enumerate(leaves))
            nodes = builder.extend(leaves)
            found.update(((level // HEIGHT, number), node) for level, number, node in nodes if level % HEIGHT == 0)
        if builder.root() != new.root:
            raise RefusedError("log-differs", f"the entries do not hash to the root of {new.size}")
        for tile in needed_tiles(old, new.size):
            if tile.level != ENTRIES:
                hashes = self._store.tile(connection, tile.level, tile.number, tile.width)
                for place, digest in enumerate(hashes, tile.first):
                    if found.get((tile.level, place), digest) != digest:
                        raise RefusedError("log-differs", f"{tile.path} is not what its entries hash to")
