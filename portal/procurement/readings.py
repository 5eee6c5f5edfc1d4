"""Who has read what of a pilot that the public cannot: counted from its acts."""

from portal.procurement.case import Case
from portal.procurement.events.reading import DocumentRead


def readings(case: Case) -> list[DocumentRead]:
    """Every reading on record, in its order."""
    return [act.body for act in case.acts if isinstance(act.body, DocumentRead)]


def has_read(case: Case, reader: str, document: str) -> bool:
    """Whether a reading of this document by this person is on record."""
    return any(row.reader == reader and row.document == document for row in readings(case))
