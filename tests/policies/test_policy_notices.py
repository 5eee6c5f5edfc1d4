from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

import policies
from policies import Criterion, judge_notice
from tests.policies.policy_cases import (
    COUNCIL,
    COUNCIL_RULES,
    HISTORICAL,
    LONDON,
    NEW_YORK,
    PUBLISHED,
    RULES,
    london,
    new_york,
    pilot,
    priced,
    try_out,
    with_rules,
)

if TYPE_CHECKING:
    from policies import NoticeFacts, Rules


def reasons(notice: NoticeFacts, rules: Rules = RULES) -> list[str]:
    return [finding.reason for finding in judge_notice(rules, notice, PUBLISHED, NEW_YORK)]


def criteria(*weights: int, name: str = "Approach") -> tuple[Criterion, ...]:
    return tuple(Criterion(f"c{number}", name, weight) for number, weight in enumerate(weights))


ALLOWED = {
    "the pilot itself": pilot(),
    "the try-out itself": try_out(),
    "firms name the price": priced(),
    "a try-out at its ceiling": try_out(budget_minor=1_000_000, milestones=(600_000, 400_000)),
    "a pilot at its ceiling": pilot(budget_minor=3_500_000, milestones=(1_500_000, 1_000_000, 1_000_000)),
    "tax stated as the rules state it": pilot(tax="excluded"),
    "open to every firm, whatever the money": pilot(reservation="open", funding="federal-grant", cross_border="yes"),
    "two criteria of 50": pilot(criteria=criteria(50, 50)),
    "four criteria": pilot(criteria=criteria(25, 25, 25, 25)),
    "price at its most": priced(price_weight=50, criteria=criteria(50)),
    "a floor of nothing": priced(floor_minor=0),
    "the largest panel": pilot(evaluators=5),
    "every key but one needed": pilot(k=4, keepers=5),
    "paid at once": pilot(payment_days=0),
    "no training place": pilot(learner_places=0),
    "a small pilot paid in one step": try_out(budget_minor=500_000, milestones=(500_000,)),
    "a largest milestone of 60 percent": pilot(milestones=(1_800_000, 1_200_000)),
    "offers not timed": pilot(offers_by=None),
    "keys kept with a public draw besides": pilot(arrangement="timed"),
}

REFUSED: dict[str, tuple[NoticeFacts, list[str]]] = {
    "a size that is unknown": (pilot(tier="T9"), ["tier-unknown"]),
    "a cent above a try-out": (
        try_out(budget_minor=1_000_001, milestones=(400_001, 300_000, 300_000)),
        ["tier-ceiling"],
    ),
    "a cent above a pilot": (
        pilot(budget_minor=3_500_001, milestones=(1_500_001, 1_000_000, 1_000_000)),
        ["tier-ceiling"],
    ),
    "another currency": (pilot(currency="EUR"), ["currency-wrong"]),
    "another tax mode": (pilot(tax="included"), ["tax-wrong"]),
    "a negative price": (pilot(budget_minor=-1), ["amount-negative", "milestones-sum"]),
    "no price": (pilot(budget_minor=0), ["amount-zero", "milestones-sum"]),
    "a price beyond counting": (
        pilot(budget_minor=2**53),
        ["reservation-not-allowed", "amount-too-large", "milestones-sum"],
    ),
    "a negative milestone": (pilot(milestones=(3_000_001, -1)), ["amount-negative", "milestone-share"]),
    "a milestone of nothing": (pilot(milestones=(1_500_000, 0, 1_500_000)), ["amount-zero", "milestone-last"]),
    "a negative floor": (priced(floor_minor=-1), ["amount-negative"]),
    "a try-out where firms name the price": (
        try_out(price_mode="priced", floor_minor=1),
        ["price-mode", "price-weight", "keepers-arrangement"],
    ),
    "a way of pricing that does not exist": (pilot(price_mode="guessed"), ["price-mode"]),
    "a fixed price with a floor": (pilot(floor_minor=1), ["price-floor"]),
    "a named price without a floor": (priced(floor_minor=None), ["price-floor"]),
    "a floor at the ceiling": (priced(floor_minor=3_000_000), ["price-floor"]),
    "no criterion": (pilot(criteria=()), ["criteria-missing", "weights-sum"]),
    "five criteria": (pilot(criteria=criteria(20, 20, 20, 20, 20)), ["criteria-too-many"]),
    "two criteria with one id": (
        pilot(criteria=(Criterion("a", "A", 50), Criterion("a", "B", 50))),
        ["criteria-repeated"],
    ),
    "cultural fit": (pilot(criteria=criteria(50, 50, name="Cultural fit with us")), ["criterion-forbidden"] * 2),
    "cultural fit in disguise": (
        pilot(criteria=(Criterion("a", "our CULTURAL-Fit", 50), Criterion("b", "B", 50))),
        ["criterion-forbidden"],
    ),
    "weights of 99": (pilot(criteria=criteria(50, 49)), ["weights-sum"]),
    "weights of 101": (pilot(criteria=criteria(50, 50, 1)), ["weights-sum"]),
    "a criterion of 51": (pilot(criteria=criteria(51, 49)), ["weights-single"]),
    "a criterion that weighs nothing": (pilot(criteria=criteria(50, 50, 0)), ["weight-not-positive"]),
    "training places of 11": (
        pilot(criteria=(Criterion("a", "A", 50), Criterion("b", "B", 39), Criterion("social", "Training", 11))),
        ["weights-social"],
    ),
    "a weight for a fixed price": (pilot(criteria=criteria(50, 40), price_weight=10), ["price-weight"]),
    "price at 19": (priced(price_weight=19, criteria=criteria(41, 40)), ["price-weight"]),
    "price at 51": (priced(price_weight=51, criteria=criteria(49)), ["price-weight"]),
    "two people score a pilot": (pilot(evaluators=2), ["panel-size"]),
    "nobody scores a try-out": (try_out(evaluators=0), ["panel-size"]),
    "six people score": (pilot(evaluators=6), ["panel-size"]),
    "four people score": (pilot(evaluators=4), ["panel-even"]),
    "a pilot's keys kept by own people": (pilot(arrangement="own-staff"), ["keepers-arrangement"]),
    "keys kept by nobody known": (pilot(arrangement="server"), ["keepers-arrangement"]),
    "two keepers": (pilot(keepers=2), ["keepers-count", "keepers-spare"]),
    "one key opens": (pilot(k=1), ["keepers-threshold"]),
    "every key is needed": (pilot(k=3), ["keepers-spare"]),
    "more keys needed than kept": (pilot(k=4), ["keepers-spare"]),
    "a proposal one byte larger": (pilot(proposal_size=16_385), ["envelope-size"]),
    "a proposal one byte smaller": (pilot(proposal_size=16_383), ["envelope-size"]),
    "an offer one byte larger": (pilot(offer_size=8_193), ["envelope-size"]),
    "paid after 15 days": (pilot(payment_days=15), ["payment-days"]),
    "paid before the work": (pilot(payment_days=-1), ["payment-days"]),
    "training places below zero": (pilot(learner_places=-1), ["learner-places-negative"]),
    "no milestone": (pilot(milestones=()), ["milestones-missing"]),
    "milestones a cent short": (pilot(milestones=(1_000_000, 1_000_000, 999_999)), ["milestones-sum"]),
    "a milestone a cent above 60 percent": (pilot(milestones=(1_800_001, 1_199_999)), ["milestone-share"]),
    "a last milestone a cent above 40 percent": (pilot(milestones=(1_799_999, 1_200_001)), ["milestone-last"]),
    "a pilot a cent too large for one step": (
        try_out(budget_minor=500_001, milestones=(500_001,)),
        ["milestone-share", "milestone-last"],
    ),
    "reserved with money that forbids it": (pilot(funding="federal-grant"), ["reservation-not-allowed"]),
    "reserved though outsiders could want it": (pilot(cross_border="yes"), ["reservation-not-allowed"]),
    "reserved by somebody who is not sure": (pilot(cross_border="not-sure"), ["reservation-not-allowed"]),
    "reserved for a kind the rules do not know": (pilot(reservation="sme"), ["reservation-not-allowed"]),
}


@pytest.mark.parametrize("notice", ALLOWED.values(), ids=ALLOWED.keys())
def test_a_notice_within_the_rules_may_be_published(notice: NoticeFacts) -> None:
    assert judge_notice(RULES, notice, PUBLISHED, NEW_YORK) == []


@pytest.mark.parametrize(("notice", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_notice_outside_the_rules_is_refused_by_name(notice: NoticeFacts, expected: list[str]) -> None:
    assert reasons(notice) == expected


@pytest.mark.parametrize("notice", [notice for notice, _ in REFUSED.values()], ids=REFUSED.keys())
def test_every_refusal_says_what_is_wrong_and_how_to_mend_it(notice: NoticeFacts) -> None:
    for finding in judge_notice(RULES, notice, PUBLISHED, NEW_YORK):
        assert finding.sentence.endswith(".")
        assert finding.fix.endswith(".")
        assert "  " not in finding.sentence + finding.fix
        assert finding.rule is None or finding.rule in policies.KINDS
        assert all(not isinstance(figure, bool) for figure in finding.figures.values())


def test_spaces_do_not_hide_a_forbidden_word() -> None:
    assert reasons(pilot(criteria=(Criterion("a", "Cultural   fit", 50), Criterion("b", "B", 50)))) == [
        "criterion-forbidden",
    ]


def finding(notice: NoticeFacts, rules: Rules = RULES) -> policies.Finding:
    (only,) = judge_notice(rules, notice, PUBLISHED, NEW_YORK)
    return only


WORDS: dict[str, tuple[NoticeFacts, str, str, dict[str, Any]]] = {
    "a try-out that costs too much": (
        try_out(budget_minor=1_200_050, milestones=(600_000, 300_000, 300_050)),
        "A try-out costs at most USD 10,000; this one is announced at USD 12,000.50.",
        "Lower the amount to USD 10,000, or publish it as a pilot.",
        {"limit": 1_000_000, "given": 1_200_050},
    ),
    "a try-out as dear as the dearest pilot": (
        try_out(budget_minor=3_500_000, milestones=(2_000_000, 1_000_000, 500_000)),
        "A try-out costs at most USD 10,000; this one is announced at USD 35,000.",
        "Lower the amount to USD 10,000, or publish it as a pilot.",
        {"limit": 1_000_000, "given": 3_500_000},
    ),
    "a pilot that costs too much": (
        pilot(budget_minor=4_000_000, milestones=(1_000_000,) * 4),
        "A pilot costs at most USD 35,000; this one is announced at USD 40,000.",
        "Lower the amount to USD 35,000, or buy it by your ordinary procedure.",
        {"limit": 3_500_000, "given": 4_000_000},
    ),
    "weights that do not add up": (
        pilot(criteria=criteria(50, 40)),
        "The weights add up to 90, not to 100.",
        "Add 10 somewhere.",
        {"limit": 100, "given": 90},
    ),
    "weights that add up to more": (
        pilot(criteria=criteria(50, 50, 5)),
        "The weights add up to 105, not to 100.",
        "Take away 5 somewhere.",
        {"limit": 100, "given": 105},
    ),
    "one person too few": (
        pilot(evaluators=1),
        "1 person would score; it takes at least 3.",
        "Name 2 more.",
        {"limit": 3, "given": 1},
    ),
    "two people too many": (
        pilot(evaluators=7),
        "7 people would score; at most 5 may.",
        "Take 2 off the list.",
        {"limit": 5, "given": 7},
    ),
    "price weighs too little": (
        priced(price_weight=10, criteria=criteria(45, 45)),
        "Price weighs 10; it must weigh between 20 and 50.",
        "Choose a weight between 20 and 50.",
        {"least": 20, "most": 50, "given": 10},
    ),
    "keys kept by own people": (
        pilot(arrangement="own-staff"),
        "The keys may not be kept by the agency's own people at this size.",
        "Choose one of: several organisations together or several organisations together with a public draw.",
        {"given": "own-staff", "tier": "T1"},
    ),
    "the gate closed by the money": (
        pilot(funding="state-grant"),
        "This pilot may not be reserved: state grant money forbids reserving.",
        "Publish it open to every firm.",
        {"wanted": "local", "funding": "state-grant", "cross_border": "no", "value": 3_000_000},
    ),
    "five criteria": (
        pilot(criteria=criteria(20, 20, 20, 20, 20)),
        "The notice has 5 criteria; at most 4 are allowed.",
        "Join criteria that ask for the same thing.",
        {"limit": 4, "given": 5},
    ),
    "a milestone that is too large": (
        pilot(milestones=(2_000_000, 1_000_000)),
        "The largest milestone is USD 20,000 of USD 30,000; at most 60 % is allowed.",
        "Split the work into smaller steps.",
        {"limit": 1_800_000, "given": 2_000_000},
    ),
}


@pytest.mark.parametrize(("notice", "sentence", "fix", "figures"), WORDS.values(), ids=WORDS.keys())
def test_a_refusal_names_the_figures_in_plain_words(
    notice: NoticeFacts,
    sentence: str,
    fix: str,
    figures: dict[str, Any],
) -> None:
    only = finding(notice)
    assert (only.sentence, only.fix, only.figures) == (sentence, fix, figures)


def test_own_people_keep_the_keys_of_a_try_out_only_where_the_price_is_fixed() -> None:
    tier = msgspec.structs.replace(RULES.tier("T0"), price_modes=("fixed", "priced"))
    rules = msgspec.structs.replace(RULES, tiers=RULES.tiers | {"T0": tier})
    notice = priced(
        tier="T0",
        budget_minor=900_000,
        floor_minor=1,
        milestones=(540_000, 360_000),
        arrangement="own-staff",
    )
    only = finding(notice, rules)
    assert (only.rule, only.reason) == ("sealing-own-staff", "keepers-arrangement")
    assert only.sentence == "The keys may not be kept by the agency's own people where firms name the price."
    assert (
        only.fix
        == "Choose one of: several organisations together or several organisations together with a public draw."
    )


def test_price_alone_must_weigh_exactly_what_the_rules_say() -> None:
    rules = with_rules(RULES, "evaluation", price_weight_least=40, price_weight_most=40)
    only = finding(priced(), rules)
    assert only.sentence == "Price weighs 20; it must weigh 40."
    assert only.fix == "Choose a weight of 40."


def test_payment_without_a_limit_still_refuses_days_below_zero() -> None:
    rules = with_rules(RULES, "payment", max_days=None)
    assert reasons(pilot(payment_days=400), rules) == []
    assert reasons(pilot(payment_days=-1), rules) == ["payment-days"]


def test_milestones_may_be_missing_where_the_rules_do_not_ask_for_them() -> None:
    assert reasons(pilot(milestones=()), with_rules(RULES, "payment", milestones_required=False)) == []


def test_any_panel_size_will_do_where_the_rules_do_not_ask_for_an_odd_one() -> None:
    assert reasons(pilot(evaluators=4), with_rules(RULES, "evaluation", panel_odd=False)) == []


def test_the_council_lets_no_office_keep_its_own_keys() -> None:
    notice = try_out(currency="GBP", tax="included", milestones=(300_000, 200_000))
    notice = msgspec.structs.replace(
        notice,
        questions_close=london("2026-03-09 17:00"),
        closes=london("2026-03-17 12:00"),
        objection_until=london("2026-03-18 12:00"),
        opens_by=london("2026-03-20 00:00"),
        offers_by=None,
    )
    (only,) = judge_notice(COUNCIL_RULES, notice, london("2026-03-02 09:00"), LONDON)
    assert only.reason == "keepers-arrangement"
    before = COUNCIL.rules(london("2026-02-03 12:00"))
    assert "reservation-not-allowed" in [one.reason for one in judge_notice(before, notice, PUBLISHED, LONDON)]


def test_a_purchase_of_the_past_is_published_as_recorded() -> None:
    at = new_york("2016-03-12 03:00")
    notice = pilot(
        price_mode="priced",
        currency="USD",
        budget_minor=350_000,
        funding="not-sure",
        cross_border="not-sure",
        reservation="open",
        criteria=(),
        price_weight=100,
        questions_close=at,
        closes=new_york("2016-03-13 23:59"),
        objection_until=new_york("2016-03-13 23:59"),
        opens_by=new_york("2016-03-13 23:59"),
        offers_by=None,
        arrangement="own-staff",
        evaluators=0,
        milestones=(),
        payment_days=900,
    )
    assert judge_notice(HISTORICAL.rules(at), notice, at, NEW_YORK) == []
    taxed = msgspec.structs.replace(notice, tax="included")
    assert judge_notice(HISTORICAL.rules(at), taxed, at, NEW_YORK) == []


def test_rules_for_the_past_may_not_be_adopted_for_real() -> None:
    (only,) = policies.judge_live_use(HISTORICAL)
    assert only.reason == "policy-re-enactment-only"
    assert only.figures == {"policy": "historical"}
    assert policies.judge_live_use(COUNCIL) == []
