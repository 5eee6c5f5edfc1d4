"""What a bidder, or who asks a question, signs on a device of her own and sends without saying who she is."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.entry import Signed
from ledger.sealing import content_key
from portal.commands.perform import Done, perform
from portal.commands.submit_bid import submit_bid, withdraw_bid
from portal.procurement.events import bid, opening
from portal.procurement.verdicts import pinned
from tests.portal.stations import FIRST, SECOND, confirmation, objection, own_version
from tests.portal.town import PILOT, Town, key_of, master_of


class Letter(NamedTuple):
    """What is sent: the signed statement, and the two envelopes of a bid."""

    signed: Signed
    proposal: bytes = b""
    offer: bytes = b""


def _sealed(town: Town, name: str, kind: str, **more: str) -> Letter:
    proposal, offer = town.envelopes(name, proposal={"approach": f"An approach for {kind}."})
    fields = {
        "terms": town.case().terms,
        "proposal": sha256(proposal).hexdigest(),
        "offer": sha256(offer).hexdigest(),
        "lot": master_of(name).lot_commitment.hex(),
    }
    body = bid.BidReplaced(**fields, **more) if more else bid.BidSealed(**fields)
    return Letter(town.signed(kind, PILOT, body, author=master_of(name).signing_key), proposal, offer)


def _content_key(town: Town) -> Letter:
    label: Any = "offer" if town.case().proposals_opened is not None else "proposal"
    terms = pinned(town.case(), label, town.office.origin)
    key = content_key(terms, master_of(FIRST), town.texts.get((FIRST, label), b""))
    return _by_bid_key(town, FIRST, "content-key-published", opening.ContentKeyPublished(label=label, key=key.hex()))


def _by_bid_key(town: Town, name: str, kind: str, body: Any) -> Letter:
    return Letter(town.signed(kind, PILOT, body, author=master_of(name).signing_key))


def _withdrawal(town: Town) -> Letter:
    body = bid.BidWithdrawn(terms=town.case().terms, bid=own_version(town, FIRST))
    return _by_bid_key(town, FIRST, "bid-withdrawn", body)


def _question(town: Town) -> Letter:
    return Letter(town.signed("question-asked", PILOT, bid.QuestionAsked(text="How many?"), author=key_of("asker-2")))


LETTERS: dict[str, Callable[[Town], Letter]] = {
    "question-asked": _question,
    "bid-sealed": lambda town: _sealed(town, "creek", "bid-sealed"),
    "bid-replaced": lambda town: _sealed(town, FIRST, "bid-replaced", replaces=own_version(town, FIRST)),
    "bid-withdrawn": _withdrawal,
    "bid-confirmed": lambda town: _by_bid_key(town, FIRST, "bid-confirmed", confirmation(town, FIRST)),
    "objection-filed": lambda town: _by_bid_key(town, SECOND, "objection-filed", objection(town, SECOND)),
    "content-key-published": _content_key,
}
"""By kind of act, what is sent; made for the state that the town is in, so that only the state can be wrong."""


def send(town: Town, kind: str) -> Done:
    """Send it past the web, straight to the command."""
    letter = LETTERS[kind](town)
    if letter.offer:
        return submit_bid(town.office, letter.signed, letter.proposal, letter.offer)
    if kind == "bid-withdrawn":
        return withdraw_bid(town.office, letter.signed)
    return perform(town.office, letter.signed)
