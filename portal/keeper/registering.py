"""
Register the next keys of the ring: the portal challenges each, the tool opens the challenges, keeper and operator sign.

A share is opened under the label of a drill and under no other (`ledger.keeperkey`). So a share of a bid, handed over as a
drill, stays shut, and nothing is answered at all then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from ledger.sealing import answer_drill
from portal.keeper.looking import act_of_statement, check_keeper, look, sign_statement
from portal.procurement.drills import drill_digest, prove
from portal.procurement.events.party import KeeperPackRegistered
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from portal.keeper.looking import Tool, View
    from portal.keeper.ring import Ring

NOTICES = 30
REMIND = 5
"""Fewer keys left than this, and a keeper is reminded."""


def registered_keys(view: View, keeper: str) -> set[str]:
    """Every proposal key that the record holds of this keeper."""
    found = view.record.keeper(keeper)
    return set() if found is None else {pair.proposal for pair in found.keys}


def keys_left(view: View, keeper: str) -> int:
    """How many registered pairs no notice has taken yet."""
    return len(registered_keys(view, keeper) - view.record.keeper_keys_used(keeper))


def register(tool: Tool, notices: int = NOTICES) -> tuple[Ring, str]:
    """
    Have the next keys of the ring drilled, and register them.

    Returns:
        The ring, which counts them as made from now on, and where the statement stands. The caller saves the ring.

    Raises:
        Refusal: `drill-shares` when the challenge is not one share for each key; `drill-not-ours` when a share does not
            open as a drill, with its number: it may be a share of a bid. Nothing is answered then. Else as `look`.
    """
    view = look(tool)
    check_keeper(tool, view)
    ring, known = tool.ring, registered_keys(view, tool.ring.keeper)
    keys = ring.next_keys(known, notices)
    challenge = tool.portal.drill(ring.keeper, keys)
    privates = ring.privates_of(keys)
    if len(challenge.shares) != len(privates):
        raise Refusal("drill-shares", {"shares": len(challenge.shares), "keys": len(privates)})
    answers = []
    for number, (private, share) in enumerate(zip(privates, challenge.shares, strict=True), 1):
        try:
            answers.append(answer_drill(private, share))
        except LedgerError as error:
            raise Refusal("drill-not-ours", {"number": number, "detail": error.reason}) from error
    tool.tell("keeper.told.drilled", n=len(answers))
    body = KeeperPackRegistered(keys=keys, drill=drill_digest(answers), proofs=prove(privates, ring.key.key_id))
    signed = sign_statement(tool, view, "keeper-pack-registered", ring.keeper, body)
    act_of_statement(signed, view.at)
    where = tool.portal.register(signed, challenge, answers)
    return ring.registered(known | {pair.proposal for pair in keys}), where
