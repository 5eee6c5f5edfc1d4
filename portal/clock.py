"""
The one clock. Everything else is told what time it is.

A demo and a re-enactment run on a clock that somebody moves; the live portal reads the machine's. No other module may
call `datetime.now`, and ruff refuses it (TID251).
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 -- this is the one place


class FixedClock:
    """A clock that stands: a demo is shown at its own moment, so that what is open stays open."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment it was given."""
        return self._moment


class SimulatedClock:
    """A clock that a rehearsal moves, and only forwards: entries never go back in time."""

    def __init__(self, start: datetime) -> None:
        self._moment = start

    def now(self) -> datetime:
        """Where the rehearsal has got to."""
        return self._moment

    def advance_to(self, moment: datetime) -> None:
        """Move on to `moment`; an earlier one leaves the clock where it is."""
        self._moment = max(self._moment, moment)
