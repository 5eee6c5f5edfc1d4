"""
Shamir secret sharing, byte by byte over GF(256).

Rules of this module:

* The field is GF(2)[x] modulo x^8 + x^4 + x^3 + x + 1 (0x11b), as in AES.
* Share *i* is the polynomial's value at x = i; the secret is its value at 0, so share 0 does not exist.
* Coefficients come from the caller, never from a random source here: sealing derives them, so that
  anyone who learns the sealed text can compute every share again.
* Shares carry no check of their own. A wrong share gives a wrong secret, silently; the envelope's
  commitment and re-derivation find it.
"""

from collections.abc import Mapping
from functools import cache

from ledger.errors import MalformedError

MAX_SHARES = 255
_POLYNOMIAL = 0x11B
_BYTE = 0x100


def multiply(left: int, right: int) -> int:
    """Multiply in the field by shift and reduce, the definition that the tables are made from."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & _BYTE:
            left ^= _POLYNOMIAL
        right >>= 1
    return product


@cache
def _inverse(value: int) -> int:
    return next(candidate for candidate in range(1, _BYTE) if multiply(value, candidate) == 1)


@cache
def _multiples(factor: int) -> bytes:
    """Table of `factor` times every byte; `bytes.translate` then scales a whole string in one call."""
    return bytes(multiply(factor, value) for value in range(_BYTE))


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def split(secret: bytes, n: int, coefficients: bytes) -> list[bytes]:
    """
    Cut a secret into shares 1 to n, of which any k give it back.

    Args:
        coefficients: k-1 blocks as long as the secret: first those of x, then those of x², and so on.
            Their count decides k.

    Raises:
        MalformedError: If the coefficients are not whole blocks, or k exceeds n, or n exceeds 255.
    """
    width = len(secret)
    if not width or len(coefficients) % width:
        raise MalformedError("shares-coefficients", f"{len(coefficients)} bytes for a secret of {width}")
    blocks = [coefficients[at : at + width] for at in range(0, len(coefficients), width)]
    if not len(blocks) < n <= MAX_SHARES:
        raise MalformedError("shares-count", f"{n} shares with {len(blocks)} coefficients")
    shares = []
    for number in range(1, n + 1):
        table = _multiples(number)
        value = bytes(width)
        for block in reversed(blocks):
            value = _xor(value, block).translate(table)
        shares.append(_xor(value, secret))
    return shares


def combine(shares: Mapping[int, bytes]) -> bytes:
    """
    Interpolate at 0 from shares by number.

    The caller passes exactly k of them. Fewer give a string that says nothing about the secret, more
    give the secret only if all of them lie on the polynomial; neither case is noticed here.

    Raises:
        MalformedError: If there is no share, a number is outside 1 to 255, or lengths differ.
    """
    lengths = {len(share) for share in shares.values()}
    if len(lengths) != 1 or not all(0 < number <= MAX_SHARES for number in shares):
        raise MalformedError("shares-count", f"numbers {sorted(shares)} with lengths {sorted(lengths)}")
    secret = bytes(lengths.pop())
    for number, share in shares.items():
        weight = 1
        for other in shares:
            if other != number:
                weight = multiply(weight, multiply(other, _inverse(other ^ number)))
        secret = _xor(secret, share.translate(_multiples(weight)))
    return secret
