from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from policies import AddendumFacts, judge_addendum
from tests.policies.policy_cases import NEW_YORK, RULES, new_york, with_rules

if TYPE_CHECKING:
    from datetime import datetime

CLOSES = new_york("2026-03-17 12:00")
SOON_ENOUGH = new_york("2026-03-09 23:59")
TOO_LATE = new_york("2026-03-10 00:00")

CHANGES: dict[str, tuple[bool, datetime, datetime, list[str]]] = {
    "a small change at the last minute": (False, CLOSES - timedelta(minutes=1), CLOSES, []),
    "a small change at the close": (False, CLOSES, CLOSES, ["addendum-after-close"]),
    "a change that matters, in time": (True, SOON_ENOUGH, CLOSES, []),
    "a change that matters, too late": (True, TOO_LATE, CLOSES, ["addendum-time-short"]),
    "too late, but the close moves": (True, TOO_LATE, new_york("2026-03-18 12:00"), []),
    "too late, and the close moves too little": (True, TOO_LATE, new_york("2026-03-17 23:00"), ["addendum-time-short"]),
    "the close moves earlier": (
        False,
        SOON_ENOUGH,
        CLOSES - timedelta(seconds=1),
        ["time-close-earlier", "time-close-hour"],
    ),
    "the close moves to a Saturday": (False, SOON_ENOUGH, new_york("2026-03-21 12:00"), ["time-close-weekend"]),
    "the close moves to a morning": (True, SOON_ENOUGH, new_york("2026-03-18 11:59"), ["time-close-hour"]),
    "the close moves out of the calendar": (True, SOON_ENOUGH, new_york("2031-03-18 12:00"), ["calendar-year-unknown"]),
}


@pytest.mark.parametrize(("material", "at", "closes", "reasons"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_to_the_terms_leaves_the_time_it_takes(
    *,
    material: bool,
    at: datetime,
    closes: datetime,
    reasons: list[str],
) -> None:
    facts = AddendumFacts(material, CLOSES, closes, at)
    findings = judge_addendum(RULES, facts, NEW_YORK)
    assert [finding.reason for finding in findings] == reasons
    assert all(finding.fix.endswith(".") for finding in findings)


def test_a_change_may_leave_exactly_the_days_it_takes() -> None:
    rules = with_rules(RULES, "times", close_hour=0)
    closes = new_york("2026-03-18 00:00")
    facts = AddendumFacts(material=True, previous_closes=CLOSES, closes=closes, at=TOO_LATE)
    assert judge_addendum(rules, facts, NEW_YORK) == []
    earlier = AddendumFacts(material=True, previous_closes=CLOSES, closes=closes - timedelta(minutes=1), at=TOO_LATE)
    assert [finding.reason for finding in judge_addendum(rules, earlier, NEW_YORK)] == ["addendum-time-short"]


def test_a_refusal_names_the_first_close_that_leaves_enough_time() -> None:
    (finding,) = judge_addendum(
        RULES,
        AddendumFacts(material=True, previous_closes=CLOSES, closes=CLOSES, at=TOO_LATE),
        NEW_YORK,
    )
    assert finding.rule == "times-change"
    assert finding.sentence == "A change that matters leaves 5 whole working days before bidding closes; here it is 4."
    assert finding.fix == "Move the close to Wed 18 Mar 2026, 12:00 (America/New_York) or later."
    assert finding.figures == {"limit": 5, "given": 4, "earliest": "2026-03-18T16:00:00+00:00"}
