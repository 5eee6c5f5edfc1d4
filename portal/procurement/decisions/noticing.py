"""Publishing a notice, changing it, and ending it without award. Two officers sign each."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from ledger.entry import parse_time
from ledger.errors import LedgerError
from ledger.sealing import KeeperSeat as ArrangementSeat
from ledger.sealing import check_arrangement
from policies import AddendumFacts, Finding, NoticeFacts, Rules, judge_addendum, judge_moved_times, judge_notice
from policies import Criterion as CriterionFacts
from portal.procurement.act import Act
from portal.procurement.agency import Agency
from portal.procurement.case import changed_fields, changed_notice
from portal.procurement.decisions.lookups import (
    by_officer,
    rules_of,
    running,
    the_agency,
    the_case,
    the_keeper,
    the_log,
    the_plan,
    the_policy,
)
from portal.procurement.decisions.partnering import the_trainer
from portal.procurement.events.opportunity import (
    AddendumPublished,
    OpportunityCancelled,
    OpportunityPublished,
    OpportunityWithdrawn,
)
from portal.procurement.events.typed import typed
from portal.procurement.parties import Keeper
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal
from portal.procurement.stage import WITHOUT_AWARD, stage

MATTERS = frozenset({"requirements", "acceptance", "need", "outcome", "learner_places"})
"""What bidders answer to: a change to any of it is material, whoever says otherwise."""

_HANGING = frozenset({"questions_close", "closes", "objection_until", "opens_by"})
_WHOLE = 100


def publish(record: Record, act: Act) -> None:
    """
    A new notice: two officers, the agency's own rules, honest answers, keepers' fresh keys.

    The agency's own checks come first, so that a stranger learns nothing about rules by trying.
    """
    body = typed(act, OpportunityPublished)
    agency = the_agency(record, body.agency)
    if body.budget_minor < 0:
        raise Refusal("amount-negative", {"budget_minor": body.budget_minor})
    by_officer(act, agency, "publish", body.budget_minor)
    if record.case(act.subject) is not None:
        raise Refusal("opportunity-already-published", {"opportunity": act.subject})
    adopted = agency.policy()
    if (body.policy.digest, body.policy.jurisdiction) != (adopted.document.sha256, adopted.jurisdiction):
        raise Refusal("policy-not-adopted", {"adopted": adopted.document.sha256, "given": body.policy.digest})
    rules = the_policy(record, body.policy.digest).rules(act.at)
    _plan(record, body)
    _follows(record, act, body)
    _answers(record, body)
    _people(act, body, agency)
    _shares(body)
    _keepers(record, body, agency)
    refuse_first(judge_notice(rules, notice_facts(body), act.at, ZoneInfo(agency.profile.zone)))


def refuse_first(findings: list[Finding]) -> None:
    """Raise the first finding as a refusal; the others are counted, so that the clerk knows there is more."""
    if findings:
        first = findings[0]
        figures: dict[str, object] = {**first.figures, "sentence": first.sentence}
        if len(findings) > 1:
            figures["more"] = ", ".join(finding.reason for finding in findings[1:])
        raise Refusal(first.reason, figures, rule=first.rule, fix=first.fix)


def notice_facts(body: OpportunityPublished) -> NoticeFacts:
    """What the rules judge of a notice."""
    return NoticeFacts(
        tier=body.tier,
        price_mode=body.price_mode,
        budget_minor=body.budget_minor,
        floor_minor=body.floor_minor,
        currency=body.currency,
        tax=body.tax,
        funding=body.funding,
        cross_border=body.cross_border,
        reservation=body.reservation,
        criteria=tuple(CriterionFacts(id=row.id, name=row.name, weight=row.weight) for row in body.criteria),
        price_weight=body.price_weight,
        questions_close=parse_time(body.questions_close),
        closes=parse_time(body.closes),
        objection_until=parse_time(body.objection_until),
        opens_by=parse_time(body.opens_by),
        arrangement=body.sealing.arrangement,
        k=body.sealing.k,
        keepers=len(body.sealing.seats),
        proposal_size=body.sealing.proposal_size,
        offer_size=body.sealing.offer_size,
        evaluators=len(body.evaluators),
        milestones=milestone_amounts(body),
        payment_days=body.payment_days,
        learner_places=body.learner_places,
    )


def milestone_amounts(body: OpportunityPublished) -> tuple[int, ...]:
    """What each milestone pays of the budget, in minor units; the last takes what rounding leaves."""
    amounts = [body.budget_minor * row.share // _WHOLE for row in body.milestones]
    return (*amounts[:-1], body.budget_minor - sum(amounts[:-1]))


def _plan(record: Record, body: OpportunityPublished) -> None:
    if body.plan is None:
        return
    plan = the_plan(record, body.plan)
    if plan.promise.agency != body.agency:
        raise Refusal("plan-agency", {"plan": plan.id, "agency": plan.promise.agency})
    if plan.dropped is not None:
        raise Refusal("plan-dropped", {"plan": plan.id, "entry": plan.dropped.index})


def _follows(record: Record, act: Act, body: OpportunityPublished) -> None:
    """The next try of a pilot of the same agency that ended without award: never of one that still runs or was won."""
    if body.follows is None:
        return
    before = the_case(record, body.follows)
    if before.notice.agency != body.agency:
        raise Refusal("follows-agency", {"pilot": before.id, "agency": before.notice.agency})
    now = stage(before, act.at)
    if now not in WITHOUT_AWARD:
        raise Refusal("follows-running", {"pilot": before.id, "state": now})


def _answers(record: Record, body: OpportunityPublished) -> None:
    if (body.incumbent.answer == "firm") != bool(body.incumbent.name):
        raise Refusal("incumbent-unanswered", {"answer": body.incumbent.answer}, fix='Name the firm, or answer "none".')
    if (body.helped_by.answer == "named") != bool(body.helped_by.who):
        raise Refusal(
            "helped-by-unanswered", {"answer": body.helped_by.answer}, fix='Name who helped, or answer "nobody".'
        )
    if body.training_partner is not None:
        the_trainer(record, body.training_partner)
    for ids, what in ((body.requirements, "requirement"), (body.criteria, "criterion")):
        named = [row.id for row in ids]
        if len(set(named)) < len(named):
            raise Refusal(f"{what}-repeated", {"ids": ", ".join(named)})


def _people(act: Act, body: OpportunityPublished, agency: Agency) -> None:
    if len(set(body.evaluators)) < len(body.evaluators):
        raise Refusal("evaluator-repeated", {"evaluators": ", ".join(body.evaluators)})
    judges = {row.made.person for row in agency.appointments if row.holds(act.at) and "evaluate" in row.made.duties}
    for person in body.evaluators:
        if person not in judges:
            raise Refusal("evaluator-not-appointed", {"person": person})
    if body.requester in body.evaluators:
        raise Refusal("evaluator-is-requester", {"person": body.requester})


def _shares(body: OpportunityPublished) -> None:
    shares = sum(row.share for row in body.milestones)
    if shares != _WHOLE or any(row.share <= 0 for row in body.milestones):
        raise Refusal("milestone-shares", {"sum": shares}, fix="Shares are above zero and add up to 100 per cent.")


def _keepers(record: Record, body: OpportunityPublished, agency: Agency) -> None:
    log = the_log(record)
    if body.sealing.module != log.sealing_module:
        raise Refusal("sealing-module", {"expected": log.sealing_module, "given": body.sealing.module})
    keepers = []
    for seat in body.sealing.seats:
        keeper = the_keeper(record, seat.keeper)
        if seat.organisation != keeper.profile.organisation:
            raise Refusal("keeper-organisation", {"keeper": keeper.id, "expected": keeper.profile.organisation})
        used = record.keeper_keys_used(keeper.id)
        fresh = [pair for pair in keeper.keys if pair.proposal not in used and pair.offer not in used]
        if not fresh:
            raise Refusal("keys-exhausted", {"keeper": keeper.id}, fix="The keeper registers a new pack of keys.")
        if (seat.proposal, seat.offer) != (fresh[0].proposal, fresh[0].offer):
            raise Refusal("keeper-key-not-next", {"keeper": keeper.id, "next": fresh[0].proposal})
        if body.sealing.arrangement == "own-staff" and not _staff_behind(keeper, agency):
            raise Refusal(
                "keeper-person-missing", {"keeper": keeper.id}, fix="Own staff keep keys under their own name."
            )
        keepers.append(keeper)
    conflicted = {body.requester, *body.evaluators}
    try:
        check_arrangement(
            body.sealing.arrangement,
            k=body.sealing.k,
            keepers=[
                ArrangementSeat(person=name, organisation=keeper.profile.organisation)
                for keeper, name in zip(keepers, _one_name_each(keepers, agency, conflicted), strict=True)
            ],
            agency=body.agency,
            operator="operator",
            conflicted=conflicted,
            tier=body.tier,
            fixed_price=body.price_mode == "fixed",
        )
    except LedgerError as error:
        raise Refusal(error.reason, {"detail": error.detail}) from error


def _staff_behind(keeper: Keeper, agency: Agency) -> set[str]:
    """The agency's people behind a keeper: the one it was admitted as, and whoever has or had one of its keys."""
    named = {keeper.profile.person, *(agency.person_of(row.key) for row in keeper.ring.keys)}
    return {person for person in named if person is not None}


def _one_name_each(keepers: list[Keeper], agency: Agency, conflicted: set[str]) -> list[str]:
    """
    A name for each keeper by which two that are one are counted once.

    Whoever ever shared a key or is the same person is one keeper, however often it was admitted; a name that is in
    conflict comes first, so that none hides behind another.
    """
    groups: list[set[str]] = []
    marks = [{row.key for row in keeper.ring.keys} | _staff_behind(keeper, agency) for keeper in keepers]
    for mark in marks:
        joined = set(mark).union(*(group for group in groups if group & mark))
        groups = [group for group in groups if not group & mark] + [joined]
    whole = [next(group for group in groups if group & mark) for mark in marks]
    return [
        min(group, key=lambda name: (name not in conflicted, not name.startswith("person:"), name)) for group in whole
    ]


def amend(record: Record, act: Act) -> None:
    """
    A change to the terms before the close. What bidders answer to, or when, is always material.

    The close never moves earlier, nor at all after a released key; the rules say how much time must be left. Times that hang
    on the close are judged as at publication, else a change could take away the hours in which a bidder objects.
    """
    body = typed(act, AddendumPublished)
    case = running(the_case(record, act.subject))
    agency = the_agency(record, case.notice.agency)
    by_officer(act, agency, "addendum", case.notice.budget_minor)
    changed = set(changed_fields(body.changes))
    if not changed:
        raise Refusal("addendum-empty", {})
    if not body.material and changed & MATTERS:
        raise Refusal("addendum-is-material", {"fields": ", ".join(sorted(changed))})
    after = changed_notice(case.notice, body.changes)
    facts = AddendumFacts(
        material=body.material, previous_closes=case.closes, closes=parse_time(after.closes), at=act.at
    )
    rules = rules_of(record, case)
    refuse_first(judge_addendum(rules, facts, ZoneInfo(agency.profile.zone)))
    order = [parse_time(m) for m in (after.questions_close, after.closes, after.objection_until, after.opens_by)]
    if order != sorted(order) or order[1] >= order[3]:
        raise Refusal("time-order", {"closes": after.closes, "opens_by": after.opens_by})
    if "closes" in changed and not {"objection_until", "opens_by"} <= changed:
        raise Refusal("time-order", {"closes": after.closes}, fix="A new close needs its own opening times.")
    if parse_time(after.questions_close) < case.questions_close:
        raise Refusal(
            "questions-close-earlier", {"promised": case.notice.questions_close, "given": after.questions_close}
        )
    if changed & _HANGING:
        refuse_first(judge_moved_times(rules, notice_facts(after), ZoneInfo(agency.profile.zone)))


def withdraw(record: Record, act: Act) -> None:
    """Before the close, with a reason from the rules' list."""
    body = typed(act, OpportunityWithdrawn)
    case = running(the_case(record, act.subject))
    agency = the_agency(record, case.notice.agency)
    by_officer(act, agency, "cancel", case.notice.budget_minor)
    if act.at >= case.closes:
        raise Refusal("withdrawal-late", {"closed_at": case.notice.closes}, fix="After the close it is a cancellation.")
    _listed(record, act.subject, body.reason, lambda rules: [row.code for row in rules.award.withdraw_reasons])


def cancel(record: Record, act: Act) -> None:
    """After the close and before the award, with a reason from the rules' list."""
    body = typed(act, OpportunityCancelled)
    case = running(the_case(record, act.subject))
    agency = the_agency(record, case.notice.agency)
    by_officer(act, agency, "cancel", case.notice.budget_minor)
    if act.at < case.closes:
        raise Refusal("cancellation-early", {"closes": case.notice.closes}, fix="Before the close it is a withdrawal.")
    _listed(record, act.subject, body.reason, lambda rules: [row.code for row in rules.award.cancel_reasons])


def _listed(record: Record, subject: str, reason: str, of: Callable[[Rules], list[str]]) -> None:
    allowed = of(rules_of(record, the_case(record, subject)))
    if reason not in allowed:
        raise Refusal("reason-not-listed", {"reason": reason, "allowed": ", ".join(allowed)})
