"""
A proof for everybody that a keeper held a key's secret when she registered it.

A drill alone convinces whoever asked: the operator knew the answer beforehand, so nobody else can tell it from an invented
one. Here the key itself signs, and whoever has the record checks it.

Rules of this module (SPEC.md, seal-29):

* The proof is an Ed25519 signature under the point that the X25519 key stands for (the map of RFC 7748, 4.1). It is checked
  by the library's Ed25519; only the map is arithmetic of our own, over public numbers.
* It says who registers the key, by the key id that signs the entry. Copied under another keeper's name it proves nothing.
* It opens nothing and releases nothing: a signature tells nothing of the secret, and what it signs begins with words that
  no sealed share has. Its one-time value follows from secret and message, so that none serves two messages.
* An X25519 key names a point up to its sign, so both are tried.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger import canonical
from ledger.errors import MalformedError, VerificationError
from ledger.keeperkey import DRILL_INFO, KEY_LENGTH, check_keeper_key, public_of

PROOF_LENGTH = 64

_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493


def drill_statement(public: bytes, signer: str) -> bytes:
    """
    What is signed: the key, and the key id of the keeper who registers it.

    Args:
        signer: The keeper's key id, as it stands beside her signature on the entry.
    """
    return DRILL_INFO + b" proof\x00" + canonical.encode({"key": public.hex(), "signer": signer})


def prove_drill(private: bytes, signer: str) -> bytes:
    """
    Sign with a keeper's key, on the keeper's own device. The same call always gives the same bytes.

    Raises:
        MalformedError: `released-key-length`.
    """
    public = public_of(private)
    message = drill_statement(public, signer)
    once = hashlib.sha512(DRILL_INFO + b" once\x00" + private + message).digest()[:KEY_LENGTH]
    half = Ed25519PrivateKey.from_private_bytes(once).public_key().public_bytes_raw()
    scalars = _clamped(private), _clamped(hashlib.sha512(once).digest()[:KEY_LENGTH])
    tries = [(point, half + _response(*scalars, half + point + message)) for point in _points(public)]
    (proof,) = [tried for point, tried in tries if _holds(point, tried, message)]
    return proof


def check_drill_proof(public: bytes, signer: str, proof: bytes) -> None:
    """
    Make sure that whoever registered this key held its secret.

    Raises:
        MalformedError: As `check_keeper_key`, or `drill-proof-length`.
        VerificationError: `drill-proof`.
    """
    check_keeper_key(public)
    if len(proof) != PROOF_LENGTH:
        raise MalformedError("drill-proof-length", f"{len(proof)} bytes, not {PROOF_LENGTH}")
    message = drill_statement(public, signer)
    if not any(_holds(point, proof, message) for point in _points(public)):
        raise VerificationError("drill-proof", f"{public.hex()} did not sign for {signer}")


def _points(public: bytes) -> tuple[bytes, bytes]:
    """The two Ed25519 keys of one u-coordinate: y = (u - 1) / (u + 1), with either sign (RFC 7748, 4.1)."""
    u = int.from_bytes(public, "little")
    y = (u - 1) * pow(u + 1, -1, _PRIME) % _PRIME
    return y.to_bytes(KEY_LENGTH, "little"), (y | 1 << 255).to_bytes(KEY_LENGTH, "little")


def _clamped(secret: bytes) -> int:
    """The scalar that 32 secret bytes stand for (RFC 7748, 5; RFC 8032, 5.1.5)."""
    return int.from_bytes(secret, "little") & (2**254 - 8) | 2**254


def _response(scalar: int, once: int, hashed: bytes) -> bytes:
    """S of RFC 8032, 5.1.6."""
    challenge = int.from_bytes(hashlib.sha512(hashed).digest(), "little")
    return ((once + challenge * scalar) % _ORDER).to_bytes(KEY_LENGTH, "little")


def _holds(point: bytes, proof: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(point).verify(proof, message)
    except InvalidSignature:
        return False
    return True
