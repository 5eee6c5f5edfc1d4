"""
The bidder's side of a bid: from what she wrote to two envelopes and the body that names them.

Runs wherever the bidder is; the master and the texts stay there.
"""

from hashlib import sha256

from msgspec import Struct

from ledger.keys import SigningKey
from ledger.sealing import BidMaster, seal
from portal.procurement.case import Case
from portal.procurement.events.bid import BidConfirmed, BidReplaced, BidSealed, BidWithdrawn
from portal.procurement.events.opening import Declarations
from portal.procurement.papers import Offer, Proposal, encode_paper, sign_offer
from portal.procurement.refusal import Refusal
from portal.procurement.verdicts import pinned


class OfferDraft(Struct, frozen=True, kw_only=True):
    """
    What a firm says in its offer; notice, bid key, proposal and signature are added when it is sealed.

    `salt` is 32 bytes in hex: with it nobody can guess the offer's unprinted fields from their root. `addenda` are the
    leaf hashes of those the bidder has read.
    """

    firm: str
    name: str
    price_minor: int
    milestone_prices: list[int] = []
    currency: str
    declarations: Declarations
    contact: str
    salt: str
    addenda: list[str]
    decoy: bool = False


class SealedBid(Struct, frozen=True, kw_only=True):
    """The two envelopes, and what the bid entry says of them."""

    proposal: bytes
    offer: bytes
    body: BidSealed | BidReplaced

    @property
    def kind(self) -> str:
        """The kind of the entry: a first bid or a replacement."""
        return "bid-sealed" if isinstance(self.body, BidSealed) else "bid-replaced"


def seal_bid(
    case: Case, origin: str, master: BidMaster, proposal: Proposal, draft: OfferDraft, *, firm: SigningKey
) -> SealedBid:
    """
    Seal both halves; where this master's bid stands already, as its replacement.

    Raises:
        MalformedError: `text-too-long` when a half does not fit its envelope.
    """
    first = seal(pinned(case, "proposal", origin), master, encode_paper(proposal))
    offer = Offer(
        firm=draft.firm,
        name=draft.name,
        price_minor=draft.price_minor,
        milestone_prices=draft.milestone_prices,
        currency=draft.currency,
        declarations=draft.declarations,
        terms=case.terms,
        addenda=draft.addenda,
        bid=master.signing_key.public.hex(),
        proposal=sha256(first).hexdigest(),
        decoy=draft.decoy,
        contact=draft.contact,
        salt=draft.salt,
        key=firm.key_id,
        signature="",
    )
    second = seal(pinned(case, "offer", origin), master, encode_paper(sign_offer(offer, firm)))
    return SealedBid(proposal=first, offer=second, body=_body(case, master, first, second))


def _body(case: Case, master: BidMaster, first: bytes, second: bytes) -> BidSealed | BidReplaced:
    fields = {
        "terms": case.terms,
        "proposal": sha256(first).hexdigest(),
        "offer": sha256(second).hexdigest(),
        "lot": master.lot_commitment.hex(),
    }
    standing = case.bids.get(master.signing_key.public.hex())
    if standing is None:
        return BidSealed(**fields)
    return BidReplaced(**fields, replaces=standing.current.statement_hash)


def withdrawal(case: Case, master: BidMaster) -> BidWithdrawn:
    """The body that withdraws this master's bid; `bid-unknown` when it has none here."""
    return BidWithdrawn(terms=case.terms, bid=_standing(case, master))


def confirmations(case: Case, master: BidMaster) -> list[BidConfirmed]:
    """One body for each material addendum that this master's bid has not confirmed yet."""
    statement = _standing(case, master)
    waiting = case.unconfirmed(case.bids[master.signing_key.public.hex()])
    return [BidConfirmed(terms=case.terms, addendum=act.leaf_hash, bid=statement) for act in waiting]


def _standing(case: Case, master: BidMaster) -> str:
    bid = case.bids.get(master.signing_key.public.hex())
    if bid is None:
        raise Refusal("bid-unknown", {"bid": master.signing_key.public.hex()})
    return bid.current.statement_hash
