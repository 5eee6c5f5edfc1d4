"""
The two kinds of key that sign a checkpoint.

Rules (SPEC.md, section 6):
- Type 0x01 is Ed25519 over the note's text.
- Type 0x06 is ML-DSA-44 over the tree head in the text, with a time (tlog-cosignature); a time of
  zero claims nothing and is refused. The signature is randomised.
- One key never serves two types.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.errors import MalformedError, VerificationError
from ledger.keys import check_public
from ledger.note import ED25519, MLDSA44, Verifier, check_name, format_vkey, key_id, split_vkey
from ledger.treehead import SIZE_LIMIT, parse_tree_head

_MLDSA44_PUBLIC = 1312
_MLDSA44_SIGNATURE = 2420
_SUBTREE = b"subtree/v1\n\x00"


def parse_vkey(text: str) -> Verifier:
    """
    Read a verifier key of a type that a checkpoint may carry.

    Raises:
        MalformedError: A reason of `split_vkey`, `vkey-type`, `vkey-key` or `key-public`.
        VerificationError: `vkey-id`.
    """
    key = split_vkey(text)
    kind, public = key.material[:1], key.material[1:]
    if kind == bytes([ED25519]):
        return Ed25519Verifier(key.name, public)
    if kind == bytes([MLDSA44]):
        return MLDSA44Verifier(key.name, public)
    raise MalformedError("vkey-type", f"type {kind.hex() or 'missing'}")


class Ed25519Verifier:
    """Judges type 0x01: Ed25519 over the note's text."""

    prefix: ClassVar[bytes] = bytes([ED25519])

    def __init__(self, name: str, public: bytes) -> None:
        """
        Take a name and 32 bytes.

        Raises:
            MalformedError: `vkey-name` or `key-public`.
        """
        check_name(name, "vkey-name")
        check_public(public)
        self.name = name
        self.public = public
        self.key_id = key_id(name, self.prefix + public)
        self._key = Ed25519PublicKey.from_public_bytes(public)

    @property
    def vkey(self) -> str:
        """The key as others write it into their lists."""
        return format_vkey(self.name, self.prefix + self.public)

    def verify(self, text: str, signature: bytes) -> int | None:
        """
        Judge 64 bytes over the text as it stands.

        Raises:
            VerificationError: `note-signature`.
        """
        try:
            self._key.verify(signature, text.encode())
        except InvalidSignature as error:
            raise VerificationError("note-signature", f"bad Ed25519 line of {self.name}") from error
        return None


class Ed25519Signer:
    """Makes type 0x01 lines; the same text always gives the same bytes."""

    verifier_type: ClassVar[type[Ed25519Verifier]] = Ed25519Verifier

    def __init__(self, name: str, seed: bytes) -> None:
        """
        Take a name and a 32-byte seed.

        Raises:
            MalformedError: `key-seed` or `vkey-name`.
        """
        _check_seed(seed)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = self.verifier_type(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """Sign the text."""
        return self._key.sign(text.encode())


class MLDSA44Verifier:
    """Judges type 0x06: ML-DSA-44 over the tree head in the text, with a time."""

    def __init__(self, name: str, public: bytes) -> None:
        """
        Take a name and 1312 bytes.

        Raises:
            MalformedError: `vkey-name` or `vkey-key`.
        """
        check_name(name, "vkey-name")
        if len(public) != _MLDSA44_PUBLIC:
            raise MalformedError("vkey-key", f"{len(public)} bytes, not {_MLDSA44_PUBLIC}")
        self.name = name
        self.public = public
        self.key_id = key_id(name, bytes([MLDSA44]) + public)
        self._key = MLDSA44PublicKey.from_public_bytes(public)

    @property
    def vkey(self) -> str:
        """The key as others write it into their lists."""
        return format_vkey(self.name, bytes([MLDSA44]) + self.public)

    def verify(self, text: str, signature: bytes) -> int | None:
        """
        Judge eight bytes of time and 2420 of signature over the text's tree head.

        Raises:
            MalformedError: The text is not a checkpoint's.
            VerificationError: `note-signature`.
        """
        if len(signature) != 8 + _MLDSA44_SIGNATURE:
            raise VerificationError("note-signature", f"ML-DSA-44 line of {len(signature)} bytes")
        (time,) = struct.unpack(">Q", signature[:8])
        if not 0 < time <= SIZE_LIMIT:  # tlog-cosignature: zero would claim no largest tree
            raise VerificationError("note-signature", f"ML-DSA-44 line with time {time}")
        try:
            self._key.verify(signature[8:], cosigned_bytes(self.name, text, time))
        except InvalidSignature as error:
            raise VerificationError("note-signature", f"bad ML-DSA-44 line of {self.name}") from error
        return int(time)


class MLDSA44Key:
    """A secret that makes type 0x06 lines, once it is told the time."""

    def __init__(self, name: str, seed: bytes) -> None:
        """
        Take a name and a 32-byte seed.

        Raises:
            MalformedError: `key-seed` or `vkey-name`.
        """
        _check_seed(seed)
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.verifier = MLDSA44Verifier(name, self._key.public_key().public_bytes_raw())

    def at(self, time: int) -> MLDSA44Signer:
        """
        Vouch for one moment, in Unix seconds.

        Raises:
            MalformedError: `cosignature-time`.
        """
        if not 0 < time <= SIZE_LIMIT:
            raise MalformedError("cosignature-time", f"time {time}")
        return MLDSA44Signer(self._key, self.verifier, time)


@dataclass(frozen=True, slots=True)
class MLDSA44Signer:
    """
    Makes type 0x06 lines at one given time.

    Signing is randomised: two signatures over one tree head differ, so nothing may compare or
    look up signature bytes.
    """

    key: MLDSA44PrivateKey
    verifier: MLDSA44Verifier
    time: int

    def sign(self, text: str) -> bytes:
        """
        Sign the tree head in the text.

        Raises:
            MalformedError: The text is no checkpoint's.
        """
        return struct.pack(">Q", self.time) + self.key.sign(cosigned_bytes(self.verifier.name, text, self.time))


def cosigned_bytes(name: str, text: str, time: int) -> bytes:
    """Lay out what an ML-DSA-44 line signs (tlog-cosignature, subtree/v1, from leaf 0)."""
    head = parse_tree_head(text)
    encoded_name, origin = name.encode(), head.origin.encode()
    return b"".join(
        (
            _SUBTREE,
            bytes([len(encoded_name)]),
            encoded_name,
            struct.pack(">Q", time),
            bytes([len(origin)]),
            origin,
            struct.pack(">QQ", 0, head.size),
            head.root,
        ),
    )


def _check_seed(seed: bytes) -> None:
    if len(seed) != 32:  # noqa: PLR2004 -- both algorithms: a 32-byte seed
        raise MalformedError("key-seed", f"{len(seed)} bytes, not 32")
