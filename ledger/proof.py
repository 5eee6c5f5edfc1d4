"""
Receipts that verify offline: the `.tlog-proof` file (C2SP tlog-proof).

Rules (SPEC.md, section 8):
- A proof holds an index, the hashes from the leaf's sibling to the root's child, and a checkpoint
  word for word. It is worth what the checkpoint's signatures are worth.
- `extra` holds the entry itself where that fits a line of 64 KiB, which is as long a line as some
  readers take. Nobody signs `extra`: it counts because its leaf hash is proven, or not at all.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.checkpoint import parse_checkpoint
from ledger.entry import leaf_hash
from ledger.errors import MalformedError, VerificationError
from ledger.keys import decode_base64
from ledger.note import NOTE_LIMIT
from ledger.tree import HASH_SIZE, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.checkpoint import Checkpoint
    from ledger.note import Verifier

FIRST_LINE = "c2sp.org/tlog-proof@v1"
EXTRA_LIMIT = 48_000
"""Bytes of `extra` that we write at most: longer lines stop readers that scan by lines."""

HASHES_LIMIT = 63
PROOF_LIMIT = NOTE_LIMIT + 100_000
_INDEX = re.compile(r"index ([0-9]{1,19})", re.ASCII)
_INDEX_LIMIT = 2**63 - 1
_EXTRA = "extra "


@dataclass(frozen=True, slots=True)
class Proof:
    """What a `.tlog-proof` file says, believed by nobody yet."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry that stands in a signed tree. Only `verify_proof` makes one."""

    index: int
    entry: bytes
    checkpoint: Checkpoint


def make_proof(index: int, entry: bytes, hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Write the file for an entry, with the entry inside where it fits."""
    return encode_proof(Proof(index, tuple(hashes), checkpoint, entry if len(entry) <= EXTRA_LIMIT else None))


def encode_proof(proof: Proof) -> bytes:
    """Write a proof in its one spelling."""
    lines = [FIRST_LINE]
    if proof.extra is not None:
        lines.append(_EXTRA + base64.b64encode(proof.extra).decode())
    lines.append(f"index {proof.index}")
    lines += [base64.b64encode(digest).decode() for digest in proof.hashes]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + proof.checkpoint


def parse_proof(data: bytes) -> Proof:
    """
    Read a proof without believing it; the checkpoint inside stays bytes.

    Raises:
        MalformedError: `proof-size-limit`, `proof-encoding`, `proof-form`, `proof-extra`,
            `proof-index-line`, `proof-hashes`.
    """
    if len(data) > PROOF_LIMIT:
        raise MalformedError("proof-size-limit", f"{len(data)} bytes, at most {PROOF_LIMIT}")
    header, gap, checkpoint = data.partition(b"\n\n")
    try:
        lines = header.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("proof-encoding", "not ASCII before the checkpoint") from error
    if not gap or lines.pop(0) != FIRST_LINE:
        raise MalformedError("proof-form", "not a tlog-proof of version 1")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = decode_base64(lines.pop(0).removeprefix(_EXTRA), None, "proof-extra")
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if found is None or int(found[1]) > _INDEX_LIMIT:
        raise MalformedError("proof-index-line", "no index")
    if len(lines) > HASHES_LIMIT:
        raise MalformedError("proof-hashes", f"{len(lines)} hashes, at most {HASHES_LIMIT}")
    hashes = tuple(decode_base64(line, HASH_SIZE, "proof-hashes") for line in lines)
    proof = Proof(int(found[1]), hashes, checkpoint, extra)
    if encode_proof(proof) != data:
        raise MalformedError("proof-form", "another spelling of the same proof")
    return proof


def verify_proof(
    proof: Proof,
    verifiers: Sequence[Verifier],
    *,
    entry: bytes | None = None,
    origin: str | None = None,
    every: bool = False,
) -> ProvenEntry:
    """
    Make sure that an entry stands in a signed tree.

    Args:
        entry: The entry's bytes, if the reader has them; else those in the proof.
        origin: The log the reader asked about; None takes any that the keys know.
        every: Insist on a checkpoint line of every verifier.

    Raises:
        MalformedError: A reason of sections 6 and 7.
        VerificationError: `proof-entry-missing`, a reason of `tree.verify_inclusion` or
            `checkpoint.parse_checkpoint`.
    """
    checkpoint = parse_checkpoint(proof.checkpoint, verifiers, origin=origin, every=every)
    data = proof.extra if entry is None else entry
    if data is None:
        raise VerificationError("proof-entry-missing", "the proof does not hold the entry; give it beside")
    verify_inclusion(leaf_hash(data), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return ProvenEntry(proof.index, data, checkpoint)
