"""
The rules in force on one day, typed.

- Every figure is the stricter of law and house; `text` tells which won and gives both sentences to show.
- Nothing here judges: evaluators (`notices`, `reservation`, `eligibility`, `addenda`) take a `Rules`.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- field types of a Struct stay resolvable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from policies.calendars import Calendar
from policies.errors import PolicyError
from policies.figures import Code, Figure, Holiday, printed, stricter
from policies.kinds import HOLIDAYS, KINDS, TIERS, RuleKind
from policies.statements import Statement, order

if TYPE_CHECKING:
    from collections.abc import Iterable

Key = tuple[str, str, tuple[str, ...], int, str]


class TierRules(msgspec.Struct, frozen=True):
    """What one size of pilot may cost, how long it runs, and who judges; None means no limit."""

    ceiling_minor: int | None
    price_modes: tuple[str, ...]
    advertising_working_days: int
    panel_size: int
    panel_largest: int | None
    standstill_working_days: int
    questions_close_working_days: int
    response_max_words: int | None
    arrangements: tuple[str, ...]


class ReservationRules(msgspec.Struct, frozen=True):
    """When a pilot may be kept for local firms; the ceiling itself is already too much."""

    kinds: tuple[str, ...]
    ceiling_minor: int | None
    allowed_funding: tuple[Code, ...]
    banned_funding: tuple[Code, ...]
    cross_border_check: bool


class EligibilityRules(msgspec.Struct, frozen=True):
    """Which firm counts as local and small; staff and turnover include affiliates where `count_affiliates`."""

    areas: tuple[Code, ...]
    min_months: int
    founded_exempt_months: int
    min_staff: int
    max_staff: int | None
    max_turnover_minor: int | None
    count_affiliates: bool
    proof_working_days: int


class EvaluationRules(msgspec.Struct, frozen=True):
    """How bids are compared; weights are percent of the whole, price included."""

    max_criteria: int
    max_single_weight: int
    price_weight_least: int
    price_weight_most: int
    forbidden_words: tuple[str, ...]
    social_weight_most: int
    scale_top: int
    min_quality_pct: int
    panel_odd: bool
    spread_levels: int
    price_formula: Literal["absolute", "lowest-price"]
    tie: Literal["lot", "earliest"]


class TimeRules(msgspec.Struct, frozen=True):
    """Deadlines that hold for every size; working days are whole days of the agency's zone."""

    no_weekend: bool
    no_holiday: bool
    close_hour: int
    year_end_days: int
    addendum_working_days: int
    objection_hours: int
    opens_by_working_days: int
    offers_by_working_days: int
    answer_working_days: int


class SealingRules(msgspec.Struct, frozen=True):
    """How many keepers and keys, and the one size of each sealed part; who may keep is per tier."""

    keepers_least: int
    threshold_least: int
    spare_least: int
    own_staff_price_modes: tuple[str, ...]
    proposal_bytes: int
    offer_bytes: int
    packs_low_water: int
    hide_count: bool


class AwardRules(msgspec.Struct, frozen=True):
    """Reasons from closed lists, and which acts need a second officer."""

    reasons_required: bool
    cancel_reasons: tuple[Code, ...]
    withdraw_reasons: tuple[Code, ...]
    plan_drop_reasons: tuple[Code, ...]
    next_reasons: tuple[Code, ...]
    second_officer_acts: tuple[str, ...]


class PaymentRules(msgspec.Struct, frozen=True):
    """When and in which parts the firm is paid; shares are percent of the whole price."""

    max_days: int | None
    milestones_required: bool
    single_below_minor: int | None
    milestone_share_most: int
    last_share_most: int


class RuleText(msgspec.Struct, frozen=True):
    """
    One statement for people: title, sentence with its figure, why, from where, since when.

    `wins` says whether it is the one obeyed that day, None where no day was asked. Where the figure in force is made of
    both (a list both allow), both win and `text` of the answer of `Rules.text` holds the joint figure.
    """

    id: str
    topic: str
    title: str
    tiers: tuple[str, ...]
    year: int | None
    text: str
    figure: Figure
    layer: Literal["law", "house"]
    wins: bool | None
    because: str
    source: str
    status: str
    since: str
    until: str | None


class InForce(msgspec.Struct, frozen=True):
    """The statements about one rule (for one tier or year) that hold on the day, and the figure that follows."""

    kind: RuleKind
    scope: str | int | None
    figure: Figure
    statements: tuple[Statement, ...]


class Rules(msgspec.Struct, frozen=True):
    """Every figure in force on `day` in one jurisdiction. Evaluators take nothing else about the law."""

    jurisdiction: str
    digest: str
    day: date
    purpose: str
    currency: str
    tax: str
    zone: str
    tiers: dict[str, TierRules]
    reservation: ReservationRules
    eligibility: EligibilityRules
    evaluation: EvaluationRules
    times: TimeRules
    sealing: SealingRules
    award: AwardRules
    payment: PaymentRules
    calendar: Calendar
    in_force: tuple[InForce, ...]

    def tier(self, name: str) -> TierRules:
        """Give the rules of one size of pilot."""
        if name not in self.tiers:
            raise PolicyError("tier-unknown", f"these rules know {', '.join(self.tiers)}, not {name}")
        return self.tiers[name]

    def text(self, rule: str, scope: str | int | None = None) -> RuleText:
        """
        Give the statement that decides a rule, with the figure in force; `scope` is its tier or, for holidays, year.

        Without a scope the first is taken: good enough for a link, not for a figure.
        """
        for found in self.in_force:
            if found.kind.id == rule and scope in {None, found.scope}:
                winner = next((one for one in found.statements if one.value == found.figure), found.statements[0])
                return rule_text(winner, found.figure, self.currency, wins=True)
        raise PolicyError("rule-unknown", f"no rule {rule} is in force here")

    def texts(self) -> list[RuleText]:
        """List every statement in force, law and house, in the order of the catalogue; `wins` marks the obeyed."""
        obeyed: dict[Key, bool] = {}
        first: dict[Key, Statement] = {}
        for found in self.in_force:
            joint = all(one.value != found.figure for one in found.statements)
            for one in found.statements:
                first.setdefault(order(one), one)
                obeyed[order(one)] = obeyed.get(order(one), False) or joint or one.value == found.figure
        return [rule_text(one, one.value, self.currency, wins=obeyed[key]) for key, one in first.items()]


def rule_text(statement: Statement, figure: Figure, currency: str, *, wins: bool | None) -> RuleText:
    """Fill a figure into its sentence; the figure may be the joint one of law and house."""
    kind = statement.kind
    return RuleText(
        id=kind.id,
        topic=kind.topic,
        title=kind.title,
        tiers=statement.tiers,
        year=statement.year,
        text=statement.text.replace("{figure}", printed(kind, figure, currency)),
        figure=figure,
        layer=statement.layer,
        wins=wins,
        because=statement.because,
        source=statement.source,
        status=statement.status,
        since=statement.effective_from,
        until=statement.effective_to,
    )


def assemble(
    *,
    jurisdiction: str,
    digest: str,
    purpose: str,
    currency: str,
    tax: str,
    zone: str,
    day: date,
    statements: Iterable[Statement],
) -> Rules:
    """Join what holds on the day into the typed view; `Jurisdiction.rules` is the way in."""
    in_force = _in_force(day, [one for one in statements if one.holds_on(day)])
    fields: dict[str, dict[str, Any]] = {}
    for found in in_force:
        group = found.kind.group if not found.kind.per_tier else str(found.scope)
        fields.setdefault(group, {})[found.kind.field] = found.figure
    rules = Rules(
        jurisdiction=jurisdiction,
        digest=digest,
        day=day,
        purpose=purpose,
        currency=currency,
        tax=tax,
        zone=zone,
        tiers={tier: TierRules(**fields[tier]) for tier in TIERS},
        reservation=ReservationRules(**fields["reservation"]),
        eligibility=EligibilityRules(**fields["eligibility"]),
        evaluation=EvaluationRules(**fields["evaluation"]),
        times=TimeRules(**fields["times"]),
        sealing=SealingRules(**fields["sealing"]),
        award=AwardRules(**fields["award"]),
        payment=PaymentRules(**fields["payment"]),
        calendar=_calendar(fields["calendar"], in_force),
        in_force=in_force,
    )
    return _check_possible(rules)


def _in_force(day: date, held: list[Statement]) -> tuple[InForce, ...]:
    found = []
    for kind in KINDS.values():
        scopes: tuple[str | int | None, ...] = TIERS if kind.per_tier else (None,)
        if kind is HOLIDAYS:
            scopes = tuple(sorted({one.year for one in held if one.year is not None}))
        for scope in scopes:
            spoken = tuple(one for one in held if one.rule == kind.id and scope in {None, one.year, *one.tiers})
            if not spoken:
                raise PolicyError("rule-not-in-force", f"{kind.id} has no figure on {day.isoformat()}")
            found.append(InForce(kind, scope, _figure(kind, spoken), spoken))
    return tuple(found)


def _check_possible(rules: Rules) -> Rules:
    """Refuse figures that no notice could meet at once: law and house, each sensible, may exclude each other."""
    evaluation = rules.evaluation
    if evaluation.price_weight_least > evaluation.price_weight_most:
        raise PolicyError("policy-contradiction", f"price would weigh more than it may, on {rules.day}")
    if not rules.calendar.weekdays:
        raise PolicyError("policy-contradiction", f"no day of the week is a working day, on {rules.day}")
    for name, tier in rules.tiers.items():
        if tier.panel_largest is not None and tier.panel_size > tier.panel_largest:
            raise PolicyError("policy-contradiction", f"the panel of {name} is larger than it may be, on {rules.day}")
        if not tier.price_modes or not tier.arrangements:
            raise PolicyError("policy-contradiction", f"{name} is left no price mode or no keepers, on {rules.day}")
    return rules


def _figure(kind: RuleKind, spoken: tuple[Statement, ...]) -> Figure:
    """Obey the stricter; a folder has at most one statement of each layer for a day, the law's sorted last."""
    figure = spoken[-1].value
    for house in spoken[:-1]:
        figure = stricter(kind, figure, house.value)
    return figure


def _calendar(fields: dict[str, Any], in_force: tuple[InForce, ...]) -> Calendar:
    days: dict[date, str] = {}
    for found in in_force:
        if found.kind is HOLIDAYS and isinstance(found.figure, tuple):
            days |= {item.day: item.name for item in found.figure if isinstance(item, Holiday)}
    years = frozenset(found.scope for found in in_force if found.kind is HOLIDAYS and isinstance(found.scope, int))
    return Calendar(weekdays=fields["weekdays"], keeps_holidays=fields["holidays_kept"], years=years, holidays=days)
