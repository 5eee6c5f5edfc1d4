from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import batch, canonical, entry, statement
from ledger.errors import MalformedError
from tests.ledger import vectors

PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
SCALARS = st.none() | st.booleans() | st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX) | PLAIN
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=20,
)


@pytest.mark.parametrize("case", vectors.named(vectors.load("canonical")["cases"]))
def test_a_value_is_read_in_its_one_spelling_or_refused_by_name(case: dict[str, Any]) -> None:
    data = vectors.data_of(case, "json")

    def read() -> None:
        assert canonical.encode(canonical.decode(data)) == data

    assert vectors.outcome(read) == case["refused"]


def is_in_profile(value: Any) -> bool:
    try:
        canonical.check(value)
    except MalformedError:
        return False
    return True


@given(VALUES.filter(is_in_profile))
def test_what_passes_the_check_is_written_as_rfc_8785_writes_it_and_reads_back(value: Any) -> None:
    encoded = canonical.encode(value)
    assert encoded == rfc8785.dumps(value)
    assert canonical.decode(encoded) == value


@given(ANYTHING)
def test_reader_and_check_agree_on_every_value(value: Any) -> None:
    """The reader looks at types, depth and plain ASCII in bulk; the check walks value by value."""
    try:
        spelled = msgspec.json.encode(value, order="deterministic")
    except ValueError:  # surrogates have no UTF-8
        assert not is_in_profile(value)
        return
    assert (vectors.outcome(lambda: canonical.decode(spelled)) is None) == is_in_profile(value)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_written_back_unchanged(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except MalformedError:
        return
    assert canonical.encode(value) == data


@given(st.text('ab\\"nut0{}[]:,1. \n\x7fé\u0301', max_size=16))
def test_any_text_like_json_is_refused_or_written_back_unchanged(text: str) -> None:
    data = text.encode()
    try:
        value = canonical.decode(data)
    except MalformedError:
        return
    assert canonical.encode(value) == data == rfc8785.dumps(json.loads(data))
    canonical.check(value)


def test_only_bytes_without_any_doubt_are_called_plain() -> None:
    assert canonical.is_plain(b'"a\\n\\"b\\\\"')
    for doubtful in (b'"\\t"', b'"\\u0001"', b'"\x7f"', "é".encode(), b'"\\\\u"'):
        assert not canonical.is_plain(doubtful)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "json-number"),
        (b"bytes", "json-type"),
        ({1: 2}, "json-key"),
        ((1, {"A": 1}), "json-key"),
        ({"a"}, "json-type"),
    ],
)
def test_python_values_without_a_spelling_are_refused_before_they_are_signed(value: Any, reason: str) -> None:
    assert vectors.outcome(lambda: canonical.check(value)) == reason


def test_depth_is_counted_from_what_the_caller_leaves() -> None:
    canonical.check([[1]], 2)
    assert vectors.outcome(lambda: canonical.check([[1]], 1)) == "json-depth"
    canonical.check(1, 0)


def test_a_smaller_limit_counts_bytes() -> None:
    assert canonical.decode(b'"aa"', limit=4) == "aa"
    assert vectors.outcome(lambda: canonical.decode(b'"aa"', limit=3)) == "json-size"


def test_the_memory_for_good_keys_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "known_keys", set())
    monkeypatch.setattr(canonical, "_KNOWN_KEYS_LIMIT", 2)
    canonical.check_keys([{"a": 1, "b": 2, "c": {"d": "text"}}, "text"])
    assert len(canonical.known_keys) == 2
    assert vectors.outcome(lambda: canonical.check_keys({"a": {"C": 1}})) == "json-key"
    assert vectors.outcome(lambda: canonical.check_keys("no container")) is None


def test_every_struct_declares_its_fields_in_canonical_order() -> None:
    structs = [
        member
        for module in (statement, entry, batch)
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, msgspec.Struct)
    ]
    assert len(structs) >= 6
    for struct in structs:
        names = [field.encode_name for field in msgspec.structs.fields(struct)]
        assert names == sorted(names)
