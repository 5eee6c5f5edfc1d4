"""Figures as pages print them."""

from collections.abc import Sequence

from policies import divide_half_even

_TENTHS = 10


def median_shown(values: Sequence[int]) -> int | str | None:
    """The median: a whole number where it is one, else with one decimal; None where there is nothing to take it of."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    tenths = divide_half_even((ordered[middle - 1] + ordered[middle]) * _TENTHS, 2)
    whole, rest = divmod(tenths, _TENTHS)
    return f"{whole}.{rest}" if rest else whole
