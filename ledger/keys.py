"""
Ed25519 keys of people, bids and scripts, and the files that keep them.

Rules (SPEC.md, section 2):
- A key id is `ed25519:` and the public key in 64 lower-case hexadecimal digits: the id is the
  key, so no directory stands between a statement and its check.
- Public keys that are not canonical, or of low order, are nobody's: under them one signature
  fits many messages. They are refused before any signature is looked at.
- A secret is written once, readable by its owner only, never over another file.
"""

from __future__ import annotations

import base64
import binascii
import functools
import os
import re
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import MalformedError, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

KEY_ID = re.compile(r"ed25519:[0-9a-f]{64}")
KEY_ID_PATTERN = KEY_ID.pattern

_VERSION = "daylight-ed25519-secret-v1"
_SECRET = re.compile(r"([a-z0-9-]+) ([!-~]{1,255})((?: [A-Za-z0-9+/]{43}=){1,2})\n")
_SECRET_LIMIT = 512
_FIELD = 2**255 - 19

# The y coordinates of the eight points of low order on edwards25519 (RFC 8032 5.1.7 leaves
# their refusal to the verifier; "Taming the many EdDSAs", table 1).
_LOW_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    },
)


class SigningKey:
    """Someone's secret half. It can sign, and be saved; it prints as its public id only."""

    def __init__(self, private: Ed25519PrivateKey, name: str = "key") -> None:
        """
        Wrap a private key.

        Args:
            name: What its owner calls it; printable ASCII, never part of what is signed.
        """
        self._private = private
        self.name = name
        self.public = private.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)

    @classmethod
    def generate(cls, name: str = "key") -> SigningKey:
        """Make a new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate(), name)

    @classmethod
    def from_seed(cls, seed: bytes, name: str = "key") -> SigningKey:
        """
        Make the key that a 32-byte seed stands for (RFC 8032).

        Raises:
            MalformedError: `key-seed`.
        """
        if len(seed) != 32:  # noqa: PLR2004 -- RFC 8032: an Ed25519 seed is 32 bytes
            raise MalformedError("key-seed", f"{len(seed)} bytes, not 32")
        return cls(Ed25519PrivateKey.from_private_bytes(seed), name)

    @property
    def seed(self) -> bytes:
        """The secret itself: for saving and deriving, never for a log or an error."""
        return self._private.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign; the same message always gives the same 64 bytes."""
        return self._private.sign(message)

    def save(self, path: Path) -> None:
        """
        Write the secret to a new file that only its owner may read.

        Raises:
            FileExistsError: Never writes over a file: it may hold the only copy of another key.
            MalformedError: `key-name`, before the file is made.
        """
        create_secret(path, format_secret(_VERSION, self.name, self.seed))

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


def create_secret(path: Path, data: bytes) -> None:
    """
    Create a file of mode 0600 and make it last; never write over one.

    Every secret of this package reaches the disk through here.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def format_secret(version: str, name: str, *seeds: bytes) -> bytes:
    """
    Write the one line of a secret's file: what it is, whose it is, its seeds.

    Raises:
        MalformedError: `key-name`.
    """
    line = " ".join([version, name, *(base64.b64encode(seed).decode() for seed in seeds)]) + "\n"
    if _SECRET.fullmatch(line) is None:
        raise MalformedError("key-name", f"{name[:90]!r} is not printable ASCII without spaces")
    return line.encode()


def parse_secret(data: bytes, version: str, count: int) -> tuple[str, list[bytes]]:
    """
    Read the line of a secret's file back into name and seeds.

    Raises:
        MalformedError: `key-file`; the message never repeats the file's content.
    """
    found = _SECRET.fullmatch(data[:_SECRET_LIMIT].decode("ascii", "replace"))
    seeds = found[3].split() if found is not None and found[1] == version else []
    if found is None or len(seeds) != count:
        raise MalformedError("key-file", f"not a {version} line")
    return found[2], [decode_base64(seed, 32, "key-file") for seed in seeds]


def load_key(path: Path) -> SigningKey:
    """
    Read a key file back.

    Raises:
        MalformedError: `key-file`.
    """
    return parse_key(path.read_bytes())


def parse_key(data: bytes) -> SigningKey:
    """
    Read the bytes of a key file.

    Raises:
        MalformedError: `key-file`.
    """
    name, (seed,) = parse_secret(data, _VERSION, 1)
    return SigningKey.from_seed(seed, name)


def decode_base64(text: str, length: int | None, reason: str) -> bytes:
    """
    Read standard base64 in its one spelling.

    Python's decoder alone takes junk, spaces and stray low bits; this does not.

    Args:
        length: How many bytes there must be; None for any number.
        reason: The code to refuse with.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is one; so is the error for text beyond ASCII
        raise MalformedError(reason, "not base64") from error
    if binascii.b2a_base64(data, newline=False).decode() != text:
        raise MalformedError(reason, "a second spelling of base64")
    if length is not None and len(data) != length:
        raise MalformedError(reason, f"{len(data)} bytes, not {length}")
    return data


def key_id(public: bytes) -> str:
    """Name a public key."""
    return f"ed25519:{public.hex()}"


def public_of(key: str) -> bytes:
    """
    Read a key id back into the public key that it is.

    Raises:
        MalformedError: `key-id`.
    """
    if KEY_ID.fullmatch(key) is None:
        raise MalformedError("key-id", f"{key[:90]!r}")
    return bytes.fromhex(key[8:])


def check_public(public: bytes) -> None:
    """
    Refuse public keys under which a signature proves nothing.

    Raises:
        MalformedError: `key-public`.
    """
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if len(public) != 32 or y >= _FIELD or y in _LOW_ORDER_Y:  # noqa: PLR2004 -- RFC 8032 5.1.2
        raise MalformedError("key-public", "not a canonical Ed25519 public key of full order")


@functools.lru_cache(maxsize=4096)
def _public_key(key: str) -> Ed25519PublicKey:
    public = public_of(key)
    check_public(public)
    return Ed25519PublicKey.from_public_bytes(public)


def verify_signature(key: str, message: bytes, signature: bytes) -> None:
    """
    Make sure that the owner of a key signed exactly this.

    Raises:
        MalformedError: `key-id` or `key-public`, before the signature is looked at.
        VerificationError: `signature`.
    """
    try:
        _public_key(key).verify(signature, message)
    except InvalidSignature as error:
        raise VerificationError("signature", f"not signed by {key}") from error
