"""
Changes to the terms of an open pilot.

- The close never moves earlier: a bidder who read the notice keeps the time it promised.
- A material change leaves whole working days to answer it; bids are confirmed or lapse.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- field types of a Struct stay resolvable
from typing import TYPE_CHECKING

import msgspec

from policies.calendars import add_working_days, working_days_between
from policies.deadlines import first_close_from
from policies.errors import PolicyError
from policies.findings import Finding
from policies.notice_times import judge_close_day, unreadable
from policies.wording import counted, moment

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from policies.rules import Rules


class AddendumFacts(msgspec.Struct, frozen=True):
    """A change as proposed: `at` is when it would be published, `closes` the close that would hold from then on."""

    material: bool
    previous_closes: datetime
    closes: datetime
    at: datetime


def judge_addendum(rules: Rules, facts: AddendumFacts, zone: ZoneInfo) -> list[Finding]:
    """List what forbids a change to the terms; an empty list means that it may be published."""
    try:
        findings = _order(facts, zone)
        if facts.closes != facts.previous_closes:
            findings += judge_close_day(rules, facts.closes, zone)
        if facts.material and not findings:
            return _time_left(rules, facts, zone)
    except PolicyError as error:
        return [unreadable(error)]
    return findings


def _order(facts: AddendumFacts, zone: ZoneInfo) -> list[Finding]:
    findings = []
    if facts.at >= facts.previous_closes:
        findings.append(
            Finding(
                None,
                "addendum-after-close",
                f"Bidding closed on {moment(facts.previous_closes, zone)}; its terms can no longer change.",
                "Cancel with a reason and publish again.",
                {"closed": facts.previous_closes.isoformat()},
            )
        )
    if facts.closes < facts.previous_closes:
        findings.append(
            Finding(
                None,
                "time-close-earlier",
                f"Bidding was promised to stay open until {moment(facts.previous_closes, zone)}; it cannot close earlier.",
                f"Keep {moment(facts.previous_closes, zone)} or choose a later time.",
                {"given": facts.closes.isoformat(), "limit": facts.previous_closes.isoformat()},
            )
        )
    return findings


def _time_left(rules: Rules, facts: AddendumFacts, zone: ZoneInfo) -> list[Finding]:
    days = rules.times.addendum_working_days
    begin = add_working_days(rules.calendar, facts.at, days, zone)
    if facts.closes >= begin:
        return []
    first = first_close_from(rules, begin, zone)
    left = working_days_between(rules.calendar, facts.at, facts.closes, zone)
    return [
        Finding(
            "times-change",
            "addendum-time-short",
            f"A change that matters leaves {counted(days, 'whole working day')} before bidding closes; here it is {left}.",
            f"Move the close to {moment(first, zone)} or later.",
            {"limit": days, "given": left, "earliest": first.isoformat()},
        )
    ]
