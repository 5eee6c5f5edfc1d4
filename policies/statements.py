"""
Statements: one value of one rule, from law or house, with its reason, source and period.

- A statement is refused for any key it does not know and for any it lacks; nothing has a default.
- A period is half-open: `effective_to` is the first day on which the statement no longer holds.
- The same rule may be stated by law and by house at once, but by neither of them twice for one day.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec

from policies import figures
from policies.errors import PolicyError
from policies.kinds import HOLIDAYS, KINDS, TIERS, RuleKind
from policies.wording import listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

Layer = Literal["law", "house"]

STATUSES: Final[dict[str, tuple[str, ...]]] = {
    "law": ("verified", "to-confirm"),
    "house": ("adopted", "proposal"),
}
_KEYS: Final = frozenset(
    {
        "because",
        "effective_from",
        "effective_to",
        "figure",
        "layer",
        "rule",
        "source",
        "status",
        "text",
        "tiers",
        "year",
    }
)
_NEEDED: Final = ("rule", "figure", "text", "because", "source", "status", "effective_from")
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199


class Statement(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One value as it stands in the file and in the document; the typed figure is read from `figure` by its rule's kind.

    `status` says how sure the source is: `verified` law was seen in a public source, `to-confirm` law is general
    knowledge that a lawyer must confirm, a `proposal` of the house has not been adopted by a resolution yet.
    """

    rule: str
    layer: Layer
    figure: Any
    text: str
    because: str
    source: str
    status: str
    effective_from: str
    effective_to: str | None = None
    tiers: tuple[str, ...] = ()
    year: int | None = None

    @property
    def kind(self) -> RuleKind:
        """The catalogue's line of this rule."""
        return KINDS[self.rule]

    @property
    def value(self) -> figures.Figure:
        """The figure as the evaluators use it."""
        return figures.parse(self.kind, self.figure)

    def holds_on(self, day: date) -> bool:
        """Tell whether the statement is in force on this day; its last day is the one before `effective_to`."""
        until = self.effective_to
        return self.effective_from <= day.isoformat() and (until is None or day.isoformat() < until)

    def overlaps(self, other: Statement) -> bool:
        """Tell whether both speak, from the same layer, about the same rule, size or year on some common day."""
        if (self.rule, self.layer, self.year) != (other.rule, other.layer, other.year):
            return False
        if self.tiers and not set(self.tiers) & set(other.tiers):
            return False
        mine, theirs = self.effective_to, other.effective_to
        return (theirs is None or self.effective_from < theirs) and (mine is None or other.effective_from < mine)


def order(statement: Statement) -> tuple[str, str, tuple[str, ...], int, str]:
    """Sort statements so that one set of rules has one document."""
    return statement.rule, statement.layer, statement.tiers, statement.year or 0, statement.effective_from


def read(raw: Mapping[str, object]) -> Statement:
    """Check one statement given as plain values (`layer` included) and return it; the error names the faulty key."""
    for key in raw:
        if key not in _KEYS:
            raise PolicyError("policy-key-unknown", f"{key} is no key of a rule", key)
    for key in _NEEDED:
        if key not in raw:
            reason = "policy-source-missing" if key == "source" else "policy-key-missing"
            raise PolicyError(reason, f"the rule lacks {key}", key)
    kind = _kind(raw["rule"])
    layer, status, source = _standing(raw)
    figure = raw["figure"]
    value = figures.parse(kind, figure)
    return Statement(
        rule=kind.id,
        layer=layer,
        figure=figure,
        text=_sentence(kind, value, raw["text"]),
        because=figures.check_text(raw["because"], "because"),
        source=source,
        status=status,
        **_period(raw),
        tiers=_tiers(kind, raw.get("tiers", ())),
        year=_year(kind, value, raw.get("year")),
    )


def _kind(rule: object) -> RuleKind:
    name = figures.check_text(rule, "rule")
    if name not in KINDS:
        raise PolicyError("policy-rule-unknown", f"there is no rule named {name}; RULES.md lists them", "rule")
    return KINDS[name]


def _standing(raw: Mapping[str, object]) -> tuple[Layer, str, str]:
    layer: Layer = "law" if raw.get("layer") == "law" else "house"
    if raw.get("layer") not in STATUSES:
        raise PolicyError("policy-layer", "a rule stands under [[law]] or [[house]]", "layer")
    status = figures.check_text(raw["status"], "status")
    if status not in STATUSES[layer]:
        raise PolicyError("policy-status", f"the status of {layer} is one of {listing(STATUSES[layer])}", "status")
    if raw["source"] == "":
        raise PolicyError("policy-source-missing", "the source is empty", "source")
    source = figures.check_text(raw["source"], "source")
    if source.startswith("house") != (layer == "house"):
        raise PolicyError(
            "policy-source", "the source of house rules begins with the word house, that of law does not", "source"
        )
    return layer, status, source


def _sentence(kind: RuleKind, value: figures.Figure, raw: object) -> str:
    """Hold sentence and figure together: a figure written out by hand would survive a change of the figure."""
    text = figures.check_text(raw, "text")
    wanted = 0 if kind.value == "flag" or value is None else 1
    if text.count("{figure}") != wanted or text.count("{") != wanted or text.count("}") != wanted:
        what = "the figure once, as {figure}" if wanted else "no figure in braces"
        raise PolicyError("policy-text-figure", f"the text of {kind.id} holds {what}", "text")
    return text


def _period(raw: Mapping[str, object]) -> dict[str, str]:
    since = figures.check_day(raw["effective_from"], "effective_from")
    if "effective_to" not in raw:
        return {"effective_from": since.isoformat()}
    until = figures.check_day(raw["effective_to"], "effective_to")
    if until <= since:
        raise PolicyError("policy-period", "effective_to must lie after effective_from", "effective_to")
    return {"effective_from": since.isoformat(), "effective_to": until.isoformat()}


def _tiers(kind: RuleKind, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not all(tier in TIERS for tier in raw) or len(set(raw)) != len(raw):
        raise PolicyError("policy-tier", f"tiers is a list out of {listing(TIERS)}, each once", "tiers")
    if kind.per_tier != bool(raw):
        what = "must say for which tiers it holds" if kind.per_tier else "holds for every tier: leave tiers out"
        raise PolicyError("policy-tier", f"{kind.id} {what}", "tiers")
    return tuple(raw)


def _year(kind: RuleKind, value: figures.Figure, raw: object) -> int | None:
    if kind is not HOLIDAYS:
        if raw is not None:
            raise PolicyError("policy-year", "only holidays have a year", "year")
        return None
    if isinstance(raw, bool) or not isinstance(raw, int) or not _FIRST_YEAR <= raw <= _LAST_YEAR:
        raise PolicyError("policy-year", f"holidays have a year from {_FIRST_YEAR} to {_LAST_YEAR}", "year")
    if any(holiday.day.year != raw for holiday in cast("tuple[figures.Holiday, ...]", value)):
        raise PolicyError("policy-year", f"every holiday listed here lies in {raw}", "figure")
    return raw


def clash(statements: Sequence[Statement]) -> tuple[int, int, str] | None:
    """Find two statements that cannot stand together: their places in the sequence and the reason, or None."""
    for (first, one), (second, two) in combinations(enumerate(statements), 2):
        if one.overlaps(two):
            return first, second, "policy-overlap"
        if one.rule == two.rule and one.layer != two.layer and one.kind.stricter == "one":
            return first, second, "policy-no-stricter"
    return None


def unstated(statements: Iterable[Statement]) -> list[tuple[RuleKind, str | None]]:
    """List the rules, with their tier, that no statement speaks of; holidays may be absent, years are asked later."""
    said = {(one.rule, tier) for one in statements for tier in (one.tiers or (None,))}
    wanted = [(kind, tier) for kind in KINDS.values() for tier in (TIERS if kind.per_tier else (None,))]
    return [(kind, tier) for kind, tier in wanted if kind is not HOLIDAYS and (kind.id, tier) not in said]
