"""
Questions and sealed bids until the close, the list at close, and objections to it.

A bid's entries are signed by the bid's own key: the operator and the agency have no power over them. Whatever comes at
the instant of the close or later is late.
"""

from portal.procurement.act import Act
from portal.procurement.case import Bid, Case, bid_key, list_digest
from portal.procurement.decisions.lookups import by_officer, by_registrar, running, the_agency, the_case
from portal.procurement.events.bid import (
    BidConfirmed,
    BidReplaced,
    BidSealed,
    BidWithdrawn,
    ObjectionDecided,
    ObjectionFiled,
    QuestionAnswered,
    QuestionAsked,
)
from portal.procurement.events.opening import BidsClosed
from portal.procurement.events.typed import typed
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def ask(record: Record, act: Act) -> None:
    """By a key made for this question alone, before questions close."""
    typed(act, QuestionAsked)
    one_time(act.author)
    case = running(the_case(record, act.subject))
    if act.at >= case.questions_close:
        raise Refusal(
            "question-late",
            {"closed_at": case.notice.questions_close, "received_at": act.at.isoformat()},
            fix="The agency's contact stands on its page.",
        )
    if any(question.asked.author == act.author for question in case.questions.values()):
        raise Refusal("question-key-reused", {}, fix="Make a new key for each question, so that nobody can link them.")
    if bid_key(act.author) in case.bids:
        raise Refusal("question-by-bid-key", {}, fix="Make a new key: this one would link your question to your bid.")


def one_time(author: str) -> None:
    """
    Bids and questions are signed by keys made for them alone, never by a device that is known for its owner.

    Raises:
        Refusal: `one-time-key-kind` for any key that is not a plain Ed25519 one.
    """
    if not author.startswith("ed25519:"):
        raise Refusal("one-time-key-kind", {"kind": author.partition(":")[0]})


def answer(record: Record, act: Act) -> None:
    """By an officer with the duty, once for each question, before the bids close."""
    body = typed(act, QuestionAnswered)
    case = running(the_case(record, act.subject))
    by_officer(act, the_agency(record, case.notice.agency), "answer")
    question = case.questions.get(body.question)
    if question is None:
        raise Refusal("question-unknown", {"question": body.question})
    if question.answered is not None:
        raise Refusal("question-answered", {"question": body.question, "entry": question.answered.index})
    if act.at >= case.closes:
        raise Refusal("answer-late", {"closed_at": case.notice.closes, "received_at": act.at.isoformat()})


def _open_for_bids(record: Record, act: Act, terms: str) -> Case:
    case = running(the_case(record, act.subject))
    if terms != case.terms:
        raise Refusal("bid-terms", {"expected": case.terms, "given": terms})
    if act.at >= case.closes:
        raise Refusal(
            "bid-late",
            {"closed_at": case.notice.closes, "received_at": act.at.isoformat()},
            fix="Nothing was taken in. You can ask the agency why the time was short, or watch its next pilots.",
        )
    return case


def _own_bid(case: Case, act: Act) -> Bid:
    entry = case.bids.get(bid_key(act.author))
    if entry is None:
        raise Refusal("bid-unknown", {"bid": bid_key(act.author)})
    if entry.withdrawn is not None:
        raise Refusal("bid-is-withdrawn", {"bid": entry.key, "entry": entry.withdrawn.index})
    return entry


def seal_bid(record: Record, act: Act) -> None:
    """A first bid by a new key, before the close, with envelopes that no other bid has."""
    body = typed(act, BidSealed)
    one_time(act.author)
    case = _open_for_bids(record, act, body.terms)
    if bid_key(act.author) in case.bids:
        raise Refusal("bid-already-sealed", {"bid": bid_key(act.author)}, fix="Replace it instead: `bid-replaced`.")
    if body.proposal == body.offer:
        raise Refusal("bid-envelopes-same", {})


def replace_bid(record: Record, act: Act) -> None:
    """A new version of one's own bid, naming the version it takes the place of."""
    body = typed(act, BidReplaced)
    case = _open_for_bids(record, act, body.terms)
    entry = _own_bid(case, act)
    if body.replaces != entry.current.statement_hash:
        raise Refusal("bid-replaces-other", {"expected": entry.current.statement_hash, "given": body.replaces})
    if body.proposal == body.offer:
        raise Refusal("bid-envelopes-same", {})
    if {body.proposal, body.offer} & {entry.seal.proposal, entry.seal.offer}:
        raise Refusal("bid-envelope-reused", {}, fix="A replacement is sealed anew, both halves.")


def withdraw_bid(record: Record, act: Act) -> None:
    """One's own bid, before the close."""
    body = typed(act, BidWithdrawn)
    case = _open_for_bids(record, act, body.terms)
    entry = _own_bid(case, act)
    if body.bid != entry.current.statement_hash:
        raise Refusal("bid-replaces-other", {"expected": entry.current.statement_hash, "given": body.bid})


def confirm_bid(record: Record, act: Act) -> None:
    """One's own bid stands after a material addendum, before the close."""
    body = typed(act, BidConfirmed)
    case = _open_for_bids(record, act, body.terms)
    entry = _own_bid(case, act)
    if body.bid != entry.current.statement_hash:
        raise Refusal("bid-replaces-other", {"expected": entry.current.statement_hash, "given": body.bid})
    if body.addendum not in {row.leaf_hash for row in case.unconfirmed(entry)}:
        raise Refusal("addendum-needs-no-confirmation", {"addendum": body.addendum})


def close(record: Record, act: Act) -> None:
    """By the operator, once, not before the close; count and list are what everyone recomputes."""
    body = typed(act, BidsClosed)
    by_registrar(record, act)
    case = running(the_case(record, act.subject))
    if act.at < case.closes:
        raise Refusal("close-early", {"closes": case.notice.closes, "at": act.at.isoformat()})
    if case.closed is not None:
        raise Refusal("already-closed", {"entry": case.closed.index})
    if body.terms != case.terms:
        raise Refusal("bid-terms", {"expected": case.terms, "given": body.terms})
    _same_list(case, body.count, body.list_sha256)


def _same_list(case: Case, count: int, digest: str, accepting: int | None = None) -> None:
    listed = case.listed_bids(accepting)
    if count != len(listed) or digest != list_digest(listed):
        raise Refusal("close-list", {"count": len(listed), "list_sha256": list_digest(listed)})


def object_to_list(record: Record, act: Act) -> None:
    """By the key of the bid that is missing, between the close and the end of the objection time."""
    body = typed(act, ObjectionFiled)
    case = running(the_case(record, act.subject))
    if case.closed is None:
        raise Refusal("not-closed", {"closes": case.notice.closes})
    if act.at >= case.objection_until:
        raise Refusal("objection-late", {"until": case.notice.objection_until, "received_at": act.at.isoformat()})
    entry = case.bids.get(bid_key(act.author))
    if entry is None or entry.current.statement_hash != body.statement:
        raise Refusal("bid-unknown", {"bid": bid_key(act.author)})
    if entry in case.listed_bids():
        raise Refusal("bid-is-listed", {"bid": entry.key})


def decide_objection(record: Record, act: Act) -> None:
    """By the operator, once, before any key is out; an accepted one states the amended list."""
    body = typed(act, ObjectionDecided)
    by_registrar(record, act)
    case = running(the_case(record, act.subject))
    if body.objection not in case.objections:
        raise Refusal("objection-unknown", {"objection": body.objection})
    if body.objection in case.objections_decided:
        raise Refusal("objection-decided", {"objection": body.objection})
    if case.released:
        raise Refusal("key-already-released", {}, fix="After the first released key the list stands.")
    _same_list(case, body.count, body.list_sha256, body.objection if body.accepted else None)
