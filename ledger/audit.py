"""
Judges entries where they stand: form, index, link to the entry before, time, log, signatures.

Rules of this module:

1. Nothing is trusted but the entries' bytes and their leaf hashes; whether these are the signed tree is told elsewhere.
2. Every finding names its entry. One bad entry does not hide the next: the chain is followed over leaf hashes, which
   exist for bad entries too.
3. What an entry means is not judged here: kinds, roles and deadlines are the replaying reader's affair. The exception is
   the relying party, by which signatures of passkeys are judged.
4. Signatures are judged after the form and place of a few thousand entries, so their findings may come later than those
   of the entries after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ledger import documents, passkeys
from ledger.batch import TOGETHER, Together, read_together
from ledger.entry import Signature, parse_entry, signing_input
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.parties import Parties
from ledger.seen import SeenHeads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.entry import DocumentReference, Entry
    from ledger.signatures import Check

    Find = Callable[[int, LedgerError], None]

_STATEMENT: Final = b',"statement":'
_LEFT_LIMIT: Final = 4_096
"""
Entries whose signatures are judged together, after all else: changing between the two kinds of work, each time with
what the other needs in the processor's cache, costs more than keeping so many.
"""

_TAIL: Final = len(b',"time":"0000-00-00T00:00:00.000Z"}')


def statement_bytes(entry: bytes) -> bytes:
    """
    Cut the signed statement out of a canonical entry, instead of writing it again.

    Exact, because nothing before the statement can hold this key's name: a number, a hash, key ids and base64.
    """
    return entry[entry.index(_STATEMENT) + len(_STATEMENT) : -_TAIL]


class EntryAudit:
    """Walks along the log from entry 0 and remembers where it is."""

    def __init__(self, origin: str, check: Check | None, size: int = 0) -> None:
        """
        Stand before the first entry, or before a later one.

        Args:
            check: Judges signatures; None leaves them unjudged.
            size: The index of the entry to begin with.
        """
        self._origin = origin
        self._check = check
        self._time = ""
        self.size = size
        self.first_time = ""
        self.signatures = 0
        self.unread = 0
        self.references: dict[str, DocumentReference] = {}
        self.parties = Parties(known=size == 0)
        self.seen = SeenHeads()
        self._left: list[tuple[int, bytes, Signature | Entry | None]] = []

    @property
    def last_time(self) -> str:
        """The latest time so far: no later entry may have an earlier one."""
        return self._time

    def skip(self, count: int) -> None:
        """Step over entries that cannot be read; their place is known, their time is not."""
        self._left.append((self.size, b"", None))
        self.size += count
        self.unread += count

    def read(self, entries: Sequence[bytes], previous: Sequence[bytes], find: Find) -> None:
        """
        Judge the next entries.

        Args:
            previous: For each, the leaf hash of the entry before it; 32 zero bytes before the first.
            find: Told (index, error) for whatever is wrong, in order.
        """
        for start in range(0, len(entries), TOGETHER):
            end = start + TOGETHER
            self._read_some(entries[start:end], previous[start:end], find)
        if len(self._left) >= _LEFT_LIMIT:
            self.finish(find)

    def _read_some(self, entries: Sequence[bytes], previous: Sequence[bytes], find: Find) -> None:
        together = read_together(entries)
        if together is not None:
            self._judge(together, entries, previous, find)
            return
        for data, link in zip(entries, previous, strict=True):
            try:
                alone = Together([parse_entry(data)], data)
            except MalformedError as error:
                find(self.size, error)
                self.skip(1)
            else:
                self._judge(alone, [data], [link], find)

    def _judge(self, together: Together, entries: Sequence[bytes], previous: Sequence[bytes], find: Find) -> None:
        """Judge all but the signatures of entries whose form is right."""
        first, self.size = self.size, self.size + len(entries)
        self.first_time = self.first_time or together.times[0]
        if first == 0:
            self.parties.founder = together.statements[0].author
        if not self._are_in_place(first, together, previous):
            for index, (entry, link) in enumerate(zip(together.entries, previous, strict=True), first):
                self._judge_place(index, entry, link, find)
        if self._check is not None or passkeys.KIND in together.kinds:
            self._leave(first, together, entries)
        if together.may_hold(documents.MEDIA_TYPE_KEY):
            for index, entry in enumerate(together.entries, first):
                self._note_references(index, entry, find)
        if together.saw:
            for index, entry in enumerate(together.entries, first):
                self._note_seen(index, entry, find)

    def _are_in_place(self, first: int, together: Together, previous: Sequence[bytes]) -> bool:
        """Tell whether all these entries surely stand where they belong: at once, for most always do."""
        times = [self._time, *together.times]
        if (
            together.indexes == list(range(first, first + len(together.indexes)))
            and together.follow(previous)
            and together.logs == {self._origin}
            and times == sorted(times)
        ):
            self._time = times[-1]
            return True
        return False

    def _judge_place(self, index: int, entry: Entry, before: bytes, find: Find) -> None:
        if entry.index != index:
            find(index, VerificationError("entry-index", f"says it is entry {entry.index}"))
        if entry.statement.log != self._origin:
            find(index, VerificationError("log-name", f"made for {entry.statement.log!r}"))
        if entry.previous != before.hex():
            find(index, VerificationError("entry-previous", "does not name the leaf hash of the entry before it"))
        if entry.time < self._time:
            find(index, VerificationError("entry-time-order", f"{entry.time} after {self._time}"))
        else:
            self._time = entry.time

    def _leave(self, first: int, together: Together, entries: Sequence[bytes]) -> None:
        """Leave for later what `finish` needs, and no more: whole entries would fill the memory."""
        signed = zip(range(first, self.size), together.entries, entries, strict=True)
        if passkeys.KIND not in together.kinds:
            self._left += [
                (index, statement_bytes(data), signature)
                for index, entry, data in signed
                for signature in entry.signatures
            ]
            return
        for index, entry, data in signed:
            if self._check is not None:
                self._left += [(index, statement_bytes(data), signature) for signature in entry.signatures]
            if entry.statement.kind == passkeys.KIND:
                self._left.append((index, b"", entry))

    def finish(self, find: Find) -> None:
        """Judge the signatures that were left for later, each by the relying party in force at its place."""
        for index, statement, what in self._left:
            try:
                if what is None:
                    self.parties.lose()
                elif isinstance(what, Signature):
                    self._judge_signature(statement, what)
                else:
                    self.parties.state(what)
            except LedgerError as error:
                find(index, error)
        self._left.clear()

    def _judge_signature(self, statement: bytes, signature: Signature) -> None:
        self.signatures += 1
        if signature.assertion is not msgspec.UNSET:
            whence = passkeys.read_assertion(signature.key, statement, signature.signature, signature.assertion)
            self.parties.judge(whence)
        else:
            assert self._check is not None  # noqa: S101 -- who checks none leaves none for later
            self._check(signature.key, signing_input(statement), signature.signature)

    def _note_seen(self, index: int, entry: Entry, find: Find) -> None:
        if entry.statement.seen is msgspec.UNSET:
            return
        try:
            self.seen.note(index, entry.statement.seen)
        except VerificationError as error:
            find(index, error)

    def _note_references(self, index: int, entry: Entry, find: Find) -> None:
        try:
            for reference in documents.references_in(entry.statement.body):
                known = self.references.setdefault(reference.sha256, reference)
                if known.length != reference.length:
                    find(index, VerificationError("document-length", f"document/{reference.sha256} has two lengths"))
        except MalformedError as error:
            find(index, error)
