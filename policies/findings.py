"""What an evaluator says: never just no, always which rule, which figures, and how to put it right."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """
    One reason why an act is refused.

    Args:
        rule: The rule's id in the catalogue, for the link to `/policies`; None where the facts are wrong by themselves.
        reason: The stable code that tests and API clients rely on.
        sentence: What is wrong, with the figures, in plain words.
        fix: What the reader can do now.
        figures: The same figures for machines: integers, ids and instants as text.
    """

    rule: str | None
    reason: str
    sentence: str
    fix: str
    figures: dict[str, int | str] = {}
