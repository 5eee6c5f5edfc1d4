"""The legality gate: for whom may a pilot be reserved, on which side of each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import reserve
from tests.policies.policy_cases import COUNCIL, COUNCIL_RULES, HISTORICAL, PUBLISHED, RULES, london, with_rules

if TYPE_CHECKING:
    from policies import Rules

COUNTY_CEILING = 10_000_000
COUNCIL_CEILING = 20_772_000
BEFORE_THE_ORDER = COUNCIL.rules(london("2026-02-03 23:59"))
SINCE_THE_ORDER = COUNCIL.rules(london("2026-02-04 00:00"))

GATE: dict[str, tuple[Rules, str, str, str, int, str, str | None]] = {
    "wished open": (RULES, "open", "not-sure", "not-sure", 10**12, "open", None),
    "all is well": (RULES, "local", "own-money", "no", 3_000_000, "local", "reservation-kinds"),
    "a cent below the ceiling": (RULES, "local", "own-money", "no", COUNTY_CEILING - 1, "local", "reservation-kinds"),
    "at the ceiling": (RULES, "local", "own-money", "no", COUNTY_CEILING, "open", "reservation-ceiling"),
    "a cent above the ceiling": (RULES, "local", "own-money", "no", COUNTY_CEILING + 1, "open", "reservation-ceiling"),
    "money banned by law": (RULES, "local", "federal-grant", "no", 1, "open", "reservation-funding-banned"),
    "money banned by the house": (RULES, "local", "state-grant", "no", 1, "open", "reservation-funding-banned"),
    "money nobody named": (RULES, "local", "lottery", "no", 1, "open", "reservation-funding-allowed"),
    "not sure which money": (RULES, "local", "not-sure", "no", 1, "open", "reservation-funding-allowed"),
    "outsiders could want it": (RULES, "local", "own-money", "yes", 1, "open", "reservation-cross-border-check"),
    "not sure whether outsiders could": (
        RULES,
        "local",
        "own-money",
        "not-sure",
        1,
        "open",
        "reservation-cross-border-check",
    ),
    "a kind nobody allows": (RULES, "national", "own-money", "no", 1, "open", "reservation-kinds"),
    "England, a penny below": (
        COUNCIL_RULES,
        "local",
        "own-money",
        "no",
        COUNCIL_CEILING - 1,
        "local",
        "reservation-kinds",
    ),
    "England, at the threshold": (
        COUNCIL_RULES,
        "local",
        "own-money",
        "no",
        COUNCIL_CEILING,
        "open",
        "reservation-ceiling",
    ),
    "England, a kind the law allows and the house does not": (
        COUNCIL_RULES,
        "sme",
        "own-money",
        "no",
        1,
        "open",
        "reservation-kinds",
    ),
    "England, national money": (COUNCIL_RULES, "local", "government-grant", "no", 1, "local", "reservation-kinds"),
    "England, foreign money": (COUNCIL_RULES, "local", "foreign-grant", "no", 1, "open", "reservation-funding-banned"),
    "England on 3 February 2026": (BEFORE_THE_ORDER, "local", "own-money", "no", 1, "open", "reservation-kinds"),
    "England on 4 February 2026": (SINCE_THE_ORDER, "local", "own-money", "no", 1, "local", "reservation-kinds"),
    "the past": (HISTORICAL.rules(PUBLISHED), "local", "own-money", "no", 1, "open", "reservation-kinds"),
}


@pytest.mark.parametrize(
    ("rules", "wanted", "funding", "cross_border", "value", "kind", "rule"),
    GATE.values(),
    ids=GATE.keys(),
)
def test_a_pilot_is_reserved_only_where_every_condition_holds(
    *,
    rules: Rules,
    wanted: str,
    funding: str,
    cross_border: str,
    value: int,
    kind: str,
    rule: str | None,
) -> None:
    decided = reserve(rules, wanted, funding, cross_border, value)
    assert (decided.kind, decided.rule) == (kind, rule)


@settings(deadline=None)
@given(
    st.sampled_from(["own-money", "federal-grant", "not-sure", "?"]),
    st.sampled_from(["no", "yes", "not-sure"]),
    st.integers(-1, 2**53),
)
def test_not_sure_never_ends_reserved(funding: str, cross_border: str, value: int) -> None:
    for rules in (RULES, COUNCIL_RULES):
        decided = reserve(rules, "local", funding, cross_border, value)
        assert decided.kind == "open" or (funding, cross_border) == ("own-money", "no")
        assert decided.sentence.endswith(".")


SENTENCES = {
    "reserved": (
        ("local", "own-money", "no", 1),
        "Reserved for local firms: the money, the value and the market allow it.",
    ),
    "open": (("open", "own-money", "no", 1), "Open to every firm, as you wished."),
    "ceiling": (
        ("local", "own-money", "no", COUNTY_CEILING),
        "Open to every firm: its value of USD 100,000 is not below USD 100,000.",
    ),
    "allowed money": (
        ("local", "lottery", "no", 1),
        "Open to every firm: only this money may pay for a reserved pilot: the county's own money.",
    ),
    "not sure": (
        ("local", "own-money", "not-sure", 1),
        "Open to every firm: you are not sure whether firms from elsewhere could want this.",
    ),
    "yes": (("local", "own-money", "yes", 1), "Open to every firm: firms from elsewhere could want this."),
}


@pytest.mark.parametrize(("asked", "sentence"), SENTENCES.values(), ids=SENTENCES.keys())
def test_the_gate_says_why_in_one_sentence(asked: tuple[str, str, str, int], sentence: str) -> None:
    assert reserve(RULES, *asked).sentence == sentence


def test_without_a_ceiling_any_value_may_be_reserved() -> None:
    rules = with_rules(RULES, "reservation", ceiling_minor=None)
    assert reserve(rules, "local", "own-money", "no", 2**53 - 1).kind == "local"


def test_rules_that_do_not_ask_about_outsiders_take_every_answer() -> None:
    rules = with_rules(RULES, "reservation", cross_border_check=False)
    assert reserve(rules, "local", "own-money", "yes", 1).kind == "local"
