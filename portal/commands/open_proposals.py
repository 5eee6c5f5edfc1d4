"""Open the anonymous proposals with the released keys, and state what became of each."""

from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry import DocumentReference, sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Document, Done, perform_in
from portal.procurement.case import Bid, Case
from portal.procurement.decisions.lookups import the_case
from portal.procurement.decisions.scoring import proposals_in_order
from portal.procurement.events.opening import ProposalsOpened, VerdictRow
from portal.procurement.offers import ENVELOPE_TYPE
from portal.procurement.papers import Proposal
from portal.procurement.readings import erased
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import MEDIA_TYPE, encode_verdicts, judge_proposal, open_one, opening_seats


class ReadProposal(NamedTuple):
    """One opened proposal as the panel reads it: a number in the drawn order, never a name."""

    number: int
    bid: str
    proposal: Proposal


def open_proposals(office: Office, opportunity: str) -> Done:
    """
    Append `proposals-opened`.

    Raises:
        Refusal: `envelope-missing` while the bytes of a listed bid are not here: nothing is opened until they are
            (sealing.md 14); else as the decision.
    """

    def work(connection: Connection) -> Done:
        case = the_case(Library(office.store, connection), opportunity)
        judged = [(bid, judge_one(office, case, bid)[0]) for bid in case.listed_bids()]
        verdicts, void = verdict_documents(office, judged)
        for document in (verdicts, *void):
            office.store.add_document(connection, document.data, document.media_type)
        body = ProposalsOpened(
            seats=opening_seats(case, "proposal"),
            verdicts=reference(verdicts),
            void=[reference(document) for document in void],
        )
        statement = office.statement("proposals-opened", opportunity, body, office.operator)
        return perform_in(office, connection, verify_signed(sign(statement, office.operator)))

    done = office.transact(work)
    lock_proposals(office, opportunity)
    return done


def lock_proposals(office: Office, opportunity: str) -> None:
    """
    Keep every listed proposal under a key of its own: with the keepers' keys out, its envelope is clear text.

    Safe to repeat: opening the offers does it again, for a crash that came in between.
    """
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), opportunity)
    for bid in case.listed_bids():
        office.vault.lock_envelope(bid.seal.proposal)


def judge_one(office: Office, case: Case, bid: Bid) -> tuple[VerdictRow, Proposal | None]:
    """Open one listed proposal and judge it."""
    envelope = envelope_of(office, bid.seal.proposal)
    return judge_proposal(case, bid, open_one(case, "proposal", office.origin, bid, envelope))


def envelope_of(office: Office, name: str) -> bytes:
    """The bytes of a listed envelope; `envelope-missing` when the vault has them not."""
    envelope = office.vault.envelope(name)
    if envelope is None:
        raise Refusal("envelope-missing", {"sha256": name}, fix="Anyone who has these bytes may supply them.")
    return envelope


def verdict_documents(office: Office, judged: list[tuple[Bid, VerdictRow]]) -> tuple[Document, list[Document]]:
    """The verdict document, and the bytes of every void envelope, which are published (sealing.md 16)."""
    verdicts = Document(encode_verdicts([row for _, row in judged]), MEDIA_TYPE)
    void = [
        Document(envelope_of(office, row.envelope), ENVELOPE_TYPE)
        for _, row in judged
        if row.verdict == "void" and row.reason != "unopened"
    ]
    return verdicts, void


def reference(document: Document) -> DocumentReference:
    """How an entry refers to a document."""
    return DocumentReference(
        length=len(document.data), media_type=document.media_type, sha256=sha256(document.data).hexdigest()
    )


def read_proposals(office: Office, opportunity: str) -> list[ReadProposal]:
    """The valid proposals in the drawn order, opened anew from the envelopes; nothing is kept in clear, or after erasure."""
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        case = the_case(library, opportunity)
        order = proposals_in_order(library, case)
    gone = erased(case)
    papers = {bid.key: judge_one(office, case, bid)[1] for bid in case.listed_bids() if bid.seal.proposal not in gone}
    found = [(key, papers.get(key)) for key in order]
    return [ReadProposal(number, key, paper) for number, (key, paper) in enumerate(found, 1) if paper is not None]
