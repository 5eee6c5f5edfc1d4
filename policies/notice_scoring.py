"""How a notice wants to compare bids: criteria, weights, and how many people score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.findings import Finding
from policies.wording import counted

if TYPE_CHECKING:
    from policies.notice_facts import Criterion, NoticeFacts
    from policies.rules import Rules

_WHOLE: Final = 100
SOCIAL: Final = "social"


def judge_scoring(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    """List what forbids the criteria, the weights and the panel of a notice."""
    return [
        *_count(rules, notice),
        *_names(rules, notice),
        *_weights(rules, notice),
        *_price(rules, notice),
        *_panel(rules, notice),
    ]


def _count(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    given, most = len(notice.criteria), rules.evaluation.max_criteria
    if given > most:
        return [
            Finding(
                "evaluation-max-criteria",
                "criteria-too-many",
                f"The notice has {counted(given, 'criterion').replace('criterions', 'criteria')}; at most {most} are allowed.",
                "Join criteria that ask for the same thing.",
                {"limit": most, "given": given},
            )
        ]
    if not given and notice.price_weight != _WHOLE:
        return [
            Finding(
                None,
                "criteria-missing",
                "The notice does not say by what proposals are scored.",
                "Name at least one criterion.",
            )
        ]
    return []


def _names(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    ids = [criterion.id for criterion in notice.criteria]
    for repeated in sorted({name for name in ids if ids.count(name) > 1}):
        sentence = f"Two criteria share the id {repeated}."
        findings.append(Finding(None, "criteria-repeated", sentence, "Give each its own.", {"criterion": repeated}))
    for criterion in notice.criteria:
        findings += _forbidden(rules, criterion)
    return findings


def _forbidden(rules: Rules, criterion: Criterion) -> list[Finding]:
    name = _plain(criterion.name)
    return [
        Finding(
            "evaluation-forbidden-words",
            "criterion-forbidden",
            f"“{criterion.name}” may not be a criterion: “{word}” lets scorers favour whom they know.",
            "Say which behaviour you need, and score the evidence for it.",
            {"criterion": criterion.id, "word": word},
        )
        for word in rules.evaluation.forbidden_words
        if _plain(word) in name
    ]


def _plain(name: str) -> str:
    """Fold what could hide a word from the search: case, hyphens, spaces."""
    return " ".join(name.casefold().replace("-", " ").split())


def _weights(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    findings = []
    total = notice.price_weight + sum(criterion.weight for criterion in notice.criteria)
    if total != _WHOLE:
        findings.append(
            Finding(
                None,
                "weights-sum",
                f"The weights add up to {total}, not to 100.",
                f"{'Add' if total < _WHOLE else 'Take away'} {abs(_WHOLE - total)} somewhere.",
                {"limit": _WHOLE, "given": total},
            )
        )
    for criterion in notice.criteria:
        findings += _weight(rules, criterion.id, criterion.name, criterion.weight)
    return findings


def _weight(rules: Rules, name: str, title: str, weight: int) -> list[Finding]:
    most = rules.evaluation.max_single_weight
    if weight < 1:
        figures: dict[str, int | str] = {"criterion": name, "given": weight}
        return [
            Finding(
                None,
                "weight-not-positive",
                f"“{title}” weighs {weight}; it must weigh at least 1.",
                "Raise it or leave it out.",
                figures,
            )
        ]
    findings = []
    if weight > most:
        findings.append(
            Finding(
                "evaluation-max-single-weight",
                "weights-single",
                f"“{title}” weighs {weight}; no criterion may weigh more than {most}, so that none decides alone.",
                f"Lower it to {most} or less and give the rest to the others.",
                {"criterion": name, "limit": most, "given": weight},
            )
        )
    social = rules.evaluation.social_weight_most
    if name == SOCIAL and weight > social:
        findings.append(
            Finding(
                "evaluation-social-weight",
                "weights-social",
                f"Jobs and training places weigh {weight}; at most {social} is allowed.",
                f"Lower it to {social} or less.",
                {"criterion": name, "limit": social, "given": weight},
            )
        )
    return findings


def _price(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    given = notice.price_weight
    if notice.price_mode != "priced":
        if given == 0:
            return []
        return [
            Finding(
                "tier-price-modes",
                "price-weight",
                f"The price is fixed, so it cannot weigh {given}.",
                "Set the weight of price to 0.",
                {"limit": 0, "given": given},
            )
        ]
    least, most = rules.evaluation.price_weight_least, rules.evaluation.price_weight_most
    if least <= given <= most:
        return []
    rule = "evaluation-price-weight-least" if given < least else "evaluation-price-weight-most"
    between = f"{least}" if least == most else f"between {least} and {most}"
    return [
        Finding(
            rule,
            "price-weight",
            f"Price weighs {given}; it must weigh {between}.",
            f"Choose a weight {'of' if least == most else ''} {between}.".replace("  ", " "),
            {"least": least, "most": most, "given": given},
        )
    ]


def _panel(rules: Rules, notice: NoticeFacts) -> list[Finding]:
    tier, given = rules.tier(notice.tier), notice.evaluators
    people = counted(given, "person").replace("persons", "people")
    if given < tier.panel_size:
        return [
            Finding(
                "tier-panel-size",
                "panel-size",
                f"{people} would score; it takes at least {tier.panel_size}.",
                f"Name {tier.panel_size - given} more.",
                {"limit": tier.panel_size, "given": given},
            )
        ]
    if tier.panel_largest is not None and given > tier.panel_largest:
        return [
            Finding(
                "tier-panel-largest",
                "panel-size",
                f"{people} would score; at most {tier.panel_largest} may.",
                f"Take {given - tier.panel_largest} off the list.",
                {"limit": tier.panel_largest, "given": given},
            )
        ]
    if rules.evaluation.panel_odd and given % 2 == 0:
        return [
            Finding(
                "evaluation-panel-odd",
                "panel-even",
                f"{people} would score; an odd number is needed, so that the middle score is one that somebody gave.",
                "Name one more, or one fewer.",
                {"given": given},
            )
        ]
    return []
