"""
Deadlines that follow from an act: computed when asked, never stored.

Each function gives an instant in UTC from which on the next thing may happen (or before which it must have happened);
periods are half-open, so acting at exactly that instant is after the period.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from policies.calendars import add_working_days, day_begins, local_day, local_time, next_day
from policies.errors import PolicyError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from policies.rules import Rules

_SEARCH_DAYS: Final = 60


def standstill_end(rules: Rules, announced: datetime, zone: ZoneInfo, tier: str) -> datetime:
    """
    Tell the first moment at which the contract may be signed.

    Losing bidders use the days before it to ask why, or to challenge. Whole days count, in the agency's own zone: a
    choice announced one minute before midnight gives nobody a shorter week than one announced at noon.

    Args:
        rules: Those in force when the pilot was published, not today's.

    Returns:
        An instant in UTC. Signing at exactly this instant is allowed.
    """
    return add_working_days(rules.calendar, announced, rules.tier(tier).standstill_working_days, zone)


def eligibility_due(rules: Rules, asked: datetime, zone: ZoneInfo) -> datetime:
    """Tell before which moment the first-ranked must have proved that she is eligible; after it comes the next."""
    return add_working_days(rules.calendar, asked, rules.eligibility.proof_working_days, zone)


def answer_due(rules: Rules, asked: datetime, zone: ZoneInfo) -> datetime:
    """Tell before which moment a question must have its public answer."""
    return add_working_days(rules.calendar, asked, rules.times.answer_working_days, zone)


def objection_end(rules: Rules, closes: datetime) -> datetime:
    """Tell when the time ends in which a bidder may say that her bid is missing; no key is released before it."""
    return _shift(closes, timedelta(hours=rules.times.objection_hours))


def opens_latest(
    rules: Rules, closes: datetime, zone: ZoneInfo, label: Literal["proposal", "offer"] = "proposal"
) -> datetime:
    """Tell before which moment keepers must have opened; after it a bidder may open her own envelope."""
    times = rules.times
    days = {"proposal": times.opens_by_working_days, "offer": times.offers_by_working_days}
    return add_working_days(rules.calendar, closes, days[label], zone)


def questions_end(rules: Rules, closes: datetime, zone: ZoneInfo, tier: str) -> datetime:
    """Tell the last moment at which questions may end so that the days for answers still lie before the close."""
    days = rules.tier(tier).questions_close_working_days
    if not days:
        return closes.astimezone(UTC)
    day = local_day(closes, zone)
    while days:
        day = _day_before(day)
        days -= rules.calendar.is_working_day(day)
    return day_begins(day, zone) - timedelta(milliseconds=1)


def earliest_close(rules: Rules, tier: str, published: datetime, zone: ZoneInfo) -> datetime:
    """
    Give the first close that these rules allow for a pilot published at this moment.

    The form proposes it and refusals name it, so that nobody has to count days.
    """
    begin = add_working_days(rules.calendar, published, rules.tier(tier).advertising_working_days, zone)
    return first_close_from(rules, begin, zone)


def first_close_from(rules: Rules, begin: datetime, zone: ZoneInfo) -> datetime:
    """Give the first moment, not before `begin`, at which bidding may close: no weekend, holiday, morning or year's end."""
    day = local_day(begin, zone)
    for _ in range(_SEARCH_DAYS):
        candidate = max(begin.astimezone(UTC), local_time(day, rules.times.close_hour, zone))
        if not close_day_fault(rules, day):
            return candidate
        day = next_day(day)
    raise PolicyError("close-impossible", f"these rules allow no close within {_SEARCH_DAYS} days")


def close_day_fault(rules: Rules, day: date) -> str | None:
    """Say why bidding may not close on this day, as a reason code; None where it may."""
    times = rules.times
    if times.no_weekend and not rules.calendar.is_weekday(day):
        return "time-close-weekend"
    if times.no_holiday and rules.calendar.holiday(day):
        return "time-close-holiday"
    if (date(day.year, 12, 31) - day).days < times.year_end_days:
        return "time-close-year-end"
    return None


def _day_before(day: date) -> date:
    if day == date.min:
        raise PolicyError("time-range", "the moment lies outside the calendar")
    return day - timedelta(days=1)


def _shift(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant.astimezone(UTC) + by
    except OverflowError as error:
        raise PolicyError("time-range", "the moment lies outside the calendar") from error
