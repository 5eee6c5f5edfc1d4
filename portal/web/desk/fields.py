"""Forms: fields with what was typed, amounts as people write them, and refusals beside the field they are about."""

import re
from collections.abc import Mapping, Sequence

from portal.procurement.money import exponent
from portal.procurement.refusal import Refusal
from portal.web.desk.desk import Desk, one
from portal.web.views.desk import Field, Option
from portal.web.views.frame import Said, Shown, said

_AMOUNT = re.compile(r"(\d{1,3}(?:[, ]\d{3})+|\d{1,12})(?:\.(\d+))?")


def minor_of(text: str, currency: str) -> int | None:
    """An amount as people write it (`4200`, `4,200.50`) in minor units; None when it is no amount."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    digits = exponent(currency)
    rest = found[2] or ""
    if len(rest) > digits:
        return None
    minor: int = int(re.sub(r"\D", "", found[1])) * 10**digits + int(rest.ljust(digits, "0") or "0")
    return minor


def line(name: str, fields: Mapping[str, list[str]], code: str = "", **more: object) -> Field:
    """A field of one line with what was typed into it."""
    return Field(name=name, code=code or name, value=one(fields, name), **more)  # type: ignore[arg-type]  # Field checks


def text(name: str, fields: Mapping[str, list[str]], code: str = "", **more: object) -> Field:
    """A field of several lines."""
    return line(name, fields, code, kind="text", **more)


def choice(
    name: str, fields: Mapping[str, list[str]], options: Sequence[tuple[str, str | Said]], code: str = ""
) -> Field:
    """One of a few: `(value, words)`, the words our own (`Said`) or a name out of the record or the rules."""
    given = one(fields, name)
    return Field(
        name=name,
        code=code or name,
        kind="choice",
        value=given,
        options=tuple(
            Option(
                value=value,
                text=words if isinstance(words, str) else "",
                said=None if isinstance(words, str) else words,
                chosen=value == given,
            )
            for value, words in options
        ),
    )


def several(
    name: str,
    fields: Mapping[str, list[str]],
    options: Sequence[tuple[str, Said]],
    code: str = "",
    error: Said | None = None,
) -> Field:
    """Any of a few, by boxes to tick."""
    given = fields.get(name, [])
    return Field(
        name=name,
        code=code or name,
        kind="several",
        error=error,
        options=tuple(Option(value=value, said=words, chosen=value in given) for value, words in options),
    )


def our_words(desk: Desk, refusal: Refusal) -> Said:
    """A refusal as a sentence: the rule's own, else ours, else the bare code."""
    figures: dict[str, Shown] = {name: str(value) for name, value in refusal.figures.items()}
    if "sentence" in figures:
        return said("desk.as_it_is", sentence=figures["sentence"])
    key = f"problems.{refusal.reason}"
    try:
        desk.door.renderer.say(key, **figures)
    except KeyError:
        return said("problems.unknown", reason=refusal.reason)
    return Said(key, figures)
