"""
Points, in integers only, so that every recomputation anywhere gives the same ranking.

- A score is a level from 0 to the top of the scale; medians are hundredths of a level, points hundredths of a point.
- Halves go to the even neighbour, once, at the end of each figure.
- Price points are absolute, against the published ceiling and floor: another bid cannot move yours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Sequence

HUNDRED: Final = 100


def divide_half_even(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves to the even one; the denominator is above zero."""
    if denominator <= 0:
        raise PolicyError("score-denominator", "a share needs something to be a share of")
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def median_hundredths(levels: Sequence[int]) -> int:
    """Give the median of the evaluators' levels for one criterion; an even panel's is the mean of the middle two."""
    if not levels or min(levels) < 0:
        raise PolicyError("score-levels", "a median needs scores, none below zero")
    ordered = sorted(levels)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle] * HUNDRED
    return divide_half_even((ordered[middle - 1] + ordered[middle]) * HUNDRED, 2)


def spread(levels: Sequence[int]) -> int:
    """Tell how many levels lie between the highest and the lowest score; above the rule's figure reasons are due."""
    if not levels:
        raise PolicyError("score-levels", "a spread needs scores")
    return max(levels) - min(levels)


def criterion_points(median: int, weight: int, scale_top: int) -> int:
    """Turn a median into hundredths of points: the top of the scale earns the whole weight."""
    if not 0 <= median <= scale_top * HUNDRED:
        raise PolicyError("score-levels", f"a median lies between 0 and {scale_top * HUNDRED}")
    return divide_half_even(weight * median, scale_top)


def price_points(price_minor: int, ceiling_minor: int, floor_minor: int, weight: int) -> int:
    """
    Turn a price into hundredths of points: all at or below the floor, none at or above the ceiling, a line between.

    A formula relative to the cheapest bid would let one hopeless bid change who wins; this one cannot.
    """
    if ceiling_minor <= floor_minor or floor_minor < 0:
        raise PolicyError("price-floor", "the floor lies below the ceiling and not below zero")
    room = min(max(ceiling_minor - price_minor, 0), ceiling_minor - floor_minor)
    return divide_half_even(weight * HUNDRED * room, ceiling_minor - floor_minor)


def quality_points(medians: Sequence[int], weights: Sequence[int], scale_top: int) -> int:
    """Add up the points of all criteria, each rounded by itself as it is shown on the page."""
    if len(medians) != len(weights):
        raise PolicyError("score-criteria", "every criterion has one median and one weight")
    return sum(criterion_points(median, weight, scale_top) for median, weight in zip(medians, weights, strict=True))


def reaches_quality(points: int, weights: Sequence[int], min_quality_pct: int) -> bool:
    """Tell whether a proposal earned the share of all quality points without which no price can win."""
    return points >= min_quality_pct * sum(weights)


def total_points(quality: int, price: int = 0) -> int:
    """Add quality and price; at most 100.00 points where the weights sum to 100."""
    return quality + price
