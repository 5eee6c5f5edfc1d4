"""
The verdict documents of an opening: what became of each listed envelope, as canonical JSON anyone can derive.

A proposal's verdict is checked by the keepers, who hold the bytes; an offer's by everyone, for its envelope is published.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

import msgspec

from ledger import canonical
from ledger.errors import LedgerError, VerificationError
from ledger.sealing import Pinned, Verdict, Void, open_envelope, open_with_content_key
from portal.procurement.case import Bid, Case
from portal.procurement.events.opening import ContentKeyPublished, KeyReleased, Label, VerdictRow
from portal.procurement.papers import Offer, Proposal, parse_offer, parse_proposal
from portal.procurement.refusal import Refusal

MEDIA_TYPE = "application/json"


def pinned(case: Case, label: Label, log: str) -> Pinned:
    """What the terms pin for a label, as the ledger's sealing takes it."""
    sealing = case.notice.sealing
    return Pinned(
        log=log,
        terms=bytes.fromhex(case.terms),
        label=label,
        size=sealing.proposal_size if label == "proposal" else sealing.offer_size,
        k=sealing.k,
        keepers=tuple(bytes.fromhex(seat.proposal if label == "proposal" else seat.offer) for seat in sealing.seats),
    )


def released_keys(case: Case, label: Label) -> dict[int, bytes]:
    """The released private keys by seat number."""
    keys = {}
    for number, act in case.released.get(label, {}).items():
        if isinstance(act.body, KeyReleased):
            keys[number] = bytes.fromhex(act.body.private)
    return keys


def opening_seats(case: Case, label: Label) -> list[int]:
    """The seats whose keys decide: the k lowest released, or none when bidders had to open their own."""
    released = sorted(case.released.get(label, {}))
    return released[: case.notice.sealing.k] if len(released) >= case.notice.sealing.k else []


def open_one(case: Case, label: Label, log: str, bid: Bid, envelope: bytes) -> Verdict:
    """
    Open one listed envelope with what the record holds: released keys, or the bidder's own content key.

    Void with reason `unopened` when neither suffices; `envelope-other` when the bytes are not the sealed ones.
    """
    sealed = bid.seal.proposal if label == "proposal" else bid.seal.offer
    if sha256(envelope).hexdigest() != sealed:
        return Void("envelope-other")
    terms = pinned(case, label, log)
    key = bytes.fromhex(bid.key)
    if opening_seats(case, label):
        return open_envelope(terms, key, envelope, released_keys(case, label))
    published = case.content_keys.get(label, {}).get(bid.key)
    if published is None or not isinstance(published.body, ContentKeyPublished):
        return Void("unopened")
    try:
        return open_with_content_key(terms, key, envelope, bytes.fromhex(published.body.key))
    except VerificationError as error:
        return Void(error.reason)


def judge_proposal(case: Case, bid: Bid, verdict: Verdict) -> tuple[VerdictRow, Proposal | None]:
    """The row for one proposal; a text that does not parse or hides another lot value is void like a broken envelope."""
    if isinstance(verdict, Void):
        return _void(bid, "proposal", verdict.reason), None
    try:
        proposal = parse_proposal(verdict.text)
    except Refusal as refusal:
        return _void(bid, "proposal", refusal.reason), None
    if sha256(bytes.fromhex(proposal.lot)).hexdigest() != bid.seal.lot:
        return _void(bid, "proposal", "lot-other"), None
    known = {requirement.id for requirement in case.notice.requirements}
    if {answer.requirement for answer in proposal.answers} - known:
        return _void(bid, "proposal", "requirement-unknown"), None
    row = VerdictRow(bid=bid.key, envelope=bid.seal.proposal, verdict="valid", lot=proposal.lot)
    return row, proposal


def judge_offer(bid: Bid, verdict: Verdict) -> tuple[VerdictRow, Offer | None]:
    """The row for one offer; what the offer is worth is decided afterwards, in `portal.procurement.offers`."""
    if isinstance(verdict, Void):
        return _void(bid, "offer", verdict.reason), None
    try:
        offer = parse_offer(verdict.text)
    except Refusal as refusal:
        return _void(bid, "offer", refusal.reason), None
    return VerdictRow(bid=bid.key, envelope=bid.seal.offer, verdict="valid", decoy=offer.decoy), offer


def _void(bid: Bid, label: Literal["proposal", "offer"], reason: str) -> VerdictRow:
    sealed = bid.seal.proposal if label == "proposal" else bid.seal.offer
    return VerdictRow(bid=bid.key, envelope=sealed, verdict="void", reason=reason)


def encode_verdicts(rows: list[VerdictRow]) -> bytes:
    """The verdict document, in the order of the list at close."""
    return canonical.encode([msgspec.to_builtins(row) for row in rows])


def parse_verdicts(data: bytes) -> list[VerdictRow]:
    """Read a verdict document; `verdicts-malformed` when it is not one."""
    try:
        return msgspec.convert(canonical.decode(data, limit=len(data) + 1), list[VerdictRow], strict=True)
    except (LedgerError, msgspec.ValidationError) as error:
        raise Refusal("verdicts-malformed", {"where": str(error)}) from error


def lots_of(rows: list[VerdictRow]) -> Mapping[str, str]:
    """The revealed lot values of valid proposals, by bid key."""
    return {row.bid: row.lot for row in rows if row.verdict == "valid" and row.lot}
