"""
Finds the documents that entries refer to.

Any object in a statement's body with exactly the keys `length`, `media_type` and `sha256` is a reference, whatever its
author meant by it, and the document must lie in the log folder: an auditor who knows no kind of entry can still tell
whether a document is missing, and whether one is there that nothing refers to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.canonical import INTEGER_MAX
from ledger.entry import HASH, MEDIA_TYPE, DocumentReference, parse_entry
from ledger.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEDIA_TYPE_KEY: Final = "media_type"
"""Where no object has this key there is no reference; few other objects have it."""

_KEYS: Final = {"length", MEDIA_TYPE_KEY, "sha256"}
_MARK: Final = f'"{MEDIA_TYPE_KEY}":'.encode()


def may_refer(data: bytes) -> bool:
    """Tell quickly whether canonical bytes could hold a reference; most entries hold none and are not parsed again."""
    return _MARK in data


def references_in(value: Any) -> Iterator[DocumentReference]:
    """
    Find the references in a value of the canonical profile, in reading order.

    Raises:
        MalformedError: If an object has the three keys, and they are not a length, a media type and a hash
            (`document-reference`).
    """
    if isinstance(value, dict):
        if value.keys() == _KEYS:
            yield _reference(**value)
        for inner in value.values():
            yield from references_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references_in(inner)


def references_in_entry(data: bytes) -> list[DocumentReference]:
    """
    Find the references in one entry's bytes.

    Raises:
        MalformedError: If the bytes are no entry, or a reference in it is none.
    """
    return list(references_in(parse_entry(data).statement.body)) if may_refer(data) else []


def _reference(length: Any, media_type: Any, sha256: Any) -> DocumentReference:
    well_formed = (
        type(length) is int
        and 0 <= length <= INTEGER_MAX
        and isinstance(media_type, str)
        and MEDIA_TYPE.fullmatch(media_type)
        and isinstance(sha256, str)
        and HASH.fullmatch(sha256)
    )
    if not well_formed:
        raise MalformedError("document-reference", f"{length!r:.20} {media_type!r:.60} {sha256!r:.80}")
    return DocumentReference(length=length, media_type=media_type, sha256=sha256)
