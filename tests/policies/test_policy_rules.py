"""Which figure is obeyed on which day, and what the page of rules shows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

import policies
from policies import KINDS, Code, Holiday, PolicyError, kinds
from policies.figures import Figure, parse, printed, stricter
from policies.kinds import RuleKind
from policies.wording import counted, listing, moment, money
from tests.policies.policy_cases import COUNCIL, COUNCIL_RULES, COUNTY, HISTORICAL, LONDON, RULES, london, new_york

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, C = Code("a", "law's a"), Code("b", "law's b"), Code("c", "house's c")
LATER_B = Code("b", "house's b")
NEW_YEAR, LABOUR = Holiday(date(2026, 1, 1), "New Year"), Holiday(date(2026, 5, 1), "Labour Day")

STRICTER: dict[str, tuple[str, Figure, Figure, Figure]] = {
    "the lower ceiling is the law's": ("tier-ceiling", 5, 6, 5),
    "the lower ceiling is the house's": ("tier-ceiling", 6, 5, 5),
    "the same ceiling": ("tier-ceiling", 5, 5, 5),
    "a ceiling against none": ("tier-ceiling", None, 5, 5),
    "none against a ceiling": ("tier-ceiling", 5, None, 5),
    "no ceiling at all": ("tier-ceiling", None, None, None),
    "the longer time is the law's": ("tier-advertising", 9, 8, 9),
    "the longer time is the house's": ("tier-advertising", 8, 9, 9),
    "yes against no": ("times-no-weekend", False, True, True),
    "no against yes": ("times-no-weekend", True, False, True),
    "no and no": ("times-no-weekend", False, False, False),
    "what both allow, in the law's words": ("award-cancel-reasons", (A, B), (LATER_B, C), (B,)),
    "what either bans, the law first": ("reservation-funding-banned", (A, B), (LATER_B, C), (A, B, C)),
    "words that both allow": ("tier-arrangements", ("shared", "timed"), ("own-staff", "timed"), ("timed",)),
    "words that either demands": ("award-second-officer", ("pay",), ("award", "pay"), ("pay", "award")),
    "holidays of both": (
        "calendar-holidays",
        (NEW_YEAR,),
        (Holiday(date(2026, 1, 1), "Other"), LABOUR),
        (NEW_YEAR, LABOUR),
    ),
}


@pytest.mark.parametrize(("rule", "law", "house", "obeyed"), STRICTER.values(), ids=STRICTER.keys())
def test_the_stricter_of_law_and_house_is_obeyed(rule: str, law: Figure, house: Figure, obeyed: Figure) -> None:
    assert stricter(KINDS[rule], law, house) == obeyed


def test_every_rule_that_both_may_state_has_a_stricter_side() -> None:
    by_value = {
        "money": {"lower"},
        "whole": {"lower", "higher", "one"},
        "hour": {"higher"},
        "percent": {"lower", "higher"},
        "flag": {"yes"},
        "choice": {"one"},
        "words": {"fewer", "more"},
        "codes": {"fewer", "more"},
        "holidays": {"more"},
    }
    for kind in KINDS.values():
        assert kind.stricter in by_value[kind.value]
        assert bool(kind.choices) or kind.value != "choice"
        assert not kind.unlimited or kind.stricter == "lower"


def test_a_line_of_the_catalogue_holds_what_it_was_given() -> None:
    tier = kinds._tier("floor", "floor_minor", "A floor", "words", "fewer", choices=("a",))
    assert tier == RuleKind(
        "tier-floor", "tiers", "tiers", "floor_minor", "A floor", "words", "fewer", ("a",), per_tier=True
    )
    assert kinds._tier("x", "x", "X", "money", "lower", unlimited=True).unlimited
    rule = kinds._rule("times-close-hour", "close_hour", "An hour", "hour", "higher", choices=("b",))
    assert rule == RuleKind("times-close-hour", "times", "times", "close_hour", "An hour", "hour", "higher", ("b",))
    assert kinds._rule("times-x", "x", "X", "money", "lower", unlimited=True).unlimited
    assert kinds._rule("times-x", "x", "X", "words", "more", add_up=True).add_up


def test_the_council_pays_by_its_own_shorter_term() -> None:
    assert COUNCIL_RULES.payment.max_days == 14
    line = COUNCIL_RULES.text("payment-days")
    assert (line.layer, line.wins, line.figure) == ("house", True, 14)
    assert line.text == "The firm is paid within 14 days of its invoice."
    both = [one for one in COUNCIL_RULES.texts() if one.id == "payment-days"]
    assert [(one.layer, one.wins, one.figure) for one in both] == [("house", True, 14), ("law", False, 30)]


def test_where_law_and_house_agree_both_are_obeyed() -> None:
    both = [one for one in COUNCIL_RULES.texts() if one.id == "reservation-ceiling"]
    assert [(one.layer, one.wins) for one in both] == [("house", True), ("law", True)]


def test_a_list_that_is_neither_the_laws_nor_the_houses_is_obeyed_as_both() -> None:
    plain = msgspec.json.decode(COUNCIL.document)
    (house,) = [one for one in plain["rules"] if one["rule"] == "reservation-kinds" and one["layer"] == "house"]
    house["figure"] = ["local", "size"]
    rules = policies.from_document(msgspec.json.encode(plain, order="sorted")).rules(london("2026-03-02 12:00"))
    assert rules.reservation.kinds == ("local",)
    line = rules.text("reservation-kinds")
    assert (line.figure, line.wins, line.text) == (("local",), True, "A pilot may be reserved for local firms.")
    assert [one.wins for one in rules.texts() if one.id == "reservation-kinds"] == [True, True]


def test_a_statement_for_two_sizes_is_obeyed_if_one_of_them_obeys_it() -> None:
    plain = msgspec.json.decode(COUNTY.document)
    (both,) = [one for one in plain["rules"] if one["rule"] == "tier-panel-largest"]
    law = both | {"layer": "law", "source": "an act", "status": "verified"}
    plain["rules"].remove(both)
    plain["rules"] += [both | {"tiers": ["T1"], "figure": 3}, law]
    plain["rules"].sort(key=lambda one: (one["rule"], one["layer"], one.get("tiers", []), one.get("year", 0)))
    rules = policies.from_document(msgspec.json.encode(plain, order="sorted")).rules(new_york("2026-03-02 12:00"))
    assert (rules.tier("T0").panel_largest, rules.tier("T1").panel_largest) == (5, 3)
    lines = [one for one in rules.texts() if one.id == "tier-panel-largest"]
    assert {(one.layer, one.figure, one.wins) for one in lines} == {("law", 5, True), ("house", 3, True)}


def test_amounts_are_printed_in_the_currency_of_the_rules() -> None:
    for lines in (RULES.texts(), COUNTY.rule_texts()):
        printed_amounts = [line.text for line in lines if KINDS[line.id].value == "money"]
        assert printed_amounts
        assert all("USD " in text for text in printed_amounts)


def test_what_either_bans_is_banned() -> None:
    assert {code.code for code in RULES.reservation.banned_funding} == {"federal-grant", "state-grant"}
    both = [one for one in RULES.texts() if one.id == "reservation-funding-banned"]
    assert [(one.layer, one.wins) for one in both] == [("house", True), ("law", False)]


DAYS: dict[str, tuple[str, tuple[str, ...], int]] = {
    "the last day of 2025": ("2025-12-31 23:59", (), 1),
    "the first day of 2026": ("2026-01-01 00:00", (), 2),
    "the last minute of 3 February": ("2026-02-03 23:59", (), 2),
    "the first minute of 4 February": ("2026-02-04 00:00", ("local",), 2),
}


@pytest.mark.parametrize(("at", "kinds", "ceilings"), DAYS.values(), ids=DAYS.keys())
def test_a_rule_holds_from_the_first_minute_of_its_day(at: str, kinds: tuple[str, ...], ceilings: int) -> None:
    rules = COUNCIL.rules(london(at))
    assert rules.reservation.kinds == kinds
    assert len([one for one in rules.texts() if one.id == "reservation-ceiling"]) == ceilings


def test_days_are_those_of_the_jurisdiction() -> None:
    assert COUNTY.rules(new_york("2025-01-01 00:00")).day == date(2025, 1, 1)
    assert COUNTY.rules(new_york("2026-12-31 23:59")).day == date(2026, 12, 31)


def test_the_rules_pinned_by_a_document_do_not_change_with_the_day_they_are_asked() -> None:
    at = london("2026-02-03 12:00")
    assert policies.from_document(COUNCIL.document).rules(at) == COUNCIL.rules(at)
    assert COUNCIL.rules(at).digest == COUNCIL.digest


def test_every_sentence_is_shown_with_its_figure() -> None:
    for name in policies.available():
        jurisdiction = policies.load_jurisdiction(name)
        rules = jurisdiction.rules(datetime(2026, 3, 2, tzinfo=UTC))
        for line in [*jurisdiction.rule_texts(), *rules.texts()]:
            assert "{" not in line.text
            assert line.text.endswith(".")
            assert line.because.endswith((".", ")."))
            assert line.title == KINDS[line.id].title
            assert (line.source.startswith("house")) == (line.layer == "house")
        assert all(line.wins is None for line in jurisdiction.rule_texts())
        assert {line.id for line in rules.texts()} >= set(KINDS) - {"calendar-holidays"}
        assert all(any(one.wins for one in rules.texts() if one.id == line.id) for line in rules.texts())


def test_a_line_of_the_page_says_all_that_is_known() -> None:
    line = RULES.text("tier-ceiling", "T1")
    assert line.text == "A pilot costs at most USD 35,000."
    assert (line.topic, line.tiers, line.year, line.figure) == ("tiers", ("T1",), None, 3_500_000)
    assert (line.status, line.since, line.until) == ("proposal", "2025-01-01", None)
    assert RULES.text("tier-ceiling").tiers == ("T0",)
    assert RULES.text("calendar-holidays", 2026).year == 2026
    (ended,) = [one for one in COUNCIL.rule_texts() if one.until]
    assert (ended.since, ended.until) == ("2025-02-24", "2026-02-04")
    assert ended.text == "Before 4 February 2026 a council may reserve contracts for: none."


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a rule that does not exist": (lambda: RULES.text("tier-floor"), "rule-unknown"),
    "a size without this rule": (lambda: RULES.text("tier-ceiling", "T9"), "rule-unknown"),
    "a year without holidays": (lambda: RULES.text("calendar-holidays", 2040), "rule-unknown"),
    "a size that does not exist": (lambda: RULES.tier("T2"), "tier-unknown"),
    "a day before the rules": (lambda: COUNTY.rules(new_york("2024-12-31 23:59")), "rule-not-in-force"),
    "a moment without a zone": (lambda: COUNTY.rules(datetime.fromisoformat("2026-03-02")), "time-naive"),
    "a size without deadlines": (
        lambda: policies.standstill_end(RULES, new_york("2026-03-02"), LONDON, "T2"),
        "tier-unknown",
    ),
}


@pytest.mark.parametrize(("call", "reason"), WRONG.values(), ids=WRONG.keys())
def test_what_rules_do_not_know_is_refused(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(PolicyError) as refused:
        call()
    assert refused.value.reason == reason


def test_the_past_has_no_least_times_and_price_alone_decides() -> None:
    rules = HISTORICAL.rules(datetime(2016, 3, 14, tzinfo=UTC))
    tier = rules.tier("T1")
    assert (tier.ceiling_minor, tier.advertising_working_days, tier.standstill_working_days) == (None, 0, 0)
    assert (rules.evaluation.price_weight_least, rules.evaluation.tie) == (100, "earliest")
    assert (rules.currency, rules.purpose, rules.reservation.kinds) == ("any", "re-enactment", ())
    assert rules.award.second_officer_acts == ()


def test_the_two_live_rule_sets_differ_where_their_places_do() -> None:
    assert (RULES.currency, COUNCIL_RULES.currency) == ("USD", "GBP")
    assert (RULES.tax, COUNCIL_RULES.tax) == ("excluded", "included")
    assert (RULES.tier("T1").standstill_working_days, COUNCIL_RULES.tier("T1").standstill_working_days) == (5, 8)
    assert COUNCIL_RULES.reservation.ceiling_minor == 20_772_000


PRINTED: dict[str, tuple[str, Figure, str]] = {
    "money": ("tier-ceiling", 20_772_050, "GBP 207,720.50"),
    "no limit": ("tier-ceiling", None, "no limit"),
    "days": ("tier-advertising", 1_000, "1,000"),
    "a truth": ("times-no-weekend", True, "yes"),
    "an untruth": ("times-no-weekend", False, "no"),
    "a choice": ("evaluation-tie", "lot", "by lot"),
    "codes": ("reservation-funding-banned", (A, B, C), "law's a, law's b or house's c"),
    "words": ("calendar-weekdays", ("mon", "tue"), "Monday and Tuesday"),
    "plain words": ("reservation-kinds", ("local", "sme"), "local or small or medium"),
    "holidays": ("calendar-holidays", (NEW_YEAR,), "2026-01-01 (New Year)"),
    "nothing": ("reservation-kinds", (), "none"),
}


@pytest.mark.parametrize(("rule", "figure", "text"), PRINTED.values(), ids=PRINTED.keys())
def test_figures_read_as_people_write_them(rule: str, figure: Figure, text: str) -> None:
    assert printed(KINDS[rule], figure, "GBP") == text


LIMITS: dict[str, tuple[str, Any, bool]] = {
    "nothing at all": ("tier-ceiling", 0, True),
    "the largest amount": ("tier-ceiling", 2**53 - 1, True),
    "a cent more": ("tier-ceiling", 2**53, False),
    "the largest count": ("tier-advertising", 1_000_000, True),
    "one more": ("tier-advertising", 1_000_001, False),
    "a whole": ("evaluation-min-quality", 100, True),
    "more than a whole": ("evaluation-min-quality", 101, False),
    "the last hour": ("times-close-hour", 23, True),
    "an hour too many": ("times-close-hour", 24, False),
    "below nothing": ("tier-ceiling", -1, False),
    "a list for a count": ("tier-advertising", [], False),
    "a code twice": ("award-next-reasons", [{"code": "a", "text": "x"}, {"code": "a", "text": "y"}], False),
    "a code with more": ("award-next-reasons", [{"code": "a", "text": "x", "more": 1}], False),
    "a code that is a number": ("award-next-reasons", [{"code": 1, "text": "x"}], False),
    "a word for a code": ("award-next-reasons", ["a"], False),
    "a holiday twice": (
        "calendar-holidays",
        [{"day": "2026-01-01", "name": "x"}, {"day": "2026-01-01", "name": "y"}],
        False,
    ),
    "a truth that is a number": ("times-no-weekend", 1, False),
    "a choice that is a number": ("evaluation-tie", 1, False),
}


@pytest.mark.parametrize(("rule", "raw", "fits"), LIMITS.values(), ids=LIMITS.keys())
def test_figures_are_taken_up_to_their_limit(*, rule: str, raw: object, fits: bool) -> None:
    if fits:
        assert parse(KINDS[rule], raw) == raw
        return
    with pytest.raises(PolicyError) as refused:
        parse(KINDS[rule], raw)
    assert (refused.value.reason, refused.value.key) == ("policy-figure", "figure")


def test_words_people_read() -> None:
    assert money(-1_05, "USD") == "USD -1.05"
    assert money(1_000, "JPY") == "JPY 1,000"
    assert (listing(("a", "b")), listing(("a", "b", "c"), "and")) == ("a or b", "a, b and c")
    assert (counted(1, "day"), counted(0, "day"), counted(1_000, "day")) == ("1 day", "0 days", "1,000 days")
    assert moment(london("2026-07-01 12:05"), LONDON) == "Wed 1 Jul 2026, 12:05 (Europe/London)"
