"""
The catalogue of rules: what a figure may look like and which of two figures is stricter.

- A rule that is not listed here does not exist: a file that states it is refused.
- Every listed rule must be stated by every jurisdiction, "no limit" included, so that nothing is permitted by silence.
- `stricter` decides between law and house; a rule with `one` may be stated by one of them only.
- `group` and `field` name the place of the figure in the typed view (`rules.py`).
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

ValueType = Literal["money", "whole", "hour", "percent", "flag", "choice", "words", "codes", "holidays"]
Stricter = Literal["lower", "higher", "fewer", "more", "yes", "one"]

TIERS: Final = ("T0", "T1")
PRICE_MODES: Final = ("fixed", "priced")
ARRANGEMENTS: Final = ("own-staff", "shared", "timed")
RESERVATIONS: Final = ("local", "national", "size", "sme", "vcse", "social", "new-entrant")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ACTS: Final = ("publish", "addendum", "withdraw", "cancel", "choose", "award", "pay")


class RuleKind(msgspec.Struct, frozen=True):
    """One line of the catalogue. `unlimited` admits "no limit", read as None; the items of a list `add_up` or are choices."""

    id: str
    topic: str
    group: str
    field: str
    title: str
    value: ValueType
    stricter: Stricter
    choices: tuple[str, ...] = ()
    per_tier: bool = False
    unlimited: bool = False
    add_up: bool = False


def _tier(
    name: str,
    field: str,
    title: str,
    value: ValueType,
    stricter: Stricter,
    *,
    choices: tuple[str, ...] = (),
    unlimited: bool = False,
) -> RuleKind:
    return RuleKind(f"tier-{name}", "tiers", "tiers", field, title, value, stricter, choices, True, unlimited)


def _rule(
    name: str,
    field: str,
    title: str,
    value: ValueType,
    stricter: Stricter,
    *,
    choices: tuple[str, ...] = (),
    unlimited: bool = False,
    add_up: bool = False,
) -> RuleKind:
    topic = name.partition("-")[0]
    return RuleKind(name, topic, topic, field, title, value, stricter, choices, unlimited=unlimited, add_up=add_up)


_TIERS: Final = (
    _tier("ceiling", "ceiling_minor", "The most a pilot of this size may cost", "money", "lower", unlimited=True),
    _tier("price-modes", "price_modes", "Who names the price", "words", "fewer", choices=PRICE_MODES),
    _tier("advertising", "advertising_working_days", "How long a pilot stays open for bids", "whole", "higher"),
    _tier("panel-size", "panel_size", "The fewest people who score", "whole", "higher"),
    _tier("panel-largest", "panel_largest", "The most people who score", "whole", "lower", unlimited=True),
    _tier("standstill", "standstill_working_days", "Time to challenge a choice", "whole", "higher"),
    _tier("questions-close", "questions_close_working_days", "When questions end", "whole", "higher"),
    _tier("response-words", "response_max_words", "How long a proposal may be", "whole", "lower", unlimited=True),
    _tier("arrangements", "arrangements", "Who may keep the keys", "words", "fewer", choices=ARRANGEMENTS),
)

_RESERVATION: Final = (
    _rule("reservation-kinds", "kinds", "For whom a pilot may be reserved", "words", "fewer", choices=RESERVATIONS),
    _rule(
        "reservation-ceiling",
        "ceiling_minor",
        "Below which value a pilot may be reserved",
        "money",
        "lower",
        unlimited=True,
    ),
    _rule(
        "reservation-funding-allowed", "allowed_funding", "Money that may pay for a reserved pilot", "codes", "fewer"
    ),
    _rule("reservation-funding-banned", "banned_funding", "Money that forbids reserving", "codes", "more"),
    _rule(
        "reservation-cross-border-check", "cross_border_check", "Could firms from elsewhere want this?", "flag", "yes"
    ),
)

_ELIGIBILITY: Final = (
    _rule("eligibility-areas", "areas", "Where a local firm has its main office", "codes", "fewer"),
    _rule("eligibility-min-months", "min_months", "How long a firm has been here", "whole", "higher"),
    _rule("eligibility-founded-exempt-months", "founded_exempt_months", "New firms", "whole", "lower"),
    _rule("eligibility-min-staff", "min_staff", "The smallest firm", "whole", "higher"),
    _rule("eligibility-max-staff", "max_staff", "The largest firm, by people", "whole", "lower", unlimited=True),
    _rule(
        "eligibility-max-turnover",
        "max_turnover_minor",
        "The largest firm, by turnover",
        "money",
        "lower",
        unlimited=True,
    ),
    _rule("eligibility-count-affiliates", "count_affiliates", "Sister firms count", "flag", "yes"),
    _rule("eligibility-proof-days", "proof_working_days", "Time to prove it", "whole", "lower"),
)

_EVALUATION: Final = (
    _rule("evaluation-max-criteria", "max_criteria", "How many criteria", "whole", "lower"),
    _rule("evaluation-max-single-weight", "max_single_weight", "No criterion decides alone", "percent", "lower"),
    _rule("evaluation-price-weight-least", "price_weight_least", "What price counts at least", "percent", "higher"),
    _rule("evaluation-price-weight-most", "price_weight_most", "What price counts at most", "percent", "lower"),
    _rule("evaluation-forbidden-words", "forbidden_words", "Criteria that may not be used", "words", "more"),
    _rule("evaluation-social-weight", "social_weight_most", "Jobs and training places", "percent", "lower"),
    _rule("evaluation-scale-top", "scale_top", "The scale of scores", "whole", "one"),
    _rule("evaluation-min-quality", "min_quality_pct", "The least quality that can win", "percent", "higher"),
    _rule("evaluation-panel-odd", "panel_odd", "An odd number of people scores", "flag", "yes"),
    _rule("evaluation-spread", "spread_levels", "When scores lie far apart", "whole", "lower"),
    _rule(
        "evaluation-price-formula",
        "price_formula",
        "How price becomes points",
        "choice",
        "one",
        choices=("absolute", "lowest-price"),
    ),
    _rule("evaluation-tie", "tie", "Equal bids", "choice", "one", choices=("lot", "earliest")),
)

_TIMES: Final = (
    _rule("times-no-weekend", "no_weekend", "Bidding never closes at a weekend", "flag", "yes"),
    _rule("times-no-holiday", "no_holiday", "Bidding never closes on a holiday", "flag", "yes"),
    _rule("times-close-hour", "close_hour", "The earliest hour at which bidding closes", "hour", "higher"),
    _rule("times-year-end", "year_end_days", "No closing in the last days of the year", "whole", "higher"),
    _rule("times-change", "addendum_working_days", "Time left after a change to the terms", "whole", "higher"),
    _rule("times-objection", "objection_hours", "Time to say that a bid is missing", "whole", "higher"),
    _rule("times-opens-by", "opens_by_working_days", "When proposals are open at the latest", "whole", "lower"),
    _rule(
        "times-offers-by", "offers_by_working_days", "When prices and names are open at the latest", "whole", "lower"
    ),
    _rule("times-answer-within", "answer_working_days", "When a question is answered", "whole", "lower"),
)

_SEALING: Final = (
    _rule("sealing-keepers", "keepers_least", "How many people hold keys", "whole", "higher"),
    _rule("sealing-threshold", "threshold_least", "How many keys it takes to open", "whole", "higher"),
    _rule("sealing-spare", "spare_least", "How many keys may be lost", "whole", "higher"),
    _rule(
        "sealing-own-staff",
        "own_staff_price_modes",
        "Keys held by the agency's own people",
        "words",
        "fewer",
        choices=PRICE_MODES,
    ),
    _rule("sealing-proposal-bytes", "proposal_bytes", "Every sealed proposal has one size", "whole", "one"),
    _rule("sealing-offer-bytes", "offer_bytes", "Every sealed offer has one size", "whole", "one"),
    _rule("sealing-packs-low", "packs_low_water", "When a key keeper is reminded", "whole", "higher"),
    _rule("sealing-hide-count", "hide_count", "The number of bids stays hidden", "flag", "yes"),
)

_AWARD: Final = (
    _rule("award-reasons", "reasons_required", "Every bidder is told why", "flag", "yes"),
    _rule("award-cancel-reasons", "cancel_reasons", "Reasons to cancel after bidding closed", "codes", "fewer"),
    _rule("award-withdraw-reasons", "withdraw_reasons", "Reasons to withdraw before bidding closes", "codes", "fewer"),
    _rule("award-drop-reasons", "plan_drop_reasons", "Reasons to drop promised work", "codes", "fewer"),
    _rule("award-next-reasons", "next_reasons", "Reasons to go to the next in rank", "codes", "fewer"),
    _rule(
        "award-second-officer",
        "second_officer_acts",
        "Acts that two officers sign",
        "words",
        "more",
        choices=ACTS,
        add_up=True,
    ),
)

_PAYMENT: Final = (
    _rule("payment-days", "max_days", "When the firm is paid", "whole", "lower", unlimited=True),
    _rule("payment-milestones", "milestones_required", "Payment follows milestones", "flag", "yes"),
    _rule(
        "payment-single-below",
        "single_below_minor",
        "Small pilots may be paid at once",
        "money",
        "lower",
        unlimited=True,
    ),
    _rule("payment-milestone-share", "milestone_share_most", "The largest milestone", "percent", "lower"),
    _rule("payment-last-share", "last_share_most", "The last milestone", "percent", "lower"),
)

_CALENDAR: Final = (
    _rule("calendar-weekdays", "weekdays", "Working days of the week", "words", "fewer", choices=WEEKDAYS, add_up=True),
    _rule("calendar-holidays-kept", "holidays_kept", "Holidays are no working days", "flag", "yes"),
)

HOLIDAYS: Final = _rule("calendar-holidays", "holidays", "Holidays", "holidays", "more", add_up=True)

KINDS: Final[dict[str, RuleKind]] = {
    kind.id: kind
    for kind in (
        *_TIERS,
        *_RESERVATION,
        *_ELIGIBILITY,
        *_EVALUATION,
        *_TIMES,
        *_SEALING,
        *_AWARD,
        *_PAYMENT,
        *_CALENDAR,
        HOLIDAYS,
    )
}
"""Every rule by its id, in the order in which pages list them."""

TOPICS: Final = tuple(dict.fromkeys(kind.topic for kind in KINDS.values()))
"""The rule files of a folder, without `.toml`; `jurisdiction.toml` stands beside them."""
