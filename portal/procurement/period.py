"""Stretches of time, half-open everywhere: the first instant belongs to the period, the last does not; and days."""

import re
from datetime import date, datetime

from msgspec import Struct

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(text: str) -> date | None:
    """The calendar day of `2027-03-01`; None for anything that is not one, such as the 31st of February."""
    if _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class Period(Struct, frozen=True):
    """From `opens` until just before `closes`, both aware instants."""

    opens: datetime
    closes: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies inside: a bid at exactly `closes` is late."""
        return self.opens <= at < self.closes
