"""
How often one address may send acts: a small bucket each, refilled with time; forgotten when there are too many addresses.

A bid is sent once, a few times on a bad line. Whoever sends more would only fill the record with junk.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

from portal.web.problems import Problem

BURST: Final = 30
PER_SECOND: Final = 0.5
_ADDRESSES: Final = 10_000


class Limits:
    """The buckets of one server. `now` is a clock of seconds that only goes forward."""

    def __init__(
        self, burst: int = BURST, per_second: float = PER_SECOND, now: Callable[[], float] = monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """
        Count one act from an address.

        Raises:
            Problem: `too-many-acts` with the seconds to wait.
        """
        now = self._now()
        left, since = self._buckets.pop(address, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._per_second)
        self._buckets[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)
        if left < 1:
            raise Problem("too-many-acts", 429, seconds=int((1 - left) / self._per_second) + 1)
