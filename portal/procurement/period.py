"""Stretches of time, half-open everywhere: the first instant belongs to the period, the last does not."""

from datetime import datetime

from msgspec import Struct


class Period(Struct, frozen=True):
    """From `opens` until just before `closes`, both aware instants."""

    opens: datetime
    closes: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies inside: a bid at exactly `closes` is late."""
        return self.opens <= at < self.closes
