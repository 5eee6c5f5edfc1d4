"""A refusal in the words that pages use, for the terminal."""

from html import unescape

from portal.procurement.refusal import Refusal
from portal.web.words import Words


def refusal_words(refusal: Refusal) -> str:
    """The reason code, what happened, which figures, and what to do now."""
    words = Words.load(str)
    key, help_key = f"problems.{refusal.reason}", f"fixes.{refusal.reason}"
    figures = {name: str(value) for name, value in refusal.figures.items()}
    lines = [f"refused: {refusal}"]
    if "sentence" in figures:
        lines = [f"refused: {refusal.reason}: {figures['sentence']}"]
        if "more" in figures:
            lines.append(f"Also: {figures['more']}.")
    else:
        lines += _said(words, key, figures)
    lines += [refusal.fix] if refusal.fix else _said(words, help_key, figures)
    if refusal.rule:
        lines.append(f"The rule: {refusal.rule}")
    return "\n".join(lines)


def _said(words: Words, key: str, figures: dict[str, str]) -> list[str]:
    try:
        return [unescape(words.say(key, **figures))]
    except KeyError:
        return []  # no sentence, or one that asks for a figure this refusal has not: the code is said above
