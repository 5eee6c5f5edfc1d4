"""
Judges entries where they stand: form, index, link to the entry before, time, log, signatures.

Rules of this module:

1. Nothing is trusted but the entries' bytes and their leaf hashes; whether these are the signed tree is told elsewhere.
2. Every finding names its entry. One bad entry does not hide the next: the chain is followed over leaf hashes, which
   exist for bad entries too.
3. What an entry means is not judged here: kinds, roles and deadlines are the replaying reader's affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ledger import passkeys
from ledger.batch import parse_entries
from ledger.documents import may_refer, references_in
from ledger.entry import signing_input
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.parties import Parties, may_state
from ledger.seen import SeenHeads, may_have_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.entry import DocumentReference, Entry
    from ledger.signatures import Check

    Find = Callable[[int, LedgerError], None]

_STATEMENT: Final = b',"statement":'
_TOGETHER: Final = 64
"""Entries judged together: more would not stay in the processor's cache between one look at them and the next."""

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

    @property
    def last_time(self) -> str:
        """The latest time so far: no later entry may have an earlier one."""
        return self._time

    def skip(self, count: int) -> None:
        """Step over entries that cannot be read; their place is known, their time is not."""
        self.size += count
        self.unread += count
        self.parties.lose()

    def read(self, entries: Sequence[bytes], previous: Sequence[bytes], find: Find) -> None:
        """
        Judge the next entries.

        Args:
            previous: For each, the leaf hash of the entry before it; 32 zero bytes before the first.
            find: Told (index, error) for whatever is wrong, in order.
        """
        for start in range(0, len(entries), _TOGETHER):
            end = start + _TOGETHER
            self._read_some(entries[start:end], previous[start:end], find)

    def _read_some(self, entries: Sequence[bytes], previous: Sequence[bytes], find: Find) -> None:
        try:
            parsed = parse_entries(entries)
        except MalformedError as error:
            if len(entries) > 1:
                for data, link in zip(entries, previous, strict=True):
                    self._read_some([data], [link], find)
            else:
                find(self.size, error)
                self.skip(1)
            return
        first, self.size = self.size, self.size + len(entries)
        self._judge_places(first, parsed, previous, find)
        together = b"".join(entries)
        if self._check is not None or may_state(together):
            self._judge_signers(first, parsed, entries, find)
        for may_hold, note in ((may_refer, self._note_references), (may_have_seen, self._note_seen)):
            if may_hold(together):
                for index, entry in enumerate(parsed, first):
                    note(index, entry, find)

    def _judge_places(self, first: int, entries: Sequence[Entry], previous: Sequence[bytes], find: Find) -> None:
        """Judge whether each stands where it belongs; remember what the first one alone can tell."""
        self.first_time = self.first_time or entries[0].time
        if first == 0:
            self.parties.founder = entries[0].statement.author
        if not self._are_in_place(first, entries, previous):
            for index, (entry, link) in enumerate(zip(entries, previous, strict=True), first):
                self._judge_place(index, entry, link, find)

    def _are_in_place(self, first: int, entries: Sequence[Entry], previous: Sequence[bytes]) -> bool:
        """Tell whether all these entries surely stand where they belong: at once, for most always do."""
        times = [self._time, *[entry.time for entry in entries]]
        if (
            [entry.index for entry in entries] == list(range(first, first + len(entries)))
            and "".join([entry.previous for entry in entries]) == b"".join(previous).hex()
            and {entry.statement.log for entry in entries} == {self._origin}
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

    def _judge_signers(self, first: int, parsed: Sequence[Entry], entries: Sequence[bytes], find: Find) -> None:
        """Judge signatures, each by the relying party that the entries before it leave in force."""
        for index, (entry, data) in enumerate(zip(parsed, entries, strict=True), first):
            if self._check is not None:
                self._judge_signatures(index, entry, data, self._check, find)
            if entry.statement.kind == passkeys.KIND:
                self._note_party(index, entry, find)

    def _judge_signatures(self, index: int, entry: Entry, data: bytes, check: Check, find: Find) -> None:
        statement = statement_bytes(data)
        for each in entry.signatures:
            self.signatures += 1
            try:
                if each.assertion is msgspec.UNSET:
                    check(each.key, signing_input(statement), each.signature)
                else:
                    self.parties.judge(passkeys.read_assertion(each.key, statement, each.signature, each.assertion))
            except LedgerError as error:
                find(index, error)

    def _note_party(self, index: int, entry: Entry, find: Find) -> None:
        try:
            self.parties.state(entry)
        except LedgerError as error:
            find(index, error)

    def _note_seen(self, index: int, entry: Entry, find: Find) -> None:
        if entry.statement.seen is msgspec.UNSET:
            return
        try:
            self.seen.note(index, entry.statement.seen)
        except VerificationError as error:
            find(index, error)

    def _note_references(self, index: int, entry: Entry, find: Find) -> None:
        try:
            for reference in references_in(entry.statement.body):
                known = self.references.setdefault(reference.sha256, reference)
                if known.length != reference.length:
                    find(index, VerificationError("document-length", f"document/{reference.sha256} has two lengths"))
        except MalformedError as error:
            find(index, error)
