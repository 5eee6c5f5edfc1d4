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
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from ledger.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + _PLANES
    + "]",
)

Integer: TypeAlias = Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]


def values(depth: int, key: Any = str) -> Any:
    """
    Spell out the type of a value at most so many containers deep.

    msgspec knows no recursive types. In return its reader refuses fractions, large integers and
    deep nesting while it parses, in C and at no cost.

    Args:
        key: The type of object keys; a Literal of known keys makes the reader refuse all others.
    """
    value: Any = bool | Integer | str | None
    for _ in range(depth):
        value = bool | Integer | str | list[value] | dict[key, value] | None
    return value


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(values(DEPTH))


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
        MalformedError: `json-type`, `json-number`, `json-integer`, `json-key`, `json-depth` or a string's reason.
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
            check_key(key)
            check(inner, depth - 1)
    elif isinstance(value, list | tuple):
        _check_depth(depth)
        for inner in value:
            check(inner, depth - 1)
    else:
        raise MalformedError(
            "json-number" if isinstance(value, float) else "json-type",
            f"{type(value).__name__} has no canonical spelling",
        )


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
        MalformedError: `json-size` or a reason of `parse` or `check_parsed`.
    """
    if len(data) > limit:
        raise MalformedError("json-size", f"{len(data)} bytes, at most {limit}")
    value = parse(_DECODER, data)
    check_parsed(value, data)
    return value


def parse(decoder: msgspec.json.Decoder[Any], data: bytes, depth: int = DEPTH) -> Any:
    """
    Read with a typed decoder, and insist that writing gives the same bytes.

    Proves spelling, types, depth and integers. Keys and characters remain for `check_parsed`.

    Args:
        depth: Containers that the decoder's type allows; it decides the reason only.

    Raises:
        MalformedError: `json-syntax`, `json-shape`, `json-not-canonical` or a reason of `check`.
    """
    try:
        value = decoder.decode(data)
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors too
        _explain(data, depth)
        raise MalformedError("json-shape", str(error)) from error
    if encode(value) != data:
        raise MalformedError("json-not-canonical", "another spelling of the same value")
    return value


def _explain(data: bytes, depth: int) -> None:
    """Raise the reason why no value of the profile stands here; return where only the shape is wrong."""
    try:
        value = msgspec.json.decode(data)
    except RecursionError as error:
        raise MalformedError("json-depth", "too many containers within each other") from error
    except ValueError as error:
        raise MalformedError("json-syntax", str(error)) from error
    check(value, depth)


def check_parsed(value: Any, data: bytes) -> None:
    """
    Check what `parse` could not see: keys, and the characters of strings.

    Most entries hold plain ASCII; for them a look at the bytes replaces a look at every string.

    Args:
        value: What `parse` read, or a part of it.
        data: What `parse` read it from.

    Raises:
        MalformedError: `json-key`, `json-character` or `json-normal-form`.
    """
    if is_plain(data):
        check_keys(value)
    else:
        check(value)


def is_plain(data: bytes) -> bool:
    """
    Tell, from canonical bytes alone, that no string in them can hold a forbidden character.

    False says nothing: someone has to look at the strings.
    """
    return (
        data.isascii()
        and b"\x7f" not in data
        and (b"\\" not in data or _PLAIN_ESCAPES.issuperset([after[:1] for after in data.split(b"\\")[1:]]))
    )


# What may follow a backslash: a line feed, a quotation mark, or another backslash (split away).
_PLAIN_ESCAPES = frozenset({b"n", b'"', b""})

known_keys: set[str] = set()
"""Keys that were seen to be good."""

_KNOWN_KEYS_LIMIT = 4096


def check_keys(value: Any) -> None:
    """
    Check the keys of every object in a parsed value.

    Keys repeat all over a log, so good ones are remembered, up to a limit that an attacker cannot
    push further.

    Raises:
        MalformedError: `json-key`.
    """
    if value.__class__ is dict:
        if not known_keys.issuperset(value):
            _learn_keys(value)
        value = value.values()
    elif value.__class__ is not list:
        return
    for inner in value:
        if inner.__class__ is dict or inner.__class__ is list:
            check_keys(inner)


def may_know(key: str) -> bool:
    """Tell whether any value that was read may have had this key; False is certain."""
    return key in known_keys or len(known_keys) >= _KNOWN_KEYS_LIMIT


def _learn_keys(keys: Iterable[str]) -> None:
    for key in keys:
        check_key(key)
        if len(known_keys) < _KNOWN_KEYS_LIMIT:
            known_keys.add(key)


def check_key(key: object) -> None:
    """
    Refuse a name that no object of the profile can have.

    Raises:
        MalformedError: `json-key`.
    """
    if not isinstance(key, str) or KEY.fullmatch(key) is None:
        raise MalformedError("json-key", f"object key {str(key)[:90]!r}")
