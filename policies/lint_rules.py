"""
Lint rules and the ages of technologies, read from `policies/lint/`, one small file a rule.

- Each file holds one `[rule]` and its `[[example]]`s: texts in which it finds something, with the rewrite it offers, and
  texts in which it finds nothing. The examples are the tests of the rule.
- A rule says why it exists and from where it comes, and how the text can be mended: a finding without a way out would
  only annoy.
"""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 -- field types of a Struct stay resolvable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

import msgspec

from policies import figures
from policies.errors import PolicyError, PolicyFileError
from policies.lint_phrases import Phrase, read_phrase
from policies.tables import check_choice, check_keys, check_source, check_words, plain, read_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

Judged = Literal["phrase", "years", "age", "number"]
How = Literal["insert", "replace", "sentence", "add"]
_FOLDER: Final = Path(__file__).parent / "lint"
_AGES: Final = "technologies.toml"
_ID: Final = re.compile(r"L[0-9]{2}")
_NEEDED: Final = ("id", "title", "judged", "find", "text", "because", "source", "status", "how", "rewrite")
_OPTIONAL: Final = ("severity", "unless", "never_in", "add", "warn_from", "error_from", "share", "over")
_FIGURES: Final[dict[str, tuple[str, ...]]] = {
    "phrase": (),
    "years": ("warn_from", "error_from"),
    "age": ("share",),
    "number": ("over",),
}
_FIRST_YEAR: Final = 1950
_LAST_YEAR: Final = 2199


class Example(msgspec.Struct, frozen=True):
    """A text, what the rule finds in it (None: nothing, for the reason `why`), and the text after its rewrite."""

    text: str
    finds: str | None
    rewrite: str
    why: str
    at: date | None


class LintRule(msgspec.Struct, frozen=True):
    """
    One rule.

    Attributes:
        judged: By its words alone, by a number of years of experience, by years against the age of a technology, or by
            a number that is too large.
        unless: Phrases that make the wish harmless when they follow it closely, here or in the next sentence.
        never_in: Phrases that make it harmless when they stand within what was found, or right before it.
        how: Whether the rewrite goes in after what was found, takes its place, takes the sentence's place, or is a
            sentence of its own; `add` is a further sentence.
    """

    id: str
    title: str
    judged: Judged
    severity: Literal["error", "warn"]
    find: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    never_in: tuple[Phrase, ...]
    text: str
    because: str
    source: str
    status: str
    how: How
    rewrite: str
    add: str
    figures: dict[str, int]
    examples: tuple[Example, ...]


class Technology(msgspec.Struct, frozen=True):
    """A technology, the year in which the public could first use it, and where that is written."""

    name: str
    phrases: tuple[Phrase, ...]
    year: int
    source: str
    status: str


class LintRules(msgspec.Struct, frozen=True):
    """All rules, in the order of their ids, and all technologies."""

    rules: tuple[LintRule, ...]
    technologies: tuple[Technology, ...]


@lru_cache(maxsize=1)
def lint_rules() -> LintRules:
    """The rules of this release."""
    return load_lint_rules(_FOLDER)


def load_lint_rules(folder: Path) -> LintRules:
    """
    Read a folder of lint rules.

    Raises:
        PolicyFileError: With file and line, for anything that is not understood or is missing.
    """
    rules: list[LintRule] = []
    for path in sorted(folder.iterdir()):
        if path.suffix != ".toml":
            raise PolicyFileError("policy-file-unknown", "no lint file has this name", path.name, None)
        if path.name != _AGES:
            rules.append(_read_rule(path))
    if not (folder / _AGES).is_file():
        raise PolicyFileError("policy-file-missing", "the folder lacks the ages of technologies", _AGES, None)
    return LintRules(tuple(rules), _read_technologies(folder / _AGES))


def _read_rule(path: Path) -> LintRule:
    head, *rest = read_tables(path, "rule", ("example",))
    with head.judged() as values:
        rule = _rule({key: plain(value, key) for key, value in values.items()}, path.stem)
    examples = []
    for one in rest:
        with one.judged() as values:
            examples.append(_example({key: plain(value, key) for key, value in values.items()}))
    if {example.finds is None for example in examples} != {True, False}:
        raise PolicyFileError("policy-example", "a rule shows what it finds and what it leaves", path.name, 1)
    return msgspec.structs.replace(rule, examples=tuple(examples))


def _rule(values: Mapping[str, object], stem: str) -> LintRule:
    check_keys(values, _NEEDED, _OPTIONAL)
    name = figures.check_text(values["id"], "id")
    if not _ID.fullmatch(name) or not stem.startswith(f"{name.casefold()}-"):
        raise PolicyError("policy-file-wrong", "the file is named after the rule: l01-degrees.toml holds L01", "id")
    judged = cast("Judged", check_choice(values["judged"], "judged", tuple(_FIGURES)))
    return LintRule(
        id=name,
        title=figures.check_text(values["title"], "title"),
        judged=judged,
        severity=cast(
            "Literal['error', 'warn']", check_choice(values.get("severity", "warn"), "severity", _SEVERITIES)
        ),
        find=_phrases(values, "find"),
        unless=_phrases(values, "unless"),
        never_in=_phrases(values, "never_in"),
        text=figures.check_text(values["text"], "text"),
        because=figures.check_text(values["because"], "because"),
        source=check_source(values["source"]),
        status=check_choice(values["status"], "status", _STANDING),
        how=cast("How", check_choice(values["how"], "how", ("insert", "replace", "sentence", "add"))),
        rewrite=_rewrite(values["rewrite"]),
        add=figures.check_text(values["add"], "add") if "add" in values else "",
        figures=_numbers(values, judged),
        examples=(),
    )


_SEVERITIES: Final = ("error", "warn")
_STANDING: Final = ("verified", "to-confirm", "adopted", "proposal")


def _phrases(values: Mapping[str, object], key: str) -> tuple[Phrase, ...]:
    if key not in values:
        return ()
    return tuple(read_phrase(written, key) for written in check_words(values[key], key))


def _rewrite(value: object) -> str:
    text = figures.check_text(value, "rewrite")
    if set("{}") & set(re.sub(r"\{(topic|days)\}", "", text)):
        raise PolicyError("policy-text-figure", "a rewrite names {topic} or {days} only", "rewrite")
    return text


def _numbers(values: Mapping[str, object], judged: Judged) -> dict[str, int]:
    """Read the figures that this way of judging needs, all of them and no other."""
    found: dict[str, int] = {}
    for key in ("warn_from", "error_from", "share", "over"):
        if (key in values) != (key in _FIGURES[judged]):
            raise PolicyError(
                "policy-figure", f"{judged} is judged by {', '.join(_FIGURES[judged]) or 'no figure'}", key
            )
        if key in values:
            found[key] = _whole(values[key], key, 1, 1000)
    return found


def _whole(value: object, key: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PolicyError("policy-figure", f"{key} is a whole number from {least} to {most}", key)
    return value


def _example(values: Mapping[str, object]) -> Example:
    if "finds" in values:
        check_keys(values, ("text", "finds", "rewrite"), ("at",))
    else:
        check_keys(values, ("text", "why"), ("at",))
    return Example(
        text=figures.check_text(values["text"], "text"),
        finds=figures.check_text(values["finds"], "finds") if "finds" in values else None,
        rewrite=figures.check_text(values["rewrite"], "rewrite") if "finds" in values else "",
        why=figures.check_text(values["why"], "why") if "why" in values else "",
        at=figures.check_day(values["at"], "at") if "at" in values else None,
    )


def _read_technologies(path: Path) -> tuple[Technology, ...]:
    head, *rest = read_tables(path, "technologies", ("technology",))
    with head.judged() as values:
        check_keys(values, ("text",))
        figures.check_text(values["text"], "text")
    found: dict[str, Technology] = {}
    for one in rest:
        with one.judged() as values:
            check_keys(values, ("name", "find", "year", "source", "status"))
            name = figures.check_text(values["name"], "name")
            if name in found:
                raise PolicyError("policy-twice", f"{name} is listed above already", "name")
            found[name] = Technology(
                name=name,
                phrases=_phrases(values, "find"),
                year=_whole(values["year"], "year", _FIRST_YEAR, _LAST_YEAR),
                source=check_source(values["source"]),
                status=check_choice(values["status"], "status", ("verified", "to-confirm")),
            )
    return tuple(found.values())
