"""
May this notice be published? The first question is whether it may be reserved at all; then size, bids, keys, times, pay.

- All faults are listed at once: a manager mends a notice in one sitting.
- An empty list means yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.findings import Finding
from policies.kinds import PRICE_MODES
from policies.notice_scoring import judge_scoring
from policies.notice_times import judge_times
from policies.reservation import obstacle_to
from policies.wording import TIER_NAMES, counted, listing, money, named

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from policies.notice_facts import NoticeFacts
    from policies.rules import Rules

LARGEST_MINOR: Final = 2**53 - 1
_ANY: Final = "any"
_KEEPER_FIXES: Final = {
    "keepers-count": "Ask more people to keep keys.",
    "keepers-threshold": "Let more keys be needed.",
    "keepers-spare": "Ask more people to keep keys, or let fewer keys be needed.",
}


def judge_notice(rules: Rules, notice: NoticeFacts, published: datetime, zone: ZoneInfo) -> list[Finding]:
    """
    List what forbids a notice; the legality gate comes first.

    Args:
        rules: Those in force at `published`.
        published: When the notice would appear.
        zone: The agency's, in which whole days count.
    """
    if notice.tier not in rules.tiers:
        known = listing(tuple(rules.tiers))
        sentence = f"These rules know no size {notice.tier} of pilot."
        return [Finding(None, "tier-unknown", sentence, f"Choose one of {known}.", {"given": notice.tier})]
    return [
        *_reservation(rules, notice),
        *_money(rules, notice),
        *_price(rules, notice),
        *judge_scoring(rules, notice),
        *_keepers(rules, notice),
        *_envelopes(rules, notice),
        *judge_times(rules, notice, published, zone),
        *_payment(rules, notice),
    ]


def _reservation(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    if notice.reservation == "open":
        return []
    obstacle = obstacle_to(rules, notice.reservation, notice.funding, notice.cross_border, notice.budget_minor)
    if obstacle is None:
        return []
    return [
        Finding(
            obstacle.rule,
            "reservation-not-allowed",
            f"This pilot may not be reserved: {obstacle.why}",
            "Publish it open to every firm.",
            {
                "wanted": notice.reservation,
                "funding": notice.funding,
                "cross_border": notice.cross_border,
                "value": notice.budget_minor,
            },
        )
    ]


def _money(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    if rules.currency not in {_ANY, notice.currency}:
        findings.append(
            Finding(
                None,
                "currency-wrong",
                f"The amounts are in {notice.currency}; these rules count in {rules.currency}.",
                f"State every amount in {rules.currency}.",
                {"given": notice.currency, "limit": rules.currency},
            )
        )
    if rules.tax != "none" and notice.tax not in {None, rules.tax}:
        findings.append(
            Finding(
                None,
                "tax-wrong",
                f"The amounts are stated with tax {notice.tax}; these rules count with tax {rules.tax}.",
                f"State every amount with tax {rules.tax}.",
                {"given": str(notice.tax), "limit": rules.tax},
            )
        )
    return findings + (_amounts(notice) or _ceiling(rules, notice))


def _amounts(notice: NoticeFacts) -> list[Finding]:
    amounts = [("budget", notice.budget_minor), *(("milestone", amount) for amount in notice.milestones)]
    if notice.floor_minor is not None:
        amounts.append(("floor", notice.floor_minor))
    findings = []
    for name, amount in amounts:
        if amount < 0:
            sentence = f"The {name} is {money(amount, notice.currency)}; no amount may be below zero."
            findings.append(
                Finding(None, "amount-negative", sentence, "Enter what will be paid.", {"field": name, "given": amount})
            )
        elif amount == 0 and name != "floor":
            sentence = f"The {name} is zero; work is paid."
            findings.append(
                Finding(None, "amount-zero", sentence, "Enter what will be paid.", {"field": name, "given": 0})
            )
        elif amount > LARGEST_MINOR:
            sentence = f"The {name} is larger than any amount this portal can hold."
            findings.append(
                Finding(
                    None,
                    "amount-too-large",
                    sentence,
                    "Check the number of digits.",
                    {"field": name, "limit": LARGEST_MINOR},
                )
            )
    return findings


def _ceiling(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    ceiling = rules.tier(notice.tier).ceiling_minor
    if ceiling is None or notice.budget_minor <= ceiling:
        return []
    name = TIER_NAMES[notice.tier]
    larger = [
        one
        for one, tier in rules.tiers.items()
        if tier.ceiling_minor is None or tier.ceiling_minor >= notice.budget_minor
    ]
    other = f", or publish it as a {TIER_NAMES[larger[0]]}" if larger else ", or buy it by your ordinary procedure"
    return [
        Finding(
            "tier-ceiling",
            "tier-ceiling",
            f"A {name} costs at most {money(ceiling, notice.currency)}; this one is announced at {money(notice.budget_minor, notice.currency)}.",
            f"Lower the amount to {money(ceiling, notice.currency)}{other}.",
            {"limit": ceiling, "given": notice.budget_minor},
        )
    ]


def _price(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    modes = rules.tier(notice.tier).price_modes
    if notice.price_mode not in modes:
        known = listing(tuple(named(mode) for mode in modes))
        return [
            Finding(
                "tier-price-modes",
                "price-mode",
                f"The notice has {named(notice.price_mode)}; at this size it may have {known}.",
                f"Choose {known}.",
                {"given": notice.price_mode, "tier": notice.tier},
            )
        ]
    floor = notice.floor_minor
    if notice.price_mode == PRICE_MODES[0]:
        if floor is None:
            return []
        return [
            Finding(
                None,
                "price-floor",
                "The price is fixed, so it has no floor.",
                "Leave the floor empty.",
                {"given": floor},
            )
        ]
    if rules.evaluation.price_formula == "absolute" and (floor is None or floor >= notice.budget_minor):
        given: dict[str, int | str] = {"limit": notice.budget_minor, **({} if floor is None else {"given": floor})}
        sentence = "Price earns points between a floor and the ceiling; the floor is missing or not below the ceiling."
        return [Finding("evaluation-price-formula", "price-floor", sentence, "Name a floor below the ceiling.", given)]
    return []


def _keepers(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    allowed = rules.tier(notice.tier).arrangements
    own = notice.arrangement == "own-staff" and notice.price_mode not in rules.sealing.own_staff_price_modes
    if notice.arrangement not in allowed or own:
        others = listing(tuple(named(one) for one in allowed if not (own and one == "own-staff")))
        what = "where firms name the price" if own else "at this size"
        findings.append(
            Finding(
                "sealing-own-staff" if own else "tier-arrangements",
                "keepers-arrangement",
                f"The keys may not be kept by {named(notice.arrangement)} {what}.",
                f"Choose one of: {others}.",
                {"given": notice.arrangement, "tier": notice.tier},
            )
        )
    sealing = rules.sealing
    spare = notice.keepers - notice.k
    for rule, reason, what, given, least in (
        ("sealing-keepers", "keepers-count", "people who hold keys", notice.keepers, sealing.keepers_least),
        ("sealing-threshold", "keepers-threshold", "keys that open the bids", notice.k, sealing.threshold_least),
        ("sealing-spare", "keepers-spare", "keys that may be lost", spare, sealing.spare_least),
    ):
        if given < least:
            sentence = f"The number of {what} is {given}; it must be at least {least}."
            figures: dict[str, int | str] = {"limit": least, "given": given}
            findings.append(Finding(rule, reason, sentence, _KEEPER_FIXES[reason], figures))
    return findings


def _envelopes(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    for label, given, wanted in (
        ("proposal", notice.proposal_size, rules.sealing.proposal_bytes),
        ("offer", notice.offer_size, rules.sealing.offer_bytes),
    ):
        if given != wanted:
            sentence = (
                f"Every sealed {label} has {wanted:,} bytes, so that its size tells nothing; here it is {given:,}."
            )
            fix = f"Set the size of the {label} to {wanted}."
            findings.append(
                Finding(f"sealing-{label}-bytes", "envelope-size", sentence, fix, {"limit": wanted, "given": given})
            )
    return findings


def _payment(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    if notice.learner_places < 0:
        findings.append(
            Finding(
                None,
                "learner-places-negative",
                "Training places cannot be below zero.",
                "Enter 0 or more.",
                {"given": notice.learner_places},
            )
        )
    most = rules.payment.max_days
    if notice.payment_days < 0 or (most is not None and notice.payment_days > most):
        limit = 0 if most is None else most
        findings.append(
            Finding(
                "payment-days",
                "payment-days",
                f"The firm would be paid {counted(notice.payment_days, 'day')} after its invoice; between 0 and {limit} are allowed.",
                f"Promise payment within {counted(limit, 'day')}.",
                {"limit": limit, "given": notice.payment_days},
            )
        )
    return findings + _milestones(rules, notice)


def _milestones(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    payment, total = rules.payment, sum(notice.milestones)
    if not notice.milestones:
        sentence = "The notice does not say for what the firm is paid, and how much."
        missing = Finding(
            "payment-milestones", "milestones-missing", sentence, "Name at least one milestone with its amount."
        )
        return [missing] if payment.milestones_required else []
    if total != notice.budget_minor:
        paid, budget = money(total, notice.currency), money(notice.budget_minor, notice.currency)
        figures: dict[str, int | str] = {"limit": notice.budget_minor, "given": total}
        return [
            Finding(
                None,
                "milestones-sum",
                f"The milestones add up to {paid}, the price to {budget}.",
                "Make them equal.",
                figures,
            )
        ]
    below = payment.single_below_minor
    if below is None or notice.budget_minor <= below:
        return []
    findings = []
    for rule, reason, what, amount, share in (
        ("payment-milestone-share", "milestone-share", "largest", max(notice.milestones), payment.milestone_share_most),
        ("payment-last-share", "milestone-last", "last", notice.milestones[-1], payment.last_share_most),
    ):
        if amount * 100 > share * total:
            sentence = f"The {what} milestone is {money(amount, notice.currency)} of {money(total, notice.currency)}; at most {share} % is allowed."
            findings.append(
                Finding(
                    rule,
                    reason,
                    sentence,
                    "Split the work into smaller steps.",
                    {"limit": share * total // 100, "given": amount},
                )
            )
    return findings
