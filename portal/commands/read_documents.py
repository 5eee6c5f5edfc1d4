"""Show somebody what is not public: the record first, the bytes afterwards."""

from sqlalchemy import Connection

from ledger.commitments import Opening
from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.open_proposals import ReadProposal, read_proposals
from portal.commands.perform import perform_in
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_case
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.reading import DocumentRead
from portal.procurement.readings import erased, has_read
from portal.procurement.refusal import Refusal


def read_proposals_as(office: Office, opportunity: str, reader: str) -> list[ReadProposal]:
    """
    The valid proposals in the drawn order that are still here, for a person of the agency or an auditor.

    `document-read` is appended for each that this person has not read before, all in one transaction; who has read them
    all appends nothing.

    Raises:
        Refusal: As the decision; then nothing is shown.
    """

    def work(connection: Connection) -> None:
        library = Library(office.store, connection)
        case = the_case(library, opportunity)
        for name in _still_here(library, case):
            if not has_read(case, reader, name):
                _state(office, connection, opportunity, DocumentRead(document=name, reader=reader, what="proposal"))

    office.transact(work)
    return read_proposals(office, opportunity)


def unread_proposals(office: Office, opportunity: str, reader: str) -> tuple[int, int]:
    """How many valid proposals are still here, and how many of them the record does not say that this person has read."""
    with office.store.reading() as connection:
        library = Library(office.store, connection)
        case = the_case(library, opportunity)
        left = _still_here(library, case)
    return len(left), sum(not has_read(case, reader, name) for name in left)


def _still_here(library: Library, case: Case) -> list[str]:
    gone = erased(case)
    rows = proposal_verdicts(library, case)
    return [row.envelope for row in rows if row.verdict == "valid" and row.envelope not in gone]


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
