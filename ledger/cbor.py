"""
Just enough CBOR (RFC 8949) to tell that some bytes are one map and nothing else.

Authenticators append the outputs of extensions to what they sign. Nobody here reads them; but bytes
that no reader can delimit could be anything, so they must be one well-formed map of definite length
(as CTAP 2 requires), not nested deeper than anybody needs.
"""

from __future__ import annotations

from typing import Final

from ledger.errors import MalformedError

DEPTH: Final = 4
"""Maps and lists within each other, the outermost counted (CTAP 2, message encoding)."""

_MAP: Final = 5
_LIST: Final = 4
_STRINGS: Final = (2, 3)
_SIMPLE: Final = 7
_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}


def check_map(data: bytes, start: int, reason: str) -> None:
    """
    Refuse bytes that, from `start` to their end, are not one CBOR map.

    Args:
        reason: The code to refuse with.
    """
    if start >= len(data) or data[start] >> 5 != _MAP:
        raise MalformedError(reason, "not a CBOR map")
    if _skip(data, start, DEPTH, reason) != len(data):
        raise MalformedError(reason, "bytes after the CBOR map")


def _skip(data: bytes, at: int, depth: int, reason: str) -> int:
    """Tell where the item that begins here ends."""
    if at >= len(data):
        raise MalformedError(reason, "CBOR that is cut off")
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    width = _WIDTHS.get(value, 0)
    if value > 27 or at + width > len(data):  # noqa: PLR2004 -- RFC 8949 3: 28 to 31 are reserved or indefinite
        raise MalformedError(reason, "CBOR of indefinite length, or cut off")
    if width:
        value = int.from_bytes(data[at : at + width])
        at += width
    if major in _STRINGS:
        at += value
    elif major in {_LIST, _MAP}:
        if depth < 1:
            raise MalformedError(reason, "CBOR nested too deeply")
        for _ in range(value * (2 if major == _MAP else 1)):
            at = _skip(data, at, depth - 1, reason)
    elif major not in {0, 1, _SIMPLE}:
        raise MalformedError(reason, "a CBOR tag")
    if at > len(data):
        raise MalformedError(reason, "CBOR that is cut off")
    return at
