"""
One keeper key: what is admitted, how it is drilled, when a released one counts.

Rules of this module (a hostile registration is answered by each):

* One spelling. X25519 ignores the top bit and reduces modulo p = 2^255 - 19, so a key has twins: other
  bytes, same secret. HPKE binds the bytes, so shares to a twin would not open, and the verdict on a bid
  would depend on which keepers took part. Only u < p with the top bit clear is admitted.
* No point of low order: everyone would know what is sealed to it.
* A drill share is sealed under its own HPKE info. A keeper opens nothing else before release, so a drill
  can neither open a share of a bid nor be mistaken for one.
* A released private key counts only if its public key is the registered one, byte for byte.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger import hpke
from ledger.errors import MalformedError, VerificationError

KEY_LENGTH = 32
DRILL_SECRET_LENGTH = 32
DRILL_INFO = b"daylight-seal-v1 drill"

_PRIME = 2**255 - 19
# The canonical u-coordinates of every point of order 2, 4 or 8 on the curve or its twist (RFC 7748, 6.1 asks for
# an all-zero check of the agreed secret; these are the keys that would cause it).
_LOW_ORDER = frozenset(
    {
        0,
        1,
        _PRIME - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)


def check_keeper_key(public: bytes) -> None:
    """
    Refuse a public key that must not become a keeper's.

    Raises:
        MalformedError: `keeper-key-length`, `keeper-key-not-canonical` or `keeper-key-low-order`.
    """
    if len(public) != KEY_LENGTH:
        raise MalformedError("keeper-key-length", f"{len(public)} bytes, not {KEY_LENGTH}")
    coordinate = int.from_bytes(public, "little")
    if coordinate >= _PRIME:
        raise MalformedError("keeper-key-not-canonical", "top bit set, or not below 2^255 - 19")
    if coordinate in _LOW_ORDER:
        raise MalformedError("keeper-key-low-order", "everyone would know what is sealed to it")


def check_keeper_keys(publics: Iterable[bytes]) -> None:
    """
    Refuse a set of keys in which one is inadmissible or occurs twice.

    The caller passes every key that must differ: both labels of a notice, and those registered before.
    One key under two names would let its holder count twice towards k.

    Raises:
        MalformedError: As `check_keeper_key`, or `keeper-key-repeated`.
    """
    seen: set[bytes] = set()
    for public in publics:
        check_keeper_key(public)
        if public in seen:
            raise MalformedError("keeper-key-repeated", public.hex())
        seen.add(public)


def load_private(private: bytes) -> X25519PrivateKey:
    """
    Load a keeper's private key.

    Raises:
        MalformedError: `released-key-length`, if it is not 32 bytes.
    """
    if len(private) != KEY_LENGTH:
        raise MalformedError("released-key-length", f"{len(private)} bytes, not {KEY_LENGTH}")
    return X25519PrivateKey.from_private_bytes(private)


def public_of(private: bytes) -> bytes:
    """Compute the public key of a keeper's private key; raises as `load_private` does."""
    return load_private(private).public_key().public_bytes_raw()


def released_key_matches(private: bytes, public: bytes) -> X25519PrivateKey:
    """
    Pass a released key only if it is the registered one's, and hand it back loaded.

    Raises:
        MalformedError: `released-key-length`.
        VerificationError: `key-not-registered`, also where only a twin of the registered bytes would match.
    """
    key = load_private(private)
    if key.public_key().public_bytes_raw() != public:
        raise VerificationError("key-not-registered", f"the released key does not belong to {public.hex()}")
    return key


def drill_challenge(public: bytes, secret: bytes, ephemeral: bytes) -> bytes:
    """
    Seal a drill secret to a key about to be registered.

    Deterministic, so that once secret and ephemeral are out anyone can tell that the drill was honest.

    Args:
        secret: 32 random bytes; telling them proves that the keeper can open.
        ephemeral: 32 random bytes for this challenge alone.
    """
    check_keeper_key(public)
    if len(secret) != DRILL_SECRET_LENGTH or len(ephemeral) != KEY_LENGTH:
        raise MalformedError("drill-length", f"{len(secret)} and {len(ephemeral)} bytes, not 32 each")
    return hpke.seal(public, ephemeral, DRILL_INFO, secret)


def answer_drill(private: bytes, share: bytes) -> bytes:
    """
    Open a drill share, on the keeper's own device.

    A share of a bid, handed over as if it were a drill, does not open here.

    Raises:
        MalformedError: `released-key-length`, or `drill-length` if the share has another size than a drill's.
        VerificationError: `sealed-unreadable`.
    """
    key = load_private(private)
    if len(share) != DRILL_SECRET_LENGTH + hpke.OVERHEAD:
        raise MalformedError("drill-length", f"a share of {len(share)} bytes")
    return hpke.open_sealed(key, DRILL_INFO, share)
