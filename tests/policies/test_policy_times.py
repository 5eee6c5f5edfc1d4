from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from policies import judge_notice
from policies.notice_times import judge_close_day
from tests.policies.policy_cases import (
    COUNCIL_RULES,
    LONDON,
    NEW_YORK,
    PUBLISHED,
    RULES,
    london,
    new_york,
    pilot,
    try_out,
    with_rules,
)

if TYPE_CHECKING:
    from policies import Finding, NoticeFacts

MINUTE = timedelta(minutes=1)


def closing(closes: datetime, **changes: datetime) -> NoticeFacts:
    """The pilot with a close and, behind it, times that its rules allow."""
    times = {
        "closes": closes,
        "objection_until": policies.objection_end(RULES, closes),
        "opens_by": policies.opens_latest(RULES, closes, NEW_YORK),
        "offers_by": policies.opens_latest(RULES, closes, NEW_YORK, "offer"),
    }
    return pilot(**{**times, **changes})


def judged(notice: NoticeFacts, published: datetime = PUBLISHED) -> list[Finding]:
    return judge_notice(RULES, notice, published, NEW_YORK)


def reasons(notice: NoticeFacts, published: datetime = PUBLISHED) -> list[str]:
    return [finding.reason for finding in judged(notice, published)]


FIRST = new_york("2026-03-17 12:00")

CLOSES = {
    "the first noon after ten whole working days": (FIRST, []),
    "a minute before it": (FIRST - MINUTE, ["time-close-hour"]),
    "the evening of the tenth day": (new_york("2026-03-16 23:59"), ["time-advertising-short", "time-questions-late"]),
    "a Saturday": (new_york("2026-03-21 15:00"), ["time-close-weekend"]),
    "a Sunday": (new_york("2026-03-22 15:00"), ["time-close-weekend"]),
    "the Monday after": (new_york("2026-03-23 15:00"), []),
    "Memorial Day": (new_york("2026-05-25 15:00"), ["time-close-holiday"]),
    "the day after Memorial Day": (new_york("2026-05-26 15:00"), []),
    "Independence Day kept on Friday": (new_york("2026-07-03 15:00"), ["time-close-holiday"]),
    "17 December": (new_york("2026-12-17 15:00"), []),
    "18 December, 14 days before the new year": (new_york("2026-12-18 15:00"), ["time-close-year-end"]),
    "31 December": (new_york("2026-12-31 15:00"), ["time-close-year-end"]),
    "the morning of a holiday": (new_york("2026-05-25 09:00"), ["time-close-holiday", "time-close-hour"]),
    "early on a Saturday": (new_york("2026-03-21 09:00"), ["time-close-weekend", "time-close-hour"]),
}


@pytest.mark.parametrize(("closes", "expected"), CLOSES.values(), ids=CLOSES.keys())
def test_bidding_closes_on_a_working_afternoon_after_the_days_it_needs(closes: datetime, expected: list[str]) -> None:
    assert reasons(closing(closes)) == expected


def test_the_day_of_publication_does_not_count_however_early() -> None:
    assert reasons(closing(FIRST), new_york("2026-03-02 00:00")) == []
    assert reasons(closing(FIRST), new_york("2026-03-02 23:59")) == []
    assert reasons(closing(FIRST), new_york("2026-03-03 00:00")) == ["time-advertising-short"]


@pytest.mark.parametrize(
    ("closes", "given_days"), [("2026-03-12 22:00", 7), ("2026-03-12 06:00", 7), ("2026-03-13 00:00", 8)]
)
def test_the_days_given_are_counted_in_the_agencys_zone(closes: str, given_days: int) -> None:
    found = {finding.reason: finding.figures for finding in judged(closing(new_york(closes)))}
    assert found["time-advertising-short"]["given"] == given_days
    assert found["time-questions-late"]["given"] == given_days - 5


def test_bidding_may_close_at_the_very_end_of_the_days_it_needs() -> None:
    rules = with_rules(RULES, "times", close_hour=0)
    on_time = closing(new_york("2026-03-17 00:00"), questions_close=new_york("2026-03-09 23:59"))
    assert judge_notice(rules, on_time, PUBLISHED, NEW_YORK) == []
    early = closing(new_york("2026-03-16 23:59"), questions_close=new_york("2026-03-08 12:00"))
    assert [finding.reason for finding in judge_notice(rules, early, PUBLISHED, NEW_YORK)] == ["time-advertising-short"]


def test_a_refusal_for_time_names_the_first_close_that_would_do() -> None:
    notice = closing(new_york("2026-03-12 12:00"), questions_close=new_york("2026-03-04 12:00"))
    (finding,) = judged(notice)
    assert finding.rule == "tier-advertising"
    assert finding.sentence == "Bidders need 10 whole working days between publication and close; here it is 7."
    assert finding.fix == "Close on Tue 17 Mar 2026, 12:00 (America/New_York) or later."
    assert finding.figures == {"limit": 10, "given": 7, "earliest": "2026-03-17T16:00:00+00:00"}
    assert reasons(closing(datetime.fromisoformat(str(finding.figures["earliest"])))) == []


def test_a_refusal_for_a_holiday_names_it() -> None:
    (finding,) = judged(closing(new_york("2026-05-25 15:00")))
    assert finding.rule == "times-no-holiday"
    assert finding.figures["holiday"] == "Memorial Day"
    assert "(Memorial Day)" in finding.sentence
    assert finding.fix == "Close on Tue 26 May 2026, 12:00 (America/New_York) or later."


def test_a_close_in_the_morning_is_refused_with_the_noon_of_that_day() -> None:
    (finding,) = judge_close_day(RULES, new_york("2026-04-01 11:59"), NEW_YORK)
    assert (finding.reason, finding.rule) == ("time-close-hour", "times-close-hour")
    assert finding.fix == "Close on Wed 1 Apr 2026, 12:00 (America/New_York) or later."


QUESTIONS = {
    "the last minute that leaves five whole working days": ("2026-03-09 23:59", []),
    "the midnight after": ("2026-03-10 00:00", ["time-questions-late"]),
    "at publication": ("2026-03-02 09:00", []),
}


@pytest.mark.parametrize(("ends", "expected"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_questions_end_while_the_answers_are_still_of_use(ends: str, expected: list[str]) -> None:
    assert reasons(closing(FIRST, questions_close=new_york(ends))) == expected


def test_a_refusal_for_questions_names_the_last_moment() -> None:
    (finding,) = judged(closing(FIRST, questions_close=new_york("2026-03-12 12:00")))
    assert finding.rule == "tier-questions-close"
    assert finding.figures["given"] == 2
    assert finding.fix == "End questions by Mon 9 Mar 2026, 23:59 (America/New_York), or close later."


def test_a_bidder_has_a_day_to_say_that_a_bid_is_missing() -> None:
    assert reasons(closing(FIRST, objection_until=FIRST + timedelta(hours=24))) == []
    (finding,) = judged(closing(FIRST, objection_until=FIRST + timedelta(hours=24) - MINUTE))
    assert (finding.reason, finding.rule) == ("time-objection-short", "times-objection")
    assert finding.figures["limit"] == 24


@pytest.mark.parametrize(("field", "rule"), [("opens_by", "times-opens-by"), ("offers_by", "times-offers-by")])
def test_keepers_open_within_the_days_of_the_rules(field: str, rule: str) -> None:
    label = "proposal" if field == "opens_by" else "offer"
    latest = policies.opens_latest(RULES, FIRST, NEW_YORK, label)
    assert reasons(closing(FIRST, **{field: latest})) == []
    (finding,) = judged(closing(FIRST, **{field: latest + MINUTE, "offers_by": latest + MINUTE}))
    assert (finding.reason, finding.rule) == ("time-opens-late", rule)
    assert finding.figures["latest"] == latest.isoformat()


DISORDER = {
    "questions end before publication": {"questions_close": PUBLISHED - MINUTE},
    "questions end after the close": {"questions_close": FIRST + MINUTE},
    "objections end before the close": {"objection_until": FIRST - MINUTE},
    "opened before objections end": {"opens_by": FIRST + timedelta(hours=23)},
    "offers opened before proposals": {"offers_by": FIRST + timedelta(hours=24)},
}


LATE = {
    "no day for objections": {"objection_until": FIRST},
    "proposals opened a minute late": {"opens_by": new_york("2026-03-20 00:01")},
    "offers opened a minute late": {"offers_by": new_york("2026-04-08 00:01")},
    "questions end two days before the close": {"questions_close": new_york("2026-03-12 12:00")},
    "beyond the calendar": {"opens_by": new_york("2031-03-20 00:00"), "offers_by": new_york("2031-04-08 00:00")},
}


@pytest.mark.parametrize("changes", DISORDER.values(), ids=DISORDER.keys())
def test_times_in_disorder_are_refused_before_anything_else_is_said(changes: dict[str, datetime]) -> None:
    (finding,) = judged(closing(FIRST, **changes))
    assert finding.reason == "time-order"
    assert finding.rule is None
    assert set(finding.figures) == {"earlier", "later"}


def test_a_pilot_cannot_close_at_its_publication() -> None:
    at = PUBLISHED
    notice = pilot(questions_close=at, closes=at, objection_until=at, opens_by=at, offers_by=at)
    assert reasons(notice) == ["time-order"]


BEYOND = {
    "a year whose holidays are not listed": (new_york("2031-03-17 12:00"), "calendar-year-unknown"),
    "the end of all calendars": (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "time-range"),
    "the last hours of all calendars": (datetime(9999, 12, 31, 2, tzinfo=UTC), "time-range"),
    "no zone": (datetime.fromisoformat("2026-03-17 12:00"), "time-naive"),
}


@pytest.mark.parametrize(("closes", "reason"), BEYOND.values(), ids=BEYOND.keys())
def test_times_that_no_calendar_can_judge_are_refused(closes: datetime, reason: str) -> None:
    rules = RULES
    if reason != "calendar-year-unknown":
        rules = with_rules(RULES, "calendar", keeps_holidays=False)
    notice = pilot(closes=closes, objection_until=closes, opens_by=closes, offers_by=None)
    (finding,) = judge_notice(rules, notice, PUBLISHED, NEW_YORK)
    assert (finding.reason, finding.rule) == (reason, "calendar-holidays")
    assert finding.fix == "Choose other times, or adopt rules that cover them."


EARLIEST = {
    "a Monday morning, two weeks": ("T1", "2026-03-02 09:00", "2026-03-17 12:00"),
    "a Monday morning, one week": ("T0", "2026-03-02 09:00", "2026-03-10 12:00"),
    "a Friday night: the weekend does not count": ("T0", "2026-03-06 23:59", "2026-03-16 12:00"),
    "over the start of summer time": ("T0", "2026-03-05 09:00", "2026-03-13 12:00"),
    "over Thanksgiving, two days off": ("T0", "2026-11-23 09:00", "2026-12-03 12:00"),
    "too late in the year": ("T1", "2026-12-04 09:00", "2027-01-04 12:00"),
}


@pytest.mark.parametrize(("tier", "published", "closes"), EARLIEST.values(), ids=EARLIEST.keys())
def test_the_form_proposes_the_first_close_that_the_rules_allow(tier: str, published: str, closes: str) -> None:
    found = policies.earliest_close(RULES, tier, new_york(published), NEW_YORK)
    assert found == new_york(closes)
    assert found.tzinfo is UTC


@settings(deadline=None)
@given(
    st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-09-01")),
    st.sampled_from(["T0", "T1"]),
)
def test_what_the_form_proposes_is_never_refused_for_its_times(local: datetime, tier: str) -> None:
    published = local.replace(tzinfo=NEW_YORK).astimezone(UTC)
    closes = policies.earliest_close(RULES, tier, published, NEW_YORK)
    times = {
        "closes": closes,
        "questions_close": policies.questions_end(RULES, closes, NEW_YORK, tier),
        "objection_until": policies.objection_end(RULES, closes),
        "opens_by": policies.opens_latest(RULES, closes, NEW_YORK),
        "offers_by": policies.opens_latest(RULES, closes, NEW_YORK, "offer"),
    }
    notice = try_out(**times) if tier == "T0" else pilot(**times)
    assert [finding for finding in judge_notice(RULES, notice, published, NEW_YORK) if "close-" in finding.reason] == []
    assert reasons(notice, published) == []
    later = msgspec.structs.replace(notice, questions_close=notice.questions_close + MINUTE)
    assert reasons(later, published) == ["time-questions-late"]


def test_each_agency_counts_in_its_own_zone() -> None:
    published = london("2026-03-26 09:00")
    assert policies.earliest_close(COUNCIL_RULES, "T0", published, LONDON) == london("2026-04-07 12:00")
    assert policies.earliest_close(RULES, "T0", published, NEW_YORK) == new_york("2026-04-03 12:00")


def test_times_that_a_change_moves_are_judged_as_at_publication() -> None:
    assert policies.judge_moved_times(RULES, closing(FIRST), NEW_YORK) == []
    hasty = closing(FIRST, objection_until=FIRST, opens_by=new_york("2026-12-01 12:00"))
    found = policies.judge_moved_times(RULES, hasty, NEW_YORK)
    assert [finding.reason for finding in found] == ["time-objection-short", "time-opens-late"]
    beyond = pilot(questions_close=new_york("2031-03-14 12:00"), closes=new_york("2031-03-18 12:00"))
    assert [finding.reason for finding in policies.judge_moved_times(RULES, beyond, NEW_YORK)] == [
        "calendar-year-unknown"
    ]
