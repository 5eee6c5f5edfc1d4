"""
Proves that a log only grew: that what it publishes now begins with all it published before.

This is what a reader with an old copy, or merely an old checkpoint, can hold against a log that rewrites its past. It
needs the new log's tiles, and of the old one the checkpoint alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import VerificationError
from ledger.folder import LogFolder
from ledger.note import NOTE_LIMIT
from ledger.prover import Prover
from ledger.tree import verify_consistency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.note import Verifier


def checkpoint_of(place: str | Path, verifiers: Sequence[Verifier]) -> Checkpoint:
    """
    Read and judge the checkpoint of a log, or one that somebody kept in a file.

    Raises:
        MalformedError: `folder-missing` or a reason of `checkpoint.parse_checkpoint`.
        VerificationError: Likewise, or `checkpoint-missing`.
    """
    if "://" not in str(place) and Path(place).is_file():
        with Path(place).open("rb") as file:
            return parse_checkpoint(file.read(NOTE_LIMIT + 1), verifiers, every=True)
    return parse_checkpoint(LogFolder.open(place).checkpoint_bytes(), verifiers, every=True)


def verify_growth(old: Checkpoint, new: Checkpoint, folder: LogFolder) -> None:
    """
    Make sure that the tree of `new` begins with the tree of `old`, from the tiles of the new log.

    Raises:
        VerificationError: `log-other`, `log-shrank`, or a reason of `tree.verify_consistency`: the log forked.
        MalformedError: If a tile is none.
    """
    if old.origin != new.origin:
        raise VerificationError("log-other", f"{old.origin!r} and {new.origin!r} are two logs")
    if new.size < old.size:
        raise VerificationError("log-shrank", f"from {old.size} to {new.size} entries")
    proof = Prover(new.size, folder.tile).consistency(old.size)
    verify_consistency(old.size, new.size, old.root, new.root, proof)
