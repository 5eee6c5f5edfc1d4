"""
Reading what is not public: recorded before it is shown, once for each reader and document, and only for who may.

Evaluators read proposals until there is a ranking; officers afterwards, for before it they could only steer the panel.
Withheld proofs are read by the officers who check them. Sealed interests are nobody's to read.
"""

from portal.procurement.act import Act
from portal.procurement.agency import Agency
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import by_registrar, the_agency, the_case
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.award import EligibilityProved
from portal.procurement.events.reading import DocumentRead
from portal.procurement.events.typed import typed
from portal.procurement.readings import has_read
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal

_JUDGING = "evaluate"


def read(record: Record, act: Act) -> None:
    """
    By the operator, about a reader whose turn it is and a document that is there to be read.

    Raises:
        Refusal: `document-unknown`, `document-read-early`, `document-read-late`, `document-reader` for a person who may
            not read it, or `document-read-already`.
    """
    body = typed(act, DocumentRead)
    by_registrar(record, act)
    case = the_case(record, act.subject)
    if case.ended is not None:
        raise Refusal("procedure-ended", {"opportunity": case.id, "ended": case.ended.kind, "entry": case.ended.index})
    duties = _duties(the_agency(record, case.notice.agency), body.reader, act)
    if body.what == "proposal":
        _proposal(record, case, body, duties)
    else:
        _withheld(case, body, duties)
    if has_read(case, body.reader, body.document):
        raise Refusal("document-read-already", {"reader": body.reader, "document": body.document})


def _duties(agency: Agency, person: str, act: Act) -> set[str]:
    """What a person is appointed to now."""
    return {
        duty
        for row in agency.appointments
        if row.made.person == person and row.holds(act.at)
        for duty in row.made.duties
    }


def _proposal(record: Record, case: Case, body: DocumentRead, duties: set[str]) -> None:
    if case.proposals_opened is None:
        raise Refusal("document-read-early", {"reader": body.reader})
    if body.document not in {row.envelope for row in proposal_verdicts(record, case) if row.verdict == "valid"}:
        raise Refusal("document-unknown", {"document": body.document})
    judges = body.reader in case.notice.evaluators and _JUDGING in duties
    if judges and case.ranking is not None and duties == {_JUDGING}:
        raise Refusal("document-read-late", {"reader": body.reader})
    if judges and case.ranking is None:
        return
    if not duties - {_JUDGING}:
        raise Refusal("document-reader", {"reader": body.reader})
    if case.ranking is None:
        raise Refusal("document-read-early", {"reader": body.reader})


def _withheld(case: Case, body: DocumentRead, duties: set[str]) -> None:
    there = any(
        act.statement_hash == body.document and act.commitments
        for act in case.proofs.values()
        if isinstance(act.body, EligibilityProved)
    )
    if not there:
        raise Refusal("document-unknown", {"document": body.document})
    if "verify" not in duties:
        raise Refusal("document-reader", {"reader": body.reader})
