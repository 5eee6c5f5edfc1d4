"""
Register a keeper's pack of keys: the operator challenges every key, the keeper answers, both sign.

The private keys never come here. A drill share opens under its own label only, so that a share of a bid handed over as a
drill stays closed (sealing.md flaw 3).
"""

from hashlib import sha256
from secrets import token_bytes
from typing import NamedTuple

from ledger.entry import Signed, add_signature
from ledger.errors import LedgerError
from ledger.sealing import KeeperPack, answer_drill, drill_challenge
from portal.commands.office import Office
from portal.commands.perform import Done, perform
from portal.procurement.act import read_body
from portal.procurement.events.party import KeeperPackRegistered, PackKey
from portal.procurement.refusal import Refusal


class Drill(NamedTuple):
    """One challenge for each key, proposal before offer; the secrets stay with the operator until they are answered."""

    shares: list[bytes]
    secrets: list[bytes]


def start_drill(keys: list[PackKey]) -> Drill:
    """
    Challenge every key of a pack.

    Raises:
        Refusal: With the ledger's reason for a key that nobody may register.
    """
    secrets = [token_bytes(32) for _ in range(2 * len(keys))]
    publics = [public for pair in keys for public in (pair.proposal, pair.offer)]
    try:
        shares = [
            drill_challenge(bytes.fromhex(public), secret, token_bytes(32))
            for public, secret in zip(publics, secrets, strict=True)
        ]
    except LedgerError as error:
        raise Refusal(error.reason, {"detail": error.detail}) from error
    return Drill(shares, secrets)


def answer_pack(pack: KeeperPack, shares: list[bytes]) -> list[bytes]:
    """The keeper's side: open each share with its key. Runs on the keeper's own machine."""
    privates = [private for pair in pack.privates for private in (pair["proposal"], pair["offer"])]
    return [answer_drill(private, share) for private, share in zip(privates, shares, strict=True)]


def drill_digest(answers: list[bytes]) -> str:
    """SHA-256 (hex) over the answers in order: what the entry states."""
    return sha256(b"".join(answers)).hexdigest()


def finish_drill(office: Office, drill: Drill, signed: Signed, answers: list[bytes]) -> Done:
    """
    Register the pack: the keeper has signed, the operator signs as a witness of the drill.

    Raises:
        Refusal: `drill-failed` when an answer is not the secret that was sealed; else as `perform`.
    """
    body = read_body(signed.statement.kind, signed.statement.body)
    if not isinstance(body, KeeperPackRegistered):
        raise Refusal("kind-unexpected", {"kind": signed.statement.kind})
    if answers != drill.secrets or body.drill != drill_digest(answers):
        raise Refusal("drill-failed", {"keys": len(body.keys)}, fix="Make a new pack; one of its keys cannot be used.")
    return perform(office, add_signature(signed, office.operator))
