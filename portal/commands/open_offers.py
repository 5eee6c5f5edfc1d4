"""Open names and prices after the scores are shown, and state each bid in clear."""

from sqlalchemy import Connection

from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_proposals import envelope_of, lock_proposals, reference, verdict_documents
from portal.commands.perform import Document, Done, perform_in
from portal.procurement.decisions.lookups import rules_of, the_case
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.opening import OffersOpened
from portal.procurement.offers import ENVELOPE_TYPE, bids_opened
from portal.procurement.verdicts import judge_offer, lots_of, open_one, opening_seats


def open_offers(office: Office, opportunity: str) -> list[Done]:
    """
    Append `offers-opened`, then one `bid-opened` for each valid offer that is no decoy; all or none.

    Raises:
        Refusal: `envelope-missing`, or as the decisions.
    """

    def work(connection: Connection) -> list[Done]:
        library = Library(office.store, connection)
        case = the_case(library, opportunity)
        judged, offers, envelopes = [], [], {}
        for bid in case.listed_bids():
            envelope = envelope_of(office, bid.seal.offer)
            row, offer = judge_offer(bid, open_one(case, "offer", office.origin, bid, envelope))
            judged.append((bid, row))
            envelopes[bid.seal.offer] = envelope
            if offer is not None:
                offers.append((bid, offer))
        verdicts, void = verdict_documents(office, judged)
        decoys = [Document(envelopes[row.envelope], ENVELOPE_TYPE) for _, row in judged if row.decoy]
        for document in (verdicts, *void, *decoys):
            office.store.add_document(connection, document.data, document.media_type)
        body = OffersOpened(
            seats=opening_seats(case, "offer"),
            verdicts=reference(verdicts),
            void=[reference(document) for document in void],
            decoys=[reference(document) for document in decoys],
        )
        statement = office.statement("offers-opened", opportunity, body, office.operator)
        done = [perform_in(office, connection, verify_signed(sign(statement, office.operator)))]
        lengths = {name: len(envelope) for name, envelope in envelopes.items()}
        scored = lots_of(proposal_verdicts(library, case))
        for opened in bids_opened(case, rules_of(library, case), offers, library, lengths, scored=scored):
            shown = office.statement("bid-opened", opportunity, opened, office.operator)
            document = Document(envelopes[opened.envelope.sha256], ENVELOPE_TYPE)
            done.append(perform_in(office, connection, verify_signed(sign(shown, office.operator)), [document]))
        return done

    done = office.transact(work)
    lock_proposals(office, opportunity)
    return done
