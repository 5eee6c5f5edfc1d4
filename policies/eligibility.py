"""
Which firms may bid on a reserved pilot: the same answer before bidding and when the winner proves it.

- Facts are declared by the firm; the winner proves them within the days of `eligibility-proof-days`.
- Tests look at the place of the firm, never at where its people live.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 -- field types of a Struct stay resolvable
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from policies.calendars import local_day
from policies.wording import counted, listing, money

if TYPE_CHECKING:
    from policies.rules import Rules

_MONTHS_A_YEAR: Final = 12


class FirmFacts(msgspec.Struct, frozen=True):
    """
    What a firm says about itself.

    Args:
        area: Code of the area where most of its people work.
        months_present: Whole months since it has had an office in one of the areas.
        founded: The day in its register entry, None where it is not in a register yet.
        staff_with_affiliates: People in the firm and in firms under the same owners.
        turnover_minor: Last year's, with affiliates; None where it has no closed year yet.
    """

    area: str
    months_present: int
    founded: date | None
    staff_with_affiliates: int
    turnover_minor: int | None


class Condition(msgspec.Struct, frozen=True):
    """One condition with its outcome; `fix` is empty where it is met."""

    rule: str
    met: bool
    sentence: str
    fix: str


def judge_eligibility(rules: Rules, firm: FirmFacts, at: datetime, reservation: str = "local") -> list[Condition]:
    """
    Explain each condition of a reserved pilot to a firm; an open pilot has none.

    A firm is eligible if every condition is met. All are listed, so that nobody mends one only to fail at the next.
    """
    if reservation == "open":
        return []
    today = local_day(at, ZoneInfo(rules.zone))
    return [
        _area(rules, firm),
        _months(rules, firm, today),
        _least(rules, firm),
        _most(rules, firm),
        _turnover(rules, firm),
    ]


def months_between(start: date, end: date) -> int:
    """Count whole months; a firm founded on the 31st completes a month on the last day of a shorter one's successor."""
    months = (end.year - start.year) * _MONTHS_A_YEAR + end.month - start.month
    return months - (end.day < start.day)


def _area(rules: Rules, firm: FirmFacts) -> Condition:
    areas = rules.eligibility.areas
    names = listing(tuple(area.text for area in areas))
    met = firm.area in {area.code for area in areas}
    return Condition(
        "eligibility-areas",
        met,
        f"Most of the firm's people must work in {names}.",
        "" if met else "Bid on pilots that are open to every firm, or bid together with a local firm that leads.",
    )


def _months(rules: Rules, firm: FirmFacts, today: date) -> Condition:
    least, exempt = rules.eligibility.min_months, rules.eligibility.founded_exempt_months
    new = firm.founded is not None and firm.founded <= today and months_between(firm.founded, today) < exempt
    met = firm.months_present >= least or new
    since = f"; a firm founded less than {counted(exempt, 'month')} ago need not wait" if exempt else ""
    return Condition(
        "eligibility-founded-exempt-months" if new and firm.months_present < least else "eligibility-min-months",
        met,
        f"The firm has been here for {counted(firm.months_present, 'month')}; it takes {least}{since}.",
        ""
        if met
        else f"Bid again in {counted(least - firm.months_present, 'month')}, or now where a pilot is open to every firm.",
    )


def _least(rules: Rules, firm: FirmFacts) -> Condition:
    least = rules.eligibility.min_staff
    met = firm.staff_with_affiliates >= least
    return Condition(
        "eligibility-min-staff",
        met,
        f"The firm has {firm.staff_with_affiliates:,} people; it takes at least {least:,}.",
        "" if met else "Bid together with another small firm.",
    )


def _most(rules: Rules, firm: FirmFacts) -> Condition:
    most = rules.eligibility.max_staff
    met = most is None or firm.staff_with_affiliates <= most
    whom = "people, sister firms included" if rules.eligibility.count_affiliates else "people"
    limit = "there is no upper limit" if most is None else f"at most {most:,} are allowed"
    return Condition(
        "eligibility-max-staff",
        met,
        f"The firm has {firm.staff_with_affiliates:,} {whom}; {limit}.",
        "" if met else "Bid on pilots that are open to every firm.",
    )


def _turnover(rules: Rules, firm: FirmFacts) -> Condition:
    most = rules.eligibility.max_turnover_minor
    met = most is None or firm.turnover_minor is None or firm.turnover_minor <= most
    has = (
        "No year is closed yet"
        if firm.turnover_minor is None
        else f"Turnover is {money(firm.turnover_minor, rules.currency)}"
    )
    limit = "there is no upper limit" if most is None else f"at most {money(most, rules.currency)} is allowed"
    return Condition(
        "eligibility-max-turnover",
        met,
        f"{has}; {limit}.",
        "" if met else "Bid on pilots that are open to every firm.",
    )
