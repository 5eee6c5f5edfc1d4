"""
An act: one entry read for its meaning.

The ledger knows bytes, positions and signatures; here the body becomes the typed event of its kind.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from ledger.entry import Entry, Statement, encode_statement, leaf_hash, parse_entry, parse_time
from portal.procurement.kinds import kind_named
from portal.procurement.refusal import Refusal


class Act(Struct, frozen=True, kw_only=True):
    """
    One entry, typed.

    `leaf_hash` and `statement_hash` are lower-case hex; `keys` are all signers in the entry's order, `author` one of them.
    """

    index: int
    at: datetime
    kind: str
    subject: str
    author: str
    keys: tuple[str, ...]
    body: Struct
    leaf_hash: str
    statement_hash: str
    commitments: tuple[str, ...] = ()


def read_body(kind: str, body: object) -> Struct:
    """
    Decode a statement's body as its kind demands.

    Raises:
        Refusal: `kind-unknown`, or `body-malformed` with the place and what was expected there.
    """
    row = kind_named(kind)
    try:
        return msgspec.convert(body, row.body, strict=True)
    except msgspec.ValidationError as error:
        raise Refusal("body-malformed", {"kind": kind, "where": str(error)}) from error


def body_of(event: Struct) -> dict[str, object]:
    """The event as the plain object that a statement carries."""
    plain: dict[str, object] = msgspec.to_builtins(event)
    return plain


def act_of(entry: Entry, statement_hash: str, leaf: str) -> Act:
    """The act that a parsed entry records."""
    statement: Statement = entry.statement
    return Act(
        index=entry.index,
        at=parse_time(entry.time),
        kind=statement.kind,
        subject=statement.subject,
        author=statement.author,
        keys=tuple(signature.key for signature in entry.signatures),
        body=read_body(statement.kind, statement.body),
        leaf_hash=leaf,
        statement_hash=statement_hash,
        commitments=tuple(statement.commitments),
    )


def read_act(entry: bytes) -> Act:
    """Read an entry's bytes as an act; refuses what the ledger's own parser or the kind's body refuses."""
    parsed = parse_entry(entry)
    return act_of(parsed, sha256(encode_statement(parsed.statement)).hexdigest(), leaf_hash(entry).hex())


def read_acts(entries: Sequence[tuple[int, bytes]]) -> list[Act]:
    """Read the rows that `LedgerStore.entries_of` gives."""
    return [read_act(data) for _, data in entries]
