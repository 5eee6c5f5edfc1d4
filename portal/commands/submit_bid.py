"""Take a sealed bid in: check the envelopes against what was signed, store them, append; and what ends a bid's bytes."""

import threading
from hashlib import sha256

from ledger.entry import Signed, VerifiedStatement, verify_signed
from ledger.errors import LedgerError
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform, refuse_unless
from portal.procurement.act import read_body
from portal.procurement.case import bid_key
from portal.procurement.decisions.bidding import one_time
from portal.procurement.decisions.lookups import running, the_case
from portal.procurement.events.bid import BidReplaced, BidSealed, BidWithdrawn
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import pinned

_DOORS = tuple(threading.Lock() for _ in range(64))
"""One submission of a bid at a time, by its key: a device that sends twice must not lose what it sent first."""


def submit_bid(office: Office, signed: Signed, proposal: bytes, offer: bytes) -> Done:
    """
    Submit a first bid or a replacement.

    The envelopes are flushed to disk before the entry exists. When the act is refused they are deleted again; when a
    replacement is accepted, the bytes it replaces are deleted at once (sealing.md flaw 13).

    Raises:
        Refusal: `envelope-hash` or `envelope-size` before anything is stored; else as `perform`.
    """
    verified = verify_signed(signed)
    body = read_body(verified.statement.kind, verified.statement.body)
    if not isinstance(body, BidSealed | BidReplaced):
        raise Refusal("kind-unexpected", {"kind": verified.statement.kind})
    one_time(verified.statement.author)
    with _DOORS[int(bid_key(verified.statement.author)[:2], 16) % len(_DOORS)]:
        return _submit(office, verified, body, proposal, offer)


def _submit(
    office: Office, verified: VerifiedStatement, body: BidSealed | BidReplaced, proposal: bytes, offer: bytes
) -> Done:
    author, subject = bid_key(verified.statement.author), verified.statement.subject
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), subject)
    for envelope, stated, label in ((proposal, body.proposal, "proposal"), (offer, body.offer, "offer")):
        refuse_unless(sha256(envelope).hexdigest() == stated, "envelope-hash", label=label)
        wanted = pinned(case, "proposal" if label == "proposal" else "offer", office.origin).envelope_length
        refuse_unless(len(envelope) == wanted, "envelope-size", label=label, expected=wanted, given=len(envelope))
    before = case.bids.get(author)
    held = [name for name in (body.proposal, body.offer) if office.vault.envelope(name) is None]
    office.vault.put_envelope(proposal)
    office.vault.put_envelope(offer)
    try:
        done = perform(office, verified.signed)
    except (Refusal, LedgerError):
        for name in held:
            office.vault.delete_envelope(name)
        raise
    if before is not None:
        office.vault.delete_envelope(before.seal.proposal)
        office.vault.delete_envelope(before.seal.offer)
    return done


def withdraw_bid(office: Office, signed: Signed) -> Done:
    """Withdraw a bid by its own key, and delete its envelopes at once."""
    verified = verify_signed(signed)
    if not isinstance(read_body(verified.statement.kind, verified.statement.body), BidWithdrawn):
        raise Refusal("kind-unexpected", {"kind": verified.statement.kind})
    done = perform(office, signed)
    with office.store.reading() as connection:
        case = the_case(Library(office.store, connection), verified.statement.subject)
    for version in case.bids[bid_key(verified.statement.author)].versions:
        if isinstance(version.body, BidSealed | BidReplaced):
            office.vault.delete_envelope(version.body.proposal)
            office.vault.delete_envelope(version.body.offer)
    return done


def supply_envelope(office: Office, opportunity: str, envelope: bytes) -> None:
    """
    Put back the bytes of a listed envelope that the portal has lost; anyone may (sealing.md 14).

    Raises:
        Refusal: `envelope-unlisted` when no listed bid has this fingerprint, `procedure-ended` when nobody needs it any more.
    """
    with office.store.reading() as connection:
        case = running(the_case(Library(office.store, connection), opportunity))
    listed = {name for bid in case.listed_bids() for name in (bid.seal.proposal, bid.seal.offer)}
    refuse_unless(sha256(envelope).hexdigest() in listed, "envelope-unlisted", sha256=sha256(envelope).hexdigest())
    office.vault.put_envelope(envelope)
