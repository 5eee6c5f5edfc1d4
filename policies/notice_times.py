"""
The times of a notice.

- First their order, since nothing else can be said of times in disorder; then each against its rule.
- Every refusal names the first time that would do.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from policies.calendars import add_working_days, local_day, local_time, working_days_between
from policies.deadlines import (
    close_day_fault,
    earliest_close,
    first_close_from,
    objection_end,
    opens_latest,
    questions_end,
)
from policies.errors import PolicyError
from policies.findings import Finding
from policies.wording import counted, moment

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from policies.notice_facts import NoticeFacts
    from policies.rules import Rules

_DAY_FAULTS: Final = {
    "time-close-weekend": ("times-no-weekend", "falls on a day that is no working day of the week"),
    "time-close-holiday": ("times-no-holiday", "falls on a holiday"),
    "time-close-year-end": ("times-year-end", "falls in the last days of the year, when few can bid"),
}


def judge_times(rules: Rules, notice: NoticeFacts, published: datetime, zone: ZoneInfo) -> list[Finding]:
    """List what forbids the times of a notice; days and hours are those of the agency's zone."""
    try:
        disorder = _order(notice, published, zone)
        if disorder:
            return disorder
        findings = _advertising(rules, notice, published, zone)
        findings += judge_close_day(rules, notice.closes, zone)
        findings += _hanging(rules, notice, zone)
    except PolicyError as error:
        return [unreadable(error)]
    return findings


def judge_moved_times(rules: Rules, notice: NoticeFacts, zone: ZoneInfo) -> list[Finding]:
    """List what forbids times that a change moves, of a notice that keeps its close or whose close was judged by itself."""
    try:
        return _hanging(rules, notice, zone)
    except PolicyError as error:
        return [unreadable(error)]


def unreadable(error: PolicyError) -> Finding:
    """Turn a calendar that cannot answer into a refusal: what cannot be judged is not published."""
    return Finding(
        "calendar-holidays",
        error.reason,
        f"The calendar of these rules cannot answer: {error.detail}.",
        "Choose other times, or adopt rules that cover them.",
    )


def judge_close_day(rules: Rules, closes: datetime, zone: ZoneInfo) -> list[Finding]:
    """List what forbids bidding to close at this moment, whenever it was published."""
    findings = []
    day = local_day(closes, zone)
    fault = close_day_fault(rules, day)
    if fault:
        rule, what = _DAY_FAULTS[fault]
        findings.append(_close(rules, zone, closes, reason=fault, rule=rule, what=what))
    if closes < local_time(day, rules.times.close_hour, zone):
        what = f"comes before {rules.times.close_hour:02}:00, so that a bidder would lose the morning"
        findings.append(_close(rules, zone, closes, reason="time-close-hour", rule="times-close-hour", what=what))
    return findings


def _close(rules: Rules, zone: ZoneInfo, closes: datetime, *, reason: str, rule: str, what: str) -> Finding:
    first = first_close_from(rules, closes, zone)
    figures: dict[str, int | str] = {"given": closes.isoformat(), "earliest": first.isoformat()}
    holiday = rules.calendar.holiday(local_day(closes, zone)) if reason == "time-close-holiday" else None
    if holiday:
        what = f"{what} ({holiday})"
        figures["holiday"] = holiday
    return Finding(
        rule,
        reason,
        f"The close on {moment(closes, zone)} {what}.",
        f"Close on {moment(first, zone)} or later.",
        figures,
    )


def _order(notice: NoticeFacts, published: datetime, zone: ZoneInfo) -> list[Finding]:
    steps = [
        ("publication", published),
        ("the end of questions", notice.questions_close),
        ("the close", notice.closes),
        ("the end of objections", notice.objection_until),
        ("the last moment to open proposals", notice.opens_by),
    ]
    if notice.offers_by is not None:
        steps.append(("the last moment to open offers", notice.offers_by))
    for _, instant in steps:
        local_day(instant, zone)
    for (earlier, first), (later, second) in pairwise(steps):
        if second < first or (later == "the close" and notice.closes <= published):
            return [
                Finding(
                    None,
                    "time-order",
                    f"{later.capitalize()} ({moment(second, zone)}) does not come after {earlier} ({moment(first, zone)}).",
                    f"Move {later} behind {earlier}.",
                    {"earlier": first.isoformat(), "later": second.isoformat()},
                )
            ]
    return []


def _hanging(rules: Rules, notice: NoticeFacts, zone: ZoneInfo) -> list[Finding]:
    """What forbids the times that hang on the close."""
    return [*_questions(rules, notice, zone), *_objection(rules, notice, zone), *_opening(rules, notice, zone)]


def _advertising(rules: Rules, notice: NoticeFacts, published: datetime, zone: ZoneInfo) -> list[Finding]:
    days = rules.tier(notice.tier).advertising_working_days
    if notice.closes >= add_working_days(rules.calendar, published, days, zone):
        return []
    first = earliest_close(rules, notice.tier, published, zone)
    given = working_days_between(rules.calendar, published, notice.closes, zone)
    return [
        Finding(
            "tier-advertising",
            "time-advertising-short",
            f"Bidders need {counted(days, 'whole working day')} between publication and close; here it is {given}.",
            f"Close on {moment(first, zone)} or later.",
            {"limit": days, "given": given, "earliest": first.isoformat()},
        )
    ]


def _questions(rules: Rules, notice: NoticeFacts, zone: ZoneInfo) -> list[Finding]:
    days = rules.tier(notice.tier).questions_close_working_days
    if notice.closes >= add_working_days(rules.calendar, notice.questions_close, days, zone):
        return []
    latest = questions_end(rules, notice.closes, zone, notice.tier)
    given = working_days_between(rules.calendar, notice.questions_close, notice.closes, zone)
    return [
        Finding(
            "tier-questions-close",
            "time-questions-late",
            f"Answers need {counted(days, 'whole working day')} between the end of questions and the close; here it is {given}.",
            f"End questions by {moment(latest, zone)}, or close later.",
            {"limit": days, "given": given, "latest": latest.isoformat()},
        )
    ]


def _objection(rules: Rules, notice: NoticeFacts, zone: ZoneInfo) -> list[Finding]:
    first = objection_end(rules, notice.closes)
    if notice.objection_until >= first:
        return []
    hours = rules.times.objection_hours
    return [
        Finding(
            "times-objection",
            "time-objection-short",
            f"A bidder has {counted(hours, 'hour')} after the close to say that a bid is missing; here it ends earlier.",
            f"Let it end on {moment(first, zone)} or later.",
            {"limit": hours, "given": notice.objection_until.isoformat(), "earliest": first.isoformat()},
        )
    ]


def _opening(rules: Rules, notice: NoticeFacts, zone: ZoneInfo) -> list[Finding]:
    findings = []
    proposals = opens_latest(rules, notice.closes, zone)
    if notice.opens_by > proposals:
        days = rules.times.opens_by_working_days
        findings.append(_late("times-opens-by", "proposals", notice.opens_by, proposals, days=days, zone=zone))
    offers = opens_latest(rules, notice.closes, zone, "offer")
    if notice.offers_by is not None and notice.offers_by > offers:
        days = rules.times.offers_by_working_days
        findings.append(_late("times-offers-by", "offers", notice.offers_by, offers, days=days, zone=zone))
    return findings


def _late(rule: str, what: str, given: datetime, latest: datetime, *, days: int, zone: ZoneInfo) -> Finding:
    return Finding(
        rule,
        "time-opens-late",
        f"The key keepers open {what} within {counted(days, 'whole working day')} of the close.",
        f"Set their last moment to {moment(latest, zone)} or earlier.",
        {"limit": days, "given": given.isoformat(), "latest": latest.isoformat()},
    )
