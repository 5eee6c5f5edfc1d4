"""One pilot's page, made from the fold of its entries."""

from portal.procurement.case import Case, fold_case
from portal.procurement.events import award, opening, opportunity
from portal.procurement.money import Money
from portal.procurement.plan import fold_plan
from portal.procurement.stage import Stage, candidate, next_change, stage, standstill_ends
from portal.projections.queries.opportunities import followed_by, title_of
from portal.projections.shelf import Shelf
from portal.web.addresses import list_href, subject_href, subject_link
from portal.web.problems import missing
from portal.web.public.judged_parts import (
    bids_of,
    checked_of,
    objections_of,
    opened_bids,
    ranking_of,
    reasons_of,
    scores_of,
)
from portal.web.public.names import Names, reason_words
from portal.web.public.notice_parts import addenda_of, asked_of, facts_of
from portal.web.public.sayings import Sayings, record_of, records_of
from portal.web.public.timeline import future, past
from portal.web.reading import Reading
from portal.web.views.frame import Link, Said, Shown
from portal.web.views.opportunity import Decision, OpportunityPage, Paper, QuestionRow

_ENDINGS = {"no-bids", "unsuccessful", "opening-failed"}
_LAST = {"awarded", "withdrawn", "cancelled", "unsuccessful", "no-bids"}


def read_case(reading: Reading, name: str) -> Case:
    """The fold of a pilot's entries; no page where there are none."""
    case = fold_case(reading.acts(f"opportunity:{name}"))
    if case is None:
        raise missing()
    return case


def opportunity_page(reading: Reading, name: str) -> OpportunityPage:
    """The page of `opportunity:NAME` at this moment."""
    case = read_case(reading, name)
    now = stage(case, reading.at)
    reading.expires(next_change(case, reading.at))
    names = Names(reading)
    sayings = Sayings(reading, names)
    notice, zone = case.notice, names.zone(case.notice.agency)
    policy = reading.policy(notice.policy.digest)
    figures = _figures(reading, case, names, zone)
    hidden = policy is not None and policy.rules(case.published.at).sealing.hide_count
    plan = notice.plan
    promised = fold_plan(reading.acts(plan)) if plan else None
    return OpportunityPage(
        path=subject_href(case.id),
        id=name,
        title=notice.title,
        summary=notice.summary,
        agency=names.agency(notice.agency),
        place=Link(notice.place_name, list_href("/opportunities", {"place": notice.place})),
        state=now,
        headline=Said(f"pilot.headline.{now}", figures),
        next=None if now in _LAST else Said(f"pilot.next.{now}", figures),
        facts=facts_of(reading, case, now, names, policy),
        asked=asked_of(case, names),
        timeline=(
            *past(reading, sayings, [*(promised.acts if promised else []), *case.acts], zone),
            *future(reading, case, now, zone),
        ),
        questions=_questions(reading, case, zone),
        addenda=addenda_of(reading, case, zone),
        bids=bids_of(reading, case, now, names, hidden=hidden),
        scores=scores_of(reading, case, names),
        ranking=ranking_of(case, names),
        checked=checked_of(reading, case, names, zone),
        objections=objections_of(reading, case, zone),
        reasons=reasons_of(case, names),
        decision=_decision(reading, case, now, names, zone),
        papers=_papers(reading, case),
        plan=subject_link(plan, promised.promise.title) if plan and promised else None,
        notice=f"{subject_href(case.id)}/award.pdf" if case.awarded else "",
        records=(record_of(case.published),),
        follows=_before(reading, case),
        followed_by=subject_link(*after) if (after := followed_by(reading.shelf, case.id)) else None,
    )


def _before(reading: Reading, case: Case) -> Link | None:
    """The pilot of which this is the next try."""
    before = case.notice.follows
    return subject_link(before, title_of(reading.shelf, before)) if before else None


def _figures(reading: Reading, case: Case, names: Names, zone: str) -> dict[str, Shown]:
    """All that a headline may want; it takes what it names."""
    notice = case.notice
    figures: dict[str, Shown] = {
        "agency": names.agency(notice.agency),
        "title": notice.title,
        "place": notice.place_name,
        "n": sum(1 for _, body in opened_bids(case) if body.status == "valid") or len(case.listed_bids()),
        "closes": reading.when(case.closes, zone),
        "questions_close": reading.when(case.questions_close, zone),
        "opens_by": reading.when(case.opens_by, zone),
        "when": reading.when(case.objection_until, zone),
        "amount": Money(notice.budget_minor, notice.currency),
    }
    first = candidate(case)
    if first is not None:
        figures["firm"] = names.firm(first.firm)
    ends = standstill_ends(case)
    if case.chosen is not None and isinstance(case.chosen.body, award.AwardIntended) and ends is not None:
        figures["firm"] = names.firm(case.chosen.body.firm)
        figures["amount"] = Money(case.chosen.body.amount_minor, case.chosen.body.currency)
        figures["standstill_ends"] = figures["when"] = reading.when(ends, zone)
    if case.ended is not None:
        figures["why"] = _end_reason(reading, case)
    return figures


def _end_reason(reading: Reading, case: Case) -> str:
    body = case.ended.body if case.ended else None
    if isinstance(body, opportunity.OpportunityWithdrawn | opportunity.OpportunityCancelled):
        return reason_words(reading, case.notice.policy.digest, body.reason)
    return ""


def _questions(reading: Reading, case: Case, zone: str) -> tuple[QuestionRow, ...]:
    rows = []
    for number, question in enumerate(case.questions.values(), 1):
        answered = question.answered
        rows.append(
            QuestionRow(
                number=number,
                when=reading.when(question.asked.at, zone),
                text=question.text,
                answer=getattr(answered.body, "text", "") if answered else "",
                answered=reading.when(answered.at, zone) if answered else None,
                records=records_of([question.asked, answered] if answered else [question.asked]),
            )
        )
    return tuple(rows)


def _decision(reading: Reading, case: Case, now: Stage, names: Names, zone: str) -> Decision | None:
    """How it ended or what was chosen, with the words of whoever decided."""
    if case.ended is not None:
        why = getattr(case.ended.body, "why", "")
        return Decision(
            kind="withdrawn" if now == "withdrawn" else "cancelled",
            when=reading.when(case.ended.at, zone),
            words=why,
            reason=_end_reason(reading, case),
            records=(record_of(case.ended),),
        )
    act = case.awarded or case.chosen
    if act is not None and isinstance(act.body, award.AwardMade | award.AwardIntended):
        ends = standstill_ends(case)
        return Decision(
            kind="awarded" if case.awarded else "chosen",
            when=reading.when(act.at, zone),
            words=act.body.words,
            firm=names.firm(act.body.firm),
            amount=Money(act.body.amount_minor, act.body.currency),
            standstill_ends=reading.countdown(ends, zone) if ends and not case.awarded else None,
            records=records_of([case.chosen, case.awarded] if case.chosen and case.awarded else [act]),
        )
    if now in _ENDINGS:
        ended_at = {"no-bids": case.closes, "opening-failed": case.opens_by}.get(now)
        last = case.acts[-1]
        return Decision(
            kind=now,  # type: ignore[arg-type]  # one of _ENDINGS
            when=reading.when(ended_at or last.at, zone),
            words="",
            records=(record_of(case.ranking),) if case.ranking and now == "unsuccessful" else (),
        )
    return None


def _papers(reading: Reading, case: Case) -> tuple[Paper, ...]:
    """Every published file behind this pilot."""
    papers: list[Paper] = []
    for name, verdicts in (("verdicts-proposal", case.proposals_opened), ("verdicts-offer", case.offers_opened)):
        if verdicts is None or not isinstance(verdicts.act.body, opening.ProposalsOpened | opening.OffersOpened):
            continue
        body = verdicts.act.body
        papers.append(_paper(name, body.verdicts.sha256, body.verdicts.media_type, body.verdicts.length))
        papers += [_paper("unopened", each.sha256, each.media_type, each.length) for each in body.void]
    papers += [
        _paper("offer", body.envelope.sha256, body.envelope.media_type, body.envelope.length, body.name)
        for _, body in opened_bids(case)
    ]
    digest = case.notice.policy.digest
    row = Shelf(reading.connection).row("SELECT media_type, length FROM {document} WHERE sha256 = ?", (digest,))
    if row is not None:
        papers.append(_paper("policy", digest, row[0], int(row[1])))
    return tuple(papers)


def _paper(name: str, sha256: str, media_type: str, length: int, label: str = "") -> Paper:
    return Paper(
        name=name,
        href=f"/log/document/{sha256}",
        media_type=media_type,
        length=length,
        fingerprint=sha256,
        label=label,
    )
