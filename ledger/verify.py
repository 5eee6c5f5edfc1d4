"""
Verifies a whole published log from its files alone: no database, no portal, no trust in who serves it.

Rules of this module:

1. The signed checkpoint is the one anchor. Entries are hashed to leaf hashes, these to tiles, these to the root.
2. Every file is accounted for (`inventory`): changed, missing or stray, each is a finding with the file's name.
3. Findings are collected, not raised: an auditor wants all of them. An empty list means that everything holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger import source as sources
from ledger.ahead import Ahead
from ledger.audit import EntryAudit
from ledger.checkpoint import parse_checkpoint
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import LogFolder
from ledger.inventory import document_path, take_inventory
from ledger.keykinds import verify_signature
from ledger.parallel import Task, judge_together
from ledger.treeaudit import TreeAudit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ledger.checkpoint import Checkpoint
    from ledger.entry import DocumentReference
    from ledger.inventory import Inventory
    from ledger.note import Verifier
    from ledger.signatures import Check
    from ledger.treeaudit import Progress

_ANY_LENGTH: Final = 1 << 62


@dataclass
class Report:
    """What a verification found, and how much it looked at."""

    name: str
    origin: str = ""
    size: int = 0
    root: bytes = b""
    time: int | None = None
    """Unix time of the checkpoint; None if its signatures state none."""
    signatures: int | None = None
    """Signatures of entries that were checked; None if the caller asked for none."""
    documents: int = 0
    files: int = 0
    """Files accounted for; 0 over HTTP, where nothing can be listed."""
    findings: list[tuple[str, str]] = field(default_factory=list)
    """(path, reason), the reason beginning with a stable code."""
    unpublished: list[str] = field(default_factory=list)
    """Files ahead of the checkpoint that fit it: a publisher was cut off; no error."""

    def find(self, path: str, error: LedgerError) -> None:
        """Note what is wrong with a file."""
        self.findings.append((path, str(error)))


def verify_log(
    place: str | Path | LogFolder,
    vkeys: Sequence[Verifier] | None = None,
    *,
    check: Check | None = verify_signature,
    progress: Callable[[int, int], None] | None = None,
    jobs: int = 1,
) -> Report:
    """
    Verify everything that can be verified without knowing what entries mean.

    Args:
        place: A data folder, a log folder, or an http(s) address.
        vkeys: The log's keys, each of which must have signed; otherwise those of the `vkeys` file in or beside the folder.
        check: Judges the signatures of entries (`ledger.signatures`); None leaves them out.
        progress: Told (entries done, entries in all), now and then.
        jobs: Processes to share the work; a log too small to be worth them is verified by one.

    Raises:
        MalformedError: `folder-missing`, `log-address`, or anything wrong with the verifier keys.
        LedgerError: `log-unreachable`: it is not known what is there.
    """
    folder = place if isinstance(place, LogFolder) else LogFolder.open(place)
    verifiers = folder.vkeys if vkeys is None else vkeys
    report = Report(folder.name)
    try:
        checkpoint = parse_checkpoint(folder.checkpoint_bytes(), verifiers, every=True)
    except (MalformedError, VerificationError) as error:
        report.find("checkpoint", error)
        return report
    report.origin, report.size, report.root = checkpoint.origin, checkpoint.size, checkpoint.root
    report.time = checkpoint.time
    _walk(folder, checkpoint, report, _How(check, progress or _say_nothing, jobs))
    if check is None:
        report.signatures = None
    return report


def _say_nothing(_done: int, _all: int) -> None:
    """Stand in for a progress display that nobody asked for."""


class _How(NamedTuple):
    check: Check | None
    progress: Progress
    jobs: int


def _walk(folder: LogFolder, checkpoint: Checkpoint, report: Report, how: _How) -> None:
    """Account for every file, in the order: names, entries and tiles, files ahead, documents."""
    inventory = take_inventory(folder.source)
    report.files = inventory.count
    for path, error in inventory.stray:
        report.find(path, error)
    audit = EntryAudit(checkpoint.origin, how.check)
    tree = TreeAudit(folder, checkpoint, inventory, audit, report.find)
    task = Task(folder.source, checkpoint, inventory, how.check)
    if how.jobs == 1 or not judge_together(task, how.jobs, tree, audit, how.progress):
        tree.bundles(how.progress)
    tree.upper_tiles()
    audit.seen.judge(tree.rows[0], tree.leaves, tree.find)
    ahead = Ahead(folder.source, inventory.ahead_of(checkpoint.size), tree.edge, tree.rows)
    ahead.judge(report.find)
    report.unpublished = ahead.fitting
    report.signatures = audit.signatures
    report.documents = len(audit.references)
    for reference in audit.references.values():
        _judge_document(folder, reference.sha256, reference.length, report)
    _judge_other_documents(folder, inventory, audit, ahead.references, report)


def _judge_document(folder: LogFolder, sha256: str, length: int | None, report: Report) -> bool:
    """Compare a document with its name, and with the length that an entry states, if one is known."""
    path = document_path(sha256)
    try:
        found = sources.digest(folder.source, path, _ANY_LENGTH if length is None else length)
    except MalformedError as error:
        report.find(path, error)
        return False
    if found is None:
        report.find(path, VerificationError("file-missing", "an entry refers to this document"))
        return False
    if found != (bytes.fromhex(sha256), found[1] if length is None else length):
        report.find(path, VerificationError("document-differs", "not the document that its name and entry say"))
        return False
    return True


def _judge_other_documents(
    folder: LogFolder,
    inventory: Inventory,
    audit: EntryAudit,
    ahead: Mapping[str, DocumentReference],
    report: Report,
) -> None:
    """
    Account for documents that no published entry refers to.

    Where an entry could not be read, which was found already, it may be the one that refers to a document.
    """
    for sha256 in sorted(inventory.documents - audit.references.keys()):
        if sha256 in ahead:
            if _judge_document(folder, sha256, ahead[sha256].length, report):
                report.unpublished.append(document_path(sha256))
        elif audit.unread:
            _judge_document(folder, sha256, None, report)
        else:
            report.find(document_path(sha256), VerificationError("stray-file", "no entry refers to this document"))
