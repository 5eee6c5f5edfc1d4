"""A practised notice on paper: in words, with what the rules say, and with who would have to act if it went ahead."""

from hashlib import sha256

from portal.procurement.events.opportunity import OpportunityPublished
from portal.procurement.money import Money
from portal.web.drafting.form import IF_NOBODY
from portal.web.drafting.in_words import asked_lines, term_lines
from portal.web.public.practice import PATH, Practised
from portal.web.views.frame import Moment, Said, said
from portal.web.views.practice import PracticePaper


def practice_paper(made: Practised, file: bytes) -> PracticePaper:
    """The view of the paper; `file` is attached to it."""
    writing, body = made.writing, made.writing.body
    return PracticePaper(
        path=PATH,
        name=made.name,
        body=body,
        asked=asked_lines(body),
        lines=term_lines(body, writing.rules, writing.setting.zone, made.policy.name),
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
