"""
Signed notes and verifier key lines (C2SP signed-note).

Rules (SPEC.md, section 6):
- A note is UTF-8 text, an empty line, and signature lines; it is split at its last empty line.
- Signature lines of keys nobody asked about are ignored. A line of a known key that does not
  verify spoils the note; a note that no known key signed is refused.
- What a line's bytes mean is for the verifier of its key to say; signers.py has those of a log.
- A verifier key's id is recomputed from name, type and key, never believed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ledger.errors import MalformedError, VerificationError
from ledger.keys import decode_base64
from ledger.treehead import ORIGIN_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTE_LIMIT = 262_144
"""Bytes of a note at most: room for 64 ML-DSA-44 lines and a long text."""

SIGNATURES_LIMIT = 64
VKEY_LIMIT = 4096

ED25519 = 0x01
MLDSA44 = 0x06
PRIVATE = 0xFF

_DASH = "\u2014 "
_KEY_ID_SIZE = 4
_HEX8 = re.compile(r"[0-9a-f]{8}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


class Verifier(Protocol):
    """One public key that can judge one kind of signature line."""

    @property
    def name(self) -> str:
        """The key's name; for a log's own keys its origin."""

    @property
    def key_id(self) -> bytes:
        """The four bytes that point a line to its key."""

    @property
    def vkey(self) -> str:
        """The key as others write it into their lists."""

    def verify(self, text: str, signature: bytes) -> int | None:
        """
        Judge the bytes of one line against the note's text.

        Raises:
            VerificationError: `note-signature`.

        Returns:
            The Unix time that the signature vouches for, or None where it has none.
        """


class Signer(Protocol):
    """One private key that can sign a note's text."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""

    def sign(self, text: str) -> bytes:
        """Make the bytes of a signature line, without name and key id."""


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A line that verified: whose, and the time it vouches for, if its type has one."""

    name: str
    key_id: bytes
    time: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A text that at least one known key signed. Only `open_note` makes one."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A line as it stands in a note, judged by nobody."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


def check_name(name: str, reason: str) -> None:
    """
    Refuse a key's name that a signature line cannot carry (signed-note, Signatures).

    Raises:
        MalformedError: With the given reason.
    """
    if not name or not name.isprintable() or " " in name or "+" in name or len(name.encode()) > ORIGIN_LIMIT:
        raise MalformedError(reason, f"{name[:90]!r}")


def key_id(name: str, material: bytes) -> bytes:
    """Compute the four bytes that name a key: its name, its type byte and the rest of it."""
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:_KEY_ID_SIZE]


def format_vkey(name: str, material: bytes) -> str:
    """Write a verifier key: name, id and material (type byte first)."""
    return f"{name}+{key_id(name, material).hex()}+{base64.b64encode(material).decode()}"


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """What a verifier key line says, before anyone asks what its type means."""

    name: str
    key_id: bytes
    material: bytes


def split_vkey(text: str) -> KeyMaterial:
    """
    Read a verifier key line and recompute its id.

    Raises:
        MalformedError: `vkey-length`, `vkey-form`, `vkey-name`, `vkey-base64`.
        VerificationError: `vkey-id`: the id belongs to another key.
    """
    if len(text) > VKEY_LIMIT:
        raise MalformedError("vkey-length", f"{len(text)} characters")
    parts = text.split("+", 2)  # base64 has plus signs of its own
    if len(parts) != 3 or _HEX8.fullmatch(parts[1]) is None:  # noqa: PLR2004 -- name, id, key
        raise MalformedError("vkey-form", "not <name>+<id>+<key>")
    name, identity, encoded = parts
    check_name(name, "vkey-name")
    material = decode_base64(encoded, None, "vkey-base64")
    if key_id(name, material).hex() != identity:
        raise VerificationError("vkey-id", f"the key's id is {key_id(name, material).hex()}, not {identity}")
    return KeyMaterial(name, bytes.fromhex(identity), material)


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """
    Write a text and a line of each signer, in the given order.

    Raises:
        MalformedError: `note-text`: the text could not be read back.
    """
    if not text.endswith("\n") or _CONTROL.search(text) is not None:
        raise MalformedError("note-text", "does not end in a line feed, or holds a control character")
    lines = [SignatureLine(each.verifier.name, each.verifier.key_id, each.sign(text)) for each in signers]
    return (text + "\n" + "".join(map(str, lines))).encode()


def split_note(data: bytes) -> tuple[str, list[SignatureLine]]:
    """
    Take a note apart without believing any of it.

    Raises:
        MalformedError: `note-length`, `note-encoding`, `note-control`, `note-form`, `note-line`,
            `note-signatures`.
    """
    if len(data) > NOTE_LIMIT:
        raise MalformedError("note-length", f"{len(data)} bytes, at most {NOTE_LIMIT}")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("note-encoding", "not UTF-8") from error
    if _CONTROL.search(whole) is not None:
        raise MalformedError("note-control", "a control character")
    text, gap, block = whole.rpartition("\n\n")  # the text may hold empty lines: the last one counts
    if not gap or not block.endswith("\n"):
        raise MalformedError("note-form", "no empty line, or no line feed at the end")
    lines = block[:-1].split("\n")
    if len(lines) > SIGNATURES_LIMIT:
        raise MalformedError("note-signatures", f"{len(lines)} lines, at most {SIGNATURES_LIMIT}")
    return text + "\n", [_parse_line(line) for line in lines]


def _parse_line(line: str) -> SignatureLine:
    if not line.startswith(_DASH):
        raise MalformedError("note-line", "a signature line without its dash")
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    if not gap:
        raise MalformedError("note-line", "a signature line without a signature")
    check_name(name, "note-line")
    blob = decode_base64(encoded, None, "note-line")
    if len(blob) <= _KEY_ID_SIZE:
        raise MalformedError("note-line", "a signature line without a signature")
    return SignatureLine(name, blob[:_KEY_ID_SIZE], blob[_KEY_ID_SIZE:])


def open_note(data: bytes, verifiers: Sequence[Verifier]) -> Note:
    """
    Believe a note's text, because known keys signed it.

    Raises:
        MalformedError: A reason of `split_note`.
        VerificationError: `note-signature` when a known key's line is false,
            `note-signature-repeated` when a known key has two lines, `note-unsigned` when no
            known key has one.
    """
    text, lines = split_note(data)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    found: dict[tuple[str, bytes], NoteSignature] = {}
    for line in lines:
        whose = (line.name, line.key_id)
        verifier = known.get(whose)
        if verifier is None:
            continue
        if whose in found:
            raise VerificationError("note-signature-repeated", f"two lines of {line.name}")
        found[whose] = NoteSignature(line.name, line.key_id, verifier.verify(text, line.signature))
    if not found:
        raise VerificationError("note-unsigned", "no known key signed this")
    return Note(text, tuple(found.values()))
