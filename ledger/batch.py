"""
Reading many entries at once, as fast as reading them strictly allows.

Rules:
- `parse_entries` gives what `entry.parse_entry` would give for each, or raises what it would
  raise for the first that is wrong. It is an optimisation and decides nothing: whatever it cannot
  prove by looking at all entries together, `parse_entry` decides one by one.
- Together means: one decoding and one encoding for the whole batch, fields of one kind joined and
  looked at as one string, and names that repeat looked at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from ledger import canonical, entry, statement
from ledger.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.entry import Entry
    from ledger.statement import Statement

_HEX = b"0123456789abcdef"
_KEY_PREFIX = "ed25519:"
_KEY_LENGTH = len(_KEY_PREFIX) + 64
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_TIME = b"0000-00-00T00:00:00.000Z"
_TOGETHER = 64
"""Entries looked at together: so few that what was read is still in the processor's cache when it is written."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


def parse_entries(encoded: Sequence[bytes]) -> list[Entry]:
    """
    Read entries; checks form, not signatures, and not their places.

    Raises:
        MalformedError: What `entry.parse_entry` raises for the first entry that is wrong.
    """
    entries: list[Entry] = []
    for start in range(0, len(encoded), _TOGETHER):
        some = encoded[start : start + _TOGETHER]
        entries += _read_together(some) or [entry.parse_entry(each) for each in some]
    return entries


def _read_together(encoded: Sequence[bytes]) -> list[Entry] | None:
    """Read all at once, or None where one of them has to be looked at by itself."""
    if max(map(len, encoded)) > canonical.LIMIT:
        return None
    # Canonical JSON holds no raw line feed. If writing what was read gives the same bytes, the
    # line feeds are all ours, so each line is one entry and spelled as it must be.
    lines = b"\n".join(encoded) + b"\n"
    try:
        entries: list[Entry] = entry.ENTRY_DECODER.decode_lines(lines)
        if len(entries) != len(encoded) or _ENCODER.encode_lines(entries) != lines:
            return None
        statements = [each.statement for each in entries]
        _check_bodies(statements, encoded, all_plain=canonical.is_plain(lines))
        return entries if _are_right(entries, statements) else None
    except (ValueError, RecursionError, MalformedError):
        return None


def _check_bodies(statements: list[Statement], encoded: Sequence[bytes], *, all_plain: bool) -> None:
    if all_plain:
        for each in statements:
            canonical.check_keys(each.body)
    else:
        for each, data in zip(statements, encoded, strict=True):
            canonical.check_parsed(each.body, data)


def _are_right(entries: list[Entry], statements: list[Statement]) -> bool:
    """Tell whether every field but the bodies is surely right."""
    return (
        _are_times([each.time for each in entries])
        and _are_hex([each.previous for each in entries], 64)
        and _are_hex([each.nonce for each in statements], 32)
        and all(map(statement.KIND.fullmatch, {each.kind for each in statements}))
        and all(map(statement.ORIGIN.fullmatch, {each.log for each in statements}))
        and all(map(statement.SUBJECT.fullmatch, {each.subject for each in statements}))
        and _are_signed(entries)
        and _are_bound(statements)
    )


def _are_hex(texts: list[str], length: int) -> bool:
    return set(map(len, texts)) == {length} and not "".join(texts).encode().translate(None, _HEX)


def _are_times(times: list[str]) -> bool:
    """
    Tell whether these are instants in their one spelling.

    Positions are seen to at once, figures (the 30th of February) one by one.
    """
    if "".join(times).encode().translate(_DIGITS) != _TIME * len(times) or set(map(len, times)) != {len(_TIME)}:
        return False
    for time in times:
        datetime.fromisoformat(time)
    return not any(time[11:13] == "24" for time in times)


def _are_signed(entries: list[Entry]) -> bool:
    """Tell whether each entry has its author's signature, and at most one other in order."""
    names: list[str] = []
    for each in entries:
        signatures = each.signatures
        if len(signatures) == 1:
            if signatures[0].key != each.statement.author:
                return False
            names.append(signatures[0].key)
        elif len(signatures) == 2:  # noqa: PLR2004 -- SPEC 3: one or two
            first, second = signatures[0].key, signatures[1].key
            if first >= second or each.statement.author not in {first, second}:
                return False
            names += (first, second)
        else:
            return False
    # The prefix has one colon and hexadecimal digits; so has each name, if nothing else is left.
    return (
        set(map(len, names)) == {_KEY_LENGTH}
        and {name[: len(_KEY_PREFIX)] for name in names} == {_KEY_PREFIX}
        and "".join(names).encode().translate(None, _HEX) == b":" * len(names)
    )


def _are_bound(statements: list[Statement]) -> bool:
    """Check commitments and seen checkpoints where there are any."""
    for each in statements:
        if each.commitments:
            statement.check_commitments(each.commitments)
        if each.seen is not msgspec.UNSET:
            statement.check_seen(each.seen)
    return True
