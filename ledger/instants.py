"""
Instants in their one spelling: UTC, milliseconds, always `Z`.

Rules (SPEC.md, section 3):
- Equal instants are equal strings, and earlier instants are smaller ones.
- Writing rounds down: no text names a moment that is not yet.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ledger.errors import MalformedError

# Newer Pythons read 24:00 as the next midnight: a second spelling.
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}\.\d{3}Z", re.ASCII)


def format_time(instant: datetime) -> str:
    """
    Write an instant in UTC with milliseconds, rounding down: never a time that is not yet.

    Raises:
        MalformedError: `entry-time` for an instant without a zone.
    """
    if instant.tzinfo is None:
        raise MalformedError("entry-time", "an instant without a time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """
    Read an instant in its one spelling.

    Raises:
        MalformedError: `entry-time`.
    """
    if TIME.fullmatch(text) is None:
        raise MalformedError("entry-time", f"{text[:40]!r}")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("entry-time", f"{text[:40]!r} is not a date") from error
