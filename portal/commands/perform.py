"""
Perform one signed act: verify, load, decide, append, project; all or nothing.

Whatever happens between the decision and the commit cannot make the decision wrong: another entry about a subject that
was looked up (`subject-moved`), a later time than the one decided with, or another address for passkeys than the one
its signatures were judged by, sends the act back to be decided again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger.commitments import Opening
from ledger.entry import Signed, Statement, VerifiedStatement, format_time, parse_time, verify_signed
from ledger.errors import RefusedError
from ledger.keykinds import is_passkey
from ledger.passkeys import RelyingParty
from portal import projections
from portal.commands.library import Library
from portal.commands.office import Office
from portal.procurement.act import Act, read_act, read_body
from portal.procurement.decisions import decide
from portal.procurement.refusal import Refusal

_TRIES = 5
_TOLERANCE = timedelta(seconds=5)


class Document(NamedTuple):
    """A document that goes into the record with an act."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class Done:
    """What became of an act: the entry, as the record holds it."""

    act: Act
    entry: bytes

    @property
    def index(self) -> int:
        """Its number in the record."""
        return self.act.index


def perform(
    office: Office, signed: Signed, *, documents: Sequence[Document] = (), openings: Sequence[Opening] = ()
) -> Done:
    """
    Perform an act in a transaction of its own.

    Args:
        documents: Documents its body refers to.
        openings: What opens its commitments; kept in the vault before the act is appended.

    Raises:
        MalformedError, VerificationError: The statement is not well-formed or not signed by whom it names.
        Refusal: The record or the rules do not admit it.
        RefusedError: The log does not take it: a duplicate, a clock that lags, a log that is read-only.
    """
    party = party_for(office, signed)
    verified = verify_signed(signed, party)
    if openings:
        office.vault.put_openings(verified.hash.hex(), list(openings))
    for _ in range(_TRIES - 1):
        try:
            return _attempt(office, verified, documents, party)
        except RefusedError as error:
            if error.reason != "subject-moved":
                raise
        if party_for(office, signed) != party:
            party = party_for(office, signed)
            verified = verify_signed(signed, party)
    return _attempt(office, verified, documents, party)


def _attempt(
    office: Office, verified: VerifiedStatement, documents: Sequence[Document], party: RelyingParty | None
) -> Done:
    return office.transact(lambda connection: perform_in(office, connection, verified, documents, party=party))


def party_for(office: Office, signed: Signed) -> RelyingParty | None:
    """
    The relying party by which to judge these signatures, were they appended now; None where no passkey signs.

    None also where the record states none: then a passkey's signature is refused (`relying-party-missing`).
    """
    if not any(is_passkey(signature.key) for signature in signed.signatures):
        return None
    with office.store.reading() as connection:
        return Library(office.store, connection).passkeys_at()


def perform_in(
    office: Office,
    connection: Connection,
    verified: VerifiedStatement,
    documents: Sequence[Document] = (),
    *,
    party: RelyingParty | None = None,
) -> Done:
    """
    Perform an act in the caller's transaction, which decides whether it lasts.

    Args:
        party: By which signatures of passkeys were verified; see `party_for`.
    """
    at = effective_time(office, connection)
    for document in documents:
        office.store.add_document(connection, document.data, document.media_type)
    _refuse_unseen(office, connection, verified.statement)
    library = Library(office.store, connection)
    decide(library, proposed(verified, at))
    if any(is_passkey(key) for key in verified.keys) and library.passkeys_at(pinned=True) != party:
        raise RefusedError("subject-moved", "passkeys sign at another address by now")
    (sequenced,) = office.store.append(connection, [verified], at, expected=library.read)
    if sequenced.time != format_time(at):
        raise RefusedError("subject-moved", f"time went on from {format_time(at)} to {sequenced.time}")
    act = read_act(sequenced.entry)
    projections.project(connection, [act])
    return Done(act, sequenced.entry)


def _refuse_unseen(office: Office, connection: Connection, statement: Statement) -> None:
    """
    What an author states to have seen must have been published by this log, and still be its history.

    Otherwise a statement would vouch for a head that nobody else ever saw (sealing.md flaw 20).
    """
    seen = statement.seen
    if isinstance(seen, msgspec.UnsetType):
        return
    head = office.published()
    known = head is not None and 0 < seen.size <= head.size
    if not known or office.store.root_at(connection, seen.size).hex() != seen.root:
        raise Refusal("seen-unpublished", {"size": seen.size, "root": seen.root})


def proposed(verified: VerifiedStatement, at: datetime) -> Act:
    """The act as it is decided: no place in the record yet; the first of `keys` need not be the author's."""
    statement = verified.statement
    return Act(
        index=-1,
        at=at,
        kind=statement.kind,
        subject=statement.subject,
        author=statement.author,
        keys=verified.keys,
        body=read_body(statement.kind, statement.body),
        leaf_hash="",
        statement_hash=verified.hash.hex(),
        commitments=tuple(statement.commitments),
    )


def effective_time(office: Office, connection: Connection) -> datetime:
    """
    The time the entry will carry: the clock's, or the last entry's when the clock is a little behind it.

    A clock further behind is refused by the log itself (`clock-behind`).
    """
    now = parse_time(format_time(office.clock.now()))
    last = office.store.head(connection).time
    if last and now < parse_time(last) <= now + _TOLERANCE:
        return parse_time(last)
    return now


def refuse_unless(condition: bool, reason: str, **figures: object) -> None:  # noqa: FBT001 -- reads as a sentence
    """Raise a refusal unless the condition holds."""
    if not condition:
        raise Refusal(reason, figures)
