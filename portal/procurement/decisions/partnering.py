"""
Training partners confirm being named, so that nobody advertises with a school that knows nothing of it.

A partner is named by its id, or in a bid by exactly its registered name, since bidders write a line of text.
"""

from portal.procurement.act import Act
from portal.procurement.decisions.lookups import the_case, the_firm, the_partner
from portal.procurement.events.partnering import PartnerConfirmed
from portal.procurement.events.typed import typed
from portal.procurement.parties import Firm, Partner
from portal.procurement.partners import confirmations, partner_named
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal


def confirm(record: Record, act: Act) -> None:
    """By a key of the partner that is in force, once for each place where it is named, unless the pilot was ended."""
    body = typed(act, PartnerConfirmed)
    case = the_case(record, act.subject)
    if case.ended is not None:
        raise Refusal("procedure-ended", {"opportunity": case.id, "ended": case.ended.kind, "entry": case.ended.index})
    partner = the_trainer(record, body.partner)
    stranger = Refusal("signer-not-partner", {"partner": partner.id, "author": act.author})
    partner.ring.require(partner.id, act.author, stranger)
    if partner_named(case, body.bid) not in {partner.id, partner.profile.name}:
        raise Refusal("partner-not-named", {"partner": partner.id, "bid": body.bid or "notice"})
    before = confirmations(case).get((partner.id, body.bid))
    if before is not None:
        raise Refusal("partner-confirmed-already", {"partner": partner.id, "entry": before.index})


def the_trainer(record: Record, subject: str) -> Partner | Firm:
    """A registered training partner, or a firm that says it trains learners; refused otherwise."""
    if subject.startswith("partner:"):
        return the_partner(record, subject)
    firm = the_firm(record, subject)
    if not firm.profile.training_partner:
        raise Refusal("training-partner-unknown", {"firm": subject})
    return firm
