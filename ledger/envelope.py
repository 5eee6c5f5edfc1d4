"""
The sealed envelope: what a notice pins about it, its layout, and how its bytes are derived.

Rules of this module (SPEC.md, "Sealed bids"):

* Everything in an envelope follows from the pinned terms, the bid's public key, one seed and the text.
  Nothing is drawn. So whoever opens one can write it again and compare every byte.
* The context binds log, terms, label and bid key into the key derivation, the associated data and every
  share: a copy under another key, notice or label opens for nobody.
* The text's own hash enters the derivation: two texts under one seed have no key or nonce in common.
* Every envelope of a label has the length its notice pins, whatever the text.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import canonical, hpke, shamir
from ledger.bidkey import PROTOCOL, check_label
from ledger.errors import MalformedError, VerificationError
from ledger.hkdf import expand, extract
from ledger.keeperkey import check_keeper_keys

MAX_KEEPERS = 16
MIN_SIZE = 64
MAX_SIZE = 1 << 20
BODY_OVERHEAD = 36
SHARE_LENGTH = 32 + hpke.OVERHEAD

_HASH = 32
_HEADER = len(PROTOCOL) + 2 * _HASH + 2
# The key serves one message only, so the nonce can be fixed.
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class Pinned:
    """
    What the terms entry fixes about one label; checked when made, so that no unsound one exists.

    Attributes:
        log: Origin of the log.
        terms: Leaf hash of the entry that published the terms.
        size: Length of the padded body; the text may be 36 bytes shorter.
        k: How many keepers open together.
        keepers: Their public keys for this label, in the order of their numbers 1 to n.
    """

    log: str
    terms: bytes
    label: str
    size: int
    k: int
    keepers: tuple[bytes, ...]

    def __post_init__(self) -> None:
        canonical.check_string(self.log)
        check_label(self.label)
        if len(self.terms) != _HASH:
            raise MalformedError("terms-length", f"{len(self.terms)} bytes, not {_HASH}")
        if not MIN_SIZE <= self.size <= MAX_SIZE:
            raise MalformedError("size-pinned", f"{self.size}, not {MIN_SIZE} to {MAX_SIZE}")
        if not 1 <= self.k < len(self.keepers) <= MAX_KEEPERS:
            raise MalformedError("keepers-threshold", f"{self.k} of {len(self.keepers)}")
        check_keeper_keys(self.keepers)

    @property
    def n(self) -> int:
        """How many keepers there are."""
        return len(self.keepers)

    @property
    def text_limit(self) -> int:
        """The longest text in bytes that can be sealed."""
        return self.size - BODY_OVERHEAD

    @property
    def envelope_length(self) -> int:
        """The length of every envelope of this label."""
        return _HEADER + SHARE_LENGTH * self.n + self.size + hpke.TAG_LENGTH


def context(pinned: Pinned, bid_public: bytes) -> bytes:
    """Hash what an envelope belongs to: log, terms, label and bid key."""
    if len(bid_public) != _HASH:
        raise MalformedError("bid-key-length", f"{len(bid_public)} bytes, not {_HASH}")
    fields = {"bid": bid_public.hex(), "label": pinned.label, "log": pinned.log, "terms": pinned.terms.hex()}
    return hashlib.sha256(canonical.encode(fields)).digest()


class Derived(NamedTuple):
    """The three secrets of one text under one seed: content key, polynomial, and an ephemeral per keeper."""

    key: bytes
    polynomial: bytes
    ephemerals: tuple[bytes, ...]


def derive(pinned: Pinned, ctx: bytes, seed: bytes, text: bytes) -> Derived:
    """Derive every secret of an envelope; the text's hash is part of it, so no two texts share any."""
    prk = extract(ctx, PROTOCOL + seed + hashlib.sha256(text).digest())
    polynomial = expand(prk, b"poly", _HASH * (pinned.k - 1))
    ephemerals = tuple(expand(prk, b"eph" + bytes([number])) for number in range(1, pinned.n + 1))
    return Derived(expand(prk, b"key"), polynomial, ephemerals)


def commitment_to(ctx: bytes, key: bytes) -> bytes:
    """Commit to the content key: AES-GCM alone would let one ciphertext open under two keys."""
    return expand(extract(ctx, key), b"commit")


def share_info(ctx: bytes, number: int, commitment: bytes) -> bytes:
    """Say what a share is for; a drill's info begins otherwise."""
    return PROTOCOL + b" share" + ctx + bytes([number]) + commitment


def write(pinned: Pinned, bid_public: bytes, seed: bytes, text: bytes) -> bytes:
    """
    Write the one envelope that these four give.

    Raises:
        MalformedError: `text-too-long`, or `bid-key-length`.
    """
    if len(text) > pinned.text_limit:
        raise MalformedError("text-too-long", f"{len(text)} bytes; this notice takes {pinned.text_limit}")
    ctx = context(pinned, bid_public)
    derived = derive(pinned, ctx, seed, text)
    commitment = commitment_to(ctx, derived.key)
    shares = shamir.split(derived.key, pinned.n, derived.polynomial)
    sealed = [
        hpke.seal(keeper, ephemeral, share_info(ctx, number, commitment), share)
        for number, (keeper, ephemeral, share) in enumerate(
            zip(pinned.keepers, derived.ephemerals, shares, strict=True), start=1
        )
    ]
    body = (seed + len(text).to_bytes(4, "big") + text).ljust(pinned.size, b"\x00")
    ciphertext = AESGCM(derived.key).encrypt(_NONCE, body, ctx + commitment)
    return b"".join([PROTOCOL, ctx, commitment, bytes([pinned.k, pinned.n]), *sealed, ciphertext])


class Parts(NamedTuple):
    """An envelope whose plain fields are those its notice demands; nothing is known of the sealed ones yet."""

    ctx: bytes
    commitment: bytes
    shares: tuple[bytes, ...]
    ciphertext: bytes


def read(pinned: Pinned, bid_public: bytes, envelope: bytes) -> Parts:
    """
    Cut an envelope into its parts.

    Raises:
        VerificationError: `envelope-length`, `envelope-version`, `envelope-context` (it belongs to another
            notice, label or bid) or `envelope-keepers`. Anyone can find these without a key.
    """
    if len(envelope) != pinned.envelope_length:
        raise VerificationError("envelope-length", f"{len(envelope)} bytes, not {pinned.envelope_length}")
    ctx = context(pinned, bid_public)
    at = len(PROTOCOL)
    if envelope[:at] != PROTOCOL:
        raise VerificationError("envelope-version", "does not begin as an envelope of this version")
    if envelope[at : at + _HASH] != ctx:
        raise VerificationError("envelope-context", "sealed for another notice, label or bid")
    if envelope[_HEADER - 2 : _HEADER] != bytes([pinned.k, pinned.n]):
        raise VerificationError("envelope-keepers", "names other numbers of keepers than the notice")
    end = _HEADER + SHARE_LENGTH * pinned.n
    shares = tuple(envelope[start : start + SHARE_LENGTH] for start in range(_HEADER, end, SHARE_LENGTH))
    return Parts(ctx, envelope[at + _HASH : _HEADER - 2], shares, envelope[end:])


def decrypt_body(parts: Parts, key: bytes) -> tuple[bytes, bytes]:
    """
    Decrypt the body and take seed and text out of it.

    Raises:
        VerificationError: `body-unreadable`, or `body-length` if it claims more text than it holds.
    """
    try:
        body = AESGCM(key).decrypt(_NONCE, parts.ciphertext, parts.ctx + parts.commitment)
    except InvalidTag as error:
        raise VerificationError("body-unreadable", "does not decrypt under the committed key") from error
    length = int.from_bytes(body[_HASH:BODY_OVERHEAD], "big")
    if length > len(body) - BODY_OVERHEAD:
        raise VerificationError("body-length", f"claims {length} bytes of text")
    return body[:_HASH], body[BODY_OVERHEAD : BODY_OVERHEAD + length]
