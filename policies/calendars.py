"""
Calendars and working days.

- Days are whole days of the agency's zone, whatever the clocks did that day; results are instants in UTC.
- The day on which something happens is not counted, nor the day on which a deadline falls: an act one minute before
  midnight gives nobody a shorter week than one at noon.
- A year whose holidays are not listed is refused: it would silently have none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from policies.errors import PolicyError
from policies.kinds import WEEKDAYS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)


class Calendar(msgspec.Struct, frozen=True):
    """Which days are working days; `years` are those whose holidays are listed."""

    weekdays: tuple[str, ...]
    keeps_holidays: bool
    years: frozenset[int]
    holidays: dict[date, str]

    def holiday(self, day: date) -> str | None:
        """Name the holiday on this day, None where there is none or where holidays do not count."""
        if not self.keeps_holidays:
            return None
        if day.year not in self.years:
            raise PolicyError(
                "calendar-year-unknown", f"the rules list no holidays for {day.year}; adopt rules that do"
            )
        return self.holidays.get(day)

    def is_weekday(self, day: date) -> bool:
        """Tell whether people work on this day of the week, holidays aside."""
        return WEEKDAYS[day.weekday()] in self.weekdays

    def is_working_day(self, day: date) -> bool:
        """Tell whether this day counts in a period of working days."""
        return self.holiday(day) is None and self.is_weekday(day)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the day on which an instant falls in a zone."""
    if instant.tzinfo is None:
        raise PolicyError("time-naive", "moments need a zone")
    try:
        return instant.astimezone(zone).date()
    except OverflowError as error:
        raise PolicyError("time-range", "the moment lies outside the calendar") from error


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant of a day in a zone, also where clocks skip midnight."""
    return local_time(day, 0, zone)


def local_time(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Give the instant at which clocks in a zone first show a full hour of a day."""
    try:
        return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise PolicyError("time-range", "the moment lies outside the calendar") from error


def next_day(day: date) -> date:
    """Give the day after."""
    if day == date.max:
        raise PolicyError("time-range", "the moment lies outside the calendar")
    return day + _DAY


def add_working_days(calendar: Calendar, start: datetime, count: int, zone: ZoneInfo) -> datetime:
    """
    Give the first instant after so many whole working days, not counting the day of `start`.

    With a count of 0 it is `start` itself. Acting at exactly the result is after the period.
    """
    if count < 0:
        raise PolicyError("count-negative", "a period has no negative number of days")
    day = local_day(start, zone)
    if count == 0:
        return start.astimezone(UTC)
    while count:
        day = next_day(day)
        count -= calendar.is_working_day(day)
    return day_begins(next_day(day), zone)


def working_days_between(calendar: Calendar, start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Count the whole working days that lie between two instants, the days of both left out."""
    day, last = next_day(local_day(start, zone)), local_day(end, zone)
    count = 0
    while day < last:
        count += calendar.is_working_day(day)
        day = next_day(day)
    return count
