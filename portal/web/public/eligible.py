"""May we bid? Asked before a word is written, answered by the rules that the notice pins, kept by nobody."""

from datetime import date

from policies import FirmFacts, Rules, judge_eligibility
from portal.procurement.case import Case
from portal.procurement.money import exponent
from portal.web.addresses import subject_href
from portal.web.public.opportunity import read_case
from portal.web.public.query import Query
from portal.web.reading import Reading
from portal.web.views.bidding import EligiblePage, FirmSaid, Verdict
from portal.web.views.frame import Link, Said, said

_MOST = 1_000_000
_MONTHS = 2400


def pinned_rules(reading: Reading, case: Case) -> Rules | None:
    """The rules a notice pins, as in force at its publication."""
    policy = reading.policy(case.notice.policy.digest)
    return policy.rules(case.published.at) if policy else None


def rules_for_device(case: Case, rules: Rules) -> dict[str, object]:
    """The figures by which the bidder's own device judges, with the sentences on how to mend what is not met."""
    of = rules.eligibility
    fixes = {each.rule: each.fix for staff in (0, _MOST) for each in _judged(case, rules, _nobody(staff)) if each.fix}
    return {
        "areas": [[area.code, area.text] for area in of.areas],
        "min_months": of.min_months,
        "founded_exempt_months": of.founded_exempt_months,
        "min_staff": of.min_staff,
        "max_staff": of.max_staff,
        "fixes": fixes,
        "zone": rules.zone,
    }


def sentences_of(rules: Rules) -> tuple[tuple[str, Said], ...]:
    """Each condition as one sentence, in the order in which it is judged."""
    of = rules.eligibility
    places = " · ".join(area.text for area in of.areas)
    most, exempt = of.max_staff, of.founded_exempt_months
    return (
        ("eligibility-areas", said("bidding.rules.areas", places=places)),
        (
            "eligibility-min-months",
            said("bidding.rules.months_exempt", n=of.min_months, exempt=exempt)
            if exempt
            else said("bidding.rules.months", n=of.min_months),
        ),
        ("eligibility-min-staff", said("bidding.rules.least", n=of.min_staff)),
        (
            "eligibility-max-staff",
            said("bidding.rules.no_most") if most is None else said("bidding.rules.most", n=most),
        ),
    )


def _nobody(staff: int) -> FirmFacts:
    return FirmFacts(area="", months_present=0, founded=None, staff_with_affiliates=staff, turnover_minor=None)


def eligible(reading: Reading, name: str, query: Query) -> EligiblePage:
    """The page with its answer, when all was said; fields that cannot be read are named and nothing is judged."""
    case = read_case(reading, name)
    rules = pinned_rules(reading, case)
    told = FirmSaid(**{field: query.text(field) for field in FirmSaid.__struct_fields__})
    wrong, facts = _facts(told, case.notice.currency)
    given = any(getattr(told, field) for field in FirmSaid.__struct_fields__)
    is_open = case.notice.reservation == "open" or rules is None
    judged = _judged(case, rules, facts) if facts and rules and not is_open else []
    return EligiblePage(
        path=f"{subject_href(case.id)}/eligible",
        title=case.notice.title,
        pilot=Link(case.notice.title, subject_href(case.id)),
        bid=f"{subject_href(case.id)}/bid",
        open=is_open,
        areas=tuple((area.code, area.text) for area in rules.eligibility.areas) if rules else (),
        currency=case.notice.currency,
        asks_turnover=rules is not None and rules.eligibility.max_turnover_minor is not None,
        policy=case.notice.policy.digest,
        said=told,
        wrong=wrong if given else (),
        verdicts=tuple(judged),
        allowed=all(each.met for each in judged) if judged else None,
    )


def _judged(case: Case, rules: Rules, facts: FirmFacts) -> list[Verdict]:
    """As the offer will be judged when it is opened: at the close."""
    found = judge_eligibility(rules, facts, case.closes, case.notice.reservation)
    return [Verdict(rule=each.rule, met=each.met, sentence=each.sentence, fix=each.fix) for each in found]


def _facts(told: FirmSaid, currency: str) -> tuple[tuple[str, ...], FirmFacts | None]:
    months, staff = _number(told.months, _MONTHS), _number(told.staff, _MOST)
    turnover = _number(told.turnover, 10**12)
    founded = _day(told.founded)
    wrong = [
        name
        for name, bad in (
            ("place", not told.place),
            ("months", months is None),
            ("founded", bool(told.founded) and founded is None),
            ("staff", not staff),
            ("turnover", bool(told.turnover) and turnover is None),
        )
        if bad
    ]
    if wrong or months is None or staff is None:
        return tuple(wrong), None
    turnover_minor = None if turnover is None else turnover * 10 ** exponent(currency)
    return (), FirmFacts(told.place, months, founded, staff, turnover_minor)


def _number(text: str, most: int) -> int | None:
    plain = text.replace(",", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdecimal() and int(plain) <= most else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
