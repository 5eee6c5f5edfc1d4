"""A whole notice in words: what is asked, and its terms, for whoever signs it or decides whether it goes ahead."""

from collections.abc import Mapping
from datetime import datetime

from policies import Rules
from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.money import Money
from portal.web.drafting.form import money_options
from portal.web.views.frame import Moment, Said, Shown, said
from portal.web.views.told import ToldLine

PROSE = ("need", "outcome", "audience", "existing", "acceptance")


def asked_lines(body: OpportunityPublished) -> tuple[ToldLine, ...]:
    """The answers that somebody wrote, under the questions of the form."""
    written = {name: tuple(line for line in getattr(body, name).split("\n") if line) for name in PROSE}
    return tuple(
        ToldLine(label=said(f"forms.{name}.label"), value=lines or (said("terms.nothing"),), prose=True)
        for name, lines in written.items()
    )


def term_lines(
    body: OpportunityPublished, rules: Rules, zone: str, rules_name: str, names: Mapping[str, str] | None = None
) -> tuple[ToldLine, ...]:
    """
    Everything else, in the order in which a bidder meets it.

    Args:
        names: Of people and keepers by their subjects; without them only their number is said (nobody is named yet).
    """
    price = Money(body.budget_minor, body.currency)
    floor = Money(body.floor_minor, body.currency) if body.floor_minor is not None else price
    money = dict(money_options(rules))
    helpers = tuple(f"{row.name}: {row.role}" for row in body.helped_by.who)
    lines: list[tuple[str, tuple[Shown, ...]]] = [
        ("rules", (rules_name,)),
        ("size", (said(f"tiers.{body.tier}"), said(f"drafting.value.{body.price_mode}", price=price, floor=floor))),
        ("who", (said(f"drafting.value.{body.reservation}"),)),
        ("why", tuple(body.rationale.split("\n"))),
        ("funding", (money.get(body.funding) or said("options.not-sure"),)),
        ("incumbent", (body.incumbent.name or said("terms.nobody"),)),
        ("helped", helpers or (said("terms.nobody"),)),
        ("closes", (_when(body.closes, zone),)),
        ("questions", (_when(body.questions_close, zone),)),
        ("objections", (_when(body.objection_until, zone),)),
        ("opens", (_when(body.opens_by, zone),)),
        ("criteria", tuple(_criteria(body))),
        ("judges", _people(body, names)),
        ("keepers", _keepers(body, names)),
        ("payment", tuple(_steps(body))),
        ("rights", (body.licence,)),
        ("data", (body.data_class,)),
        ("skills", (", ".join(body.skills), _learners(body))),
        ("hours", (said("facts.takes_text", n=body.hours),)),
        ("plan", (body.plan.partition(":")[2].replace("-", " "),) if body.plan else ()),
    ]
    return tuple(
        ToldLine(label=said(f"terms.{code}"), value=tuple(each for each in value if each))
        for code, value in lines
        if any(value)
    )


def _when(instant: str, zone: str) -> Moment:
    return Moment(datetime.fromisoformat(instant), zone)


def _criteria(body: OpportunityPublished) -> list[Said]:
    made = [said("drafting.value.weighs", name=row.name, n=row.weight) for row in body.criteria]
    return made + ([said("drafting.value.price_weighs", n=body.price_weight)] if body.price_weight else [])


def _people(body: OpportunityPublished, names: Mapping[str, str] | None) -> tuple[Shown, ...]:
    if names is None:
        return (said("drafting.value.judges", n=len(body.evaluators)),)
    return tuple(names.get(person, person) for person in body.evaluators)


def _keepers(body: OpportunityPublished, names: Mapping[str, str] | None) -> tuple[Shown, ...]:
    seats, terms = body.sealing.seats, body.sealing
    how = (
        said(f"drafting.arrangements.{terms.arrangement}"),
        said("desk.n_keepers", k=terms.k, n=len(seats)),
    )
    return how if names is None else (*how, *(names.get(seat.keeper, seat.keeper) for seat in seats))


def _steps(body: OpportunityPublished) -> list[Said]:
    made = [said("drafting.value.step", name=row.name, n=row.share, days=row.days) for row in body.milestones]
    return [*made, said("drafting.value.paid", n=body.payment_days)]


def _learners(body: OpportunityPublished) -> Said:
    return said("common.learners", n=body.learner_places) if body.learner_places else said("drafting.value.no_learners")
