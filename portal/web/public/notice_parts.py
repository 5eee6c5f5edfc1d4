"""What a notice says: the facts box, what is asked, and its changes."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from policies import Jurisdiction, from_document
from portal.procurement.act import Act
from portal.procurement.case import Case, changed_fields, changed_notice
from portal.procurement.events.opening import Label
from portal.procurement.events.opportunity import AddendumPublished, OpportunityPublished, Requirement
from portal.procurement.money import Money
from portal.procurement.stage import Stage
from portal.projections.folding import slug_of
from portal.web.addresses import list_href
from portal.web.diff import diff_words
from portal.web.public.names import Names
from portal.web.public.partners import named_in
from portal.web.public.sayings import record_of
from portal.web.reading import Reading
from portal.web.views.frame import Link
from portal.web.views.opportunity import (
    AddendumRow,
    Asked,
    Change,
    Condition,
    CriterionRow,
    Facts,
    HelperRow,
    MilestoneRow,
    Seat,
)

_LABELS: tuple[Label, ...] = ("proposal", "offer")
_DEADLINES = {"questions_close", "closes", "objection_until", "opens_by"}


def policy_href(digest: str) -> str:
    """The page of one set of rules, as adopted."""
    return f"/policies/{digest}"


def facts_of(reading: Reading, case: Case, stage: Stage, names: Names, policy: Jurisdiction | None) -> Facts:
    """The facts box; days are counted down while the pilot is open."""
    notice, zone = case.notice, names.zone(case.notice.agency)
    digest = notice.policy.digest
    moment = reading.countdown if stage == "open" else reading.when
    return Facts(
        price=Money(notice.budget_minor, notice.currency),
        price_mode=notice.price_mode,
        tax=notice.tax,
        payment_days=notice.payment_days,
        milestones=tuple(milestones_of(notice)),
        requirements=len(notice.requirements),
        hours=notice.hours,
        reservation=notice.reservation,
        conditions=_conditions(case, policy),
        questions_close=moment(case.questions_close, zone),
        closes=moment(case.closes, zone),
        opens_by=reading.when(case.opens_by, zone),
        objection_until=reading.when(case.objection_until, zone),
        arrangement=notice.sealing.arrangement,
        needed=notice.sealing.k,
        seats=_seats(case, names),
        learner_places=notice.learner_places,
        training_partner=named_in(reading, names, case, None),
        skills=tuple(Link(skill, list_href("/opportunities", {"skill": slug_of(skill)})) for skill in notice.skills),
        tier=notice.tier,
        rules=Link(policy.name if policy else notice.policy.jurisdiction, policy_href(digest)),
    )


def asked_of(case: Case, names: Names) -> Asked:
    """What the agency asks."""
    notice = case.notice
    incumbent: Link | str | None = None
    if notice.incumbent.answer == "firm":
        incumbent = names.firm(notice.incumbent.firm) if notice.incumbent.firm else notice.incumbent.name
    return Asked(
        need=notice.need,
        outcome=notice.outcome,
        audience=notice.audience,
        existing=notice.existing,
        requirements=tuple(each.text for each in notice.requirements),
        acceptance=notice.acceptance,
        criteria=tuple(
            CriterionRow(name=each.name, weight=each.weight, anchors=tuple(each.anchors)) for each in notice.criteria
        ),
        price_weight=notice.price_weight,
        floor=Money(notice.floor_minor, notice.currency) if notice.floor_minor is not None else None,
        licence=notice.licence,
        data_class=notice.data_class,
        funding=names.word(notice.funding, notice.policy.digest),
        rationale=notice.rationale,
        incumbent=incumbent,
        helpers=tuple(
            HelperRow(name=each.name, role=each.role, firm=names.firm(each.firm) if each.firm else None)
            for each in notice.helped_by.who
        ),
    )


def addenda_of(reading: Reading, case: Case, zone: str) -> tuple[AddendumRow, ...]:
    """Each change against the terms as they stood before it, oldest first."""
    rows: list[AddendumRow] = []
    notice = case.original
    for number, act in enumerate(case.addenda, 1):
        if isinstance(act.body, AddendumPublished):
            rows.append(_addendum(reading, notice, act, act.body, number, zone))
            notice = changed_notice(notice, act.body.changes)
    return tuple(rows)


def _addendum(  # noqa: PLR0917 -- a row is made of all of these
    reading: Reading, notice: OpportunityPublished, act: Act, body: AddendumPublished, number: int, zone: str
) -> AddendumRow:
    changes = changed_fields(body.changes)
    return AddendumRow(
        number=number,
        when=reading.when(act.at, zone),
        material=body.material,
        why=body.why,
        changes=tuple(_change(reading, name, getattr(notice, name), after, zone) for name, after in changes.items()),
        records=(record_of(act),),
    )


def _change(reading: Reading, name: str, before: Any, after: Any, zone: str) -> Change:
    if name in _DEADLINES:
        return Change(field=name, before=reading.when(before, zone), after=reading.when(after, zone))
    if isinstance(after, int):
        return Change(field=name, before=before, after=after)
    return Change(field=name, parts=diff_words(_text(before), _text(after)))


def _text(value: str | list[Requirement]) -> str:
    return value if isinstance(value, str) else "\n".join(each.text for each in value)


def milestones_of(notice: OpportunityPublished) -> list[MilestoneRow]:
    """The parts with their amounts where the price is fixed: whole minor units, the last part takes the rest."""
    rows, left = [], notice.budget_minor
    for number, part in enumerate(notice.milestones, 1):
        last = number == len(notice.milestones)
        amount = left if last else notice.budget_minor * part.share // 100
        left -= amount
        shown = Money(amount, notice.currency) if notice.price_mode == "fixed" else None
        rows.append(MilestoneRow(name=part.name, share=part.share, days=part.days, amount=shown))
    return rows


def _conditions(case: Case, policy: Jurisdiction | None) -> tuple[Condition, ...]:
    """Who may bid, by the rules in force at publication; a pilot that is open to all has no conditions."""
    if policy is None or case.notice.reservation == "open":
        return ()
    return _eligibility(policy.document, case.published.at)


@lru_cache(maxsize=256)
def _eligibility(document: bytes, published: datetime) -> tuple[Condition, ...]:
    policy = from_document(document)
    href = policy_href(policy.digest)
    return tuple(
        Condition(words=text.text, rule=Link(text.title, f"{href}#{text.id}"))
        for text in policy.rules(published).texts()
        if text.topic == "eligibility" and text.wins
    )


def _seats(case: Case, names: Names) -> tuple[Seat, ...]:
    rows = []
    for number, seat in enumerate(case.notice.sealing.seats, 1):
        released = [(label, case.released.get(label, {}).get(number)) for label in _LABELS]
        rows.append(
            Seat(
                name=names.keeper(seat.keeper),
                organisation=names.organisation(seat.organisation),
                released=tuple(label for label, act in released if act is not None),
                records=tuple(record_of(act, light=True) for _, act in released if act is not None),
            )
        )
    return tuple(rows)
