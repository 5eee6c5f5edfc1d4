"""
A ring locked with passkeys: what lies on the disk is of no use without the device that unlocks it.

1. The ring is encrypted under a key drawn for it. That key is wrapped once for each passkey, under what the passkey's `prf`
   extension answers to the salt in the file (WebAuthn level 3, 10.1.4).
2. The answer never leaves this machine: the page reads it and hands it to this program, which forgets it.
3. Losing every passkey loses the file. The backup file and the words are there for that.
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta, Struct

from ledger.errors import MalformedError, VerificationError
from ledger.hkdf import expand, extract
from ledger.keeperkey import KEY_LENGTH
from ledger.linefile import Hex32, read_line, write_line
from portal.keeper.ring import Keeper, Ring, checked_length

_NONCE = bytes(12)
"""Fixed, for what wraps a key wraps only that one: every locked file has a salt of its own."""

Base64Url = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{16,1400}\Z")]
Hex = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{2}){48,40000}\Z")]


class _Lock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    credential: Base64Url
    label: Annotated[str, Meta(max_length=60)]
    wrapped: Hex


class _LockedFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    keeper: Keeper
    locks: Annotated[list[_Lock], Meta(min_length=1, max_length=8)]
    salt: Hex32
    sealed: Hex
    version: Literal["daylight-keeper-locked-v1"] = "daylight-keeper-locked-v1"


@dataclass(frozen=True, repr=False)
class Passkey:
    """One passkey and what it answered: 32 bytes that nobody without the device has."""

    credential: str
    label: str
    answer: bytes


@dataclass(frozen=True, repr=False)
class Unlocked:
    """An open ring together with the key it is locked under; with it the ring can be locked anew, whoever unlocked it."""

    ring: Ring
    locks: tuple[_Lock, ...]
    salt: str
    key: bytes


def lock(ring: Ring, passkey: Passkey, salt: bytes) -> Unlocked:
    """Lock a ring with its first passkey, which answered to this salt."""
    key = secrets.token_bytes(KEY_LENGTH)
    return Unlocked(ring, (_wrap(passkey, salt, key),), checked_length(salt).hex(), key)


def another(open_ring: Unlocked, passkey: Passkey) -> Unlocked:
    """
    Let another passkey unlock the ring too.

    Raises:
        MalformedError: `passkey-known`.
    """
    if any(each.credential == passkey.credential for each in open_ring.locks):
        raise MalformedError("passkey-known", passkey.credential[:40])
    more = _wrap(passkey, bytes.fromhex(open_ring.salt), open_ring.key)
    return Unlocked(open_ring.ring, (*open_ring.locks, more), open_ring.salt, open_ring.key)


def renewed(open_ring: Unlocked, ring: Ring) -> Unlocked:
    """The same locks around what the ring has become."""
    return Unlocked(ring, open_ring.locks, open_ring.salt, open_ring.key)


def encode_locked(open_ring: Unlocked) -> bytes:
    """
    The file's bytes.

    The same key may encrypt a ring that has changed: the nonce then follows from the content, so that no two contents
    share one.
    """
    plain = open_ring.ring.encode()
    nonce = expand(extract(open_ring.key, plain), b"nonce", 12)
    sealed = nonce + AESGCM(open_ring.key).encrypt(nonce, plain, _about(open_ring.ring.keeper, open_ring.salt))
    return write_line(
        _LockedFile(keeper=open_ring.ring.keeper, locks=list(open_ring.locks), salt=open_ring.salt, sealed=sealed.hex())
    )


def is_locked(data: bytes) -> bool:
    """Whether a ring's file needs a passkey."""
    return b'"daylight-keeper-locked-v1"' in data


def asks_for(data: bytes) -> tuple[str, list[str], str]:
    """
    Whose ring a locked file holds, which passkeys unlock it, and the salt to ask them with (hex).

    Raises:
        MalformedError: `locked-file`.
    """
    file = read_line(data, _LockedFile, "locked-file")
    return file.keeper, [each.credential for each in file.locks], file.salt


def unlock(data: bytes, credential: str, answer: bytes) -> Unlocked:
    """
    Open a locked ring with what a passkey answered.

    Raises:
        MalformedError: `locked-file`, or `secret-length` for an answer that is none.
        VerificationError: `passkey-other`: another passkey, or the file was altered.
    """
    file = read_line(data, _LockedFile, "locked-file")
    mine = next((each for each in file.locks if each.credential == credential), None)
    if mine is None:
        raise VerificationError("passkey-other", "this passkey locks another ring")
    sealed = bytes.fromhex(file.sealed)
    try:
        wrapping = _wrapping(checked_length(answer), bytes.fromhex(file.salt))
        key = AESGCM(wrapping).decrypt(_NONCE, bytes.fromhex(mine.wrapped), credential.encode())
        plain = AESGCM(key).decrypt(sealed[:12], sealed[12:], _about(file.keeper, file.salt))
    except InvalidTag as error:
        raise VerificationError("passkey-other", "what it answered does not open the file") from error
    ring = Ring.parse(plain)
    if ring.keeper != file.keeper:
        raise MalformedError("locked-file", "names two keepers")
    return Unlocked(ring, tuple(file.locks), file.salt, key)


def _wrapping(answer: bytes, salt: bytes) -> bytes:
    return expand(extract(salt, answer), b"daylight-keeper-lock-v1")


def _wrap(passkey: Passkey, salt: bytes, key: bytes) -> _Lock:
    wrapping = _wrapping(checked_length(passkey.answer), salt)
    wrapped = AESGCM(wrapping).encrypt(_NONCE, key, passkey.credential.encode())
    return _Lock(credential=passkey.credential, label=passkey.label, wrapped=wrapped.hex())


def _about(keeper: str, salt: str) -> bytes:
    return f"daylight-keeper-locked-v1 {keeper} {salt}".encode()
