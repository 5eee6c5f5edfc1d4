"""
Writes files so that they are whole or absent, whenever the power fails.

Rules of this module:

1. A file is written elsewhere (`<folder>.staging`, on the same file system), flushed to the disk, and only then given
   its name. Nobody ever sees part of a file, and no temporary file ever lies in the folder itself.
2. A file that exists is never written again: the same bytes are fine, others are refused. Only what nobody signed for
   is ever removed.
3. One process writes at a time.
4. A name lasts only when its folder was flushed too; `settle` does it for all names given so far.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator


class DurableFolder:
    """A folder whose files are created once; only what `replace` names may change."""

    def __init__(self, folder: Path) -> None:
        """Set up; the folder is made with the first file."""
        self.folder = folder
        self._staging = Path(f"{folder}.staging")
        self._names = itertools.count()
        self._unsettled: set[Path] = set()

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """
        Keep every other process on this machine from writing here until the block ends.

        Without it a slow publisher could put its checkpoint in the place of a later one. The kernel lets go when a
        process dies, so that a crash leaves nothing locked.
        """
        self._make_folder(self.folder)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def clear(self) -> None:
        """Remove what a crash left in the staging folder; none of it was ever published."""
        shutil.rmtree(self._staging, ignore_errors=True)

    def create(self, path: str, data: bytes) -> None:
        """
        Create a file, or find the same bytes there.

        Raises:
            RefusedError: `log-differs` if the file holds other bytes: what was published is never changed.
        """
        final = self.folder / path
        if not final.exists():
            staged = self._stage(final, data)
            with contextlib.suppress(FileExistsError):  # another publisher was faster; the bytes decide below
                os.link(staged, final)
            staged.unlink()
        if final.read_bytes() != data:
            raise RefusedError("log-differs", f"{path} was published with other bytes")
        self._unsettled.add(final.parent)

    def replace(self, path: str, data: bytes) -> None:
        """Put a file in the place of its older version, in one step, for good."""
        final = self.folder / path
        self._stage(final, data).replace(final)
        self._unsettled.add(final.parent)
        self.settle()

    def remove(self, path: str) -> None:
        """Remove a file that was never published, if it is there."""
        final = self.folder / path
        final.unlink(missing_ok=True)
        self._unsettled.add(final.parent)

    def settle(self) -> None:
        """Make every name given so far last."""
        for folder in sorted(self._unsettled):
            _flush(folder)
        self._unsettled.clear()

    def _stage(self, final: Path, data: bytes) -> Path:
        self._make_folder(final.parent)
        self._staging.mkdir(exist_ok=True)
        staged = self._staging / f"{os.getpid()}-{next(self._names)}"
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return staged

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            self._unsettled.add(folder.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
