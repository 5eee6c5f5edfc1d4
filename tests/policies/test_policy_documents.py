"""The document of a rule set is its one spelling: it rebuilds the very rules, and no other spelling is taken."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies import KINDS, TIERS, PolicyError, from_document
from policies import statements as statement_room
from policies.jurisdiction import build
from policies.kinds import HOLIDAYS
from tests.policies.policy_cases import COUNTY, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies import Jurisdiction
    from policies.kinds import RuleKind

HEADING = msgspec.json.decode(COUNTY.document)["jurisdiction"]


def refused(data: bytes) -> PolicyError:
    with pytest.raises(PolicyError) as error:
        from_document(data)
    return error.value


def rebuilt_or_refused(data: bytes) -> Jurisdiction | PolicyError:
    try:
        return from_document(data)
    except PolicyError as error:
        return error


@pytest.mark.parametrize("name", policies.available())
def test_the_document_rebuilds_the_very_rules(name: str) -> None:
    jurisdiction = policies.load_jurisdiction(name)
    rebuilt = from_document(jurisdiction.document)
    assert rebuilt == jurisdiction
    assert rebuilt.document == jurisdiction.document
    assert jurisdiction.digest == hashlib.sha256(jurisdiction.document).hexdigest()
    plain = json.loads(jurisdiction.document)
    assert (
        json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == jurisdiction.document
    )


TEXTS = st.text(st.characters(categories=["L", "N"], codec="utf-8"), min_size=1, max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text),
)


def figures(kind: RuleKind) -> st.SearchStrategy[Any]:
    """Any figure that a file may state for a rule, weights and panels held where they can be obeyed together."""
    if kind.id in {"evaluation-price-weight-least", "tier-panel-size"}:
        return st.integers(0, 3)
    if kind.id in {"evaluation-price-weight-most", "tier-panel-largest"}:
        return st.integers(3, 100)
    by_value: dict[str, st.SearchStrategy[Any]] = {
        "money": st.integers(0, 2**53 - 1),
        "whole": st.integers(0, 1_000_000),
        "hour": st.integers(0, 23),
        "percent": st.integers(0, 100),
        "flag": st.booleans(),
        "choice": st.sampled_from(kind.choices or ("",)),
        "words": st.lists(st.sampled_from(kind.choices) if kind.choices else TEXTS, min_size=1, unique=True),
        "codes": st.lists(
            st.fixed_dictionaries({"code": st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), "text": TEXTS}),
            max_size=3,
            unique_by=lambda item: item["code"],
        ),
    }
    strategy = by_value[kind.value]
    return strategy | st.just("no limit") if kind.unlimited else strategy


@st.composite
def rule_sets(draw: st.DrawFn) -> Jurisdiction:
    """A jurisdiction nobody wrote: every rule with some figure, some stated by law."""
    found = []
    for kind in KINDS.values():
        if kind is HOLIDAYS:
            continue
        law = draw(st.booleans())
        figure = draw(figures(kind))
        text = "It is so." if kind.value == "flag" or figure == "no limit" else "It is {figure}."
        raw = {
            "rule": kind.id,
            "layer": "law" if law else "house",
            "figure": figure,
            "text": text,
            "because": draw(TEXTS),
            "source": "an act" if law else "house",
            "status": "verified" if law else "adopted",
            "effective_from": "2020-01-01",
        }
        found.append(statement_room.read(raw | ({"tiers": list(TIERS)} if kind.per_tier else {})))
    return build({**HEADING, "effective_from": "2020-01-01"}, draw(st.permutations(found)))


@settings(max_examples=25, deadline=None)
@given(rule_sets())
def test_any_rules_that_can_be_stated_survive_their_document(jurisdiction: Jurisdiction) -> None:
    rebuilt = from_document(jurisdiction.document)
    assert rebuilt == jurisdiction
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert rebuilt.rules(at) == jurisdiction.rules(at)
    assert all("{" not in line.text for line in rebuilt.rules(at).texts())


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_reason(data: bytes) -> None:
    assert refused(data).reason.startswith("document-")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(COUNTY.document) - 1), st.integers(1, 255))
def test_no_changed_byte_rebuilds_the_same_rules(place: int, change: int) -> None:
    data = bytearray(COUNTY.document)
    data[place] ^= change
    rebuilt = rebuilt_or_refused(bytes(data))
    if isinstance(rebuilt, PolicyError):
        assert rebuilt.reason
    else:
        assert rebuilt.document == bytes(data)
        assert rebuilt.digest != COUNTY.digest


def content(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The county's document with one change, spelt canonically again."""
    plain = msgspec.json.decode(COUNTY.document)
    change(plain)
    return msgspec.json.encode(plain, order="sorted")


def first(plain: dict[str, Any], **changes: Any) -> None:
    plain["rules"][0] |= changes


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "document-json"),
    "not JSON": (b"{", "document-json"),
    "not UTF-8": (b'"\xff"', "document-json"),
    "nested without end": (b"[" * 100_000, "document-json"),
    "a list": (b"[]", "document-shape"),
    "no rules": (content(lambda plain: plain.pop("rules")), "document-shape"),
    "more than rules": (content(lambda plain: plain.update(more=1)), "document-shape"),
    "another format": (content(lambda plain: plain.update(format="daylight-policy-v2")), "document-format"),
    "rules that are no list": (content(lambda plain: plain.update(rules={})), "document-shape"),
    "a rule that is no object": (content(lambda plain: plain.update(rules=[1])), "document-shape"),
    "a heading that is no object": (content(lambda plain: plain.update(jurisdiction=[])), "document-shape"),
    "too large": (b" " * 1_000_001, "document-size"),
    "as large as can be": (b" " * 1_000_000, "document-json"),
    "a space more": (COUNTY.document + b" ", "document-not-canonical"),
    "keys in another order": (
        json.dumps(
            dict(reversed(json.loads(COUNTY.document).items())),
            separators=(",", ":"),
            ensure_ascii=False,
        ).encode(),
        "document-not-canonical",
    ),
    "escapes where none are needed": (COUNTY.document.replace(b"county", b"\\u0063ounty"), "document-not-canonical"),
    "rules in another order": (content(lambda plain: plain["rules"].reverse()), "document-not-canonical"),
    "sizes said where there are none": (content(lambda plain: first(plain, tiers=[])), "document-not-canonical"),
    "a rule twice": (content(lambda plain: plain["rules"].append(plain["rules"][0])), "policy-overlap"),
    "a rule too few": (content(lambda plain: plain["rules"].pop()), "rule-not-in-force"),
    "an unknown key": (content(lambda plain: first(plain, colour=1)), "policy-key-unknown"),
    "a fraction": (content(lambda plain: plain["rules"][-1].update(figure=1.0)), "policy-figure"),
    "no layer": (content(lambda plain: plain["rules"][0].pop("layer")), "policy-layer"),
    "a layer that does not exist": (content(lambda plain: first(plain, layer="habit")), "policy-layer"),
    "a rule without a name": (content(lambda plain: first(plain, rule=7)), "policy-type"),
    "a day with a time": (content(lambda plain: first(plain, effective_from="2025-01-01T00:00")), "policy-date"),
    "a heading with a foreign key": (rewritten(COUNTY, colour="blue"), "policy-key-unknown"),
    "a heading with a number": (rewritten(COUNTY, name=7), "policy-type"),
    "an id in capitals": (rewritten(COUNTY, id="Blue"), "policy-heading"),
    "a day that does not exist": (rewritten(COUNTY, effective_from="2025-13-01"), "policy-date"),
}


@pytest.mark.parametrize(("data", "reason"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_of_another_spelling_is_refused(data: bytes, reason: str) -> None:
    error = refused(data)
    assert error.reason == reason
    assert str(error) == f"{reason}: {error.detail}"


def test_another_name_makes_another_fingerprint() -> None:
    renamed = from_document(rewritten(COUNTY, name="Another county"))
    assert renamed.digest != COUNTY.digest
    assert renamed.rules(datetime(2026, 3, 2, tzinfo=UTC)).digest == renamed.digest
