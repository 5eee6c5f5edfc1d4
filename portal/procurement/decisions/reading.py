"""
Reading what is not public: recorded before it is shown, once for each reader and document, and only for who may.

Evaluators read proposals until there is a ranking; officers afterwards, for before it they could only steer the panel.
Withheld proofs are read by the officers who check them. Auditors read both after the award, and nothing before. Sealed
interests are nobody's to read. What was erased is read by nobody.
"""

from portal.procurement.act import Act
from portal.procurement.agency import Agency
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import by_registrar, the_agency, the_case
from portal.procurement.decisions.scoring import proposal_verdicts
from portal.procurement.events.award import EligibilityProved
from portal.procurement.events.reading import DocumentRead, ProposalsErased
from portal.procurement.events.typed import typed
from portal.procurement.readings import erasable, erased, erasure_ground, has_read
from portal.procurement.record import Record
from portal.procurement.refusal import Refusal

AUDITOR = "auditor:"
_JUDGING = "evaluate"


def read(record: Record, act: Act) -> None:
    """
    By the operator, about a reader whose turn it is and a document that is there to be read.

    Raises:
        Refusal: `document-unknown`, `document-read-early`, `document-read-late`, `document-reader` for a person who may
            not read it, `proposal-erased`, or `document-read-already`.
    """
    body = typed(act, DocumentRead)
    by_registrar(record, act)
    case = the_case(record, act.subject)
    if case.ended is not None:
        raise Refusal("procedure-ended", {"opportunity": case.id, "ended": case.ended.kind, "entry": case.ended.index})
    if body.what == "proposal":
        _there(record, case, body)
    else:
        _withheld_there(case, body)
    if body.reader.startswith(AUDITOR):
        if case.awarded is None:
            raise Refusal("document-read-early", {"reader": body.reader})
    else:
        _may(case, body, _duties(the_agency(record, case.notice.agency), body.reader, act))
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


def _there(record: Record, case: Case, body: DocumentRead) -> None:
    if case.proposals_opened is None:
        raise Refusal("document-read-early", {"reader": body.reader})
    if body.document not in {row.envelope for row in proposal_verdicts(record, case) if row.verdict == "valid"}:
        raise Refusal("document-unknown", {"document": body.document})
    if body.document in erased(case):
        raise Refusal("proposal-erased", {"document": body.document})


def _may(case: Case, body: DocumentRead, duties: set[str]) -> None:
    """A person of the agency, whose appointments say what she may read and when."""
    if body.what == "withheld":
        if "verify" not in duties:
            raise Refusal("document-reader", {"reader": body.reader})
        return
    judges = body.reader in case.notice.evaluators and _JUDGING in duties
    if judges and case.ranking is not None and duties == {_JUDGING}:
        raise Refusal("document-read-late", {"reader": body.reader})
    if judges and case.ranking is None:
        return
    if not duties - {_JUDGING}:
        raise Refusal("document-reader", {"reader": body.reader})
    if case.ranking is None:
        raise Refusal("document-read-early", {"reader": body.reader})


def _withheld_there(case: Case, body: DocumentRead) -> None:
    there = any(
        act.statement_hash == body.document and act.commitments
        for act in case.proofs.values()
        if isinstance(act.body, EligibilityProved)
    )
    if not there:
        raise Refusal("document-unknown", {"document": body.document})


def erase(record: Record, act: Act) -> None:
    """
    By the operator, once for each proposal that was not chosen, when nobody can challenge any more.

    Raises:
        Refusal: `proposals-needed` while the pilot runs or may be challenged, `erasure-ground` by a rule that does not
            hold, `document-unknown` for the awarded firm's proposal and whatever is none of this pilot, or
            `proposal-erased`.
    """
    body = typed(act, ProposalsErased)
    by_registrar(record, act)
    case = the_case(record, act.subject)
    ground = erasure_ground(case)
    if ground is None:
        raise Refusal("proposals-needed", {"opportunity": case.id})
    if body.ground != ground:
        raise Refusal("erasure-ground", {"stated": body.ground, "holds": ground})
    there, gone = set(erasable(case)), set(erased(case))
    for name in body.erased:
        if name not in there:
            raise Refusal("document-unknown", {"document": name})
        if name in gone:
            raise Refusal("proposal-erased", {"document": name})
        gone.add(name)
