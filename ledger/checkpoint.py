"""
Checkpoints: what a log says of itself, signed twice (C2SP tlog-checkpoint).

Rules (SPEC.md, section 7):
- The text is a tree head; its own keys are named by its origin.
- A log signs with Ed25519 and with ML-DSA-44, by two keys that sign nothing else.
- Whoever signs must have fixed (size, root, time) first, in a place that outlives the database:
  two checkpoints of one size and two roots are the end of a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import MalformedError, VerificationError
from ledger.keys import create_secret, format_secret, parse_secret
from ledger.note import PRIVATE, open_note, sign_note, split_vkey
from ledger.signers import Ed25519Signer, MLDSA44Key, parse_vkey
from ledger.statement import check_origin
from ledger.treehead import TreeHead, parse_tree_head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.note import NoteSignature, Verifier

_KEY_FILE = "daylight-log-secret-v1"
VKEYS_LIMIT = 1_048_576


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head that known keys signed. Only `parse_checkpoint` makes one."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[NoteSignature, ...]
    note: bytes

    @property
    def time(self) -> int | None:
        """The latest Unix time that a signature vouches for; None under Ed25519 alone."""
        return max((each.time for each in self.signatures if each.time is not None), default=None)


def parse_checkpoint(
    data: bytes,
    verifiers: Sequence[Verifier],
    *,
    origin: str | None = None,
    every: bool = False,
) -> Checkpoint:
    """
    Believe a checkpoint, because known keys signed it.

    Args:
        origin: The log the caller asked about; None takes any.
        every: Insist on a line of every verifier, as an auditor of this project's own logs does.

    Raises:
        MalformedError: A reason of sections 6 and 7.
        VerificationError: A reason of `open_note`, `checkpoint-origin-other` or
            `checkpoint-signature-missing`.
    """
    note = open_note(data, verifiers)
    head = parse_tree_head(note.text)
    if origin is not None and head.origin != origin:
        raise VerificationError("checkpoint-origin-other", f"{head.origin!r}, not {origin!r}")
    if every and len(note.signatures) < len(verifiers):
        raise VerificationError("checkpoint-signature-missing", "a known key did not sign")
    return Checkpoint(head.origin, head.size, head.root, note.signatures, data)


class CheckpointSigner:
    """The two keys of one log."""

    def __init__(self, origin: str, ed25519_seed: bytes, mldsa_seed: bytes) -> None:
        """
        Take the log's name and its two secrets.

        Raises:
            MalformedError: `origin` or `key-seed`.
        """
        check_origin(origin)
        self.origin = origin
        self._seeds = (ed25519_seed, mldsa_seed)
        self._ed25519 = Ed25519Signer(origin, ed25519_seed)
        self._mldsa = MLDSA44Key(origin, mldsa_seed)

    @property
    def verifiers(self) -> list[Verifier]:
        """The public halves, Ed25519 first."""
        return [self._ed25519.verifier, self._mldsa.verifier]

    @property
    def vkeys(self) -> list[str]:
        """The lines that readers pin, Ed25519 first."""
        return [verifier.vkey for verifier in self.verifiers]

    def sign(self, size: int, root: bytes, time_seconds: int) -> bytes:
        """
        Sign a tree head that the lock store holds already, with the time stored there.

        Raises:
            MalformedError: A reason of section 7, or `cosignature-time`.
        """
        text = TreeHead(self.origin, size, root).text
        parse_tree_head(text)  # what nobody would read is not signed
        return sign_note(text, [self._ed25519, self._mldsa.at(time_seconds)])

    def save(self, path: Path) -> None:
        """
        Write both secrets to a new file that only its owner may read.

        Raises:
            FileExistsError: Never writes over a file.
        """
        create_secret(path, format_secret(_KEY_FILE, self.origin, *self._seeds))


def load_signer(path: Path) -> CheckpointSigner:
    """
    Read a log's key file back.

    Raises:
        MalformedError: `key-file` or `origin`.
    """
    origin, seeds = parse_secret(path.read_bytes(), _KEY_FILE, 2)
    return CheckpointSigner(origin, *seeds)


def parse_vkeys(data: bytes) -> list[Verifier]:
    """
    Read the checkpoint keys of a `vkeys` file: one key a line, empty lines and `#` comments between.

    Lines of the private type 0xff, such as a receipt key's, are for other readers.

    Raises:
        MalformedError: `vkeys-file`, `vkeys-empty`, `vkeys-repeated` or a reason of `parse_vkey`.
        VerificationError: `vkey-id`.
    """
    verifiers = [parse_vkey(line) for line in vkey_lines(data) if split_vkey(line).material[:1] != bytes([PRIVATE])]
    if not verifiers:
        raise MalformedError("vkeys-empty", "no verifier key")
    return verifiers


def vkey_lines(data: bytes) -> list[str]:
    """
    Read the lines of a `vkeys` file that hold a key.

    Raises:
        MalformedError: `vkeys-file` or `vkeys-repeated`.
    """
    if len(data) > VKEYS_LIMIT:
        raise MalformedError("vkeys-file", f"{len(data)} bytes")
    try:
        lines = [line for line in data.decode().split("\n") if line and not line.startswith("#")]
    except UnicodeDecodeError as error:
        raise MalformedError("vkeys-file", "not UTF-8") from error
    if len(set(lines)) != len(lines):
        raise MalformedError("vkeys-repeated", "one key stands twice")
    return lines
