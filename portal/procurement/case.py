"""
One opportunity as its entries make it: the notice as it stands, its questions, bids, openings, scores and end.

1. A case is a pure fold over the acts of `opportunity:ID`; applying the same acts gives the same case everywhere.
2. Folding never judges: what a decision refused is not in the record, and what is in the record happened.
3. The list of bids at close is computed, not believed: `listed_bids` is what `bids-closed` must agree with.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import UNSET, Struct

from ledger import canonical
from ledger.entry import parse_time
from portal.procurement.act import Act
from portal.procurement.events import award, bid, evaluation, opening, opportunity
from portal.procurement.events.opening import Label
from portal.procurement.events.opportunity import NoticeChanges, OpportunityPublished
from portal.procurement.refusal import Refusal


class Bid(Struct, kw_only=True):
    """One bid key's history: versions in order, withdrawal, and which addenda (leaf hashes) it has confirmed."""

    key: str
    versions: list[Act]
    withdrawn: Act | None = None
    confirmed: dict[str, Act] = {}

    @property
    def current(self) -> Act:
        """The version that counts: the last."""
        return self.versions[-1]

    @property
    def seal(self) -> bid.BidSealed | bid.BidReplaced:
        """The body of the current version."""
        body = self.current.body
        if not isinstance(body, bid.BidSealed | bid.BidReplaced):
            raise TypeError(self.current.kind)
        return body


class Question(Struct, kw_only=True):
    """A question and, once given, its answer."""

    asked: Act
    text: str
    answered: Act | None = None


class Verdicts(Struct, frozen=True, kw_only=True):
    """An opening on record: which seats' keys were used, and the verdict document's fingerprint."""

    act: Act
    seats: tuple[int, ...]
    document: str


class Case(Struct, kw_only=True):
    """The fold. `notice` has every addendum applied; `published.leaf_hash` is the terms that bids are bound to."""

    id: str
    published: Act
    original: OpportunityPublished
    notice: OpportunityPublished
    acts: list[Act] = []
    addenda: list[Act] = []
    questions: dict[int, Question] = {}
    bids: dict[str, Bid] = {}
    closed: Act | None = None
    objections: dict[int, Act] = {}
    objections_decided: dict[int, Act] = {}
    released: dict[Label, dict[int, Act]] = {}
    content_keys: dict[Label, dict[str, Act]] = {}
    proposals_opened: Verdicts | None = None
    offers_opened: Verdicts | None = None
    confirmations: list[Act] = []
    opened: dict[str, Act] = {}
    interests: dict[str, list[Act]] = {}
    stood_aside: dict[str, Act] = {}
    commits: dict[str, Act] = {}
    reveals: dict[str, Act] = {}
    explained: dict[str, dict[tuple[str, str], str]] = {}
    ranking: Act | None = None
    proofs: dict[str, Act] = {}
    eligibility: dict[str, Act] = {}
    chosen: Act | None = None
    awarded: Act | None = None
    ended: Act | None = None

    @property
    def terms(self) -> str:
        """Leaf hash (hex) of the publishing entry."""
        return self.published.leaf_hash

    @property
    def closes(self) -> datetime:
        """The close as it now stands; a bid at exactly this instant is late."""
        return parse_time(self.notice.closes)

    @property
    def questions_close(self) -> datetime:
        """The last moment for questions, exclusive."""
        return parse_time(self.notice.questions_close)

    @property
    def objection_until(self) -> datetime:
        """When keepers may begin to release keys."""
        return parse_time(self.notice.objection_until)

    @property
    def opens_by(self) -> datetime:
        """When the opening has failed if too few keys are out."""
        return parse_time(self.notice.opens_by)

    def material_addenda(self) -> list[Act]:
        """The addenda that bids must confirm, in order."""
        return [
            act for act in self.addenda if isinstance(act.body, opportunity.AddendumPublished) and act.body.material
        ]

    def unconfirmed(self, entry: Bid) -> list[Act]:
        """Material addenda that a bid has neither confirmed nor been sealed after."""
        return [
            act
            for act in self.material_addenda()
            if act.index > entry.current.index and act.leaf_hash not in entry.confirmed
        ]

    def listed_bids(self, accepting: int | None = None) -> list[Bid]:
        """
        The bids that count at close: in time, not withdrawn, confirmed; in the order of the record (sealing.md 13).

        An accepted objection adds the version it names; `accepting` counts one as accepted that is being decided.
        """
        admitted = {
            filed.body.statement
            for index, filed in self.objections.items()
            if isinstance(filed.body, bid.ObjectionFiled) and (index == accepting or self._accepted(index))
        }
        listed = [
            entry
            for entry in self.bids.values()
            if (entry.withdrawn is None and entry.current.at < self.closes and not self.unconfirmed(entry))
            or entry.current.statement_hash in admitted
        ]
        return sorted(listed, key=lambda entry: entry.current.index)

    def _accepted(self, objection: int) -> bool:
        decided = self.objections_decided.get(objection)
        return decided is not None and isinstance(decided.body, bid.ObjectionDecided) and decided.body.accepted

    def lapsed_bids(self) -> list[Bid]:
        """Bids that stood but were not confirmed after a material addendum."""
        return [entry for entry in self.bids.values() if entry.withdrawn is None and self.unconfirmed(entry)]

    def panel(self) -> list[str]:
        """The evaluators whose shown scores count: revealed and not stood aside, in the notice's order."""
        return [p for p in self.notice.evaluators if p in self.reveals and p not in self.stood_aside]


def bid_list(bids: Iterable[Bid]) -> bytes:
    """The list at close as canonical bytes: what `list_sha256` is taken over (sealing.md 13)."""
    return canonical.encode(
        [
            {
                "bid": entry.key,
                "entry": entry.current.index,
                "offer": entry.seal.offer,
                "proposal": entry.seal.proposal,
                "statement": entry.current.statement_hash,
            }
            for entry in bids
        ]
    )


def list_digest(bids: Iterable[Bid]) -> str:
    """SHA-256 (hex) of `bid_list`."""
    return sha256(bid_list(bids)).hexdigest()


def changed_notice(notice: OpportunityPublished, changes: NoticeChanges) -> OpportunityPublished:
    """The notice with an addendum's fields in place of the old ones."""
    return msgspec.structs.replace(notice, **changed_fields(changes))


def changed_fields(changes: NoticeChanges) -> dict[str, object]:
    """The fields that an addendum sets, by name."""
    return {
        name: getattr(changes, name)
        for name in changes.__struct_fields__
        if getattr(changes, name) is not None and getattr(changes, name) is not UNSET
    }


def bid_key(author: str) -> str:
    """The public bid key (hex) behind an author `ed25519:…`."""
    return author.removeprefix("ed25519:")


def fold_case(acts: Iterable[Act]) -> Case | None:
    """Add up the acts of one opportunity in the order of the record; None when there are none."""
    case: Case | None = None
    for act in acts:
        case = extend_case(case, act)
    return case


def extend_case(case: Case | None, act: Act) -> Case:
    """Add one more act, in place; the first must be the publication."""
    if case is None:
        if not isinstance(act.body, OpportunityPublished):
            raise Refusal("opportunity-unknown", {"opportunity": act.subject})
        return Case(id=act.subject, published=act, original=act.body, notice=act.body, acts=[act])
    case.acts.append(act)
    apply = _APPLY.get(type(act.body))
    if apply is not None:
        apply(case, act)
    return case


def _addendum(case: Case, act: Act) -> None:
    if isinstance(act.body, opportunity.AddendumPublished):
        case.addenda.append(act)
        case.notice = changed_notice(case.notice, act.body.changes)


def _asked(case: Case, act: Act) -> None:
    if isinstance(act.body, bid.QuestionAsked):
        case.questions[act.index] = Question(asked=act, text=act.body.text)


def _answered(case: Case, act: Act) -> None:
    if isinstance(act.body, bid.QuestionAnswered) and act.body.question in case.questions:
        case.questions[act.body.question].answered = act


def _sealed(case: Case, act: Act) -> None:
    case.bids[bid_key(act.author)] = Bid(key=bid_key(act.author), versions=[act])


def _replaced(case: Case, act: Act) -> None:
    case.bids[bid_key(act.author)].versions.append(act)


def _withdrawn(case: Case, act: Act) -> None:
    case.bids[bid_key(act.author)].withdrawn = act


def _confirmed(case: Case, act: Act) -> None:
    if isinstance(act.body, bid.BidConfirmed):
        case.bids[bid_key(act.author)].confirmed[act.body.addendum] = act


def _closed(case: Case, act: Act) -> None:
    case.closed = act


def _objected(case: Case, act: Act) -> None:
    case.objections[act.index] = act


def _objection_decided(case: Case, act: Act) -> None:
    if isinstance(act.body, bid.ObjectionDecided):
        case.objections_decided[act.body.objection] = act


def _released(case: Case, act: Act) -> None:
    if isinstance(act.body, opening.KeyReleased):
        seat = seat_number(case.notice, act.body.keeper)
        case.released.setdefault(act.body.label, {}).setdefault(seat, act)


def _content_key(case: Case, act: Act) -> None:
    if isinstance(act.body, opening.ContentKeyPublished):
        case.content_keys.setdefault(act.body.label, {})[bid_key(act.author)] = act


def _proposals(case: Case, act: Act) -> None:
    if isinstance(act.body, opening.ProposalsOpened):
        case.proposals_opened = Verdicts(act=act, seats=tuple(act.body.seats), document=act.body.verdicts.sha256)


def _offers(case: Case, act: Act) -> None:
    if isinstance(act.body, opening.OffersOpened):
        case.offers_opened = Verdicts(act=act, seats=tuple(act.body.seats), document=act.body.verdicts.sha256)


def _confirmation(case: Case, act: Act) -> None:
    case.confirmations.append(act)


def _opened(case: Case, act: Act) -> None:
    if isinstance(act.body, opening.BidOpened):
        case.opened[act.body.bid] = act


def _interests(case: Case, act: Act) -> None:
    if isinstance(act.body, evaluation.InterestsDeclared):
        case.interests.setdefault(act.body.person, []).append(act)


def _aside(case: Case, act: Act) -> None:
    if isinstance(act.body, evaluation.EvaluatorStoodAside):
        case.stood_aside[act.body.person] = act


def _committed(case: Case, act: Act) -> None:
    if isinstance(act.body, evaluation.ScoresCommitted):
        case.commits[act.body.person] = act


def _revealed(case: Case, act: Act) -> None:
    if isinstance(act.body, evaluation.ScoresRevealed):
        case.reveals[act.body.person] = act


def _explained(case: Case, act: Act) -> None:
    if isinstance(act.body, evaluation.ScoresExplained):
        said = case.explained.setdefault(act.body.person, {})
        said.update({(row.bid, row.criterion): row.words for row in act.body.reasons})


def _ranked(case: Case, act: Act) -> None:
    case.ranking = act


def _proved(case: Case, act: Act) -> None:
    if isinstance(act.body, award.EligibilityProved):
        case.proofs[act.body.firm] = act


def _eligible(case: Case, act: Act) -> None:
    if isinstance(act.body, award.EligibilityDecided):
        case.eligibility[act.body.firm] = act


def _chosen(case: Case, act: Act) -> None:
    case.chosen = act


def _awarded(case: Case, act: Act) -> None:
    case.awarded = act


def _ended(case: Case, act: Act) -> None:
    case.ended = act


_APPLY: dict[type, Callable[[Case, Act], None]] = {
    opportunity.AddendumPublished: _addendum,
    bid.QuestionAsked: _asked,
    bid.QuestionAnswered: _answered,
    bid.BidSealed: _sealed,
    bid.BidReplaced: _replaced,
    bid.BidWithdrawn: _withdrawn,
    bid.BidConfirmed: _confirmed,
    opening.BidsClosed: _closed,
    bid.ObjectionFiled: _objected,
    bid.ObjectionDecided: _objection_decided,
    opening.KeyReleased: _released,
    opening.ContentKeyPublished: _content_key,
    opening.ProposalsOpened: _proposals,
    opening.OffersOpened: _offers,
    opening.OpeningConfirmed: _confirmation,
    opening.BidOpened: _opened,
    evaluation.InterestsDeclared: _interests,
    evaluation.EvaluatorStoodAside: _aside,
    evaluation.ScoresCommitted: _committed,
    evaluation.ScoresRevealed: _revealed,
    evaluation.ScoresExplained: _explained,
    evaluation.RankingPublished: _ranked,
    award.EligibilityProved: _proved,
    award.EligibilityDecided: _eligible,
    award.AwardIntended: _chosen,
    award.AwardMade: _awarded,
    opportunity.OpportunityWithdrawn: _ended,
    opportunity.OpportunityCancelled: _ended,
}


def seat_number(notice: OpportunityPublished, keeper: str) -> int:
    """A keeper's seat in this notice, from 1; `keeper-not-seated` when it has none."""
    for number, seat in enumerate(notice.sealing.seats, 1):
        if seat.keeper == keeper:
            return number
    raise Refusal("keeper-not-seated", {"keeper": keeper})
