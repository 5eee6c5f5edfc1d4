"""
Erase losing proposals when nobody can challenge any more: their own keys go, and with them every copy of their bytes.

The record keeps the fingerprints and the verdicts, and stays valid (sealing.md 22).
"""

from portal.commands.library import Library
from portal.commands.office import Office
from portal.procurement.decisions.lookups import the_case
from portal.procurement.events.award import AwardMade
from portal.procurement.refusal import Refusal


def erase_proposals(office: Office, opportunity: str) -> int:
    """
    Delete the proposals of everybody but the awarded firm; of everybody after another end.

    Raises:
        Refusal: `proposals-needed` while the pilot runs or may be challenged.

    Returns:
        How many were still here.
    """
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), opportunity)
    if case.awarded is None and case.ended is None:
        raise Refusal("proposals-needed", {"opportunity": opportunity})
    won = case.awarded.body.bid if case.awarded and isinstance(case.awarded.body, AwardMade) else ""
    names = [bid.seal.proposal for bid in case.listed_bids() if bid.key != won]
    there = [name for name in names if office.vault.envelope(name) is not None]
    for name in names:
        office.vault.delete_envelope(name)
    return len(there)
