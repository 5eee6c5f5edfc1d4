"""
Would this act be taken now? The same decision as `perform`, on nothing but a signed-by-nobody draft.

Desks ask before anybody signs, so that a clerk learns at once what a rule refuses, not after the second officer's passkey.
"""

from collections.abc import Sequence

from msgspec import Struct

from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import effective_time
from portal.procurement.act import Act
from portal.procurement.decisions import decide
from portal.procurement.refusal import Refusal


def judge(
    office: Office, kind: str, subject: str, body: Struct, keys: Sequence[str], *, commitments: Sequence[str] = ()
) -> Refusal | None:
    """
    What `perform` would refuse if these keys signed this body now; None when it would take it.

    Args:
        keys: The key ids expected to sign, the author's first. Where the second officer is not known yet, name any
            other officer who may.
    """
    with office.store.reading() as connection:
        act = Act(
            index=-1,
            at=effective_time(office, connection),
            kind=kind,
            subject=subject,
            author=keys[0],
            keys=tuple(sorted(keys)),
            body=body,
            leaf_hash="",
            statement_hash="0" * 64,
            commitments=tuple(commitments),
        )
        try:
            decide(Library(office.store, connection), act)
        except Refusal as refusal:
            return refusal
    return None
