"""
The text in which a finding is mended, whole, so that one click can take it.

A rewrite keeps what stands around: it goes in after what was found, takes its place or its sentence's place, or follows
as a sentence of its own. Nothing of the writer's other wishes is lost unless the whole sentence was the wish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.lint_rules import LintRule

_ENDS = ".!?"


def rewritten(
    rule: LintRule, text: str, span: tuple[int, int], sentence: tuple[int, int], figures: Mapping[str, str]
) -> str:
    """
    Mend one finding.

    Args:
        span: Where the finding stands in the text.
        sentence: Where its sentence stands, without the full stop.
    """
    words = rule.rewrite.format(**{"topic": "", "days": "", **figures}).strip()
    if rule.how == "insert":
        # An abbreviation keeps its full stop: "a B.Sc. or equivalent experience in mathematics".
        place = span[1] + (text[span[1] : span[1] + 1] == "." and span[1] < sentence[1])
        text, end = f"{text[:place]} {words}{text[place:]}", sentence[1] + len(words) + 1
    elif rule.how == "add":
        text, end = _with_sentence(text, sentence[1], words), sentence[1]
    else:
        first, last = span if rule.how == "replace" else sentence
        words = _cased(words, text[first:last]) if first == sentence[0] else words
        text, end = text[:first] + words + text[last:], sentence[1] + len(words) - (last - first)
    return _with_sentence(text, end, rule.add) if rule.add and rule.add not in text else text


def _cased(words: str, instead_of: str) -> str:
    """Begin as the old words began."""
    first = words[0].lower() if instead_of[0].islower() else words[0].upper()
    return first + words[1:]


def _with_sentence(text: str, end: int, words: str) -> str:
    """Put a sentence after the one that ends here; within a longer one it goes into brackets."""
    mark = text[end : end + 1]
    if mark and mark in _ENDS:
        return f"{text[: end + 1]} {words}.{text[end + 1 :]}"
    if not mark or mark == "\n":
        return f"{text[:end]}. {words}.{text[end:]}"
    return f"{text[:end]} ({words[0].lower()}{words[1:]}){text[end:]}"
