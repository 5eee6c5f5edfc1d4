"""
Shares a verification between processes.

Rules of this module:

1. Processes only ever say that a part of the log is in order. Where one finds anything, all are forgotten and the log is
   verified again by one process, whose findings count: two ways of naming what is wrong would be one too many.
2. Each part is judged from the tile before it, and whoever joins the parts compares their seams: the last leaf hash of
   one with what the next began after, the last time with the first, the documents both refer to, and the assertions that
   the next could not judge with the relying party that was in force where it began.
3. A part is large enough that starting a process is worth it.
"""

from __future__ import annotations

import signal
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.audit import EntryAudit
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import LogFolder
from ledger.parties import Parties
from ledger.seen import UNKNOWN, SeenHeads
from ledger.tiles import WIDTH
from ledger.treeaudit import TreeAudit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.checkpoint import Checkpoint
    from ledger.entry import DocumentReference
    from ledger.inventory import Inventory
    from ledger.signatures import Check
    from ledger.source import Source
    from ledger.treeaudit import Progress

LEAST_SIGNED: Final = 2_048
"""Entries from which processes are worth starting if their signatures are checked."""

LEAST_UNSIGNED: Final = 65_536
"""Entries from which they are if not: an entry then takes a twentieth of the time."""

_PARTS_PER_JOB: Final = 4


class Task(NamedTuple):
    """What every process is told."""

    source: Source
    checkpoint: Checkpoint
    inventory: Inventory
    check: Check | None


class Part(NamedTuple):
    """Some neighbouring bundles that are in order, by themselves."""

    roots: list[bytes]
    edge: list[bytes]
    before: bytes
    last_leaf: bytes
    first_time: str
    last_time: str
    signatures: int
    references: dict[str, DocumentReference]
    parties: Parties
    seen: SeenHeads


def judge_part(task: Task, numbers: range) -> Part | None:
    """Judge some bundles; None if anything is wrong with them, or with the tile before them."""
    folder = LogFolder(task.source, None)
    found: list[LedgerError] = []
    audit = EntryAudit(task.checkpoint.origin, task.check, numbers.start * WIDTH)
    tree = TreeAudit(folder, task.checkpoint, task.inventory, audit, lambda _path, error: found.append(error))
    try:
        before = folder.tile(0, numbers.start - 1, WIDTH)[-1] if numbers.start else UNKNOWN
    except (MalformedError, VerificationError):
        return None
    tree.begin_after(before)
    tree.bundles(lambda _done, _all: None, numbers)
    if found:
        return None
    return Part(
        tree.rows[0],
        tree.edge,
        before,
        tree.last_leaf,
        audit.first_time,
        audit.last_time,
        audit.signatures,
        audit.references,
        audit.parties,
        audit.seen,
    )


def judge_together(task: Task, jobs: int, tree: TreeAudit, audit: EntryAudit, progress: Progress) -> bool:
    """
    Judge all bundles by several processes, and put what they found into `tree` and `audit`.

    Returns:
        Whether everything was in order. If not, or if the log is too small to be worth it, nothing was put anywhere.
    """
    size = task.checkpoint.size
    if size < (LEAST_UNSIGNED if task.check is None else LEAST_SIGNED):
        return False
    count = -(-size // WIDTH)
    step = -(-count // (jobs * _PARTS_PER_JOB))
    ranges = [range(first, min(count, first + step)) for first in range(0, count, step)]
    parts: list[Part] = []
    try:
        started = ProcessPoolExecutor(jobs, initializer=_leave_stopping_to_the_parent)
    except OSError:  # no semaphores here, as in some containers
        return False
    with started as pool:
        try:
            futures = [pool.submit(judge_part, task, numbers) for numbers in ranges]
            for numbers, future in zip(ranges, futures, strict=True):
                part = future.result()
                if part is None:
                    return False
                parts.append(part)
                progress(min(size, numbers.stop * WIDTH), size)
        except BrokenExecutor:  # a process was killed, by want of memory perhaps: one process may do better
            return False
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return join(parts, tree, audit)


def join(parts: Iterable[Part], tree: TreeAudit, audit: EntryAudit) -> bool:
    """Put parts together if their seams hold; otherwise leave everything as it was."""
    roots: list[bytes] = []
    edge: list[bytes] = []
    references: dict[str, DocumentReference] = {}
    parties, seen = Parties(), SeenHeads()
    leaf, time, signatures = UNKNOWN, "", 0
    for part in parts:
        both = references.keys() & part.references.keys()
        if (
            part.before != leaf
            or part.first_time < time
            or any(references[name] != part.references[name] for name in both)
            or not parties.go_on(part.parties)
        ):
            return False
        roots += part.roots
        edge = part.edge
        references |= part.references
        seen.go_on(part.seen)
        leaf, time, signatures = part.last_leaf, part.last_time, signatures + part.signatures
    tree.rows, tree.edge = [roots], edge
    audit.signatures, audit.references, audit.seen = signatures, references, seen
    return True


def _leave_stopping_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
