"""
Interests, scores and the ranking.

Scores are locked in by everybody before anybody shows any, and shown before names and prices are opened; so nobody
scores a name, and nobody adjusts to a colleague.
"""

from hashlib import sha256

import msgspec

from ledger import canonical
from ledger.commitments import Opening, verify_opening
from ledger.errors import LedgerError
from portal.procurement.act import Act
from portal.procurement.apart import scores_apart, unexplained
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import by_evaluator, by_registrar, rules_of, running, the_case, the_firm
from portal.procurement.decisions.opening import scores_missing, scores_stand
from portal.procurement.events.evaluation import (
    BidScores,
    EvaluatorStoodAside,
    InterestsDeclared,
    RankingPublished,
    ScoresCommitted,
    ScoresExplained,
    ScoresRevealed,
)
from portal.procurement.events.opening import BidOpened, VerdictRow
from portal.procurement.events.typed import typed
from portal.procurement.parties import interest_name
from portal.procurement.ranking import compute_ranking, drawn_order, seed_of
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import lots_of, parse_verdicts

_SCORES_DOMAIN = b"daylight-scores-v1\x00"


def scores_commitment(opportunity: str, person: str, salt: str, scores: list[BidScores]) -> str:
    """SHA-256 (hex) over notice, person, salt and the scores' canonical bytes: what `scores-committed` states."""
    plain = {
        "opportunity": opportunity,
        "person": person,
        "salt": salt,
        "scores": msgspec.to_builtins(scores),
    }
    return sha256(_SCORES_DOMAIN + canonical.encode(plain)).hexdigest()


def proposal_verdicts(record: Record, case: Case) -> list[VerdictRow]:
    """The verdict rows on the proposals; `not-opened` before they are opened."""
    if case.proposals_opened is None:
        raise Refusal("not-opened", {"label": "proposal"})
    data = record.document(case.proposals_opened.document)
    if data is None:
        raise Refusal("document-missing", {"sha256": case.proposals_opened.document})
    return parse_verdicts(data)


def proposals_in_order(record: Record, case: Case) -> list[str]:
    """The bids whose proposal is valid, in the order drawn for reading: number 1 is the first."""
    lots = lots_of(proposal_verdicts(record, case))
    return drawn_order(seed_of(case, lots), lots)


def declare_interests(record: Record, act: Act) -> None:
    """By an evaluator of the notice, before the close; what is declared lies in the statement's commitments."""
    body = typed(act, InterestsDeclared)
    case = running(the_case(record, act.subject))
    by_evaluator(record, act, case, body.person, act.at)
    if act.at >= case.closes:
        raise Refusal("interests-late", {"closed_at": case.notice.closes})
    if not act.commitments:
        raise Refusal("nothing-committed", {}, fix="A declaration of no interests commits to decoys alone.")


def commit_scores(record: Record, act: Act) -> None:
    """By an evaluator who declared interests, once, after the proposals are opened and before anybody shows scores."""
    body = typed(act, ScoresCommitted)
    case = running(the_case(record, act.subject))
    by_evaluator(record, act, case, body.person, act.at)
    if case.proposals_opened is None:
        raise Refusal("not-opened", {"label": "proposal"})
    if body.person not in case.interests:
        raise Refusal("interests-missing", {"person": body.person})
    if body.person in case.commits:
        raise Refusal("scores-already-committed", {"person": body.person, "entry": case.commits[body.person].index})
    if case.reveals:
        raise Refusal("scores-commit-late", {"person": body.person})


def reveal_scores(record: Record, act: Act) -> None:
    """By an evaluator who locked scores in, when so many have that the panel is full; every proposal, every criterion."""
    body = typed(act, ScoresRevealed)
    case = running(the_case(record, act.subject))
    by_evaluator(record, act, case, body.person, act.at)
    if case.released.get("offer") or case.content_keys.get("offer"):
        raise Refusal("scores-show-late", {"person": body.person})
    if body.person in case.reveals:
        raise Refusal("scores-already-shown", {"person": body.person})
    committed = case.commits.get(body.person)
    if committed is None:
        raise Refusal("scores-not-committed", {"person": body.person})
    needed = rules_of(record, case).tier(case.notice.tier).panel_size
    if len(case.commits) < needed:
        raise Refusal("scores-still-open", {"committed": len(case.commits), "needed": needed})
    stated = typed(committed, ScoresCommitted).commitment
    if scores_commitment(case.id, body.person, body.salt, body.scores) != stated:
        raise Refusal("scores-differ-from-commitment", {"person": body.person, "entry": committed.index})
    _complete(record, case, body)


def _complete(record: Record, case: Case, body: ScoresRevealed) -> None:
    expected = proposals_in_order(record, case)
    if [row.bid for row in body.scores] != expected:
        raise Refusal("scores-proposals", {"expected": len(expected), "given": len(body.scores)})
    criteria = [criterion.id for criterion in case.notice.criteria]
    top = rules_of(record, case).evaluation.scale_top
    for row in body.scores:
        if [score.criterion for score in row.scores] != criteria:
            raise Refusal("scores-criteria", {"bid": row.bid})
        for score in row.scores:
            if not 0 <= score.score <= top:
                raise Refusal("score-range", {"bid": row.bid, "score": score.score, "top": top})


def explain_scores(record: Record, act: Act) -> None:
    """By an evaluator, after all scores are shown and before the choice: reasons for her own scores that lie apart."""
    body = typed(act, ScoresExplained)
    case = running(the_case(record, act.subject))
    by_evaluator(record, act, case, body.person, act.at)
    stand = scores_stand(record, case)
    if stand is None or act.at < stand:
        raise Refusal("scores-not-shown", {"missing": ", ".join(scores_missing(record, case))})
    if case.chosen is not None:
        raise Refusal("already-chosen", {"entry": case.chosen.index})
    due = unexplained(case, scores_apart(case, rules_of(record, case)))
    mine = {(row.bid, row.criterion) for row in due if row.person == body.person}
    given = [(row.bid, row.criterion) for row in body.reasons]
    for bid, criterion in given:
        if (bid, criterion) not in mine or given.count((bid, criterion)) > 1:
            raise Refusal("score-not-apart", {"bid": bid, "criterion": criterion})


def stand_aside(record: Record, act: Act) -> None:
    """
    By the operator, when a declared interest is a bidder: the opening shows the firm, or its name, behind one commitment.

    Nobody can be put aside who declared nothing of the kind, and nobody escapes a match the declaration proves.
    """
    body = typed(act, EvaluatorStoodAside)
    by_registrar(record, act)
    case = running(the_case(record, act.subject))
    if body.person in case.stood_aside:
        raise Refusal("already-aside", {"person": body.person})
    bidders = {row.body.firm for row in case.opened.values() if isinstance(row.body, BidOpened)}
    if body.firm not in bidders:
        raise Refusal("interest-no-bidder", {"firm": body.firm})
    commitments = [c for declared in case.interests.get(body.person, []) for c in declared.commitments]
    by_name = body.path.startswith("name_")
    value = interest_name(the_firm(record, body.firm).profile.name) if by_name else body.firm
    opening = Opening(path=body.path, salt=body.salt, value=value)
    try:
        verify_opening("interests-declared", opening, commitments)
    except LedgerError as error:
        raise Refusal("interest-not-declared", {"person": body.person, "firm": body.firm}) from error


def publish_ranking(record: Record, act: Act) -> None:
    """By the operator, once, when every opened offer is shown; it must be the ranking that everyone computes."""
    body = typed(act, RankingPublished)
    by_registrar(record, act)
    case = running(the_case(record, act.subject))
    if case.ranking is not None:
        raise Refusal("already-ranked", {"entry": case.ranking.index})
    expected = expected_ranking(record, case)
    if body != expected:
        raise Refusal("ranking-differs", {"expected": len(expected.rows), "given": len(body.rows)})


def expected_ranking(record: Record, case: Case) -> RankingPublished:
    """
    The ranking that the record implies.

    Raises:
        Refusal: `not-opened`, `bids-not-shown` while an opened offer is not yet an entry, or `panel-too-small` when
            too few evaluators without an interest are left.
    """
    if case.offers_opened is None:
        raise Refusal("not-opened", {"label": "offer"})
    data = record.document(case.offers_opened.document)
    if data is None:
        raise Refusal("document-missing", {"sha256": case.offers_opened.document})
    valid = {row.bid for row in parse_verdicts(data) if row.verdict == "valid" and not row.decoy}
    if valid != set(case.opened):
        raise Refusal("bids-not-shown", {"expected": len(valid), "shown": len(case.opened)})
    rules = rules_of(record, case)
    needed = rules.tier(case.notice.tier).panel_size
    if len(case.panel()) < needed:
        raise Refusal("panel-too-small", {"left": len(case.panel()), "needed": needed})
    return compute_ranking(case, rules, lots_of(proposal_verdicts(record, case)))
