"""
The kinds of keys that sign acts: their names, their public halves, their signatures.

Rules (SPEC.md, sections 2 and 3):
- A key id is the name of its kind, a colon and the whole public key in lower-case hexadecimal: no
  directory stands between a signature and its check, and one key has one spelling.
- Raw keys (`ed25519`, `es256`) sign what `signing_input` tells. Keys of passkeys sign what their
  device made of it; `passkeys.py` reads that, and only here is the signature itself checked.
- A public key that is no point of its curve, of low order, or not a modulus of 2048 bits, is refused
  before any signature is looked at.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.errors import MalformedError, VerificationError
from ledger.keys import check_public

if TYPE_CHECKING:
    from collections.abc import Callable

    Verify = Callable[[bytes, bytes], None]

PREFIX = b"daylight-act-v1\x00"
"""What stands before the statement in the bytes that are signed."""

PASSKEY: Final = "passkey-"
"""How the id of every key begins that lives in an authenticator and signs assertions."""

KEY_ID = re.compile(r"(?:passkey-)?(?:ed25519:[0-9a-f]{64}|es256:0[23][0-9a-f]{64})|passkey-rs256:[89a-f][0-9a-f]{511}")
KEY_ID_PATTERN = f"^(?:{KEY_ID.pattern})$(?!\\n)"
"""The same for a reader that searches instead of matching the whole text, as msgspec's does."""

_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RSA_EXPONENT: Final = 65_537
_ECDSA: Final = ec.ECDSA(SHA256())
_PKCS1: Final = padding.PKCS1v15()


@dataclass(frozen=True, slots=True)
class Kind:
    """What distinguishes one kind of key from the others."""

    least: int
    """Bytes of its shortest signature."""
    most: int
    """Bytes of its longest signature."""
    load: Callable[[bytes], Verify]


def signing_input(statement_bytes: bytes) -> bytes:
    """Prefix a statement's canonical bytes: what every signature on it is over."""
    return PREFIX + statement_bytes


def is_passkey(key: str) -> bool:
    """Tell whether a key signs assertions, and so cannot sign a statement's bytes themselves."""
    return key.startswith(PASSKEY)


def kind_of(key: str) -> Kind:
    """
    Tell the kind of a key from its id; does not look at the public key.

    Raises:
        MalformedError: `key-id`.
    """
    if KEY_ID.fullmatch(key) is None:
        raise MalformedError("key-id", f"{key[:90]!r}")
    return _KINDS[key[: key.index(":")]]


def check_key(key: str) -> None:
    """
    Refuse a key id that nobody's signature can be checked by: ask before a key is registered.

    Raises:
        MalformedError: `key-id` or `key-public`.
    """
    _loaded(key)


def check_length(key: str, signature: bytes) -> None:
    """
    Refuse a signature that no key of this kind makes; it need not be looked at.

    Raises:
        MalformedError: `key-id` or `signature-length`.
    """
    kind = kind_of(key)
    if not kind.least <= len(signature) <= kind.most:
        raise MalformedError("signature-length", f"{len(signature)} bytes")


def verify_bytes(key: str, message: bytes, signature: bytes) -> None:
    """
    Make sure that the owner of a key, of whatever kind, signed exactly these bytes.

    For a passkey they are its device's (`passkeys.verify_assertion`), never the statement's.

    Raises:
        MalformedError: `key-id` or `key-public`, before the signature is looked at.
        VerificationError: `signature`.
    """
    try:
        _loaded(key)(signature, message)
    except InvalidSignature as error:
        raise VerificationError("signature", f"not signed by {key}") from error


def verify_signature(key: str, message: bytes, signature: bytes) -> None:
    """
    Make sure that the owner of a raw key signed exactly this.

    Raises:
        MalformedError: `assertion-missing` for the key of a passkey, which signs nothing by itself; `key-id` or
            `key-public`.
        VerificationError: `signature`.
    """
    try:
        _loaded_raw(key)(signature, message)
    except InvalidSignature as error:
        raise VerificationError("signature", f"not signed by {key}") from error


@functools.lru_cache(maxsize=4096)
def _loaded_raw(key: str) -> Verify:
    if is_passkey(key):
        raise MalformedError("assertion-missing", f"{key[:90]} signs assertions only")
    return _loaded(key)


@functools.lru_cache(maxsize=4096)
def _loaded(key: str) -> Verify:
    kind = kind_of(key)
    return kind.load(bytes.fromhex(key[key.index(":") + 1 :]))


def _load_ed25519(public: bytes) -> Verify:
    check_public(public)
    return Ed25519PublicKey.from_public_bytes(public).verify


def _load_point(public: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError as error:  # x is not below the field's prime, or no point has it
        raise MalformedError("key-public", "not a point of P-256") from error


def _load_es256(public: bytes) -> Verify:
    """WebCrypto's form: r and s, 32 bytes each (IEEE P1363)."""
    point = _load_point(public)

    def verify(signature: bytes, message: bytes) -> None:
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        if len(signature) != 64 or not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):  # noqa: PLR2004 -- two halves of 32
            raise InvalidSignature
        point.verify(encode_dss_signature(r, s), message, _ECDSA)

    return verify


def _load_es256_der(public: bytes) -> Verify:
    """WebAuthn's form: DER of two integers, in its one spelling."""
    point = _load_point(public)

    def verify(signature: bytes, message: bytes) -> None:
        try:
            r, s = decode_dss_signature(signature)
        except ValueError as error:
            raise InvalidSignature from error
        if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER) or encode_dss_signature(r, s) != signature:
            raise InvalidSignature
        point.verify(signature, message, _ECDSA)

    return verify


def _load_rs256(modulus: bytes) -> Verify:
    number = int.from_bytes(modulus)
    if number % 2 == 0:
        raise MalformedError("key-public", "not an RSA modulus")
    public = rsa.RSAPublicNumbers(_RSA_EXPONENT, number).public_key()
    return lambda signature, message: public.verify(signature, message, _PKCS1, SHA256())


_KINDS: Final = {
    "ed25519": Kind(64, 64, _load_ed25519),
    "es256": Kind(64, 64, _load_es256),
    "passkey-ed25519": Kind(64, 64, _load_ed25519),
    "passkey-es256": Kind(8, 72, _load_es256_der),
    "passkey-rs256": Kind(256, 256, _load_rs256),
}
