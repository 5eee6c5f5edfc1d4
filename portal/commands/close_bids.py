"""State the list of bids at close. Late is harmless: the deadline held when it passed, and the list is what it is."""

from sqlalchemy import Connection

from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform_in
from portal.procurement.case import list_digest
from portal.procurement.decisions.lookups import the_case
from portal.procurement.events.opening import BidsClosed


def close_bids(office: Office, opportunity: str) -> Done:
    """Append `bids-closed` by the operator's key."""

    def work(connection: Connection) -> Done:
        case = the_case(Library(office.store, connection), opportunity)
        listed = case.listed_bids()
        body = BidsClosed(terms=case.terms, count=len(listed), list_sha256=list_digest(listed))
        statement = office.statement("bids-closed", opportunity, body, office.operator)
        return perform_in(office, connection, verify_signed(sign(statement, office.operator)))

    return office.transact(work)
