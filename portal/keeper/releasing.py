"""
Release a key: after the record, the clock, the list and every sealed bid were checked here, and not before.

The order is the protocol's (sealing.md 14, 15). The key is taken from the ring last, is sent in one statement, and what was
signed is noted before it is sent: when the line breaks, the same statement is sent again and no second one is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.entry import format_time
from ledger.sealing import envelope_hash
from portal.keeper.looking import (
    act_of_statement,
    check_keeper,
    look,
    may_release,
    public_key,
    seat_in,
    sign_statement,
)
from portal.keeper.sending import send, sent_before
from portal.procurement.decisions import decide
from portal.procurement.drills import Asked
from portal.procurement.events.opening import KeyReleased, Label
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from portal.keeper.looking import Tool, View
    from portal.procurement.case import Case

KIND = "keeper-key-released"


class Released(NamedTuple):
    """What became of a release: how many envelopes are kept, and where the statement stands."""

    kept: int
    where: str


def release(tool: Tool, opportunity: str, label: Label) -> Released:
    """
    Check everything, keep every envelope, sign, send.

    Raises:
        LedgerError: The record cannot be had, does not verify, or does not begin with the copy made before.
        Refusal: `record-false`, `record-differs`, `terms-changed`, `key-early`, `not-closed`, `close-list`,
            `scores-not-shown` …; `envelope-missing` with the names of all that are missing. No key has left the ring then.
        VerificationError: `key-not-in-ring`.
    """
    view = look(tool)
    check_keeper(tool, view)
    case, seat, _ = seat_in(view, opportunity, tool.ring.keeper)
    again = sent_before(tool, KIND, opportunity, label)
    if again is not None:
        tool.tell("keeper.told.again")
        return Released(0, tool.portal.send(again))
    may_release(tool, view, case, label)
    tool.tell("keeper.told.time", until=case.objection_until, now=view.at)
    tool.tell("keeper.told.list", n=len(case.listed_bids()))
    kept = fetch_envelopes(tool, view, case)
    tool.tell("keeper.told.kept", n=kept)
    private = tool.ring.private_of(seat.proposal, seat.offer, label)
    body = KeyReleased(keeper=tool.ring.keeper, label=label, private=private.hex())
    signed = sign_statement(tool, view, KIND, opportunity, body)
    decide(view.record, act_of_statement(signed, view.at))
    tool.tell("keeper.told.signed", key=public_key(seat, label))
    return Released(kept, send(tool, signed, label))


def fetch_envelopes(tool: Tool, view: View, case: Case) -> int:
    """
    Fetch, hash and keep both envelopes of every listed bid; those that are kept already are not asked for.

    Raises:
        Refusal: `envelope-missing`, naming every one that is not to be had.
    """
    names = [name for bid in case.listed_bids() for name in (bid.seal.proposal, bid.seal.offer)]
    missing = []
    for number, name in enumerate(names, 1):
        if tool.home.kept(case.id, name) is not None:
            continue
        asked = Asked(
            at=format_time(tool.clock.now()),
            envelope=name,
            keeper=tool.ring.keeper,
            log=view.copy.checkpoint.origin,
            opportunity=case.id,
        )
        data = tool.portal.envelope(asked, tool.ring.key)
        if data is None or envelope_hash(data).hex() != name:
            missing.append(name)
            continue
        tool.home.keep(case.id, data)
        tool.tell("keeper.told.fetched", number=number, n=len(names))
    if missing:
        raise Refusal("envelope-missing", {"n": len(missing), "sha256": ", ".join(missing)})
    return len(names)


def supply(tool: Tool, opportunity: str, envelope: bytes) -> str:
    """
    Take in the bytes of a listed envelope that somebody else had, and give them to the portal, which has lost them.

    Returns:
        Their SHA-256 (hex).

    Raises:
        Refusal: `envelope-unlisted` when no listed bid has this fingerprint.
    """
    case, _, _ = seat_in(look(tool), opportunity, tool.ring.keeper)
    name = envelope_hash(envelope).hex()
    if name not in {each for bid in case.listed_bids() for each in (bid.seal.proposal, bid.seal.offer)}:
        raise Refusal("envelope-unlisted", {"sha256": name})
    tool.home.keep(opportunity, envelope)
    tool.portal.supply(opportunity, envelope)
    return name
