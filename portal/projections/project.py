"""Write what acts mean into the read models, in the transaction that appends them."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection

from ledger.entry import DocumentReference
from portal.procurement.act import Act
from portal.procurement.events import award, bid, evaluation, keys, opening, opportunity, partnering, party, plan
from portal.projections.applying import bids, holders, opportunities, parties, partners, plans
from portal.projections.applying import evaluation as evaluating
from portal.projections.shelf import LIVE, Shelf

_APPLY: dict[type, Callable[[Shelf, Act, Any], set[str]]] = {
    party.AgencyRegistered: parties.agency_registered,
    party.PolicyAdopted: parties.policy_adopted,
    party.FirmRegistered: parties.firm_registered,
    party.AppointmentMade: parties.appointment_made,
    party.AppointmentEnded: parties.appointment_ended,
    party.PartnerRegistered: parties.partner_registered,
    keys.KeyAdded: holders.key_added,
    keys.KeyRevoked: holders.key_revoked,
    keys.RecoveryAsked: holders.recovery_asked,
    keys.RecoveryStopped: holders.recovery_stopped,
    keys.KeyRecovered: holders.key_recovered,
    party.KeeperRegistered: parties.keeper_registered,
    party.KeeperPackRegistered: parties.keeper_pack_registered,
    plan.PlanAnnounced: plans.plan_announced,
    plan.PlanChanged: plans.plan_changed,
    plan.PlanDropped: plans.plan_dropped,
    opportunity.OpportunityPublished: opportunities.opportunity_published,
    opportunity.AddendumPublished: opportunities.addendum_published,
    opportunity.OpportunityWithdrawn: opportunities.opportunity_withdrawn,
    opportunity.OpportunityCancelled: opportunities.opportunity_cancelled,
    bid.QuestionAsked: opportunities.question_asked,
    bid.BidSealed: bids.bid_sealed,
    bid.BidReplaced: bids.bid_replaced,
    bid.BidWithdrawn: bids.bid_withdrawn,
    bid.BidConfirmed: bids.bid_confirmed,
    bid.ObjectionFiled: bids.objection_filed,
    bid.ObjectionDecided: bids.objection_decided,
    partnering.PartnerConfirmed: partners.partner_confirmed,
    opening.ContentKeyPublished: opportunities.content_key_published,
    opening.ProposalsOpened: opportunities.proposals_opened,
    opening.BidOpened: bids.bid_opened,
    evaluation.ScoresCommitted: evaluating.scores_committed,
    evaluation.RankingPublished: evaluating.ranking_published,
    award.EligibilityDecided: evaluating.eligibility_decided,
    award.AwardIntended: opportunities.award_intended,
    award.AwardMade: opportunities.award_made,
}


def project(connection: Connection, acts: Iterable[Act]) -> None:
    """
    Write these acts, in the order of the record, into the live read models.

    Called once for each append, inside its transaction. A kind without a row here changes only its subject's version.
    """
    apply_acts(Shelf(connection, LIVE), acts)


def apply_acts(shelf: Shelf, acts: Iterable[Act]) -> None:
    """As `project`, into whichever set of tables the shelf holds."""
    versions: dict[str, int] = {}
    size = 0
    for act in acts:
        apply = _APPLY.get(type(act.body))
        touched = apply(shelf, act, act.body) if apply is not None else set()
        _keep_documents(shelf, act)
        for name in (*touched, act.subject, "ledger"):
            versions[name] = act.index
        size = act.index + 1
    if size:
        shelf.run_many(
            "INSERT INTO {version} (name, entry) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET entry = excluded.entry",
            list(versions.items()),
        )
        shelf.run("UPDATE {progress} SET size = ? WHERE id = 0", (size,))


def _keep_documents(shelf: Shelf, act: Act) -> None:
    """The documents that an act refers to; bodies hold references as fields or in lists, and nowhere deeper."""
    found: list[DocumentReference] = []
    for name in act.body.__struct_fields__:
        value = getattr(act.body, name)
        found += [
            each for each in (value if isinstance(value, list) else [value]) if isinstance(each, DocumentReference)
        ]
    shelf.run_many(
        "INSERT INTO {document} (entry, length, sha256, media_type) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        [(act.index, each.length, each.sha256, each.media_type) for each in found],
    )
