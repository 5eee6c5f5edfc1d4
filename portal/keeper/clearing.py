"""
Delete what a finished pilot leaves with a keeper: the sealed bids, and the keys that open them.

Envelopes go at once. Keys go in the order in which they were made, for only so are they gone for good: those of a pilot
wait until no older one needs its own (`Ring.without`). Paper and backup files made before still hold them, and the keeper
is told so.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from portal.keeper.looking import FINAL, look, seat_in, seats
from portal.procurement.refusal import Refusal
from portal.procurement.stage import stage

if TYPE_CHECKING:
    from portal.keeper.looking import Tool, View
    from portal.keeper.ring import Ring


class Cleared(NamedTuple):
    """How many envelopes went, how many pairs of keys, and the ring that is left; the caller saves it."""

    envelopes: int
    pairs: int
    ring: Ring


def over(view: View, keeper: str) -> list[str]:
    """The pilots of this keeper in which nothing can be opened any more."""
    return [case.id for case, _, _ in seats(view, keeper) if stage(case, view.at) in FINAL]


def clear(tool: Tool, opportunity: str) -> Cleared:
    """
    Delete the envelopes of a pilot that is over, and every pair of keys that nothing needs any more.

    Raises:
        Refusal: `pilot-running` while bids of it may still be opened or challenged; else as `look`.
    """
    view = look(tool)
    case, _, _ = seat_in(view, opportunity, tool.ring.keeper)
    now = stage(case, view.at)
    if now not in FINAL:
        raise Refusal("pilot-running", {"opportunity": opportunity, "stage": now})
    notes = tool.home.notes()
    if opportunity not in notes.over:
        notes.over.append(opportunity)
        tool.home.note(notes)
    folder = tool.home.envelopes(opportunity)
    envelopes = sum(1 for path in folder.iterdir() if path.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    ring, pairs = tool.ring, 0
    for _, seat, _ in (row for row in seats(view, ring.keeper) if row[0].id in notes.over):
        shorter = ring.without(seat.proposal)
        if shorter is not None:
            ring, pairs = shorter, pairs + 1
    return Cleared(envelopes, pairs, ring)
