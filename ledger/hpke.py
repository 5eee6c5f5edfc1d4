"""
HPKE base mode (RFC 9180) for one suite, with a given ephemeral key.

Suite: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002. One message per
context, no associated data: what must be bound goes into `info`.

The library's own sender draws its ephemeral key itself. Ours takes it, because the verdict over an
envelope seals it again and compares bytes. So only the sender is written here; opening is the
library's. `tests/conformance/test_hpke_vectors.py` holds the sender to the RFC's published answers.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from ledger.errors import MalformedError, VerificationError
from ledger.hkdf import expand, extract

ENC_LENGTH = 32
TAG_LENGTH = 16
OVERHEAD = ENC_LENGTH + TAG_LENGTH

_VERSION = b"HPKE-v1"
_KEM_SUITE = b"KEM" + bytes.fromhex("0020")
_SUITE = b"HPKE" + bytes.fromhex("002000010002")
_MODE_BASE = b"\x00"
_OPENER = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _labelled_extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return extract(salt, _VERSION + suite + label + material)


def _labelled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(key, length.to_bytes(2, "big") + _VERSION + suite + label + info, length)


# RFC 9180, 5.1: with the pre-shared key empty, these two never change.
_PSK_ID_HASH = _labelled_extract(_SUITE, b"", b"psk_id_hash", b"")


def encapsulate(recipient: bytes, ephemeral: bytes) -> tuple[bytes, bytes]:
    """
    Agree on a secret with the holder of `recipient` (RFC 9180, 4.1 Encap with a given skE).

    Raises:
        MalformedError: If the recipient's key is no 32 bytes, or of low order, so that the secret
            would be known to everyone.

    Returns:
        The KEM's shared secret, and the encapsulated key that goes into the message.
    """
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = private.public_key().public_bytes_raw()
    try:
        agreed = private.exchange(X25519PublicKey.from_public_bytes(recipient))
    except ValueError as error:
        raise MalformedError("recipient-key", "no X25519 key that a secret can be agreed with") from error
    extracted = _labelled_extract(_KEM_SUITE, b"", b"eae_prk", agreed)
    return _labelled_expand(_KEM_SUITE, extracted, b"shared_secret", enc + recipient, 32), enc


def key_schedule(shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Turn the shared secret and `info` into the message's key and nonce (RFC 9180, 5.1 KeySchedule, base mode)."""
    info_hash = _labelled_extract(_SUITE, b"", b"info_hash", info)
    context = _MODE_BASE + _PSK_ID_HASH + info_hash
    secret = _labelled_extract(_SUITE, shared_secret, b"secret", b"")
    key = _labelled_expand(_SUITE, secret, b"key", context, 32)
    return key, _labelled_expand(_SUITE, secret, b"base_nonce", context, 12)


def seal(recipient: bytes, ephemeral: bytes, info: bytes, plaintext: bytes) -> bytes:
    """
    Seal one message to one key, the same bytes every time.

    The ephemeral key must be derived from, or drawn for, this message alone: two messages under one
    ephemeral key, recipient and `info` share a nonce.
    """
    shared_secret, enc = encapsulate(recipient, ephemeral)
    key, nonce = key_schedule(shared_secret, info)
    return enc + AESGCM(key).encrypt(nonce, plaintext, None)


def open_sealed(private: X25519PrivateKey, info: bytes, sealed: bytes) -> bytes:
    """
    Open what `seal` made, with the library's own HPKE.

    Raises:
        VerificationError: If the message was not sealed to this key under this `info`, or was changed.
    """
    try:
        return _OPENER.decrypt(sealed, private, info)
    except InvalidTag as error:
        raise VerificationError("sealed-unreadable", "not sealed to this key for this purpose") from error
