"""
Commit receipts: the log's promise, given at once, to publish a statement (SPEC.md, section 9).

Rules:
- A receipt is a signed note by a key that signs nothing else, of signed-note's private type 0xff,
  so that no checkpoint key can ever be taken for it.
- It names the statement by its hash, the index and time it was given, and how many seconds may
  pass until a checkpoint covers it. A deadline binds to this time.
- A promise that the log does not keep is proof against the log: receipt and later checkpoint
  together show it to anyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.entry import check_origin, parse_entry, parse_time, statement_hash
from ledger.errors import MalformedError, VerificationError
from ledger.keys import create_secret, format_secret, parse_secret
from ledger.note import PRIVATE, open_note, sign_note, split_vkey
from ledger.signers import Ed25519Signer, Ed25519Verifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.note import Verifier

FIRST_LINE = "daylight-receipt-v1"
PREFIX = bytes([PRIVATE]) + b"daylight-receipt-v1\n"
"""What stands before the public key in the key's material: type byte and our identifier."""

MERGE_DELAY_LIMIT = 86_400
_TEXT = re.compile(
    r"daylight-receipt-v1\n([!-*,-~]{1,255})\nstatement ([0-9a-f]{64})\nindex (0|[1-9][0-9]{0,15})\n"
    r"time ([0-9TZ:.-]{24})\nmerge-delay ([1-9][0-9]{0,4})\n",
    re.ASCII,
)
_INDEX_LIMIT = 2**53 - 1
_KEY_FILE = "daylight-receipt-secret-v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the log promised. Those that `parse_receipt` returns are signed."""

    log: str
    statement_hash: bytes
    index: int
    time: str
    merge_delay_s: int

    @property
    def text(self) -> str:
        """The signed text."""
        return (
            f"{FIRST_LINE}\n{self.log}\nstatement {self.statement_hash.hex()}\nindex {self.index}\n"
            f"time {self.time}\nmerge-delay {self.merge_delay_s}\n"
        )


class ReceiptVerifier(Ed25519Verifier):
    """Judges receipts: Ed25519 over the text, under a key id of the private type."""

    prefix = PREFIX


class ReceiptSigner(Ed25519Signer):
    """The one key of a log that signs receipts."""

    verifier_type = ReceiptVerifier

    def __init__(self, origin: str, seed: bytes) -> None:
        """
        Take the log's name and the secret.

        Raises:
            MalformedError: `origin` or `key-seed`.
        """
        check_origin(origin)
        super().__init__(origin, seed)
        self._seed = seed

    def make(self, statement_hash: bytes, index: int, time: str, merge_delay_s: int) -> bytes:
        """
        Promise, after the append was committed and never before.

        Raises:
            MalformedError: `receipt-text` or `entry-time`: this would not be a receipt.
        """
        receipt = Receipt(self.verifier.name, statement_hash, index, time, merge_delay_s)
        _parse_text(receipt.text)
        return sign_note(receipt.text, [self])

    def save(self, path: Path) -> None:
        """
        Write the secret to a new file that only its owner may read.

        Raises:
            FileExistsError: Never writes over a file.
        """
        create_secret(path, format_secret(_KEY_FILE, self.verifier.name, self._seed))


def load_receipt_signer(path: Path) -> ReceiptSigner:
    """
    Read a receipt key file back.

    Raises:
        MalformedError: `key-file` or `origin`.
    """
    origin, (seed,) = parse_secret(path.read_bytes(), _KEY_FILE, 1)
    return ReceiptSigner(origin, seed)


def parse_receipt_vkey(text: str) -> ReceiptVerifier:
    """
    Read the verifier key of a receipt signer.

    Raises:
        MalformedError: A reason of `note.split_vkey`, `vkey-type` or `key-public`.
        VerificationError: `vkey-id`.
    """
    key = split_vkey(text)
    if not key.material.startswith(PREFIX):
        raise MalformedError("vkey-type", "not a receipt key")
    return ReceiptVerifier(key.name, key.material.removeprefix(PREFIX))


def parse_receipt(data: bytes, verifiers: Sequence[Verifier]) -> Receipt:
    """
    Believe a promise, because the log's receipt key signed it.

    Raises:
        MalformedError: A reason of section 6, `receipt-text` or `entry-time`.
        VerificationError: A reason of `note.open_note`, or `receipt-log`: the key is another log's.
    """
    note = open_note(data, verifiers)
    receipt = _parse_text(note.text)
    if note.signatures[0].name != receipt.log:
        raise VerificationError("receipt-log", "signed by a key of another name")
    return receipt


def _parse_text(text: str) -> Receipt:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise MalformedError("receipt-text", "not a receipt of version 1")
    receipt = Receipt(found[1], bytes.fromhex(found[2]), int(found[3]), found[4], int(found[5]))
    if receipt.index > _INDEX_LIMIT or receipt.merge_delay_s > MERGE_DELAY_LIMIT:
        raise MalformedError("receipt-text", "index or merge delay beyond its limit")
    parse_time(receipt.time)
    return receipt


def verify_kept(receipt: Receipt, entry_bytes: bytes) -> None:
    """
    Make sure that the log kept its promise: this entry, proven to be at its index, is the one promised.

    Raises:
        MalformedError: A reason of section 3.
        VerificationError: `receipt-broken`: the log contradicts its own signature.
    """
    entry = parse_entry(entry_bytes)
    promised = (receipt.log, receipt.statement_hash, receipt.index, receipt.time)
    if promised != (entry.statement.log, statement_hash(entry.statement), entry.index, entry.time):
        raise VerificationError("receipt-broken", f"entry {entry.index} is not what was promised")
