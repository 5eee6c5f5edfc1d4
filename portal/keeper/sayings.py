"""
The keeper's tool in words: the same files as the portal's pages, filled without a template engine.

A sentence is plain text. Whoever puts it on a page escapes it there.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ledger.entry import parse_time
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from policies import PolicyError
    from portal.keeper.looking import Duty
    from portal.procurement.refusal import Refusal


@lru_cache(maxsize=2)
def _sentences(*, every: bool) -> dict[str, str]:
    """The tool's own sentences; with `every` those of the portal too, for what a portal refuses."""
    folder = resources.files("templates")
    more = [folder.joinpath("words.toml"), *folder.joinpath("words").iterdir()] if every else []
    found: dict[str, str] = {}
    for path in (*more, folder.joinpath("words", "keeper.toml")):
        if path.name.endswith(".toml"):
            _gather("", tomllib.loads(path.read_text(encoding="utf-8")), found)
    return found


def _gather(prefix: str, table: dict[str, object], found: dict[str, str]) -> None:
    for name, value in table.items():
        if isinstance(value, dict):
            _gather(f"{prefix}{name}.", value, found)
        elif isinstance(value, str):
            found[f"{prefix}{name}"] = value


def say(key: str, /, **figures: object) -> str:
    """
    Say a sentence with its figures; `n` chooses the plural.

    Raises:
        KeyError: If there is no such sentence, or it names a figure that was not given: our own bug.
    """
    sentences = _sentences(every=not key.startswith("keeper."))
    if f"{key}.one" in sentences:
        key = f"{key}.one" if figures["n"] == 1 else f"{key}.other"
    shown = {name: when(value) if isinstance(value, datetime) else str(value) for name, value in figures.items()}
    return sentences[key].format_map(shown)


def when(instant: datetime) -> str:
    """An instant on this machine's own calendar, and in UTC, as keepers in several places agree on it."""
    local = instant.astimezone()
    return f"{local:%A %-d %B %Y, %H:%M} ({instant:%Y-%m-%d %H:%M} UTC)"


def state_words(duty: Duty) -> str:
    """What is to be done with a key, and why not yet or not at all."""
    figures = {"when": parse_time(duty.not_before), "why": duty.why}
    held = _tried(f"keeper.held.{duty.why}", {}) if duty.state == "early" else ""
    return held or say(f"keeper.states.{duty.state}", **figures)


def refusal_lines(error: Refusal | LedgerError | PolicyError) -> list[str]:
    """What was refused, as lines: the sentence with its figures, and what to do now. The code alone where there is no sentence."""
    figures = {name: _figure(value) for name, value in getattr(error, "figures", {}).items()}
    if isinstance(error, LedgerError):
        figures = {"detail": error.detail}
    lines = [_tried(f"problems.{error.reason}", figures) or say("keeper.refused_otherwise", reason=str(error))]
    fix = getattr(error, "fix", "") or _tried(f"fixes.{error.reason}", figures)
    return [*lines, fix] if fix else lines


def _figure(value: object) -> str:
    text = str(value)
    try:
        return when(datetime.fromisoformat(text)) if text[4:5] == "-" and "T" in text else text
    except ValueError:
        return text


def _tried(key: str, figures: dict[str, str]) -> str:
    try:
        return say(key, **figures)
    except KeyError:
        return ""
