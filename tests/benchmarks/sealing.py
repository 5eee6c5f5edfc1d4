"""Seal and open, against the library calls that no implementation of the protocol could leave out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.sealing import LABELS, BidMaster, KeeperPack, Pinned, Valid, Verdict, open_envelope, seal
from tests.benchmarks import samples
from tests.benchmarks.measure import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

KEEPERS = 5
THRESHOLD = 3
SIZE = 16_384
TEXT = b"We propose to survey every culvert. " * 300


NONCE, ASSOCIATED, BODY = bytes(12), bytes(64), bytes(SIZE)


@dataclass(frozen=True)
class Bid:
    """One sealed proposal and all that is needed to open it."""

    pinned: Pinned
    master: BidMaster
    envelope: bytes
    released: dict[int, bytes]

    def open(self) -> Verdict:
        """Open it with the released keys."""
        return open_envelope(self.pinned, self.master.signing_key.public, self.envelope, self.released)


def sealed_bid() -> Bid:
    """Seal a proposal to five new keepers, three of whom release their keys."""
    packs = [KeeperPack.generate(f"keeper-{number}", notices=1) for number in range(KEEPERS)]
    publics = [bytes.fromhex(pack.public_list[0][LABELS[0]]) for pack in packs]
    terms = hashlib.sha256(b"terms").digest()
    pinned = Pinned(log=samples.LOG, terms=terms, label=LABELS[0], size=SIZE, k=THRESHOLD, keepers=tuple(publics))
    released = {number: packs[number - 1].private_for(publics[number - 1]) for number in range(1, THRESHOLD + 1)}
    master = BidMaster.generate()
    bid = Bid(pinned, master, seal(pinned, master, TEXT), released)
    if bid.open() != Valid(TEXT):
        raise AssertionError("what was sealed does not open")
    return bid


def bare_seal(publics: Sequence[bytes]) -> None:
    """Call what sealing cannot leave out: a key exchange and a small encryption a keeper, one hash, one encryption."""
    for public in publics:
        ephemeral = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x42")
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
        ephemeral.public_key().public_bytes_raw()
        AESGCM(shared).encrypt(NONCE, bytes(32), None)
    hashlib.sha256(TEXT).digest()
    AESGCM(bytes(32)).encrypt(NONCE, BODY, ASSOCIATED)


def bare_open(publics: Sequence[bytes], privates: Iterable[bytes], ciphertext: bytes) -> None:
    """Call what opening cannot leave out: k exchanges, one decryption, and sealing again for the verdict."""
    for private in privates:
        key = X25519PrivateKey.from_private_bytes(private)
        key.public_key().public_bytes_raw()  # is it the registered one?
        key.exchange(X25519PublicKey.from_public_bytes(publics[-1]))
    AESGCM(bytes(32)).decrypt(NONCE, ciphertext, ASSOCIATED)
    bare_seal(publics)


def cases(_folder: Path, *, quick: bool) -> Iterator[Comparison]:
    """Seal one proposal to five keepers; open it with three keys."""
    repeat = 2 if quick else 100
    bid = sealed_bid()
    publics, privates = bid.pinned.keepers, list(bid.released.values())
    ciphertext = AESGCM(bytes(32)).encrypt(NONCE, BODY, ASSOCIATED)

    def repeated(work: Callable[[], object]) -> Callable[[], int]:
        def run() -> int:
            for _ in range(repeat):
                work()
            return repeat

        return run

    yield Comparison(
        "seal_vs_primitives",
        f"proposals of {len(TEXT)} bytes sealed a second to {KEEPERS} keepers, to the bare X25519, AES-GCM and SHA-256 calls",
        repeated(lambda: seal(bid.pinned, bid.master, TEXT)),
        repeated(lambda: bare_seal(publics)),
    )
    yield Comparison(
        "open_vs_primitives",
        f"envelopes opened and judged a second with {THRESHOLD} keys, to the bare calls, re-derivation included",
        repeated(bid.open),
        repeated(lambda: bare_open(publics, privates, ciphertext)),
    )
