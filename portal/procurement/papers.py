"""
What lies inside the two envelopes of a bid: the anonymous proposal and the offer that names the firm.

Both are canonical JSON, so that one bid has one spelling. The firm signs its offer: the signature covers the notice, the
addenda it has seen, the bid key, the proposal's envelope, the price and the declarations (sealing.md 8).
"""

import base64
from hashlib import sha256
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ledger import canonical
from ledger.errors import LedgerError
from ledger.keykinds import is_passkey, verify_bytes
from ledger.keys import SigningKey
from ledger.passkeys import Assertion, RelyingParty, challenge_of, verify_assertion
from portal.procurement.events import Currency, Hex32, KeyId, Name
from portal.procurement.events.opening import Declarations
from portal.procurement.refusal import Refusal

_OFFER_DOMAIN = b"daylight-offer-v1\x00"
_REST_DOMAIN = b"daylight-offer-rest-v1\x00"
MAX_WORDS = 100
_Paper = TypeVar("_Paper", bound=Struct)


class Answer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the bidder says to one requirement, in at most 100 words."""

    requirement: str
    words: Annotated[str, Meta(min_length=1, max_length=1200)]


class Proposal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The anonymous half: answers, approach, team by role. `lot` is the value whose SHA-256 the bid entry committed."""

    answers: Annotated[list[Answer], Meta(max_length=20)]
    approach: Annotated[str, Meta(max_length=4000)]
    team: Annotated[str, Meta(max_length=1200)]
    learner_places: Annotated[int, Meta(ge=0, le=50)]
    lot: Hex32


class Offer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """
    The half that names: firm, price, declarations, and the firm's signature over all of it.

    `milestone_prices` is the price of each part of the notice, in its order, where bidders name prices; an offer without
    them takes the notice's shares, and is written without the field. `assertion` is there for a passkey and for no other
    key: what the firm's device said when it signed, verbatim.
    """

    firm: str
    name: Name
    price_minor: int
    milestone_prices: Annotated[list[int], Meta(max_length=12)] = []
    currency: Currency
    declarations: Declarations
    terms: Hex32
    addenda: list[Hex32]
    bid: Hex32
    proposal: Hex32
    decoy: bool
    contact: Annotated[str, Meta(max_length=300)]
    salt: Hex32
    key: KeyId
    signature: str
    assertion: Assertion | UnsetType = UNSET


def encode_paper(paper: Proposal | Offer) -> bytes:
    """The canonical bytes that are sealed."""
    return canonical.encode(msgspec.to_builtins(paper))


def parse_proposal(text: bytes) -> Proposal:
    """Read an opened proposal; `proposal-malformed` makes the bid void."""
    return _parse(text, Proposal, "proposal-malformed")


def parse_offer(text: bytes) -> Offer:
    """Read an opened offer; `offer-malformed` makes the bid void."""
    return _parse(text, Offer, "offer-malformed")


def _parse(text: bytes, shape: type[_Paper], reason: str) -> _Paper:
    try:
        return msgspec.convert(canonical.decode(text), shape, strict=True)
    except (LedgerError, msgspec.ValidationError) as error:
        raise Refusal(reason, {"where": str(error)}) from error


def _signed_bytes(offer: Offer) -> bytes:
    plain = msgspec.to_builtins(offer)
    plain.pop("signature")
    plain.pop("assertion", None)
    return _OFFER_DOMAIN + canonical.encode(plain)


def sign_offer(offer: Offer, key: SigningKey) -> Offer:
    """The offer with the firm's signature in it."""
    named = msgspec.structs.replace(offer, key=key.key_id, signature="")
    signature = base64.b64encode(key.sign(_signed_bytes(named))).decode()
    return msgspec.structs.replace(named, signature=signature)


def offer_challenge(offer: Offer) -> bytes:
    """The 32 bytes that a firm's passkey is asked to sign for its offer."""
    return challenge_of(_signed_bytes(offer))


def check_offer_signature(offer: Offer, party: RelyingParty | None) -> None:
    """
    Verify the firm's signature; `offer-signature` when it is not by the key that the offer names.

    Args:
        party: By which a passkey is judged: what the record stated before the bid came in.
    """
    try:
        signature = base64.b64decode(offer.signature, validate=True)
        if isinstance(offer.assertion, Assertion):
            verify_assertion(offer.key, _signed_bytes(offer), signature, offer.assertion, party)
        elif is_passkey(offer.key):
            raise Refusal("offer-signature", {"firm": offer.firm})
        else:
            verify_bytes(offer.key, _signed_bytes(offer), signature)
    except (LedgerError, ValueError) as error:
        raise Refusal("offer-signature", {"firm": offer.firm}) from error


def rest_root(offer: Offer) -> str:
    """
    SHA-256 over the fields that `bid-opened` does not repeat, salted by the offer's own salt.

    The chain itself then holds all of the offer, though the contact is not printed in it.
    """
    shown = {"firm", "name", "price_minor", "milestone_prices", "currency", "declarations", "bid"}
    plain = {k: v for k, v in msgspec.to_builtins(offer).items() if k not in shown}
    return sha256(_REST_DOMAIN + canonical.encode(plain)).hexdigest()
