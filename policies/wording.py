"""
Figures, amounts and moments as people read them.

One place, so that the sentence of a refusal and the page of a rule print the same amount the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

_WITHOUT_CENTS: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})

TIER_NAMES: Final = {"T0": "try-out", "T1": "pilot"}

_NAMES: Final = {
    "fixed": "a fixed price",
    "priced": "a price that firms name",
    "own-staff": "the agency's own people",
    "shared": "several organisations together",
    "timed": "several organisations together with a public draw",
    "sme": "small or medium",
    "vcse": "charitable or social",
    "new-entrant": "newly come",
    "addendum": "change the terms",
    "absolute": "on a straight line",
    "lowest-price": "by price alone",
    "lot": "by lot",
    "earliest": "by time",
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def named(word: str) -> str:
    """Give the plain words for a word of the rule files; words that are plain already stay."""
    return _NAMES.get(word, word)


def money(amount_minor: int, currency: str) -> str:
    """Print an amount of minor units, whole amounts without their zeros: "USD 10,000", "GBP 207,720.50"."""
    if currency in _WITHOUT_CENTS:
        return f"{currency} {amount_minor:,}"
    sign = "-" if amount_minor < 0 else ""
    whole, cents = divmod(abs(amount_minor), 100)
    return f"{currency} {sign}{whole:,}" + (f".{cents:02}" if cents else "")


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Print an instant in the agency's zone, to the minute, with the zone's name: nobody guesses which noon."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({zone.key})"


def listing(items: tuple[str, ...], last: str = "or") -> str:
    """Join words as a sentence does, most lists being choices; an empty list reads "none"."""
    if len(items) > 1:
        return ", ".join(items[:-1]) + f" {last} " + items[-1]
    return items[0] if items else "none"


def counted(number: int, singular: str) -> str:
    """Print a number with its noun: "1 working day", "5 working days"."""
    return f"{number:,} {singular}" if number == 1 else f"{number:,} {singular}s"
