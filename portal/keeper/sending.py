"""
Sends what was signed: noted first, so that after a broken line the same statement goes again and no second one is made.

A released key that left once has left. From the note the tool knows it, even where nobody answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ledger import canonical
from ledger.entry import parse_signed
from portal.keeper.looking import sent_name

if TYPE_CHECKING:
    from ledger.entry import Signed
    from portal.keeper.looking import Tool


def sent_before(tool: Tool, kind: str, opportunity: str, label: str) -> Signed | None:
    """The statement that was signed for this before."""
    kept = tool.home.notes().sent.get(sent_name(kind, opportunity, label))
    return None if kept is None else parse_signed(kept.encode())


def send(tool: Tool, signed: Signed, label: str) -> str:
    """Note a statement, then hand it in; tells where it stands now."""
    notes = tool.home.notes()
    name = sent_name(signed.statement.kind, signed.statement.subject, label)
    notes.sent[name] = canonical.encode(msgspec.to_builtins(signed)).decode()
    tool.home.note(notes)
    return tool.portal.send(signed)
