"""Who has read what of a pilot that the public cannot, and what of it is erased: counted from its acts."""

from typing import Literal

from portal.procurement.act import Act
from portal.procurement.case import Case
from portal.procurement.events.award import AwardMade
from portal.procurement.events.reading import DocumentRead, ProposalsErased

Ground = Literal["award-final", "pilot-ended"]


def readings(case: Case) -> list[DocumentRead]:
    """Every reading on record, in its order."""
    return [act.body for act in case.acts if isinstance(act.body, DocumentRead)]


def has_read(case: Case, reader: str, document: str) -> bool:
    """Whether a reading of this document by this person is on record."""
    return any(row.reader == reader and row.document == document for row in readings(case))


def erasure_ground(case: Case) -> Ground | None:
    """By which rule proposals may be erased now; None while they are needed."""
    if case.awarded is not None:
        return "award-final"
    return None if case.ended is None else "pilot-ended"


def erasable(case: Case) -> list[str]:
    """The listed proposals that nobody needs once the pilot is over: all but the awarded firm's, in the list's order."""
    won = case.awarded.body.bid if case.awarded and isinstance(case.awarded.body, AwardMade) else ""
    return [bid.seal.proposal for bid in case.listed_bids() if bid.key != won]


def erased(case: Case) -> dict[str, Act]:
    """Every proposal that the record says is erased, with the act that says so."""
    return {name: act for act in case.acts if isinstance(act.body, ProposalsErased) for name in act.body.erased}
