from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies import add_working_days, working_days_between
from policies.calendars import day_begins, local_day, local_time
from tests.policies.policy_cases import (
    COUNCIL,
    COUNCIL_RULES,
    COUNTY,
    HISTORICAL,
    LONDON,
    NEW_YORK,
    PUBLISHED,
    RULES,
    london,
    new_york,
    with_rules,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CALENDAR = RULES.calendar
YEARS = (2025, 2026, 2027, 2028)

COUNTED = {
    "noon": ("2026-03-03 12:00", 5, "2026-03-11 00:00"),
    "one minute before midnight": ("2026-03-03 23:59", 5, "2026-03-11 00:00"),
    "the first minute of a day": ("2026-03-03 00:00", 5, "2026-03-11 00:00"),
    "a Friday": ("2026-03-06 12:00", 1, "2026-03-10 00:00"),
    "a Saturday": ("2026-03-07 12:00", 1, "2026-03-10 00:00"),
    "a Sunday": ("2026-03-08 12:00", 1, "2026-03-10 00:00"),
    "over clocks put forward": ("2026-03-05 12:00", 2, "2026-03-10 00:00"),
    "over clocks put back": ("2026-10-29 12:00", 2, "2026-11-03 00:00"),
    "over a holiday": ("2026-05-22 12:00", 1, "2026-05-27 00:00"),
    "over two holidays": ("2026-11-25 12:00", 1, "2026-12-01 00:00"),
    "over the new year": ("2027-12-30 12:00", 1, "2028-01-04 00:00"),
}


@pytest.mark.parametrize(("start", "count", "end"), COUNTED.values(), ids=COUNTED.keys())
def test_whole_working_days_are_counted_in_the_agencys_zone(start: str, count: int, end: str) -> None:
    found = add_working_days(CALENDAR, new_york(start), count, NEW_YORK)
    assert found == new_york(end)
    assert found.tzinfo is UTC


def test_no_days_end_where_they_begin() -> None:
    start = new_york("2026-03-07 12:34")
    found = add_working_days(CALENDAR, start.astimezone(NEW_YORK), 0, NEW_YORK)
    assert (found, found.tzinfo) == (start, UTC)
    assert working_days_between(CALENDAR, start, start, NEW_YORK) == 0


BETWEEN = {
    "the same day": ("2026-03-02 00:00", "2026-03-02 23:59", 0),
    "the next day": ("2026-03-02 23:59", "2026-03-03 23:59", 0),
    "midnight after the next day": ("2026-03-02 23:59", "2026-03-04 00:00", 1),
    "a week": ("2026-03-02 09:00", "2026-03-09 09:00", 4),
    "backwards": ("2026-03-09 09:00", "2026-03-02 09:00", 0),
}


@pytest.mark.parametrize(("start", "end", "count"), BETWEEN.values(), ids=BETWEEN.keys())
def test_days_between_leave_out_the_days_of_both_ends(start: str, end: str, count: int) -> None:
    assert working_days_between(CALENDAR, new_york(start), new_york(end), NEW_YORK) == count


INSTANTS = st.datetimes(
    datetime.fromisoformat("2026-01-01"),
    datetime.fromisoformat("2028-06-01"),
    timezones=st.just(UTC),
)


@settings(deadline=None)
@given(INSTANTS, st.integers(0, 40), INSTANTS, st.sampled_from([LONDON, NEW_YORK]))
def test_counting_forward_and_counting_between_agree(
    start: datetime,
    count: int,
    other: datetime,
    zone: ZoneInfo,
) -> None:
    end = add_working_days(CALENDAR, start, count, zone)
    assert working_days_between(CALENDAR, start, end, zone) == count
    if count and other > start:
        assert (working_days_between(CALENDAR, start, other, zone) >= count) == (other >= end)


@settings(deadline=None)
@given(INSTANTS, st.integers(1, 30))
def test_a_period_ends_at_a_midnight_that_follows_a_working_day(start: datetime, count: int) -> None:
    end = add_working_days(CALENDAR, start, count, NEW_YORK).astimezone(NEW_YORK)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert CALENDAR.is_working_day(end.date() - timedelta(days=1))


def test_a_day_begins_where_clocks_skip_midnight() -> None:
    havana = ZoneInfo("America/Havana")
    assert day_begins(date(2026, 3, 8), havana) == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert local_day(datetime(2026, 3, 8, 5, tzinfo=UTC), havana) == date(2026, 3, 8)
    assert local_day(datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC), havana) == date(2026, 3, 7)


def test_a_day_begins_at_the_first_of_two_midnights() -> None:
    havana = ZoneInfo("America/Havana")
    assert day_begins(date(2026, 11, 1), havana) == datetime(2026, 11, 1, 4, tzinfo=UTC)


EVERY_DAY = HISTORICAL.rules(PUBLISHED)

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a negative count": (lambda: add_working_days(CALENDAR, PUBLISHED, -1, NEW_YORK), "count-negative"),
    "a day past the last": (
        lambda: local_day(datetime(9999, 12, 31, 23, tzinfo=UTC), ZoneInfo("Asia/Tokyo")),
        "time-range",
    ),
    "an hour past the last": (lambda: local_time(date.max, 23, NEW_YORK), "time-range"),
    "a period past the last day": (
        lambda: add_working_days(EVERY_DAY.calendar, datetime(9999, 12, 31, tzinfo=UTC), 1, LONDON),
        "time-range",
    ),
    "objections past the last day": (
        lambda: policies.objection_end(RULES, datetime(9999, 12, 31, tzinfo=UTC)),
        "time-range",
    ),
    "questions before the first day": (
        lambda: policies.questions_end(
            with_rules(RULES, "calendar", keeps_holidays=False),
            datetime(1, 1, 2, tzinfo=UTC),
            NEW_YORK,
            "T1",
        ),
        "time-range",
    ),
    "a moment without a zone": (
        lambda: add_working_days(CALENDAR, datetime.fromisoformat("2026-03-02"), 1, NEW_YORK),
        "time-naive",
    ),
    "a year without a list, never one without holidays": (
        lambda: add_working_days(CALENDAR, new_york("2028-12-29 12:00"), 1, NEW_YORK),
        "calendar-year-unknown",
    ),
    "rules that never let bidding close": (
        lambda: policies.earliest_close(with_rules(RULES, "times", year_end_days=400), "T1", PUBLISHED, NEW_YORK),
        "close-impossible",
    ),
}


@pytest.mark.parametrize(("call", "reason"), WRONG.values(), ids=WRONG.keys())
def test_what_no_calendar_can_answer_is_refused(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(policies.PolicyError) as refused:
        call()
    assert refused.value.reason == reason


def test_every_day_counts_in_the_rules_for_the_past() -> None:
    calendar = HISTORICAL.rules(PUBLISHED).calendar
    assert working_days_between(calendar, new_york("2015-12-24 12:00"), new_york("2015-12-31 12:00"), NEW_YORK) == 6
    assert calendar.holiday(date(2015, 12, 25)) is None


def nth(year: int, month: int, weekday: int, number: int) -> date:
    days = [date(year, month, 1) + timedelta(days=offset) for offset in range(31)]
    found = [day for day in days if day.month == month and day.weekday() == weekday]
    return found[number - 1 if number > 0 else number]


def easter(year: int) -> date:
    """Easter Sunday after Butcher (1876), so that the list in the files is not checked against itself."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)


def kept_in_us(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def us_holidays(year: int) -> set[date]:
    fixed = [
        date(one, month, day)
        for one in (year, year + 1)
        for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
    ]
    moving = [nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 5, 0, -1), nth(year, 9, 0, 1), nth(year, 10, 0, 2)]
    thanks = nth(year, 11, 3, 4)
    days = {kept_in_us(day) for day in fixed} | {*moving, thanks, thanks + timedelta(days=1)}
    return {day for day in days if day.year == year}


def english_holidays(year: int) -> set[date]:
    sunday = easter(year)
    days = {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    days |= {nth(year, 5, 0, 1), nth(year, 5, 0, -1), nth(year, 8, 0, -1)}
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        day = fixed
        while day.weekday() >= 5 or day in days:
            day += timedelta(days=1)
        days.add(day)
    return days


@pytest.mark.parametrize("year", YEARS)
def test_the_holidays_in_the_files_are_those_of_the_calendar(year: int) -> None:
    county, council = CALENDAR.holidays, COUNCIL_RULES.calendar.holidays
    assert {day for day in county if day.year == year} == us_holidays(year)
    assert {day for day in council if day.year == year} == english_holidays(year)


def test_every_listed_year_is_known() -> None:
    assert COUNTY.rules(PUBLISHED).calendar.years == frozenset(YEARS)
    assert COUNCIL.rules(PUBLISHED).calendar.years == frozenset(YEARS)


STANDSTILL = {
    "a try-out": ("T0", "2026-03-03 12:00", "2026-03-06 00:00"),
    "a pilot": ("T1", "2026-03-03 12:00", "2026-03-11 00:00"),
    "one minute before midnight": ("T1", "2026-03-03 23:59", "2026-03-11 00:00"),
    "announced on a holiday": ("T0", "2026-05-25 12:00", "2026-05-28 00:00"),
}


@pytest.mark.parametrize(("tier", "announced", "ends"), STANDSTILL.values(), ids=STANDSTILL.keys())
def test_nobody_signs_before_the_time_to_challenge_is_over(tier: str, announced: str, ends: str) -> None:
    assert policies.standstill_end(RULES, new_york(announced), NEW_YORK, tier) == new_york(ends)


def test_a_choice_of_the_past_could_be_signed_at_once() -> None:
    assert policies.standstill_end(HISTORICAL.rules(PUBLISHED), PUBLISHED, NEW_YORK, "T1") == PUBLISHED


def test_the_council_gives_eight_working_days() -> None:
    assert policies.standstill_end(COUNCIL_RULES, london("2026-03-27 17:00"), LONDON, "T1") == london(
        "2026-04-11 00:00",
    )


def test_other_deadlines_count_alike() -> None:
    asked = new_york("2026-03-03 12:00")
    assert policies.eligibility_due(RULES, asked, NEW_YORK) == new_york("2026-03-11 00:00")
    assert policies.answer_due(RULES, asked, NEW_YORK) == new_york("2026-03-06 00:00")
    assert policies.objection_end(RULES, asked) == asked + timedelta(hours=24)
    assert policies.opens_latest(RULES, asked, NEW_YORK) == new_york("2026-03-06 00:00")
    assert policies.opens_latest(RULES, asked, NEW_YORK, "offer") == new_york("2026-03-25 00:00")
    same = policies.questions_end(HISTORICAL.rules(PUBLISHED), asked.astimezone(NEW_YORK), NEW_YORK, "T1")
    assert (same, same.tzinfo) == (asked, UTC)


ENDS = {
    "a close at noon": ("2026-03-17 12:00", "2026-03-10 00:00"),
    "a close in the evening, when it is tomorrow elsewhere": ("2026-03-17 21:00", "2026-03-10 00:00"),
    "a close after clocks went forward": ("2026-03-10 12:00", "2026-03-03 00:00"),
    "a close after a holiday": ("2026-05-28 12:00", "2026-05-20 00:00"),
}


@pytest.mark.parametrize(("closes", "midnight"), ENDS.values(), ids=ENDS.keys())
def test_questions_end_with_the_last_day_that_leaves_time_to_answer(closes: str, midnight: str) -> None:
    found = policies.questions_end(RULES, new_york(closes), NEW_YORK, "T1")
    assert found == new_york(midnight) - timedelta(milliseconds=1)
