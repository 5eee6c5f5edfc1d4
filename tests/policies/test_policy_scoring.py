from __future__ import annotations

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies import (
    criterion_points,
    divide_half_even,
    median_hundredths,
    price_points,
    quality_points,
    reaches_quality,
    spread,
    total_points,
)

LEVELS = st.lists(st.integers(0, 4), min_size=1, max_size=9)
WEIGHTS = st.lists(st.integers(1, 50), min_size=1, max_size=4)

MEDIANS = {
    "one person": ([3], 300),
    "three people": ([0, 4, 3], 300),
    "an extreme score of three moves nothing": ([0, 3, 3], 300),
    "two people": ([3, 4], 350),
    "four people": ([0, 2, 3, 4], 250),
    "two who agree": ([2, 2], 200),
}


@pytest.mark.parametrize(("levels", "expected"), MEDIANS.values(), ids=MEDIANS.keys())
def test_the_median_is_taken_in_hundredths_of_a_level(levels: list[int], expected: int) -> None:
    assert median_hundredths(levels) == expected


@settings(deadline=None)
@given(LEVELS)
def test_the_median_is_the_one_of_the_textbook(levels: list[int]) -> None:
    assert median_hundredths(levels) == Fraction(median(map(Fraction, levels))) * 100


PRICES = {
    "at the floor": (1_000_000, 2000),
    "below the floor": (1, 2000),
    "a cent above the floor": (1_000_001, 2000),
    "half way": (2_000_000, 1000),
    "a quarter up": (1_500_000, 1500),
    "a cent below the ceiling": (2_999_999, 0),
    "at the ceiling": (3_000_000, 0),
    "above the ceiling": (9_000_000, 0),
}


@pytest.mark.parametrize(("price", "points"), PRICES.values(), ids=PRICES.keys())
def test_price_earns_points_on_a_line_from_floor_to_ceiling(price: int, points: int) -> None:
    assert price_points(price, 3_000_000, 1_000_000, 20) == points


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 100))
def test_price_points_are_the_exact_share_rounded_once(price: int, floor: int, room: int, weight: int) -> None:
    ceiling = floor + room
    share = min(max(Fraction(ceiling - price, room), Fraction(0)), Fraction(1))
    assert price_points(price, ceiling, floor, weight) == round(weight * 100 * share)


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_halves_go_to_the_even_neighbour(numerator: int, denominator: int) -> None:
    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


HALVES = {
    "1/2": (1, 2, 0),
    "3/2": (3, 2, 2),
    "5/2": (5, 2, 2),
    "-1/2": (-1, 2, 0),
    "-3/2": (-3, 2, -2),
    "2/3": (2, 3, 1),
}


@pytest.mark.parametrize(("numerator", "denominator", "expected"), HALVES.values(), ids=HALVES.keys())
def test_rounding_on_both_sides_of_the_half(numerator: int, denominator: int, expected: int) -> None:
    assert divide_half_even(numerator, denominator) == expected


def test_the_top_of_the_scale_earns_the_whole_weight() -> None:
    assert criterion_points(400, 50, 4) == 5000
    assert criterion_points(350, 50, 4) == 4375
    assert criterion_points(0, 50, 4) == 0
    assert criterion_points(250, 33, 4) == 2062
    assert criterion_points(350, 33, 4) == 2888


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_no_bid_earns_more_than_all_its_weights(weights: list[int], data: st.DataObject) -> None:
    medians = [data.draw(st.integers(0, 400)) for _ in weights]
    points = quality_points(medians, weights, 4)
    assert 0 <= points <= 100 * sum(weights)
    assert quality_points([400] * len(weights), weights, 4) == 100 * sum(weights)


def test_quality_and_price_add_up_to_a_hundred_points() -> None:
    quality = quality_points([400, 400], [40, 40], 4)
    assert total_points(quality, price_points(1, 3_000_000, 1_000_000, 20)) == 10_000
    assert total_points(quality) == 8_000


def test_half_of_the_quality_is_enough_and_a_hundredth_less_is_not() -> None:
    assert reaches_quality(5_000, [50, 50], 50)
    assert not reaches_quality(4_999, [50, 50], 50)
    assert reaches_quality(4_000, [40, 40], 50)
    assert not reaches_quality(3_999, [40, 40], 50)


def test_the_spread_is_the_distance_of_the_farthest_scores() -> None:
    assert spread([1, 4, 2]) == 3
    assert spread([2]) == 0


WRONG = {
    "no scores": (lambda: median_hundredths([]), "score-levels"),
    "a score below zero": (lambda: median_hundredths([1, -1]), "score-levels"),
    "no scores to spread": (lambda: spread([]), "score-levels"),
    "a median above the scale": (lambda: criterion_points(401, 50, 4), "score-levels"),
    "a median below zero": (lambda: criterion_points(-1, 50, 4), "score-levels"),
    "a floor at the ceiling": (lambda: price_points(1, 5, 5, 20), "price-floor"),
    "a floor below zero": (lambda: price_points(1, 5, -1, 20), "price-floor"),
    "a median too few": (lambda: quality_points([400], [50, 50], 4), "score-criteria"),
    "nothing to divide by": (lambda: divide_half_even(1, 0), "score-denominator"),
}


@pytest.mark.parametrize(("call", "reason"), WRONG.values(), ids=WRONG.keys())
def test_figures_that_make_no_sense_are_refused(call: object, reason: str) -> None:
    assert callable(call)
    with pytest.raises(policies.PolicyError) as refused:
        call()
    assert refused.value.reason == reason
