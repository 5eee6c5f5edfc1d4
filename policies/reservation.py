"""
The legality gate: may this pilot be reserved for local firms?

- A manager answers two questions: which money pays, and could firms from elsewhere want this.
- "Not sure", to either, publishes open to all. A wrongly reserved pilot ends in a void award; a wrongly open one harms
  nobody.
- Money the rules do not name counts as banned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policies.wording import listing, money, named

if TYPE_CHECKING:
    from policies.rules import Rules

Answer = Literal["no", "yes", "not-sure"]
NOT_SURE: Final = "not-sure"


class Reservation(msgspec.Struct, frozen=True):
    """For whom the pilot is published, and which rule decided; `rule` is None where openness was wished."""

    kind: str
    rule: str | None
    sentence: str


class Obstacle(msgspec.Struct, frozen=True):
    """What keeps a pilot from being reserved: the rule, and why, as the second half of a sentence."""

    rule: str
    why: str


def reserve(rules: Rules, wanted: str, funding: str, cross_border: Answer, value_minor: int) -> Reservation:
    """
    Decide for whom a pilot is published: as wanted if every condition holds, else open to all.

    Args:
        wanted: `open` or a kind of reservation, as a rule `local`.
        funding: A code of the rules' funding lists, or `not-sure`.
        value_minor: The whole value, options and extensions included, in the jurisdiction's tax mode.
    """
    if wanted == "open":
        return Reservation("open", None, "Open to every firm, as you wished.")
    obstacle = obstacle_to(rules, wanted, funding, cross_border, value_minor)
    if obstacle:
        return Reservation("open", obstacle.rule, f"Open to every firm: {obstacle.why}")
    sentence = f"Reserved for {named(wanted)} firms: the money, the value and the market allow it."
    return Reservation(wanted, "reservation-kinds", sentence)


def obstacle_to(rules: Rules, wanted: str, funding: str, cross_border: Answer, value_minor: int) -> Obstacle | None:
    """Name the first thing that forbids to reserve for this kind (never `open`), None where nothing does."""
    return (
        _kind(rules, wanted)
        or _funding(rules, funding)
        or _cross_border(rules, cross_border)
        or _value(rules, value_minor)
    )


def _kind(rules: Rules, wanted: str) -> Obstacle | None:
    if wanted in rules.reservation.kinds:
        return None
    return Obstacle("reservation-kinds", f"these rules do not allow a pilot reserved for {named(wanted)} firms.")


def _funding(rules: Rules, funding: str) -> Obstacle | None:
    if funding == NOT_SURE:
        return Obstacle(
            "reservation-funding-allowed", "you are not sure which money pays, and some money forbids reserving."
        )
    for banned in rules.reservation.banned_funding:
        if banned.code == funding:
            return Obstacle("reservation-funding-banned", f"{banned.text} forbids reserving.")
    if funding not in {allowed.code for allowed in rules.reservation.allowed_funding}:
        names = listing(tuple(allowed.text for allowed in rules.reservation.allowed_funding))
        return Obstacle("reservation-funding-allowed", f"only this money may pay for a reserved pilot: {names}.")
    return None


def _cross_border(rules: Rules, answer: Answer) -> Obstacle | None:
    if not rules.reservation.cross_border_check or answer == "no":
        return None
    what = (
        "firms from elsewhere could want this"
        if answer == "yes"
        else "you are not sure whether firms from elsewhere could want this"
    )
    return Obstacle("reservation-cross-border-check", f"{what}.")


def _value(rules: Rules, value_minor: int) -> Obstacle | None:
    ceiling = rules.reservation.ceiling_minor
    if ceiling is None or value_minor < ceiling:
        return None
    value, limit = money(value_minor, rules.currency), money(ceiling, rules.currency)
    return Obstacle("reservation-ceiling", f"its value of {value} is not below {limit}.")
