"""
One spelling for every JSON value that is signed, hashed or compared.

Rules (SPEC.md, section 1):
- RFC 8785 order and escapes, over a narrow profile: objects with ASCII keys `[a-z][a-z0-9_]*`,
  arrays, strings, integers within ±(2^53-1), true, false, null. No fractions, no exponents.
- Strings are NFC and hold no control character but the line feed, no surrogate, no bidirectional
  control and no noncharacter: what a person reads is what was signed.
- At most eight containers deep, at most 65,535 bytes.
- A reader ends with "write it again and compare", so a second spelling cannot pass.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, TypeAlias

import msgspec

from ledger.errors import MalformedError

LIMIT = 65_535
"""Bytes of the largest value: what the two length bytes of an entry bundle can say."""

DEPTH = 8
"""Containers within each other, counting the outermost."""

INTEGER_MAX = 2**53 - 1
"""The largest integer that every JSON reader, a browser's included, keeps exactly."""

KEY = re.compile(r"[a-z][a-z0-9_]*")

# Controls but \n, DEL and C1; bidirectional marks, embeddings, overrides and isolates (Unicode
# UAX 9, table 4); surrogates; the noncharacters of Unicode 23.7.
_PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef" + _PLANES + "]",
)

Integer: TypeAlias = Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
_Json1: TypeAlias = bool | Integer | str | None
_Json2: TypeAlias = bool | Integer | str | list[_Json1] | dict[str, _Json1] | None
_Json3: TypeAlias = bool | Integer | str | list[_Json2] | dict[str, _Json2] | None
_Json4: TypeAlias = bool | Integer | str | list[_Json3] | dict[str, _Json3] | None
_Json5: TypeAlias = bool | Integer | str | list[_Json4] | dict[str, _Json4] | None
Inner: TypeAlias = bool | Integer | str | list[_Json5] | dict[str, _Json5] | None
"""
A value that may stand two containers down, in an object inside an entry's statement.

msgspec knows no recursive types, so the permitted depth is spelled out; in return the reader
refuses fractions, large integers and deep nesting while it parses, in C and at no cost.
"""
_Json7: TypeAlias = bool | Integer | str | list[Inner] | dict[str, Inner] | None
_Json8: TypeAlias = bool | Integer | str | list[_Json7] | dict[str, _Json7] | None
Value: TypeAlias = bool | Integer | str | list[_Json8] | dict[str, _Json8] | None
"""Any value of the profile, eight containers deep at most."""

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Value)


def encode(value: object) -> bytes:
    """
    Write the one canonical spelling.

    Trusts its input: whatever did not come out of a reader of this package must pass `check`
    first. Structs must declare their fields in sorted order, which a test proves for ours; that
    is why this is as fast as it is.
    """
    return _ENCODER.encode(value)


def check(value: object, depth: int = DEPTH) -> None:
    """
    Refuse a value that has no spelling in the profile.

    Whatever people type reaches a signature only through here.

    Args:
        depth: Containers allowed from here on; callers that will wrap the value allow fewer.

    Raises:
        MalformedError: `json-type`, `json-integer`, `json-key`, `json-depth` or a string's reason.
    """
    if isinstance(value, str):
        check_string(value)
    elif value is None or value is True or value is False:
        return
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise MalformedError("json-integer", "an integer lies outside ±(2^53-1)")
    elif isinstance(value, dict):
        _check_depth(depth)
        for key, inner in value.items():
            if not isinstance(key, str) or KEY.fullmatch(key) is None:
                raise MalformedError("json-key", f"object key {key!r}")
            check(inner, depth - 1)
    elif isinstance(value, list | tuple):
        _check_depth(depth)
        for inner in value:
            check(inner, depth - 1)
    else:
        raise MalformedError("json-type", f"{type(value).__name__} has no canonical spelling")


def _check_depth(depth: int) -> None:
    if depth < 1:
        raise MalformedError("json-depth", f"more than {DEPTH} containers within each other")


def check_string(text: str) -> None:
    """
    Refuse a string that could show other than it says, or be spelled in two ways.

    Raises:
        MalformedError: `json-character` or `json-normal-form`.
    """
    found = FORBIDDEN.search(text)
    if found is not None:
        raise MalformedError("json-character", f"character U+{ord(found[0]):04X} is not allowed")
    if not unicodedata.is_normalized("NFC", text):
        raise MalformedError("json-normal-form", "text is not in Unicode normal form C")


def decode(data: bytes, *, limit: int = LIMIT) -> Any:
    """
    Read one canonical value and nothing else.

    Raises:
        MalformedError: `json-size`, `json-syntax`, `json-not-canonical` or a reason of `check`.
    """
    if len(data) > limit:
        raise MalformedError("json-size", f"{len(data)} bytes, at most {limit}")
    value = parse(_DECODER, data)
    check(value)
    return value


def parse(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    """
    Read with a typed decoder, and insist that writing gives the same bytes.

    Readers of Structs share it. It proves spelling, types and depth; keys and characters are the
    caller's to check.

    Raises:
        MalformedError: `json-syntax` or `json-not-canonical`.
    """
    try:
        value = decoder.decode(data)
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors too
        raise MalformedError("json-syntax", str(error)) from error
    if encode(value) != data:
        raise MalformedError("json-not-canonical", "another spelling of the same value")
    return value
