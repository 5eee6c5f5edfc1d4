"""
Confirm an opening: derive every verdict from the kept envelopes and the released keys, compare, and only then sign.

Proposals that lose are nobody else's business and are not published. Hence the keepers, who hold every sealed byte, are the
only ones outside the portal who can tell whether it said the truth about them (sealing.md 16).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from portal.keeper.looking import (
    act_of_statement,
    check_keeper,
    look,
    refuse_differences,
    seat_in,
    sign_statement,
)
from portal.keeper.releasing import fetch_envelopes
from portal.keeper.sending import send, sent_before
from portal.procurement.case import fold_case
from portal.procurement.decisions import decide
from portal.procurement.events.opening import Label, OpeningConfirmed, VerdictRow
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import encode_verdicts, judge_offer, judge_proposal, open_one, parse_verdicts

if TYPE_CHECKING:
    from portal.keeper.looking import Tool, View
    from portal.procurement.case import Case

KIND = "opening-confirmed"


class Confirmed(NamedTuple):
    """How many verdicts were derived and equal, and where the statement stands."""

    verdicts: int
    where: str


def confirm(tool: Tool, opportunity: str, label: Label) -> Confirmed:
    """
    Derive, compare, sign, send.

    Raises:
        Refusal: `not-opened`, `envelope-missing`, or `verdicts-differ` with the first bid about which the portal says
            something else. Nothing is signed then.
        LedgerError: As `look`.
    """
    view = look(tool)
    check_keeper(tool, view)
    case, _, _ = seat_in(view, opportunity, tool.ring.keeper)
    refuse_differences(view, case)
    opened = case.proposals_opened if label == "proposal" else case.offers_opened
    if opened is None:
        raise Refusal("not-opened", {"label": label})
    again = sent_before(tool, KIND, opportunity, label)
    if again is not None:
        tool.tell("keeper.told.again")
        return Confirmed(0, tool.portal.send(again))
    fetch_envelopes(tool, view, case)
    then = fold_case(act for act in case.acts if act.index < opened.act.index)
    derived = _derive(tool, view, then or case, label)
    if sha256(encode_verdicts(derived)).hexdigest() != opened.document:
        raise Refusal("verdicts-differ", {"bid": _first_other(view, opened.document, derived), "n": len(derived)})
    tool.tell("keeper.told.derived", n=len(derived))
    body = OpeningConfirmed(keeper=tool.ring.keeper, label=label, verdicts=opened.document)
    signed = sign_statement(tool, view, KIND, opportunity, body)
    decide(view.record, act_of_statement(signed, view.at))
    return Confirmed(len(derived), send(tool, signed, label))


def _derive(tool: Tool, view: View, case: Case, label: Label) -> list[VerdictRow]:
    """What becomes of each listed envelope, from the bytes she keeps and the keys that were out at the opening."""
    rows = []
    for bid in case.listed_bids():
        envelope = tool.home.kept(case.id, bid.seal.proposal if label == "proposal" else bid.seal.offer)
        if envelope is None:
            raise Refusal("envelope-missing", {"n": 1, "sha256": bid.key})
        verdict = open_one(case, label, view.copy.checkpoint.origin, bid, envelope)
        rows.append(judge_proposal(case, bid, verdict)[0] if label == "proposal" else judge_offer(bid, verdict)[0])
    return rows


def _first_other(view: View, document: str, derived: list[VerdictRow]) -> str:
    """The first bid about which the published verdicts and the derived ones differ."""
    stated = parse_verdicts(view.record.document(document) or b"")
    for mine, theirs in zip(derived, stated, strict=False):
        if mine != theirs:
            return mine.bid
    return "-"
