"""
Decisions: may this act be appended now? Each returns nothing or raises `Refusal` with a stable reason.

`decide` checks what every act must satisfy (kind, subject, number of signatures), then the kind's own decision. The act
that comes in has index -1 and no leaf hash, for it has no place in the record yet.
"""

from collections.abc import Callable

from portal.procurement.act import Act
from portal.procurement.decisions import (
    addresses,
    awarding,
    bidding,
    holding,
    noticing,
    opening,
    parties,
    partnering,
    planning,
    reading,
    scoring,
)
from portal.procurement.kinds import KINDS, kind_named
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal

Decision = Callable[[Record, Act], None]

DECISIONS: dict[str, Decision] = {
    "log-opened": parties.open_log,
    "sealing-module-stated": parties.state_module,
    "relying-party-stated": addresses.state_relying_party,
    "agency-registered": parties.register_agency,
    "policy-adopted": parties.adopt_policy,
    "appointment-made": parties.appoint,
    "appointment-ended": parties.end_appointment,
    "firm-registered": parties.register_firm,
    "partner-registered": parties.register_partner,
    "key-added": holding.add_key,
    "key-revoked": holding.revoke_key,
    "recovery-asked": holding.ask_recovery,
    "recovery-stopped": holding.stop_recovery,
    "key-recovered": holding.recover_key,
    "keeper-registered": parties.register_keeper,
    "keeper-pack-registered": parties.register_pack,
    "fields-erased": parties.erase_fields,
    "plan-announced": planning.announce,
    "plan-changed": planning.change,
    "plan-dropped": planning.drop,
    "opportunity-published": noticing.publish,
    "addendum-published": noticing.amend,
    "opportunity-withdrawn": noticing.withdraw,
    "opportunity-cancelled": noticing.cancel,
    "question-asked": bidding.ask,
    "question-answered": bidding.answer,
    "partner-confirmed": partnering.confirm,
    "bid-sealed": bidding.seal_bid,
    "bid-replaced": bidding.replace_bid,
    "bid-withdrawn": bidding.withdraw_bid,
    "bid-confirmed": bidding.confirm_bid,
    "bids-closed": bidding.close,
    "objection-filed": bidding.object_to_list,
    "objection-decided": bidding.decide_objection,
    "keeper-key-released": opening.release_key,
    "content-key-published": opening.publish_content_key,
    "proposals-opened": opening.open_proposals,
    "offers-opened": opening.open_offers,
    "opening-confirmed": opening.confirm_opening,
    "bid-opened": opening.open_bid,
    "document-read": reading.read,
    "proposals-erased": reading.erase,
    "interests-declared": scoring.declare_interests,
    "evaluator-stood-aside": scoring.stand_aside,
    "scores-committed": scoring.commit_scores,
    "scores-revealed": scoring.reveal_scores,
    "scores-explained": scoring.explain_scores,
    "ranking-published": scoring.publish_ranking,
    "eligibility-proved": awarding.prove_eligibility,
    "eligibility-decided": awarding.decide_eligibility,
    "award-intended": awarding.choose,
    "award-made": awarding.award,
}


def decide(record: Record, act: Act) -> None:
    """
    Judge one act against the record.

    Raises:
        Refusal: With the reason; the caller appends nothing.
    """
    kind = kind_named(act.kind)
    if act.subject.split(":", 1)[0] not in kind.subjects:
        expected = " or ".join(f"{subject}:…" for subject in kind.subjects)
        raise Refusal("subject-wrong", {"kind": act.kind, "subject": act.subject, "expected": expected})
    if len(act.keys) < len(kind.signers):
        raise Refusal(
            "signature-second-missing", {"kind": act.kind}, fix="A second, different officer signs the same statement."
        )
    if len(act.keys) > len(kind.signers):
        raise Refusal("signature-extra", {"kind": act.kind, "signatures": len(act.keys), "expected": len(kind.signers)})
    DECISIONS[kind.name](record, act)


if set(DECISIONS) != set(KINDS):
    raise RuntimeError(set(DECISIONS) ^ set(KINDS))
