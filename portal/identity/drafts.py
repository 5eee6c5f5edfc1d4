"""
Drafts: a statement that waits for one or two signatures. There is no entry until the last has signed.

The author is fixed when the draft is made, for a statement names its author; the second officer is whoever signs next.
What is signed is kept byte for byte: everybody signs the same statement, and a page shows exactly that.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger import canonical
from ledger.commitments import Opening
from ledger.entry import Signature, Signed, Statement, format_time, parse_statement
from portal.identity.tables import Rows

State = Literal["waiting", "done", "dropped"]
_COLUMNS = "id, kind, subject, agency, statement, signatures, openings, made_by, made_at, state, entry"


class Draft(Struct, frozen=True, kw_only=True):
    """One draft. `made_by` is an account id; `entry` the record it became."""

    id: str
    kind: str
    subject: str
    agency: str | None
    statement: Statement
    signatures: tuple[Signature, ...]
    openings: tuple[Opening, ...]
    made_by: str
    made_at: str
    state: State
    entry: int | None

    @property
    def bytes(self) -> bytes:
        """The statement's canonical bytes: what a device signs, behind the ledger's prefix."""
        return canonical.encode(self.statement)

    @property
    def signed(self) -> Signed:
        """The statement with the signatures it has so far."""
        return Signed(signatures=sorted(self.signatures, key=lambda each: each.key), statement=self.statement)


def make_draft(
    rows: Rows,
    statement: Statement,
    *,
    made_by: str,
    at: datetime,
    agency: str | None = None,
    openings: tuple[Opening, ...] = (),
) -> str:
    """Keep a new draft; its id is unguessable, since a second officer gets it as a link."""
    draft = token_hex(16)
    rows.run(
        f"INSERT INTO desk_draft ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, '[]', ?, ?, ?, 'waiting', NULL)",  # noqa: S608 -- columns above
        (
            draft,
            statement.kind,
            statement.subject,
            agency,
            canonical.encode(statement).decode("utf-8"),
            msgspec.json.encode(openings).decode("utf-8"),
            made_by,
            format_time(at),
        ),
    )
    return draft


def find_draft(rows: Rows, draft: str) -> Draft | None:
    """The draft with this id."""
    row = rows.row(f"SELECT {_COLUMNS} FROM desk_draft WHERE id = ?", (draft,))  # noqa: S608 -- columns above
    return None if row is None else _draft(row)


def drafted_by(rows: Rows, kind: str, subject: str, statement_hash: str) -> list[str]:
    """The accounts that drafted this very statement."""
    found = rows.rows("SELECT made_by, statement FROM desk_draft WHERE kind = ? AND subject = ?", (kind, subject))
    return [str(made_by) for made_by, text in found if sha256(text.encode("utf-8")).hexdigest() == statement_hash]


def waiting_drafts(rows: Rows, *, made_by: str | None = None, agency: str | None = None) -> list[Draft]:
    """Drafts that still wait, of one author or of one agency, newest first."""
    column, value = ("made_by", made_by) if made_by is not None else ("agency", agency)
    found = rows.rows(
        f"SELECT {_COLUMNS} FROM desk_draft WHERE state = 'waiting' AND {column} = ? ORDER BY made_at DESC, id",  # noqa: S608 -- columns above
        (value,),
    )
    return [_draft(row) for row in found]


def keep_signature(rows: Rows, draft: Draft, signature: Signature) -> Draft:
    """Add a signature that was verified; the same key signs once."""
    others = tuple(each for each in draft.signatures if each.key != signature.key)
    signed = msgspec.structs.replace(draft, signatures=(*others, signature))
    keep_signatures(rows, signed)
    return signed


def keep_signatures(rows: Rows, draft: Draft) -> None:
    """Keep exactly the signatures that this draft holds."""
    rows.run(
        "UPDATE desk_draft SET signatures = ? WHERE id = ? AND state = 'waiting'",
        (msgspec.json.encode(draft.signatures).decode("ascii"), draft.id),
    )


def settle_draft(rows: Rows, draft: str, state: State, entry: int | None = None) -> None:
    """The draft became an entry, or was dropped; what is settled stays settled."""
    rows.run("UPDATE desk_draft SET state = ?, entry = ? WHERE id = ? AND state = 'waiting'", (state, entry, draft))


def _draft(row: Sequence[Any]) -> Draft:
    (draft, kind, subject, agency, statement, signatures, openings, made_by, made_at, state, entry) = row
    return Draft(
        id=draft,
        kind=kind,
        subject=subject,
        agency=agency,
        statement=parse_statement(statement.encode("utf-8")),
        signatures=tuple(msgspec.json.decode(signatures, type=list[Signature])),
        openings=tuple(msgspec.json.decode(openings, type=list[Opening])),
        made_by=made_by,
        made_at=made_at,
        state=state,
        entry=entry,
    )
