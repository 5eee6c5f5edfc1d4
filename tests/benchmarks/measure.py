"""
Compare two ways to do the same work, in one run, round by round in turn.

Rules of this module:

- Absolute figures move two to ten times between machines and hours; only the ratio of two figures taken in the same
  run is worth writing down.
- Rounds alternate, and the side that goes first alternates too, so that a slow minute slows both. The figure of a side
  is the median of its rounds.
- Work that waits for the disk is timed by the wall clock, all else by the CPU time of the process that does it.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Target:
    """What a ratio must be; None where the issue asks for the figure alone."""

    bound: Literal["at least", "at most"]
    value: float

    def met_by(self, ratio: float) -> bool:
        """Tell whether a ratio is good enough; exactly the value is."""
        return ratio >= self.value if self.bound == "at least" else ratio <= self.value


@dataclass(frozen=True)
class Comparison:
    """
    Two sides of one question. Each side does some units of work and tells how many.

    With `rates`, the ratio is ours to theirs in units a second (more is better); without, in seconds a unit (less is).
    """

    name: str
    question: str
    ours: Callable[[], int]
    theirs: Callable[[], int]
    target: Target | None = None
    clock: Callable[[], float] = time.process_time
    rates: bool = True


@dataclass(frozen=True)
class Count:
    """Something counted, not timed: the same in every run."""

    name: str
    question: str
    ours: Callable[[], int]
    unit: str
    target: Target


@dataclass(frozen=True)
class Result:
    """One line of bench.json."""

    name: str
    question: str
    ratio: float
    ours: float
    theirs: float
    unit: str
    target: Target | None

    @property
    def met(self) -> bool:
        """Tell whether the target was met; without one, it was."""
        return self.target is None or self.target.met_by(self.ratio)


def run(case: Comparison | Count, rounds: int) -> Result:
    """Measure one case; the first round of each side is a warming up and is thrown away."""
    if isinstance(case, Count):
        figure = float(case.ours())
        return Result(case.name, case.question, figure, figure, 1.0, case.unit, case.target)
    taken: tuple[list[float], list[float]] = ([], [])
    sides = (case.ours, case.theirs)
    for number in range(rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            gc.collect()
            begun = case.clock()
            units = sides[side]()
            seconds = case.clock() - begun
            if number:
                taken[side].append(units / seconds if case.rates else seconds / units)
    ours, theirs = statistics.median(taken[0]), statistics.median(taken[1])
    unit = "units a second" if case.rates else "seconds a unit"
    return Result(case.name, case.question, ours / theirs, ours, theirs, unit, case.target)
