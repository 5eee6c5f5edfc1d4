"""
Copies the public record onto the keeper's machine, and believes it only when everything holds.

1. One copy is made, and everything afterwards reads that copy: a portal cannot show one record to the check and another to
   whoever uses it.
2. The copy must be what the pinned keys signed, every file of it; and it must begin with the copy made before. A record
   that shrank or forked is refused, and the older copy stays.
3. Full tiles and documents never change, so only new ones are fetched.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from ledger import source as sources
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.documents import references_in_entry
from ledger.errors import LedgerError, VerificationError
from ledger.folder import CHECKPOINT, LogFolder
from ledger.growth import verify_growth
from ledger.tiles import ENTRIES, WIDTH, Tile, decode_bundle, encode_bundle, tiles_of
from ledger.verify import verify_log
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ledger.note import Verifier
    from ledger.source import Source

MOST_DOCUMENT = 1 << 28
_HASH = 32


class Copy(NamedTuple):
    """A verified copy: where it lies, and the checkpoint it was verified against."""

    folder: LogFolder
    checkpoint: Checkpoint
    signatures: int


def copy_record(
    source: Source,
    target: Path,
    verifiers: Sequence[Verifier],
    origin: str,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Copy:
    """
    Bring the copy in `target` up to what the source publishes now.

    Raises:
        LedgerError: `log-unreachable`, `log-shrank`, or a reason of a checkpoint that the pinned keys did not sign.
        Refusal: `record-forked`, or `record-false`: the new record does not hold; the first finding is told.
            The older copy stays as it was.
    """
    old = _checkpoint_in(target, verifiers, origin)
    data = LogFolder(source, None).checkpoint_bytes()
    new = parse_checkpoint(data, verifiers, origin=origin, every=True)
    if old is not None:
        _grew(old, new, source)
    staged = target.with_name(f"{target.name}.next")
    shutil.rmtree(staged, ignore_errors=True)
    _fetch(source, new, target, staged)
    (staged / CHECKPOINT).write_bytes(data)
    folder = LogFolder.open(staged)
    report = verify_log(folder, verifiers, progress=progress)
    if report.findings:
        path, reason = report.findings[0]
        raise Refusal("record-false", {"path": path, "finding": reason, "findings": len(report.findings)})
    _put_in_place(staged, target)
    return Copy(LogFolder.open(target), new, report.signatures or 0)


def _grew(old: Checkpoint, new: Checkpoint, source: Source) -> None:
    """The new tree begins with the old one, whoever serves the tiles that prove it."""
    try:
        verify_growth(old, new, LogFolder(source, None))
    except VerificationError as error:
        if error.reason == "log-shrank":
            raise
        raise Refusal("record-forked", {"size": old.size, "detail": str(error)}) from error


def _checkpoint_in(target: Path, verifiers: Sequence[Verifier], origin: str) -> Checkpoint | None:
    """The checkpoint of the copy made before, in whichever folder a crash left it."""
    before = target.with_name(f"{target.name}.before")
    if not (target / CHECKPOINT).exists() and (before / CHECKPOINT).exists():
        before.replace(target)
    if not (target / CHECKPOINT).exists():
        return None
    return parse_checkpoint((target / CHECKPOINT).read_bytes(), verifiers, origin=origin, every=True)


def _put_in_place(staged: Path, target: Path) -> None:
    """The new copy in the place of the old one; a crash between the two steps is mended at the next start."""
    before = target.with_name(f"{target.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    os.sync()  # the older copy goes only when the new one is on the disk: it is what the next one is held against
    if target.exists():
        target.replace(before)
    staged.replace(target)
    shutil.rmtree(before, ignore_errors=True)


def _fetch(source: Source, head: Checkpoint, target: Path, staged: Path) -> None:
    """Every file of the tree, then every document that an entry refers to; what is here already is linked."""
    remote = LogFolder(source, None)
    for tile in tiles_of(head.size):
        if not _linked(target, staged, tile.path):
            _write(staged / tile.path, _cut(*remote.read_tile(tile), tile))
        if tile.level == ENTRIES:
            for entry in decode_bundle((staged / tile.path).read_bytes(), tile.width):
                _fetch_documents(source, entry, target, staged)


def _fetch_documents(source: Source, entry: bytes, target: Path, staged: Path) -> None:
    for reference in references_in_entry(entry):
        path = f"document/{reference.sha256}"
        if (staged / path).exists() or _linked(target, staged, path):
            continue
        if reference.length > MOST_DOCUMENT:
            raise LedgerError("document-size", f"{path}: {reference.length} bytes")
        data = sources.read(source, path, reference.length)
        if data is not None:  # the verifier names what is missing
            _write(staged / path, data)


def _linked(target: Path, staged: Path, path: str) -> bool:
    """Take a file over from the older copy; a file under this name never changes."""
    if not (target / path).is_file():
        return False
    (staged / path).parent.mkdir(parents=True, exist_ok=True)
    os.link(target / path, staged / path)
    return True


def _cut(data: bytes, held: int, tile: Tile) -> bytes:
    """What a server gave for a partial tile, cut to it: it may have only the full one by now."""
    if held == tile.width:
        return data
    if tile.level == ENTRIES:
        return encode_bundle(decode_bundle(data, WIDTH)[: tile.width])
    return data[: tile.width * _HASH]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
