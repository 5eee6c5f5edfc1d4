"""
The figures of rules: read, compared and printed by the kind of their rule.

- `parse` takes what a file or a document holds and gives the typed figure, or refuses.
- `stricter` takes the figures of law and house and gives the one to obey.
- Integers only: a rule with a fraction could not be recomputed alike everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from policies.errors import PolicyError
from policies.wording import listing, money, named

if TYPE_CHECKING:
    from policies.kinds import RuleKind

NO_LIMIT: Final = "no limit"
_LARGEST: Final = {"money": 2**53 - 1, "whole": 1_000_000, "percent": 100, "hour": 23}
_UNLIMITED: Final = 2**53
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 1000


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word for machines with its sentence for people; the sentence is part of the rule and of its fingerprint."""

    code: str
    text: str


class Holiday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day on which offices are shut, in the jurisdiction's own calendar."""

    day: date
    name: str


Figure = int | bool | str | None | tuple[str, ...] | tuple[Code, ...] | tuple[Holiday, ...]


def check_text(value: object, key: str) -> str:
    """
    Return a printable one-line string.

    Rule texts are shown to the public and hashed: a control or direction character could show a reader other words
    than those that were signed.
    """
    if not isinstance(value, str):
        raise PolicyError("policy-type", f"{key} must be text in quotes", key)
    if not value.strip() or value != value.strip() or len(value) > _LONGEST:
        raise PolicyError("policy-text", f"{key} must hold 1 to {_LONGEST} characters, without spaces around", key)
    if not value.isprintable() or not unicodedata.is_normalized("NFC", value):
        raise PolicyError("policy-text", f"{key} must be one line of printable characters (NFC)", key)
    return value


def check_day(value: object, key: str) -> date:
    """Return a calendar day written YYYY-MM-DD, the only spelling taken."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        raise PolicyError("policy-date", f"{key} must be a day written YYYY-MM-DD", key)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PolicyError("policy-date", f"{key}: {value} is no day of the calendar", key) from error


def parse(kind: RuleKind, raw: object) -> Figure:
    """Read the figure of a statement; refuses anything whose meaning would depend on the reader."""
    if raw == NO_LIMIT and isinstance(raw, str):
        if not kind.unlimited:
            raise _wrong(kind, 'needs a figure, not "no limit"')
        return None
    if kind.value in _LARGEST:
        return _number(kind, raw)
    if kind.value == "flag":
        if not isinstance(raw, bool):
            raise _wrong(kind, "is true or false, without quotes")
        return raw
    if kind.value == "choice":
        if not isinstance(raw, str) or raw not in kind.choices:
            raise _wrong(kind, f"is one of {listing(kind.choices)}")
        return raw
    if not isinstance(raw, list | tuple):
        raise _wrong(kind, "is a list in square brackets")
    if kind.value == "words":
        return _words(kind, raw)
    return _codes(kind, raw) if kind.value == "codes" else _holidays(kind, raw)


def _wrong(kind: RuleKind, what: str) -> PolicyError:
    return PolicyError("policy-figure", f"{kind.id} {what}", "figure")


def _number(kind: RuleKind, raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        unit = "minor units, such as cents" if kind.value == "money" else "no fraction"
        raise _wrong(kind, f"is a whole number ({unit}), without quotes")
    largest = _LARGEST[kind.value]
    if not 0 <= raw <= largest:
        raise _wrong(kind, f"lies between 0 and {largest}")
    return raw


def _words(kind: RuleKind, raw: list[object] | tuple[object, ...]) -> tuple[str, ...]:
    words = tuple(check_text(word, "figure") for word in raw)
    if kind.choices and not set(words) <= set(kind.choices):
        raise _wrong(kind, f"holds only {listing(kind.choices)}")
    if len(set(words)) != len(words):
        raise _wrong(kind, "names nothing twice")
    return words


def _pairs(kind: RuleKind, raw: list[object] | tuple[object, ...], keys: tuple[str, str]) -> list[tuple[object, str]]:
    pairs = []
    for item in raw:
        if not isinstance(item, dict) or set(item) != set(keys):
            raise _wrong(kind, f"is a list of {{ {keys[0]} = …, {keys[1]} = … }}")
        pairs.append((item[keys[0]], check_text(item[keys[1]], "figure")))
    return pairs


def _codes(kind: RuleKind, raw: list[object] | tuple[object, ...]) -> tuple[Code, ...]:
    codes = []
    for code, text in _pairs(kind, raw, ("code", "text")):
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise _wrong(kind, "has codes of small letters, digits and single hyphens")
        codes.append(Code(code, text))
    if len({code.code for code in codes}) != len(codes):
        raise _wrong(kind, "names nothing twice")
    return tuple(codes)


def _holidays(kind: RuleKind, raw: list[object] | tuple[object, ...]) -> tuple[Holiday, ...]:
    holidays = tuple(Holiday(check_day(day, "figure"), name) for day, name in _pairs(kind, raw, ("day", "name")))
    days = [holiday.day for holiday in holidays]
    if days != sorted(set(days)):
        raise _wrong(kind, "lists each day once, in order")
    return holidays


def stricter(kind: RuleKind, law: Figure, house: Figure) -> Figure:
    """
    Give the figure to obey where law and house both speak.

    Lists can end up as neither: what both allow, or what either forbids. Order and sentences are the law's.
    """
    if kind.stricter == "lower":
        return min((law, house), key=_unlimited_last)
    if kind.stricter == "higher":
        return max((law, house), key=_unlimited_last)
    if kind.stricter == "yes":
        return bool(law) or bool(house)
    return _listed(kind, law, house)


def _unlimited_last(figure: Figure) -> int:
    return figure if isinstance(figure, int) else _UNLIMITED


def _listed(kind: RuleKind, law: Figure, house: Figure) -> Figure:
    ours, theirs = cast("tuple[Any, ...]", house), cast("tuple[Any, ...]", law)
    if kind.stricter == "fewer":
        allowed = {_name(item) for item in ours}
        return tuple(item for item in theirs if _name(item) in allowed)
    said = {_name(item) for item in theirs}
    return theirs + tuple(item for item in ours if _name(item) not in said)


def _name(item: str | Code | Holiday) -> str | date:
    if isinstance(item, Code):
        return item.code
    return item.day if isinstance(item, Holiday) else item


def printed(kind: RuleKind, figure: Figure, currency: str) -> str:
    """Print a figure for its sentence, without unit: the sentence in the rule file says "working days" itself."""
    if isinstance(figure, bool):
        return "yes" if figure else "no"
    if figure is None:
        return NO_LIMIT
    if isinstance(figure, int):
        return money(figure, currency) if kind.value == "money" else f"{figure:,}"
    if isinstance(figure, str):
        return named(figure)
    return listing(tuple(_label(item) for item in figure), "and" if kind.add_up else "or")


def _label(item: str | Code | Holiday) -> str:
    if isinstance(item, Holiday):
        return f"{item.day.isoformat()} ({item.name})"
    return item.text if isinstance(item, Code) else named(item)
