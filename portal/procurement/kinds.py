"""
The table of acts: every kind of entry, what its body is, what it is about, who signs, and one sentence for people.

`daylight act --list`, the ledger pages and the decisions all read this table; a kind that is not in it is refused
(`kind-unknown`). `signers` names the roles, one for each signature.
"""

from portal.procurement.events import award, bid, evaluation, opening, opportunity, partnering, plan, reading
from portal.procurement.kind import Kind, Role
from portal.procurement.party_kinds import PARTY_KINDS
from portal.procurement.refusal import Refusal

__all__ = ["KINDS", "Kind", "Role", "kind_named"]

_TWO_OFFICERS: tuple[Role, ...] = ("officer", "second-officer")
_ROWS = (
    *PARTY_KINDS,
    Kind(
        name="plan-announced",
        body=plan.PlanAnnounced,
        subject="plan",
        signers=("officer",),
        duty="plan",
        summary="An agency promises work.",
    ),
    Kind(
        name="plan-changed",
        body=plan.PlanChanged,
        subject="plan",
        signers=("officer",),
        duty="plan",
        summary="A promise changes.",
    ),
    Kind(
        name="plan-dropped",
        body=plan.PlanDropped,
        subject="plan",
        signers=("officer",),
        duty="plan",
        summary="A promise is taken back.",
    ),
    Kind(
        name="opportunity-published",
        body=opportunity.OpportunityPublished,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="publish",
        summary="An agency publishes a pilot.",
    ),
    Kind(
        name="addendum-published",
        body=opportunity.AddendumPublished,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="addendum",
        summary="The terms of a pilot change.",
    ),
    Kind(
        name="opportunity-withdrawn",
        body=opportunity.OpportunityWithdrawn,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="cancel",
        summary="A pilot is withdrawn before it closes.",
    ),
    Kind(
        name="opportunity-cancelled",
        body=opportunity.OpportunityCancelled,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="cancel",
        summary="A pilot is cancelled after it closed.",
    ),
    Kind(
        name="question-asked",
        body=bid.QuestionAsked,
        subject="opportunity",
        signers=("one-time-key",),
        summary="Somebody asks a question in public.",
    ),
    Kind(
        name="question-answered",
        body=bid.QuestionAnswered,
        subject="opportunity",
        signers=("officer",),
        duty="answer",
        summary="The agency answers a question.",
    ),
    Kind(
        name="partner-confirmed",
        body=partnering.PartnerConfirmed,
        subject="opportunity",
        signers=("partner",),
        summary="A training partner confirms that it is named rightly.",
    ),
    Kind(
        name="bid-sealed",
        body=bid.BidSealed,
        subject="opportunity",
        signers=("bid-key",),
        summary="A sealed bid arrives.",
    ),
    Kind(
        name="bid-replaced",
        body=bid.BidReplaced,
        subject="opportunity",
        signers=("bid-key",),
        summary="A bidder replaces a sealed bid.",
    ),
    Kind(
        name="bid-withdrawn",
        body=bid.BidWithdrawn,
        subject="opportunity",
        signers=("bid-key",),
        summary="A bidder takes a sealed bid back.",
    ),
    Kind(
        name="bid-confirmed",
        body=bid.BidConfirmed,
        subject="opportunity",
        signers=("bid-key",),
        summary="A bidder confirms a bid after the terms changed.",
    ),
    Kind(
        name="bids-closed",
        body=opening.BidsClosed,
        subject="opportunity",
        signers=("operator",),
        summary="Bidding closes; the list of bids is fixed.",
    ),
    Kind(
        name="objection-filed",
        body=bid.ObjectionFiled,
        subject="opportunity",
        signers=("bid-key",),
        summary="A bidder says that a bid is missing from the list.",
    ),
    Kind(
        name="objection-decided",
        body=bid.ObjectionDecided,
        subject="opportunity",
        signers=("operator",),
        summary="The objection to the list is decided.",
    ),
    Kind(
        name="keeper-key-released",
        body=opening.KeyReleased,
        subject="opportunity",
        signers=("keeper",),
        summary="A keeper releases a key.",
    ),
    Kind(
        name="content-key-published",
        body=opening.ContentKeyPublished,
        subject="opportunity",
        signers=("bid-key",),
        summary="A bidder opens her own bid.",
    ),
    Kind(
        name="proposals-opened",
        body=opening.ProposalsOpened,
        subject="opportunity",
        signers=("operator",),
        summary="The anonymous proposals are opened.",
    ),
    Kind(
        name="offers-opened",
        body=opening.OffersOpened,
        subject="opportunity",
        signers=("operator",),
        summary="Names and prices are opened.",
    ),
    Kind(
        name="opening-confirmed",
        body=opening.OpeningConfirmed,
        subject="opportunity",
        signers=("keeper",),
        summary="A keeper confirms what was opened.",
    ),
    Kind(
        name="bid-opened",
        body=opening.BidOpened,
        subject="opportunity",
        signers=("operator",),
        summary="One bid is shown in clear.",
    ),
    Kind(
        name="document-read",
        body=reading.DocumentRead,
        subject="opportunity",
        signers=("operator",),
        summary="Somebody is shown what the public cannot read.",
    ),
    Kind(
        name="proposals-erased",
        body=reading.ProposalsErased,
        subject="opportunity",
        signers=("operator",),
        summary="Proposals that were not chosen are erased for good.",
    ),
    Kind(
        name="interests-declared",
        body=evaluation.InterestsDeclared,
        subject="opportunity",
        signers=("evaluator",),
        duty="evaluate",
        summary="An evaluator declares interests, sealed.",
    ),
    Kind(
        name="evaluator-stood-aside",
        body=evaluation.EvaluatorStoodAside,
        subject="opportunity",
        signers=("operator",),
        summary="An evaluator steps aside.",
    ),
    Kind(
        name="scores-committed",
        body=evaluation.ScoresCommitted,
        subject="opportunity",
        signers=("evaluator",),
        duty="evaluate",
        summary="An evaluator locks in scores.",
    ),
    Kind(
        name="scores-revealed",
        body=evaluation.ScoresRevealed,
        subject="opportunity",
        signers=("evaluator",),
        duty="evaluate",
        summary="An evaluator shows scores.",
    ),
    Kind(
        name="scores-explained",
        body=evaluation.ScoresExplained,
        subject="opportunity",
        signers=("evaluator",),
        duty="evaluate",
        summary="An evaluator says why scores lie apart.",
    ),
    Kind(
        name="ranking-published",
        body=evaluation.RankingPublished,
        subject="opportunity",
        signers=("operator",),
        summary="The ranking is computed.",
    ),
    Kind(
        name="eligibility-proved",
        body=award.EligibilityProved,
        subject="opportunity",
        signers=("firm",),
        summary="The first-ranked firm proves that it is eligible.",
    ),
    Kind(
        name="eligibility-decided",
        body=award.EligibilityDecided,
        subject="opportunity",
        signers=("officer",),
        duty="verify",
        summary="The agency accepts the proof or passes to the next in rank.",
    ),
    Kind(
        name="award-intended",
        body=award.AwardIntended,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="choose",
        summary="The agency chooses, with reasons for every bidder.",
    ),
    Kind(
        name="award-made",
        body=award.AwardMade,
        subject="opportunity",
        signers=_TWO_OFFICERS,
        duty="award",
        summary="The award is final.",
    ),
)
KINDS = {row.name: row for row in _ROWS}


def kind_named(name: str) -> Kind:
    """Look a kind up; an unknown one is refused, never ignored."""
    row = KINDS.get(name)
    if row is None:
        raise Refusal("kind-unknown", {"kind": name}, fix="`daylight act --list` prints every kind.")
    return row
