"""
The auditor's command line: `python -m ledger`.

Rules of this module:

1. Findings and messages go to stderr, one line each; results go to stdout, one line, or one JSON object with `--json`.
2. Exit status 0: what was asked is so. 1: it is not, and a line says what is false. 2: it could not be asked (usage, a
   file that is not there, a server that does not answer).
3. Bad input never ends in a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger import growth, signatures
from ledger.checkpoint import VKEYS_LIMIT, parse_vkeys
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import LogFolder
from ledger.keys import SigningKey, create_secret
from ledger.proof import PROOF_LIMIT, parse_proof, verify_proof
from ledger.sealing import LABELS, envelope_hash, new_receipt, seal_from_files
from ledger.verify import verify_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.note import Verifier
    from ledger.verify import Report

_USAGE: Final = {"folder-missing", "log-address", "log-unreachable", "signatures-backend", "vkeys-missing"}
"""Reasons that say nothing about the log: the question could not be asked."""

_ENTRY_LIMIT: Final = 65_535
_TEXT_LIMIT: Final = 1 << 24
_PATIENCE_S: Final = 2.0
_JOBS_LIMIT: Final = 64


class UsageError(LedgerError):
    """What was asked for cannot be done; nothing was found out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; tell the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except OSError as error:
        return _say(f"{error.filename or 'error'}: {error.strerror or error}", 2)
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except LedgerError as error:
        return _say(str(error), 2 if isinstance(error, UsageError) or error.reason in _USAGE else 1)
    return status


def _say(line: str, status: int) -> int:
    sys.stderr.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    return status


def _print(options: argparse.Namespace, line: str, fields: dict[str, Any]) -> None:
    sys.stdout.write((json.dumps(fields, sort_keys=True) if options.json else line) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ledger",
        description="Verify a public record from its published files alone.",
        epilog="example: python -m ledger verify data",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, epilog=f"example: python -m ledger {example}")
        added.set_defaults(run=run)
        return added

    added = command("verify", _verify, "verify a whole log and account for every file", "verify data --json")
    added.add_argument("log", metavar="DIR|URL", help="a data folder, the log folder in it, or an http(s) address")
    added.add_argument("--signatures", choices=signatures.NAMES, default="cryptography", help="who checks signatures")
    added.add_argument("--no-signatures", action="store_true", help="leave the signatures of entries unchecked")
    added.add_argument("--jobs", metavar="N", type=_jobs, default=os.cpu_count() or 1, help="processes for a large log")
    _add_common(added)
    added = command(
        "verify-growth", _verify_growth, "verify that a log only grew", "verify-growth last-week/checkpoint data"
    )
    added.add_argument("old", metavar="OLD", help="a log, or a checkpoint kept in a file")
    added.add_argument("new", metavar="NEW", help="the log today")
    _add_common(added)
    added = command(
        "verify-receipt",
        _verify_receipt,
        "verify a .tlog-proof receipt",
        "verify-receipt my-bid.tlog-proof --vkeys vkeys",
    )
    added.add_argument("receipt", metavar="FILE", type=Path, help="the receipt")
    added.add_argument("--entry", metavar="FILE", type=Path, help="the record itself, if the receipt does not hold it")
    _add_common(added)
    added = command(
        "seal",
        _seal,
        "seal a bid offline, to the same bytes as the portal's page",
        "seal --terms terms.json --receipt receipt.json --label offer --text offer.json --out offer.sealed",
    )
    added.add_argument("--terms", metavar="FILE", type=Path, required=True, help="the notice's terms file")
    added.add_argument(
        "--receipt", metavar="FILE", type=Path, required=True, help="the bid's secret; made if it is not there. Keep it"
    )
    added.add_argument("--label", choices=LABELS, required=True, help="which part of the bid")
    added.add_argument("--text", metavar="FILE", type=Path, required=True, help="what to seal; - reads standard input")
    added.add_argument("--out", metavar="FILE", type=Path, required=True, help="where the sealed bid goes")
    added.add_argument("--json", action="store_true", help="print one JSON object")
    added = command("keygen", _keygen, "make a signing key", "keygen my.key --name jo")
    added.add_argument("file", metavar="FILE", type=Path, help="where the secret goes; never over another file")
    added.add_argument("--name", default="key", help="what you call it (printable ASCII without spaces)")
    added.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _jobs(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= _JOBS_LIMIT:
        return int(text)
    raise argparse.ArgumentTypeError(f"not a number from 1 to {_JOBS_LIMIT}")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--vkeys", metavar="FILE", type=Path, help="the log's verifier keys; else the file 'vkeys' beside it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _verify(options: argparse.Namespace) -> int:
    folder = LogFolder.open(options.log)
    check = None if options.no_signatures else signatures.backend(options.signatures)
    # A folder without a checkpoint is found to be that, whoever's keys are missing as well; nothing passes without keys.
    verifiers = [] if options.vkeys is None and not _has_checkpoint(folder) else _vkeys(options, folder)
    report = verify_log(folder, verifiers, check=check, progress=_Progress(), jobs=options.jobs)
    for path in report.unpublished:
        _say(f"{path}: unpublished", 0)
    for path, reason in report.findings:
        _say(f"{path}: {reason}", 1)
    fields = {
        "documents": report.documents,
        "files": report.files,
        "findings": [{"path": path, "reason": reason} for path, reason in report.findings],
        "origin": report.origin,
        "root": report.root.hex(),
        "signatures": report.signatures,
        "size": report.size,
        "time": report.time,
        "unpublished": report.unpublished,
        "verified": not report.findings,
    }
    _print(options, _summary(report), fields)
    return 1 if report.findings else 0


def _has_checkpoint(folder: LogFolder) -> bool:
    try:
        folder.checkpoint_bytes()
    except (MalformedError, VerificationError) as error:
        return error.reason != "checkpoint-missing"
    return True


def _summary(report: Report) -> str:
    if report.findings:
        return f"{report.origin or report.name}: NOT verified, {_count(len(report.findings), 'finding')}"
    parts = [
        f"{report.origin}: verified {_count(report.size, 'entry', 'entries')}",
        "signatures of entries NOT checked" if report.signatures is None else _count(report.signatures, "signature"),
        _count(report.documents, "document"),
        _count(report.files, "file") if report.files else "files not listed",
        f"{len(report.unpublished)} unpublished",
        f"checkpoint of {_moment(report.time)}",
        f"root {report.root.hex()}",
    ]
    return ", ".join(parts)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _moment(seconds: int | None) -> str:
    if seconds is None:
        return "no stated time"
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def _verify_growth(options: argparse.Namespace) -> int:
    folder = LogFolder.open(options.new)
    verifiers = _vkeys(options, folder)
    old, new = growth.checkpoint_of(options.old, verifiers), growth.checkpoint_of(options.new, verifiers)
    growth.verify_growth(old, new, folder)
    line = f"{new.origin}: verified growth from {old.size} to {_count(new.size, 'entry', 'entries')}"
    _print(options, line, {"new": new.size, "old": old.size, "origin": new.origin, "verified": True})
    return 0


def _verify_receipt(options: argparse.Namespace) -> int:
    receipt = _read(options.receipt, PROOF_LIMIT)
    verifiers = _vkeys_in(options.vkeys or options.receipt.parent / "vkeys")
    entry = None if options.entry is None else _read(options.entry, _ENTRY_LIMIT)
    proven = verify_proof(parse_proof(receipt), verifiers, entry=entry, every=True)
    origin, size = proven.checkpoint.origin, proven.checkpoint.size
    line = f"{origin}: verified entry {proven.index} of {size}, checkpoint of {_moment(proven.checkpoint.time)}"
    fields = {"index": proven.index, "origin": origin, "size": size, "time": proven.checkpoint.time, "verified": True}
    _print(options, line, fields)
    return 0


def _seal(options: argparse.Namespace) -> int:
    terms = _read(options.terms, _TEXT_LIMIT)
    text = sys.stdin.buffer.read(_TEXT_LIMIT) if str(options.text) == "-" else _read(options.text, _TEXT_LIMIT)
    if not options.receipt.exists():
        create_secret(options.receipt, new_receipt(terms))
        _say(f"{options.receipt}: made; without it the bid cannot be changed, withdrawn or claimed", 0)
    envelope = seal_from_files(terms, _read(options.receipt, _TEXT_LIMIT), options.label, text)
    with options.out.open("xb") as file:
        file.write(envelope)
    digest = envelope_hash(envelope).hex()
    line = f"{options.out}: {len(envelope)} bytes, fingerprint {digest}"
    _print(options, line, {"length": len(envelope), "sha256": digest})
    return 0


def _keygen(options: argparse.Namespace) -> int:
    key = SigningKey.generate(options.name)
    key.save(options.file)
    _print(options, f"{options.file}: {key.key_id}", {"key": key.key_id})
    return 0


def _vkeys(options: argparse.Namespace, folder: LogFolder) -> list[Verifier]:
    return folder_vkeys(folder) if options.vkeys is None else _vkeys_in(options.vkeys)


def folder_vkeys(folder: LogFolder) -> list[Verifier]:
    """Read the keys beside a log; a broken key file says nothing about the log."""
    try:
        return folder.vkeys
    except LedgerError as error:
        raise UsageError(error.reason, error.detail) from error


def _vkeys_in(path: Path) -> list[Verifier]:
    try:
        return parse_vkeys(_read(path, VKEYS_LIMIT))
    except LedgerError as error:
        raise UsageError(error.reason, f"{path}: {error.detail}") from error


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise MalformedError("file-size", f"{path} has more than {limit} bytes")
    return data


class _Progress:
    """Says on stderr how far a long run has come, first after two seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _PATIENCE_S

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PATIENCE_S
            _say(f"verified {done} of {total} entries", 0)
