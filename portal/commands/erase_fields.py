"""
Erase what an entry only committed to: values and salts go, the entry and its commitments stay and stay valid.

Afterwards nobody, the operator included, can prove that a guess at the value is right (integrity.md 5.3).
"""

from ledger.entry import sign
from portal.commands.office import Office
from portal.commands.perform import Done, perform
from portal.procurement.act import read_act
from portal.procurement.events.party import FieldsErased
from portal.procurement.refusal import Refusal


def erase_fields(office: Office, entry: int, ground: str, why: str) -> Done:
    """
    State the erasure, then erase: a crash in between leaves a stated erasure that is simply run again.

    Args:
        ground: One of the coded grounds of `FieldsErased`.

    Raises:
        Refusal: `nothing-kept` when no openings are kept for the entry; else as the decision.
    """
    with office.store.reading() as connection:
        if not 0 <= entry < office.store.head(connection).size:
            raise Refusal("entry-unknown", {"entry": entry})
        act = read_act(office.store.entry(connection, entry))
    count = len(office.vault.openings(act.statement_hash))
    if not count:
        raise Refusal("nothing-kept", {"entry": entry})
    body = FieldsErased(entry=entry, count=count, ground=ground, why=why)  # type: ignore[arg-type]  # checked when read
    done = perform(office, sign(office.statement("fields-erased", "log:self", body, office.operator), office.operator))
    office.vault.erase_openings(act.statement_hash)
    return done
