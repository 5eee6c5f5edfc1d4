"""From the ranking to the award: whose turn it is, proof, the choice with its reasons, standstill, the award."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ledger.entry import parse_time
from policies import Condition, FirmFacts, eligibility_due, judge_eligibility, standstill_end
from portal.procurement.act import Act
from portal.procurement.agency import Agency
from portal.procurement.apart import scores_apart, unexplained
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import by_firm, by_officer, rules_of, running, the_agency, the_case, the_firm
from portal.procurement.events.award import AwardIntended, AwardMade, EligibilityDecided, EligibilityProved
from portal.procurement.events.evaluation import RankRow
from portal.procurement.events.opening import BidOpened
from portal.procurement.events.typed import typed
from portal.procurement.period import day_of
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal
from portal.procurement.stage import candidate, standstill_ends


def _ranked(record: Record, act: Act) -> tuple[Case, RankRow]:
    case = running(the_case(record, act.subject))
    if case.ranking is None:
        raise Refusal("not-ranked", {"opportunity": case.id})
    row = candidate(case)
    if row is None:
        raise Refusal("nobody-left", {"opportunity": case.id}, fix="Every ranked firm was passed over; cancel or wait.")
    return case, row


def prove_eligibility(record: Record, act: Act) -> None:
    """By the key of the firm whose turn it is, once, on a reserved pilot."""
    body = typed(act, EligibilityProved)
    case, row = _ranked(record, act)
    if case.notice.reservation == "open":
        raise Refusal("proof-not-needed", {"opportunity": case.id})
    if day_of(body.founded) is None:
        raise Refusal("day-unknown", {"day": body.founded})
    firm = the_firm(record, body.firm)
    by_firm(firm, act)
    if body.firm != row.firm:
        raise Refusal("not-your-turn", {"turn": row.firm, "firm": body.firm})
    if body.firm in case.proofs:
        raise Refusal("already-proved", {"firm": body.firm, "entry": case.proofs[body.firm].index})


def eligibility_conditions(record: Record, case: Case, body: EligibilityProved) -> list[Condition]:
    """Each condition of the pinned rules for the proved facts, met or not."""
    facts = FirmFacts(
        area=body.place,
        months_present=body.months_present,
        founded=day_of(body.founded),
        staff_with_affiliates=body.staff_with_affiliates,
        turnover_minor=body.turnover_minor,
    )
    return judge_eligibility(rules_of(record, case), facts, case.closes)


def decide_eligibility(record: Record, act: Act) -> None:
    """
    By an officer with the duty, about the firm whose turn it is.

    Acceptance needs a proof whose facts meet every condition. Passing on needs a failed condition or an overdue proof;
    an officer cannot pass over a firm that the rules call eligible.
    """
    body = typed(act, EligibilityDecided)
    case, row = _ranked(record, act)
    by_officer(act, the_agency(record, case.notice.agency), "verify")
    if body.firm != row.firm:
        raise Refusal("not-your-turn", {"turn": row.firm, "firm": body.firm})
    if body.firm in case.eligibility:
        raise Refusal("eligibility-decided", {"firm": body.firm, "entry": case.eligibility[body.firm].index})
    proof = case.proofs.get(body.firm)
    if proof is None:
        if body.accepted or act.at < proof_due(record, case):
            raise Refusal("proof-missing", {"firm": body.firm, "due": proof_due(record, case).isoformat()})
        return
    unmet = [c for c in eligibility_conditions(record, case, typed(proof, EligibilityProved)) if not c.met]
    if body.accepted and unmet:
        raise Refusal("not-eligible", {"sentence": unmet[0].sentence}, rule=unmet[0].rule)
    if not body.accepted and not unmet:
        raise Refusal("eligible-after-all", {"firm": body.firm}, fix="Every condition is met; accept the proof.")


def proof_due(record: Record, case: Case) -> datetime:
    """When the proof of the firm whose turn it is was due: working days from the ranking, or from the last passing on."""
    if case.ranking is None:
        raise Refusal("not-ranked", {"opportunity": case.id})
    agency = the_agency(record, case.notice.agency)
    asked = max([case.ranking.at, *(act.at for act in case.eligibility.values())])
    return eligibility_due(rules_of(record, case), asked, ZoneInfo(agency.profile.zone))


def choose(record: Record, act: Act) -> None:
    """
    The best-ranked firm that has proved eligibility, at its price, with a reason per criterion for every bidder.

    The standstill stated is no shorter than the rules', counted from now in the agency's zone.
    """
    body = typed(act, AwardIntended)
    case, row = _ranked(record, act)
    agency = the_agency(record, case.notice.agency)
    by_officer(act, agency, "choose", body.amount_minor)
    if case.chosen is not None:
        raise Refusal("already-chosen", {"entry": case.chosen.index})
    if case.notice.reservation != "open" and row.firm not in case.eligibility:
        raise Refusal("eligibility-undecided", {"firm": row.firm})
    opened = typed(case.opened[row.bid], BidOpened)
    stated = (body.bid, body.firm, body.amount_minor, body.currency)
    if stated != (row.bid, row.firm, opened.price_minor, opened.currency):
        raise Refusal("choice-not-first", {"first": row.firm, "given": body.firm, "price_minor": opened.price_minor})
    _explained(record, case, agency, act.at)
    _reasons(case, body)
    end = standstill_end(rules_of(record, case), act.at, ZoneInfo(agency.profile.zone), case.notice.tier)
    if parse_time(body.standstill_ends) < end:
        raise Refusal("standstill-short", {"earliest": end.isoformat(), "given": body.standstill_ends})


def _explained(record: Record, case: Case, agency: Agency, at: datetime) -> None:
    """Scores that lie apart have their reasons; whose appointment has ended is not waited for."""
    silent = {row.person for row in unexplained(case, scores_apart(case, rules_of(record, case)))}
    here = {row.made.person for row in agency.appointments if row.holds(at)}
    if silent & here:
        raise Refusal("scores-unexplained", {"people": ", ".join(sorted(silent & here))})


def _reasons(case: Case, body: AwardIntended) -> None:
    criteria = {criterion.id for criterion in case.notice.criteria} | ({"price"} if case.notice.price_weight else set())
    given = [row.bid for row in body.reasons]
    if sorted(given) != sorted(case.opened):
        raise Refusal("reasons-missing", {"bidders": len(case.opened), "given": len(given)})
    for row in body.reasons:
        if sorted(reason.criterion for reason in row.reasons) != sorted(criteria):
            raise Refusal("reasons-criteria", {"bid": row.bid, "expected": ", ".join(sorted(criteria))})


def award(record: Record, act: Act) -> None:
    """The firm that was chosen, at the same amount, when standstill is over."""
    body = typed(act, AwardMade)
    case = running(the_case(record, act.subject))
    by_officer(act, the_agency(record, case.notice.agency), "award", body.amount_minor)
    if case.chosen is None:
        raise Refusal("not-chosen", {"opportunity": case.id})
    chosen = typed(case.chosen, AwardIntended)
    if (body.bid, body.firm, body.amount_minor, body.currency) != (
        chosen.bid,
        chosen.firm,
        chosen.amount_minor,
        chosen.currency,
    ):
        raise Refusal("award-other", {"chosen": chosen.firm, "given": body.firm})
    ends = standstill_ends(case)
    if ends is None or act.at < ends:
        raise Refusal("standstill-running", {"until": chosen.standstill_ends, "at": act.at.isoformat()})
