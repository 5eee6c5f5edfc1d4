"""Show somebody what is not public: the record first, the bytes afterwards."""

from sqlalchemy import Connection

from ledger.commitments import Opening
from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_proposals import ReadProposal, read_proposals
from portal.commands.perform import perform_in
from portal.procurement.decisions.lookups import the_case
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.reading import DocumentRead
from portal.procurement.readings import has_read
from portal.procurement.refusal import Refusal


def read_proposals_as(office: Office, opportunity: str, reader: str) -> list[ReadProposal]:
    """
    The valid proposals in the drawn order, for a person of the agency.

    `document-read` is appended for each that this person has not read before, all in one transaction; who has read them
    all appends nothing.

    Raises:
        Refusal: As the decision; then nothing is shown.
    """

    def work(connection: Connection) -> None:
        library = Library(office.store, connection)
        case = the_case(library, opportunity)
        rows = [row for row in proposal_verdicts(library, case) if row.verdict == "valid"]
        for row in rows:
            if not has_read(case, reader, row.envelope):
                _state(
                    office, connection, opportunity, DocumentRead(document=row.envelope, reader=reader, what="proposal")
                )

    office.transact(work)
    return read_proposals(office, opportunity)


def read_withheld(office: Office, opportunity: str, firm: str, reader: str) -> list[Opening]:
    """
    The fields that a firm's proof of eligibility commits to, with their salts; recorded on the first reading.

    Raises:
        Refusal: `proof-missing` when the firm has proved nothing; else as the decision.
    """

    def work(connection: Connection) -> str:
        case = the_case(Library(office.store, connection), opportunity)
        proof = case.proofs.get(firm)
        if proof is None:
            raise Refusal("proof-missing", {"firm": firm})
        if not has_read(case, reader, proof.statement_hash):
            body = DocumentRead(document=proof.statement_hash, reader=reader, what="withheld")
            _state(office, connection, opportunity, body)
        return proof.statement_hash

    return office.vault.openings(office.transact(work))


def _state(office: Office, connection: Connection, opportunity: str, body: DocumentRead) -> None:
    statement = office.statement("document-read", opportunity, body, office.operator)
    perform_in(office, connection, verify_signed(sign(statement, office.operator)))
