"""References to documents: found wherever they stand in a body, and refused when they only look like one."""

from typing import Any

import pytest

from ledger.canonical import INTEGER_MAX
from ledger.documents import may_refer, references_in
from ledger.entry import DocumentReference
from ledger.errors import MalformedError

HASH = "ab" * 32
GOOD: dict[str, Any] = {"length": 12, "media_type": "text/plain", "sha256": HASH}


def test_references_are_found_in_reading_order_however_deep() -> None:
    other = {**GOOD, "sha256": "cd" * 32}
    body = {"a": [{"b": GOOD}, 1, None], "c": "text", "d": {"e": [other]}}
    assert [each.sha256 for each in references_in(body)] == [HASH, "cd" * 32]


def test_an_object_with_one_key_more_or_less_is_none() -> None:
    assert list(references_in({**GOOD, "title": "Terms"})) == []
    assert list(references_in({"length": 12, "sha256": HASH})) == []


@pytest.mark.parametrize("length", [0, 1, INTEGER_MAX])
def test_every_length_of_the_profile_is_one(length: int) -> None:
    assert list(references_in({**GOOD, "length": length})) == [
        DocumentReference(length=length, media_type="text/plain", sha256=HASH)
    ]


WRONG = {
    "a negative length": {"length": -1},
    "a length beyond the profile": {"length": INTEGER_MAX + 1},
    "a length that is a truth": {"length": True},
    "a length in words": {"length": "12"},
    "no media type": {"media_type": None},
    "a media type without a slash": {"media_type": "text"},
    "a media type in capitals": {"media_type": "Text/Plain"},
    "a media type with a parameter": {"media_type": "text/plain; charset=utf-8"},
    "no hash": {"sha256": None},
    "a hash in capitals": {"sha256": "AB" * 32},
    "a hash too short": {"sha256": "ab" * 31},
    "a hash too long": {"sha256": "ab" * 33},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_what_only_looks_like_a_reference_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError) as refused:
        list(references_in([{"deep": {**GOOD, **change}}]))
    assert refused.value.reason == "document-reference"


def test_bytes_without_the_telling_key_are_passed_over() -> None:
    assert may_refer(b'{"media_type":"text/plain"}')
    assert not may_refer(b'{"medium":"text/plain"}')
