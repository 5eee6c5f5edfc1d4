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
6. A publication that was cut off leaves files for which nobody signed. If a backup was restored since, some belong to a
   history that is no longer this log's: they go at the next start, else they would stop every later publication.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.documents import references_in_entry
from ledger.durable import DurableFolder
from ledger.entry import leaf_hashes
from ledger.errors import LedgerError, MalformedError, RefusedError
from ledger.lock import Locked
from ledger.tiles import ENTRIES, HEIGHT, WIDTH, decode_bundle, encode_bundle, needed_tiles, parse_path
from ledger.tree import TreeBuilder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.checkpoint import CheckpointSigner
    from ledger.lock import LockStore
    from ledger.store import LedgerStore
    from ledger.tiles import Tile

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
            locked, published = self._guard()
            self._remove_unpublished(0 if locked is None else locked.size)
            return published

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
                self._folder.create(tile.path, self._bytes_of(connection, tile, new.size))
            for _, entry in self._store.entries(connection, old, new.size):
                for reference in references_in_entry(entry):
                    document = self._store.document(connection, reference.sha256)
                    if document is None:
                        raise RefusedError("document-missing", f"no document {reference.sha256}")
                    self._folder.create(f"document/{reference.sha256}", document)
        self._folder.settle()

    def _bytes_of(self, connection: Connection, tile: Tile, size: int) -> bytes:
        if tile.level == ENTRIES:
            return encode_bundle(self._bundle(connection, tile.number, size))
        return b"".join(self._store.tile(connection, tile.level, tile.number, tile.width))

    def _remove_unpublished(self, signed: int) -> None:
        """Remove the files ahead of what was signed for, but those that this log will publish as they are."""
        with self._store.reading() as connection:
            size = self._store.head(connection).size
            for tile in self._ahead_of(signed):
                data = (self._folder.folder / tile.path).read_bytes()
                if not tile.is_ahead_of(size) and self._may_be(connection, tile, data):
                    continue
                if tile.level == ENTRIES:
                    for sha256 in _documents_named_in(data, tile.width):
                        if self._store.document(connection, sha256) is None:
                            self._folder.remove(f"document/{sha256}")
                self._folder.remove(tile.path)
        self._folder.settle()

    def _may_be(self, connection: Connection, tile: Tile, data: bytes) -> bool:
        """Tell whether this log publishes exactly these bytes; also where its own are damaged, and the file may be whole."""
        try:
            return data == self._bytes_of(connection, tile, tile.first + tile.width)
        except RefusedError:
            return True

    def _ahead_of(self, size: int) -> list[Tile]:
        folder, found = self._folder.folder, []
        for path in sorted((folder / "tile").rglob("*")):
            if path.is_file():
                with contextlib.suppress(MalformedError):  # no tile's name: the auditor's tool finds it
                    found.append(parse_path(path.relative_to(folder).as_posix()))
        return [tile for tile in found if tile.is_ahead_of(size)]

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


def _documents_named_in(bundle: bytes, width: int) -> list[str]:
    """The documents of a bundle's entries, by hash; none where it is not whole."""
    try:
        return [each.sha256 for entry in decode_bundle(bundle, width) for each in references_in_entry(entry)]
    except MalformedError:
        return []
