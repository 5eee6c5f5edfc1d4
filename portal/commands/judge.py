"""
Would this act be taken now? The same decision as `perform`, on nothing but a signed-by-nobody draft.

Desks ask before anybody signs, so that a clerk learns at once what a rule refuses, not after the second officer's passkey.
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import Connection

from ledger.store import LedgerStore
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Document, effective_time
from portal.procurement.act import Act
from portal.procurement.decisions import decide
from portal.procurement.refusal import Refusal


class _WithDocuments(Library):
    """The record as it would be with a few documents more."""

    def __init__(self, store: LedgerStore, connection: Connection, documents: Sequence[Document]) -> None:
        super().__init__(store, connection)
        self._brought = {sha256(each.data).hexdigest(): each.data for each in documents}

    def document(self, sha256: str) -> bytes | None:
        """A document of the record, or one that comes with the act."""
        return self._brought.get(sha256) or super().document(sha256)


def judge(
    office: Office,
    kind: str,
    subject: str,
    body: Struct,
    keys: Sequence[str],
    *,
    commitments: Sequence[str] = (),
    documents: Sequence[Document] = (),
) -> Refusal | None:
    """
    What `perform` would refuse if these keys signed this body now; None when it would take it.

    Args:
        keys: The key ids expected to sign, the author's first. Where the second officer is not known yet, name any
            other officer who may.
        documents: What would enter the record with the act.
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
            decide(_WithDocuments(office.store, connection, documents), act)
        except Refusal as refusal:
            return refusal
    return None
