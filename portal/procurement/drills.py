"""
What a keeper and the operator say to each other beside the record: a drill of new keys, and asking for sealed bids.

Both sides compute it, so it stands here; neither is an act. What is signed for asking begins with words of its own, so that
no statement can be made of it and it cannot be made of a statement.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from ledger import canonical
from ledger.errors import LedgerError
from ledger.keys import SigningKey, verify_signature
from ledger.sealing import check_drill_proof, prove_drill
from portal.procurement.events import Hex32, Instant
from portal.procurement.events.party import KeeperPackRegistered, PackKey, PackProof
from portal.procurement.refusal import Refusal

LASTS: Final = timedelta(minutes=10)
"""How long a drill may take, and how far two clocks may be apart when sealed bids are asked for."""

_ASKS: Final = b"daylight-keeper-asks-v1\x00"


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A seated keeper asks for the bytes of one listed envelope, after the close.

    Only keepers get them: once keys are out an envelope can be read, and proposals that lose are nobody else's business.
    """

    at: Instant
    envelope: Hex32
    keeper: str
    log: str
    opportunity: str


def drilled(keys: Sequence[PackKey]) -> list[str]:
    """The public keys in the order of a drill: of each pair the proposal's, then the offer's."""
    return [public for pair in keys for public in (pair.proposal, pair.offer)]


def drill_digest(answers: Sequence[bytes]) -> str:
    """SHA-256 (hex) over the answers in order: what the entry states."""
    return sha256(b"".join(answers)).hexdigest()


def prove(privates: Sequence[bytes], signer: str) -> list[PackProof]:
    """
    What goes into the entry so that everybody can check that the secrets were held.

    Args:
        privates: In the order of `drilled`.
        signer: The key id that signs the entry for the keeper.
    """
    proofs = [prove_drill(private, signer).hex() for private in privates]
    return [
        PackProof(proposal=proposal, offer=offer) for proposal, offer in zip(proofs[::2], proofs[1::2], strict=True)
    ]


def check_proofs(body: KeeperPackRegistered, signer: str) -> None:
    """
    Make sure that whoever registered these keys held the secret of each.

    Raises:
        Refusal: `drill-proof-count` unless there is a proof for each pair; `drill-proof` with the key it does not hold for.
    """
    if len(body.proofs) != len(body.keys):
        raise Refusal("drill-proof-count", {"proofs": len(body.proofs), "keys": len(body.keys)})
    for pair, proof in zip(body.keys, body.proofs, strict=True):
        for public, given in ((pair.proposal, proof.proposal), (pair.offer, proof.offer)):
            try:
                check_drill_proof(bytes.fromhex(public), signer, bytes.fromhex(given))
            except LedgerError as error:
                raise Refusal(error.reason, {"key": public}) from error


def sign_asked(asked: Asked, key: SigningKey) -> bytes:
    """The keeper's signature on what she asks for."""
    return key.sign(_message(asked))


def check_asked(asked: Asked, key: str, signature: bytes) -> None:
    """
    Make sure that the owner of a key asks for this.

    Raises:
        MalformedError: `key-id` or `key-public`.
        VerificationError: `signature`.
    """
    verify_signature(key, _message(asked), signature)


def _message(asked: Asked) -> bytes:
    return _ASKS + canonical.encode(msgspec.to_builtins(asked))
