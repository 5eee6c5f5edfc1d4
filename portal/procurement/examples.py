"""
One valid example body for every kind, made from the types themselves, so that `act --list` can never lie.

Values come from the field's name where a name says something, else from its type.
"""

import re
from typing import Any

import msgspec
from msgspec import inspect

from portal.procurement.kinds import KINDS

_NAMED: dict[str, object] = {
    "agency": "agency:harlan-county",
    "firm": "firm:ridge-data",
    "keeper": "keeper:law-school",
    "plan": "plan:septic-booking",
    "follows": None,
    "person": "person:ada",
    "reader": "person:eve",
    "requester": "person:ada",
    "evaluators": ["person:eve"],
    "organisation": "law-school",
    "holder": "person:ada",
    "effective_at": "2027-03-11T09:00:00.000Z",
    "rp_id": "pilots.example.org",
    "origins": ["https://pilots.example.org"],
    "zone": "America/New_York",
    "currency": "USD",
    "place": "harlan-county",
    "quarter": "2027-q3",
    "begins": "2027-01-01T00:00:00.000Z",
    "ends": "2028-12-31T00:00:00.000Z",
    "questions_close": "2027-03-10T22:00:00.000Z",
    "closes": "2027-03-18T16:00:00.000Z",
    "objection_until": "2027-03-19T16:00:00.000Z",
    "opens_by": "2027-03-24T04:00:00.000Z",
    "standstill_ends": "2027-04-07T04:00:00.000Z",
    "founded": "2020-05-01",
    "budget_minor": 2_400_000,
    "limit_minor": 5_000_000,
    "amount_minor": 2_400_000,
    "price_minor": 2_400_000,
    "weight": 100,
    "share": 100,
    "payment_days": 14,
    "k": 2,
    "proposal_size": 16384,
    "offer_size": 8192,
    "floor_minor": None,
    "training_partner": None,
    "partner": "partner:ridge-college",
    "stands_in_for": None,
    "turnover_minor": 40_000_000,
    "count": 3,
    "score": 3,
    "rank": 1,
    "funding": "own-money",
}


def example_of(kind: str) -> dict[str, Any]:
    """A body of this kind with something in every field; which ids, dates and figures are right depends on the record."""
    value: dict[str, Any] = _value(inspect.type_info(KINDS[kind].body), "")
    return value


def _value(shape: inspect.Type, name: str) -> Any:  # noqa: PLR0911 -- one return for each shape of value
    if name in _NAMED and not isinstance(shape, inspect.StructType | inspect.BoolType):
        return _NAMED[name]
    if isinstance(shape, inspect.StructType):
        return {field.encode_name: _value(field.type, field.encode_name) for field in shape.fields}
    if isinstance(shape, inspect.Metadata):
        return _value(shape.type, name)
    if isinstance(shape, inspect.UnionType):
        return _value(next(t for t in shape.types if not isinstance(t, inspect.NoneType)), name)
    if isinstance(shape, inspect.LiteralType):
        return shape.values[0]
    if isinstance(shape, inspect.ListType):
        return [_value(shape.item_type, name) for _ in range(shape.min_length or 1)]
    if isinstance(shape, inspect.BoolType):
        return True
    if isinstance(shape, inspect.IntType):
        return shape.ge or 1
    if isinstance(shape, inspect.StrType):
        return _text(shape.pattern or "", name)
    raise TypeError(shape)


def _text(pattern: str, name: str) -> str:
    if (hexadecimal := re.match(r"\^\[0-9a-f\]\{(\d+)\}", pattern)) is not None:
        return "0" * int(hexadecimal[1])
    if "ed25519:" in pattern:
        return "ed25519:" + "00" * 32
    if pattern.startswith("^[a-z]"):
        return name.replace("_", "")
    if name == "sha256":
        return "00" * 32
    if name == "media_type":
        return "application/json"
    return f"{name.replace('_', ' ').capitalize() or 'Text'} in plain words."


def fields_of(kind: str) -> list[tuple[str, str]]:
    """The fields of a kind's body and their types, for people: `("closes", "text")`."""
    shape = inspect.type_info(KINDS[kind].body)
    if not isinstance(shape, inspect.StructType):
        raise TypeError(kind)
    return [
        (field.encode_name + ("" if field.required else " (optional)"), _words(field.type)) for field in shape.fields
    ]


def _words(shape: inspect.Type) -> str:  # noqa: PLR0911 -- one return for each shape of value
    if isinstance(shape, inspect.Metadata):
        return (shape.extra_json_schema or {}).get("description") or _words(shape.type)
    if isinstance(shape, inspect.UnionType):
        return " or ".join(_words(one) for one in shape.types)
    if isinstance(shape, inspect.LiteralType):
        return " | ".join(str(value) for value in shape.values)
    if isinstance(shape, inspect.ListType):
        return f"list of {_words(shape.item_type)}"
    if isinstance(shape, inspect.StructType):
        return "object"
    if isinstance(shape, inspect.NoneType):
        return "null"
    names = {inspect.IntType: "whole number", inspect.StrType: "text", inspect.BoolType: "true or false"}
    return names.get(type(shape), "object")


def read_example(kind: str) -> msgspec.Struct:
    """The example, decoded as its kind; what the tests hold every example to."""
    decoded: msgspec.Struct = msgspec.convert(example_of(kind), KINDS[kind].body, strict=True)
    return decoded
