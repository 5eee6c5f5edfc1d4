"""Whole-log verification, against the hashing and the signature checks it cannot do without."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.checkpoint import CheckpointSigner, parse_vkeys
from ledger.entry import signing_input
from ledger.lock import LockStore
from ledger.publisher import Publisher
from ledger.verify import verify_log
from tests.benchmarks import samples
from tests.benchmarks.appending import new_store
from tests.benchmarks.measure import Comparison, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ledger.entry import VerifiedStatement
    from ledger.note import Verifier

BATCH = 4096


def published(folder: Path, statements: Sequence[VerifiedStatement]) -> tuple[list[Verifier], list[bytes]]:
    """Write a whole log as the portal would, and tell its keys and its entries."""
    folder.mkdir()
    store = new_store(folder / "log.sqlite")
    signer = CheckpointSigner(samples.LOG, bytes(32), bytes(range(32)))
    publisher = Publisher(store, folder / "log", LockStore(folder / "lock.sqlite"), signer)
    for first in range(0, len(statements), BATCH):
        with store.writing() as connection:
            store.append(connection, statements[first : first + BATCH], samples.AT)
    publisher.publish(samples.AT)
    with store.reading() as connection:
        entries = [entry for _, entry in store.entries(connection)]
    return parse_vkeys("".join(f"{vkey}\n" for vkey in signer.vkeys).encode()), entries


def cases(folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Verify a log without and with the signatures of its entries."""
    yield structure(folder / "structure", 300 if quick else 20_000)
    yield signatures(folder / "signatures", 300 if quick else 1_500)


def structure(folder: Path, count: int) -> Comparison:
    """Read every file strictly, follow the chain, build the tree; look at no entry's signature."""
    vkeys, entries = published(folder, samples.as_if_signed(count))

    def verify() -> int:
        report = verify_log(folder, vkeys, check=None)
        if report.findings or report.size != count:
            raise AssertionError(report.findings[:3])
        return count

    def hash_leaves() -> int:
        sha256 = hashlib.sha256
        for entry in entries:
            sha256(entry).digest()
        return count

    return Comparison(
        "verification_vs_sha256",
        f"time to verify a log of {count} entries without their signatures, to hashlib.sha256 over each entry",
        verify,
        hash_leaves,
        Target("at most", 4.5),
        rates=False,
    )


def signatures(folder: Path, count: int) -> Comparison:
    """Verify everything; almost all of the time should be the library's."""
    signed = samples.signed(count)
    vkeys, _ = published(folder, signed)
    key = Ed25519PublicKey.from_public_bytes(samples.AUTHOR.public)
    pairs = [(verified.signed.signatures[0].signature, signing_input(verified.bytes)) for verified in signed]

    def verify() -> int:
        report = verify_log(folder, vkeys)
        if report.findings or report.signatures != count:
            raise AssertionError(report.findings[:3])
        return count

    def verify_bare() -> int:
        for signature, message in pairs:
            key.verify(signature, message)
        return count

    return Comparison(
        "verification_with_ed25519_vs_bare",
        f"entries of a whole log of {count} verified a second with their Ed25519 signatures, to the bare library calls",
        verify,
        verify_bare,
        Target("at least", 0.92),
    )
