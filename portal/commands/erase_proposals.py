"""
Erase losing proposals when nobody can challenge any more: their own keys go, and with them every copy of their bytes.

1. Stated first, erased afterwards: what the record says is gone must not be shown again, and a crash in between leaves a
   stated erasure that is simply run again.
2. The record keeps the fingerprints and the verdicts, and stays valid (sealing.md 22).
"""

from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform_in
from portal.procurement.decisions.lookups import the_case
from portal.procurement.events.reading import ProposalsErased
from portal.procurement.readings import erasable, erased, erasure_ground
from portal.procurement.refusal import Refusal


class Erasure(NamedTuple):
    """What was stated now, None when all had been stated before; and how many proposals were still here."""

    done: Done | None
    were_here: int


def erase_proposals(office: Office, opportunity: str) -> Erasure:
    """
    Delete the proposals of everybody but the awarded firm; of everybody after another end.

    Raises:
        Refusal: `proposals-needed` while the pilot runs or may be challenged, `nothing-kept` when nobody but the awarded
            firm handed in a proposal.
    """

    def work(connection: Connection) -> tuple[Done | None, list[str]]:
        case = the_case(Library(office.store, connection), opportunity)
        ground, names = erasure_ground(case), erasable(case)
        if ground is None:
            raise Refusal("proposals-needed", {"opportunity": opportunity})
        if not names:
            raise Refusal("nothing-kept", {"opportunity": opportunity})
        stated = erased(case)
        left = [name for name in names if name not in stated]
        if not left:
            return None, names
        statement = office.statement(
            "proposals-erased", opportunity, ProposalsErased(erased=left, ground=ground), office.operator
        )
        return perform_in(office, connection, verify_signed(sign(statement, office.operator))), names

    done, names = office.transact(work)
    there = [name for name in names if office.vault.envelope(name) is not None]
    for name in names:
        office.vault.delete_envelope(name)
    return Erasure(done, len(there))
