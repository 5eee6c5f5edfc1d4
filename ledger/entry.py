"""
Entries: a signed statement, and where it stands in the log.

Rules (SPEC.md, section 3):
- An entry wraps a signed statement with its index, the leaf hash of the entry before it and the
  sequencer's time. The log adds nothing else, and changes nothing.
- The leaf hash is RFC 6962's, over the entry's bytes.
- Readers take bytes and accept one spelling.

The names of statement.py and instants.py are found here too: who reads entries needs them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Generic

import msgspec

from ledger import canonical
from ledger.errors import MalformedError
from ledger.instants import format_time, parse_time
from ledger.keykinds import signing_input
from ledger.passkeys import Assertion
from ledger.statement import (
    HASH,
    MEDIA_TYPE,
    ORIGIN,
    AnyBody,
    DocumentReference,
    Index,
    Seen,
    Signature,
    Signed,
    Statement,
    VerifiedStatement,
    add_signature,
    attach_signature,
    check_fields,
    check_origin,
    check_signatures,
    check_size,
    check_statement,
    decoder_of,
    encode_statement,
    make_statement,
    parse_signed,
    parse_statement,
    sign,
    statement_hash,
    verify_signed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ENTRY_DECODER",
    "HASH",
    "MEDIA_TYPE",
    "NO_ENTRY",
    "ORIGIN",
    "Assertion",
    "DocumentReference",
    "Entry",
    "Index",
    "Seen",
    "Signature",
    "Signed",
    "Statement",
    "VerifiedStatement",
    "add_signature",
    "attach_signature",
    "check_fields",
    "check_origin",
    "check_signatures",
    "check_size",
    "check_statement",
    "encode_entry",
    "encode_statement",
    "format_time",
    "leaf_hash",
    "make_statement",
    "parse_entry",
    "parse_signed",
    "parse_statement",
    "parse_time",
    "sign",
    "signing_input",
    "statement_hash",
    "verify_signed",
]

NO_ENTRY = "0" * 64
"""What the first entry names as the one before it."""


class Entry(msgspec.Struct, Generic[AnyBody], frozen=True, forbid_unknown_fields=True, gc=False):
    """A signed statement at its place in the log, for ever."""

    index: Index
    previous: str
    signatures: list[Signature]
    statement: Statement[AnyBody]
    time: str


ENTRY_DECODER = decoder_of(Entry)
"""Reads types and depth; parse_entry and batch.py see to the rest."""


def parse_entry(data: bytes) -> Entry:
    """
    Read an entry; checks form, not signatures, and not its place.

    Raises:
        MalformedError: Any reason of sections 1 and 3, `entry-previous` or `entry-time`.
    """
    check_size(data)
    entry: Entry = canonical.parse(ENTRY_DECODER, data)
    canonical.check_parsed(entry.statement.body, data)
    if HASH.fullmatch(entry.previous) is None:
        raise MalformedError("entry-previous", "not a leaf hash")
    parse_time(entry.time)
    check_fields(entry.statement)
    check_signatures(entry.signatures, entry.statement.author)
    return entry


def encode_entry(entry: Entry) -> bytes:
    """
    Write an entry as the log keeps it.

    Raises:
        MalformedError: `entry-size`: it would not fit a bundle (tlog-tiles, entries).
    """
    data = canonical.encode(entry)
    check_size(data)
    return data


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash many entries as leaves; a copied hasher spares copying each entry behind its prefix."""
    prefix = hashlib.sha256(b"\x00")
    hashes = []
    for data in entries:
        hasher = prefix.copy()
        hasher.update(data)
        hashes.append(hasher.digest())
    return hashes


def leaf_hash(entry_bytes: bytes) -> bytes:
    """Hash an entry's bytes as a leaf (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + entry_bytes).digest()
