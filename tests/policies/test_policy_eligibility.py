from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from policies import FirmFacts, judge_eligibility, months_between
from tests.policies.policy_cases import COUNCIL_RULES, RULES, new_york, with_rules

NOW = new_york("2026-03-02 09:00")
FIRM = FirmFacts(
    area="harlan-county",
    months_present=6,
    founded=date(2020, 5, 1),
    staff_with_affiliates=2,
    turnover_minor=20_000_000,
)

FIRMS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "two people, six months here": ({}, set()),
    "from elsewhere": ({"area": "elsewhere"}, {"eligibility-areas"}),
    "five months here": ({"months_present": 5}, {"eligibility-min-months"}),
    "founded five months ago": ({"months_present": 0, "founded": date(2025, 9, 3)}, set()),
    "founded six months ago": ({"months_present": 0, "founded": date(2025, 9, 2)}, {"eligibility-min-months"}),
    "founded tomorrow": ({"months_present": 0, "founded": date(2026, 3, 3)}, {"eligibility-min-months"}),
    "founded today": ({"months_present": 0, "founded": date(2026, 3, 2)}, set()),
    "founded lately, but here for six months": ({"months_present": 6, "founded": date(2026, 1, 1)}, set()),
    "three months here": ({"months_present": 3}, {"eligibility-min-months"}),
    "not in a register": ({"months_present": 0, "founded": None}, {"eligibility-min-months"}),
    "nobody": ({"staff_with_affiliates": 0}, {"eligibility-min-staff"}),
    "one person": ({"staff_with_affiliates": 1}, set()),
    "50 people": ({"staff_with_affiliates": 50}, set()),
    "51 people": ({"staff_with_affiliates": 51}, {"eligibility-max-staff"}),
    "turnover at the limit": ({"turnover_minor": 1_000_000_000}, set()),
    "turnover a cent above": ({"turnover_minor": 1_000_000_001}, {"eligibility-max-turnover"}),
    "no closed year": ({"turnover_minor": None}, set()),
    "all at once": (
        {"area": "", "months_present": 0, "founded": None, "staff_with_affiliates": 900, "turnover_minor": 10**12},
        {"eligibility-areas", "eligibility-min-months", "eligibility-max-staff", "eligibility-max-turnover"},
    ),
}


@pytest.mark.parametrize(("changes", "unmet"), FIRMS.values(), ids=FIRMS.keys())
def test_a_firm_learns_each_condition_and_whether_it_meets_it(changes: dict[str, Any], unmet: set[str]) -> None:
    conditions = judge_eligibility(RULES, msgspec.structs.replace(FIRM, **changes), NOW)
    assert len(conditions) == 5
    assert {condition.rule for condition in conditions if not condition.met} == unmet
    for condition in conditions:
        assert bool(condition.fix) != condition.met
        assert condition.sentence.endswith(".")


def test_an_open_pilot_has_no_such_conditions() -> None:
    assert judge_eligibility(RULES, msgspec.structs.replace(FIRM, area="elsewhere"), NOW, "open") == []


def test_a_pilot_is_taken_as_reserved_for_local_firms_where_nothing_is_said() -> None:
    assert judge_eligibility(RULES, FIRM, NOW) == judge_eligibility(RULES, FIRM, NOW, "local")


def test_the_age_of_a_firm_is_counted_in_the_jurisdictions_days() -> None:
    firm = msgspec.structs.replace(FIRM, months_present=0, founded=date(2025, 9, 2))
    assert judge_eligibility(RULES, firm, new_york("2026-03-01 23:59"))[1].met
    assert not judge_eligibility(RULES, firm, new_york("2026-03-02 00:00"))[1].met


def test_a_new_firm_is_let_in_by_the_rule_for_new_firms() -> None:
    firm = msgspec.structs.replace(FIRM, months_present=0, founded=date(2026, 1, 1))
    assert judge_eligibility(RULES, firm, NOW)[1].rule == "eligibility-founded-exempt-months"


def test_sentences_name_the_figures() -> None:
    firm = msgspec.structs.replace(FIRM, months_present=1, staff_with_affiliates=51)
    area, months, least, most, turnover = (condition.sentence for condition in judge_eligibility(RULES, firm, NOW))
    assert area == (
        "Most of the firm's people must work in Blue Ridge County, Harlan County, Laurel County or Pine Gap County."
    )
    assert (
        months == "The firm has been here for 1 month; it takes 6; a firm founded less than 6 months ago need not wait."
    )
    assert least == "The firm has 51 people; it takes at least 1."
    assert most == "The firm has 51 people, sister firms included; at most 50 are allowed."
    assert turnover == "Turnover is USD 200,000; at most USD 10,000,000 is allowed."


def test_the_council_has_no_limit_for_turnover_and_no_waiting() -> None:
    firm = msgspec.structs.replace(FIRM, area="wiltshire", months_present=0, founded=None, turnover_minor=10**12)
    conditions = judge_eligibility(COUNCIL_RULES, firm, NOW)
    assert all(condition.met for condition in conditions)
    assert conditions[1].sentence == "The firm has been here for 0 months; it takes 0."
    assert conditions[4].sentence == "Turnover is GBP 10,000,000,000; there is no upper limit."


def test_rules_without_an_upper_limit_say_so() -> None:
    rules = with_rules(RULES, "eligibility", max_staff=None, count_affiliates=False)
    condition = judge_eligibility(rules, FIRM, NOW)[3]
    assert condition.met
    assert condition.sentence == "The firm has 2 people; there is no upper limit."


MONTHS = {
    "the same day": (date(2026, 1, 31), date(2026, 1, 31), 0),
    "a day short": (date(2026, 1, 15), date(2026, 2, 14), 0),
    "to the day": (date(2026, 1, 15), date(2026, 2, 15), 1),
    "over a year": (date(2025, 12, 1), date(2026, 1, 1), 1),
    "from a long month": (date(2026, 1, 31), date(2026, 2, 28), 0),
    "and the day after": (date(2026, 1, 31), date(2026, 3, 1), 1),
}


@pytest.mark.parametrize(("start", "end", "months"), MONTHS.values(), ids=MONTHS.keys())
def test_whole_months_are_counted(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months
