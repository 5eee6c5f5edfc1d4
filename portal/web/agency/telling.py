"""What an agency's officers are about to sign, in words: each kind of act with what is new in it and what follows."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from ledger.entry import parse_time
from policies import Rules
from portal.commands.library import Library
from portal.commands.propose_notice import last_habits, setting_of
from portal.identity.accounts import Account, account_named
from portal.identity.drafts import Draft
from portal.identity.unfinished import Unfinished, unfinished_of
from portal.procurement.act import read_body
from portal.procurement.case import Case, changed_notice
from portal.procurement.decisions.lookups import rules_of, the_agency, the_policy
from portal.procurement.events.award import AwardIntended, AwardMade, EligibilityDecided
from portal.procurement.events.bid import QuestionAnswered
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.opportunity import (
    AddendumPublished,
    OpportunityCancelled,
    OpportunityPublished,
    OpportunityWithdrawn,
)
from portal.procurement.events.plan import PlanAnnounced, PlanChanged, PlanDropped
from portal.procurement.events.typed import typed
from portal.procurement.money import Money
from portal.projections.shelf import Shelf
from portal.web.agency.consequences import after_addendum, after_ending, after_publishing
from portal.web.agency.writing_desk import people_of
from portal.web.desk.desk import Desk
from portal.web.diff import diff_words
from portal.web.drafting.compared import changes_between, proposal_behind
from portal.web.drafting.in_words import asked_lines, term_lines
from portal.web.printing import quarter
from portal.web.views.frame import Moment, Said, Shown, said
from portal.web.views.opportunity import Change
from portal.web.views.told import Told, ToldLine


class Desktop(Struct, frozen=True, kw_only=True):
    """What is known around one draft: its case, the rules that hold for it, the agency's zone and the names of its people."""

    library: Library
    shelf: Shelf
    case: Case | None
    rules: Rules
    rules_name: str
    zone: str
    names: dict[str, str]
    by: str
    edit: str
    begun: Unfinished | None


def tell(desk: Desk, account: Account, draft: Draft) -> Told | None:
    """What this draft says; None for acts that are no agency's."""
    body = read_body(draft.kind, draft.statement.body)
    teller = _TELLERS.get(type(body))
    if teller is None or draft.agency is None:
        return None
    with desk.tables.reading() as rows:
        author = account_named(rows, draft.made_by)
        begun = next((one for one in unfinished_of(rows, draft.made_by) if one.draft == draft.id), None)
    with desk.office.store.reading() as connection:
        library, shelf = Library(desk.office.store, connection), Shelf(connection)
        agency = the_agency(library, draft.agency)
        case = library.case(draft.subject) if draft.subject.startswith("opportunity:") else None
        digest = case.notice.policy.digest if case else agency.policy().document.sha256
        policy = the_policy(library, digest)
        around = Desktop(
            library=library,
            shelf=shelf,
            case=case,
            rules=rules_of(library, case) if case else policy.rules(desk.office.clock.now()),
            rules_name=policy.name,
            zone=agency.profile.zone,
            names={**people_of(desk, agency), **_keeper_names(shelf)},
            by=author.name if author else "",
            edit=f"/desk/notices/drafts/{begun.name}" if begun and draft.made_by == account.id else "",
            begun=begun,
        )
        return teller(draft, body, around)


def _keeper_names(shelf: Shelf) -> dict[str, str]:
    rows = shelf.rows("SELECT id, name, organisation_name FROM {keeper} ORDER BY entry")
    return {subject: f"{name}, {house}" for subject, name, house in rows}


def _line(code: str, *value: Shown, prose: bool = False) -> ToldLine:
    return ToldLine(label=said(f"terms.{code}"), value=value, prose=prose)


def _written(code: str, text: str) -> ToldLine:
    return _line(code, *(line for line in text.split("\n") if line), prose=True)


def _notice(draft: Draft, body: OpportunityPublished, around: Desktop) -> Told:
    compared, changes = _news(draft, body, around)
    return Told(
        what=said("told.notice", title=body.title, price=Money(body.budget_minor, body.currency)),
        by=around.by,
        lines=(*asked_lines(body), *term_lines(body, around.rules, around.zone, around.rules_name, around.names)),
        compared=compared,
        changes=changes,
        follows=after_publishing(body, around.zone),
        edit=around.edit,
    )


def _news(draft: Draft, body: OpportunityPublished, around: Desktop) -> tuple[Said, tuple[Change, ...]]:
    """What differs from the notice that this one began from, else from what was proposed for its answers."""
    sheet = around.begun.sheet if around.begun else {}
    name = sheet.get("again") or sheet.get("from") or ""
    source = around.library.case(f"opportunity:{name}") if name else None
    if source is not None:
        changes = changes_between(source.notice, body, around.zone, around.names, answers=True)
        return said("told.against_notice", title=source.notice.title), changes
    agency = the_agency(around.library, body.agency)
    made_at = parse_time(draft.made_at)
    setting = setting_of(around.library, around.shelf, agency, body.requester, made_at)
    usual = last_habits(around.library, around.shelf, agency.id)
    proposed = proposal_behind(body, around.rules, setting, usual, made_at)
    if proposed is None:
        return said("told.against_nothing"), ()
    return said("told.against_proposal"), changes_between(proposed, body, around.zone, around.names, answers=False)


def _addendum(_draft: Draft, body: AddendumPublished, around: Desktop) -> Told:
    case = _case(around)
    after = changed_notice(case.notice, body.changes)
    return Told(
        what=said("told.addendum", title=case.notice.title),
        by=around.by,
        lines=(_written("reason", body.why),),
        compared=said("told.against_terms"),
        changes=changes_between(case.notice, after, around.zone, around.names, answers=True),
        follows=after_addendum(case, after, around.zone, material=body.material),
    )


def _case(around: Desktop) -> Case:
    if around.case is None:
        raise TypeError(around.case)
    return around.case


def _ending(_draft: Draft, body: OpportunityWithdrawn | OpportunityCancelled, around: Desktop) -> Told:
    case = _case(around)
    codes = {row.code: row.text for row in (*around.rules.award.withdraw_reasons, *around.rules.award.cancel_reasons)}
    early = isinstance(body, OpportunityWithdrawn)
    return Told(
        what=said("told.withdrawn" if early else "told.cancelled", title=case.notice.title),
        by=around.by,
        lines=(_line("coded", codes.get(body.reason, body.reason)), _written("reason", body.why)),
        follows=after_ending(case, early=early),
    )


def _answer(_draft: Draft, body: QuestionAnswered, around: Desktop) -> Told:
    case = _case(around)
    question = case.questions.get(body.question)
    return Told(
        what=said("told.answer", title=case.notice.title),
        by=around.by,
        lines=(_written("question", question.text if question else ""), _written("answer", body.text)),
        follows=(said("told.answer_public"),),
    )


def _eligibility(_draft: Draft, body: EligibilityDecided, around: Desktop) -> Told:
    case = _case(around)
    outcome = said("options.accept") if body.accepted else said("options.pass-over")
    return Told(
        what=said("told.eligibility", firm=_firm(case, body.firm), title=case.notice.title),
        by=around.by,
        lines=(_line("decision", outcome), _written("reason", body.why)),
        follows=(said("told.accepted" if body.accepted else "told.passed_over"),),
    )


def _firm(case: Case, subject: str) -> str:
    """A bidder's name as its opened offer gives it."""
    names = (typed(act, BidOpened) for act in case.opened.values())
    return next((one.name for one in names if one.firm == subject), subject.partition(":")[2])


def _choice(_draft: Draft, body: AwardIntended, around: Desktop) -> Told:
    case = _case(around)
    labels = {row.id: row.name for row in case.notice.criteria}
    lines = [_written("reason", body.words)]
    for row in body.reasons:
        name = typed(case.opened[row.bid], BidOpened).name
        told = [f"{labels.get(each.criterion, each.criterion)}: {each.words}" for each in row.reasons]
        lines.append(ToldLine(label=said("terms.reasons_for", firm=name), value=tuple(told), prose=True))
    ends = Moment(parse_time(body.standstill_ends), around.zone)
    return Told(
        what=said("told.choice", firm=_firm(case, body.firm), amount=Money(body.amount_minor, body.currency)),
        by=around.by,
        lines=tuple(lines),
        follows=(said("told.choice_public"), said("told.challenge", when=ends)),
    )


def _award(_draft: Draft, body: AwardMade, around: Desktop) -> Told:
    return Told(
        what=said("told.award", firm=_firm(_case(around), body.firm), amount=Money(body.amount_minor, body.currency)),
        by=around.by,
        lines=(_written("reason", body.words),),
        follows=(said("told.award_final"),),
    )


def plan_lines(promise: PlanAnnounced) -> tuple[ToldLine, ...]:
    """A promise in words."""
    learners: Shown = said("common.learners", n=promise.learner_places)
    return (
        ToldLine(label=said("forms.need.label"), value=tuple(promise.need.split("\n")), prose=True),
        _line("quarter", quarter(promise.quarter)),
        _line("size", said(f"tiers.{promise.tier}")),
        _line("money", said(f"plan.facts.money_{promise.money}")),
        _line("skills", ", ".join(promise.skills), learners if promise.learner_places else ""),
    )


def _plan(_draft: Draft, body: PlanAnnounced, around: Desktop) -> Told:
    return Told(
        what=said("told.plan", title=body.title),
        by=around.by,
        lines=plan_lines(body),
        follows=(said("told.plan_public"),),
    )


def _plan_changed(draft: Draft, body: PlanChanged, around: Desktop) -> Told:
    before = around.library.plan(draft.subject)
    changes = plan_changes(before.promise, body.plan) if before else ()
    return Told(
        what=said("told.plan_changed", title=body.plan.title),
        by=around.by,
        lines=(_written("reason", body.why),),
        compared=said("told.against_promise"),
        changes=changes,
        follows=(said("told.plan_kept"),),
    )


def plan_changes(before: PlanAnnounced, after: PlanAnnounced) -> tuple[Change, ...]:
    """What differs between two promises."""
    found = []
    for name in ("title", "need", "skills", "tier", "quarter", "money", "learner_places"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            found.append(_plan_change(name, was, now))
    return tuple(found)


def _plan_change(name: str, was: object, now: object) -> Change:
    if isinstance(was, int) and isinstance(now, int):
        return Change(field=name, before=was, after=now)
    if name == "quarter":
        return Change(field=name, before=quarter(str(was)), after=quarter(str(now)))
    if name == "money":
        return Change(field=name, before=said(f"plan.facts.money_{was}"), after=said(f"plan.facts.money_{now}"))
    if name == "tier":
        return Change(field=name, before=said(f"tiers.{was}"), after=said(f"tiers.{now}"))
    texts = [", ".join(each) if isinstance(each, list) else str(each) for each in (was, now)]
    return Change(field=name, parts=diff_words(*texts))


def _plan_dropped(draft: Draft, body: PlanDropped, around: Desktop) -> Told:
    before = around.library.plan(draft.subject)
    codes = {row.code: row.text for row in around.rules.award.plan_drop_reasons}
    return Told(
        what=said("told.plan_dropped", title=before.promise.title if before else ""),
        by=around.by,
        lines=(_line("coded", codes.get(body.reason, body.reason)), _written("reason", body.why)),
        follows=(said("told.plan_counted"),),
    )


_TELLERS: Final[dict[type, Callable[..., Told]]] = {
    OpportunityPublished: _notice,
    AddendumPublished: _addendum,
    OpportunityWithdrawn: _ending,
    OpportunityCancelled: _ending,
    QuestionAnswered: _answer,
    EligibilityDecided: _eligibility,
    AwardIntended: _choice,
    AwardMade: _award,
    PlanAnnounced: _plan,
    PlanChanged: _plan_changed,
    PlanDropped: _plan_dropped,
}
