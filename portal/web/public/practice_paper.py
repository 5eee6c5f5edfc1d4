"""A practised notice on paper: in words, with what the rules say, and with who would have to act if it went ahead."""

from datetime import datetime
from hashlib import sha256

from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.money import Money
from portal.web.drafting.form import IF_NOBODY, money_options
from portal.web.drafting.writing import Writing
from portal.web.public.practice import PATH, Practised
from portal.web.views.frame import Moment, Said, Shown, said
from portal.web.views.practice import PaperLine, PracticePaper


def practice_paper(made: Practised, file: bytes) -> PracticePaper:
    """The view of the paper; `file` is attached to it."""
    writing, body = made.writing, made.writing.body
    return PracticePaper(
        path=PATH,
        name=made.name,
        body=body,
        lines=paper_lines(writing, made.policy.name),
        remarks=made.remarks,
        missing=len(writing.missing),
        signers=signers_of(body),
        if_nobody=IF_NOBODY,
        made=Moment(writing.now, writing.setting.zone),
        file=file,
        fingerprint=sha256(file).hexdigest(),
    )


def signers_of(body: OpportunityPublished) -> tuple[Said, ...]:
    """Who would have to act, and for how long, if the notice went ahead."""
    keepers = len(body.sealing.seats)
    return (
        said("practice.paper.officers", amount=Money(body.budget_minor, body.currency)),
        said("practice.paper.evaluators", n=len(body.evaluators)),
        said(f"practice.paper.keepers.{body.sealing.arrangement}", n=keepers, k=body.sealing.k),
        said("practice.paper.hours"),
    )


def paper_lines(writing: Writing, rules: str) -> tuple[PaperLine, ...]:
    """Everything that was filled in, as lines of label and value."""
    body, zone = writing.body, writing.setting.zone
    price = Money(body.budget_minor, body.currency)
    floor = Money(body.floor_minor, body.currency) if body.floor_minor is not None else price
    words = dict(money_options(writing.rules))
    helpers = ", ".join(f"{row.name} ({row.role})" for row in body.helped_by.who)
    lines: list[tuple[str, tuple[Shown, ...]]] = [
        ("rules", (rules,)),
        ("size", (said(f"tiers.{body.tier}"), said(f"drafting.value.{body.price_mode}", price=price, floor=floor))),
        ("who", (said(f"drafting.value.{body.reservation}"), *body.rationale.split("\n"))),
        ("funding", (words.get(body.funding) or said("options.not-sure"),)),
        ("incumbent", (body.incumbent.name or said("options.no"),)),
        ("helped", (helpers or said("practice.paper.nobody"),)),
        ("closes", (_when(body.closes, zone),)),
        ("questions", (_when(body.questions_close, zone),)),
        ("opens", (_when(body.opens_by, zone),)),
        (
            "criteria",
            tuple(said("drafting.value.weighs", name=row.name, n=row.weight) for row in body.criteria)
            + ((said("drafting.value.price_weighs", n=body.price_weight),) if body.price_weight else ()),
        ),
        ("payment", tuple(_steps(body))),
        ("rights", (body.licence,)),
        ("data", (body.data_class,)),
        ("skills", (", ".join(body.skills), said("common.learners", n=body.learner_places))),
        ("hours", (said("facts.takes_text", n=body.hours),)),
    ]
    return tuple(PaperLine(code=code, value=tuple(each for each in value if each)) for code, value in lines)


def _steps(body: OpportunityPublished) -> list[Said]:
    made = [said("drafting.value.step", name=row.name, n=row.share, days=row.days) for row in body.milestones]
    return [*made, said("drafting.value.paid", n=body.payment_days)]


def _when(instant: str, zone: str) -> Moment:
    return Moment(datetime.fromisoformat(instant), zone)
