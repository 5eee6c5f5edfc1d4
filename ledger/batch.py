"""
Reading many entries at once, as fast as reading them strictly allows.

Rules:
- `read_together` tells what `entry.parse_entry` would tell of each, or that it cannot: it decides nothing against an
  entry. Whatever it cannot prove by looking at all entries together, `parse_entry` decides one by one.
- Together means: one decoding and one encoding for the whole batch, fields of one kind joined and
  looked at as one string, and names that repeat looked at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ledger import canonical, entry, statement
from ledger.errors import MalformedError

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from ledger.entry import Entry
    from ledger.statement import Signature

TOGETHER = 64
"""Entries to look at together: few enough that what was read is still in the processor's cache when it is written."""

_HEX = b"0123456789abcdef"
_KEY_STEP = len("ed25519:") + 64 + 1
_KEY_MARKS = (*enumerate("ed25519:"), (_KEY_STEP - 1, " "))
_SIGNATURE_LENGTH = 64
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_TIME = b"0000-00-00T00:00:00.000Z "

_ENCODER = msgspec.json.Encoder(order="deterministic")


def parse_entries(encoded: Sequence[bytes]) -> list[Entry]:
    """
    Read entries; checks form, not signatures, and not their places.

    Raises:
        MalformedError: What `entry.parse_entry` raises for the first entry that is wrong.
    """
    entries: list[Entry] = []
    for start in range(0, len(encoded), TOGETHER):
        some = encoded[start : start + TOGETHER]
        together = read_together(some)
        entries += [entry.parse_entry(each) for each in some] if together is None else together.entries
    return entries


class Together:
    """Some neighbouring entries that were read, field by field; `read_together` makes it."""

    def __init__(self, entries: list[Entry], lines: bytes) -> None:
        """
        Gather what entries that are spelled as they must be say.

        Args:
            lines: Their bytes, one a line.
        """
        statements = [each.statement for each in entries]
        self.entries = entries
        self.statements = statements
        self.indexes = [each.index for each in entries]
        self.previous = [each.previous for each in entries]
        self.times = [each.time for each in entries]
        self.logs = {each.log for each in statements}
        self.kinds = {each.kind for each in statements}
        self.saw = [each.seen for each in statements].count(msgspec.UNSET) < len(entries)
        """Whether any author had seen a checkpoint."""
        self._lines = lines

    def may_hold(self, key: str) -> bool:
        """Tell whether any object in a body may have this key; False is certain."""
        return canonical.may_know(key) and f'"{key}":'.encode() in self._lines

    def follow(self, leaves: Sequence[bytes]) -> bool:
        """Tell whether each names the leaf hash before it."""
        return "".join(self.previous) == b"".join(leaves).hex()

    def are_right(self) -> bool:
        """Tell whether every field but the bodies is surely right."""
        return (
            _are_times(self.times)
            and _are_hex(self.previous, 64)
            and _are_hex([each.nonce for each in self.statements], 32)
            and _KINDS.are_right(self.kinds)
            and _LOGS.are_right(self.logs)
            and _SUBJECTS.are_right({each.subject for each in self.statements})
            and _are_signed(
                [each.signatures for each in self.entries],
                [each.author for each in self.statements],
            )
            and self._are_bound()
        )

    def _are_bound(self) -> bool:
        """Check commitments and seen checkpoints where there are any."""
        for each in self.statements:
            if each.commitments:
                statement.check_commitments(each.commitments)
        if self.saw:
            for each in self.statements:
                if each.seen is not msgspec.UNSET:
                    statement.check_seen(each.seen)
        return True


def read_together(encoded: Sequence[bytes]) -> Together | None:
    """Read all at once, or tell None where one of them has to be looked at by itself."""
    if max(map(len, encoded)) > canonical.LIMIT:
        return None
    # Canonical JSON holds no raw line feed. If writing what was read gives the same bytes, the
    # line feeds are all ours, so each line is one entry and spelled as it must be.
    lines = b"\n".join([*encoded, b""])
    try:
        entries = _READER.read(lines)
        if len(entries) != len(encoded) or _ENCODER.encode_lines(entries) != lines:
            return None
        together = Together(entries, lines)
        if not canonical.is_plain(lines):
            for each, data in zip(together.statements, encoded, strict=True):
                canonical.check_parsed(each.body, data)
        return together if together.are_right() else None
    except (ValueError, RecursionError, MalformedError):
        return None


class _Reader:
    """
    Decodes lines, and sees to the keys of their bodies.

    The keys of a log are few and come again in every entry. Once they are known to be good they
    become part of the decoder's type, which then refuses all others at no cost. Until then, and
    for entries with a new key, Python looks at each.
    """

    def __init__(self) -> None:
        self._fast: msgspec.json.Decoder[Any] | None = None
        self._built_for = 0
        self._missed = 0

    def read(self, lines: bytes) -> list[Entry]:
        """
        Read entries whose keys are good.

        Raises:
            MalformedError: `json-key`.
            ValueError: These are no entries.
        """
        if self._fast is not None:
            try:
                return self._fast.decode_lines(lines)
            except msgspec.ValidationError:
                self._missed += 1
        entries: list[Entry] = entry.ENTRY_DECODER.decode_lines(lines)
        for each in entries:
            canonical.check_keys(each.statement.body)
        self._learn()
        return entries

    def _learn(self) -> None:
        """Build the decoder anew, seldom enough that new keys in every entry would not pay for an attacker."""
        known = len(canonical.known_keys)
        if known > self._built_for and (known * 4 > self._built_for * 5 or self._missed >= _PATIENCE):
            self._fast = statement.decoder_of(entry.Entry, Literal[tuple(sorted(canonical.known_keys.copy()))])
            self._built_for, self._missed = known, 0


_PATIENCE = 16
"""Batches with a new key, after which a decoder that knows it pays."""

_READER = _Reader()


class _Names:
    """Names of one kind that were seen to be right: they come again in every entry."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._good: set[str] = set()

    def are_right(self, names: set[str]) -> bool:
        """Tell whether each of them matches the pattern."""
        new = names - self._good
        if not all(map(self._pattern.fullmatch, new)):
            return False
        if len(self._good) < _NAMES_LIMIT:
            self._good |= new
        return True


_NAMES_LIMIT = 16_384
_KINDS, _LOGS, _SUBJECTS = map(_Names, (statement.KIND, statement.ORIGIN, statement.SUBJECT))


def _are_hex(texts: list[str], length: int) -> bool:
    """Tell whether each is so many hexadecimal digits."""
    joined = " ".join(texts) + " "
    # As many spaces as texts are left, so none is inside one; where they stand tells each length.
    spaces = " " * len(texts)
    return joined.encode().translate(None, _HEX) == spaces.encode() and joined[length :: length + 1] == spaces


def _are_times(times: list[str]) -> bool:
    """
    Tell whether these are instants in their one spelling.

    Joined, every 25th character is the same figure of another time. Days are looked at one by one (the 30th of
    February), but a log has many entries a day.
    """
    joined = " ".join(times) + " "
    if joined.encode().translate(_DIGITS) != _TIME * len(times):
        return False
    days = {min(times)[:10], max(times)[:10]}
    for day in days if len(days) == 1 else {time[:10] for time in times}:
        datetime.fromisoformat(day)
    minutes_and_seconds = joined[14::25] + joined[17::25]
    hours_are_early = not joined[11::25].strip("01")
    return not minutes_and_seconds.strip("012345") and (hours_are_early or all(time[11:13] < "24" for time in times))


def _are_signed(lists: list[list[Signature]], authors: list[str]) -> bool:
    """Tell whether each entry has its author's signature, and at most one other in order."""
    firsts = [signatures[0] for signatures in lists if len(signatures) == 1]
    if [each.key for each in firsts] != authors or not _are_plain(firsts, authors):
        for signatures, author in zip(lists, authors, strict=True):
            statement.check_signatures(signatures, author)
    return True


def _are_plain(signatures: list[Signature], names: list[str]) -> bool:
    """Tell whether all are signatures of Ed25519 keys, as the portal's own and those of bids and scripts are."""
    joined = " ".join(names) + " "
    # The prefix has one colon and hexadecimal digits; so has each name, if nothing else is left.
    return (
        joined.encode().translate(None, _HEX) == b": " * len(names)
        and all(joined[place::_KEY_STEP] == letter * len(names) for place, letter in _KEY_MARKS)
        and set(map(len, [each.signature for each in signatures])) == {_SIGNATURE_LENGTH}
        and [each.assertion for each in signatures].count(msgspec.UNSET) == len(names)
    )
