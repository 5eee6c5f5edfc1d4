"""
Register a keeper's pack of keys: the operator challenges every key, the keeper answers, both sign.

1. The private keys never come here. A drill share opens under its own label only, so that a share of a bid handed over as a
   drill stays closed (sealing.md flaw 3).
2. The answers convince the operator alone, who knew them. So each key also signs for itself, and those proofs stand in the
   entry (`ledger.drillproof`): everybody checks them without having asked anything.
3. Nothing is kept between challenge and answer: the secrets follow from the operator's own secret and from what was asked.
   Hence nobody can fill a store by asking, and any process of the portal can take the answers.
4. A drill lasts ten minutes. A key that was drilled and registered is never drilled again.
"""

from hashlib import sha256
from secrets import token_hex
from typing import NamedTuple

from ledger import canonical
from ledger.entry import Signed, add_signature, format_time, parse_time
from ledger.errors import LedgerError
from ledger.hkdf import expand, extract
from ledger.sealing import drill_challenge
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform
from portal.procurement.act import read_body
from portal.procurement.decisions.lookups import the_keeper
from portal.procurement.drills import LASTS, drill_digest, drilled
from portal.procurement.events.party import KeeperPackRegistered, PackKey
from portal.procurement.refusal import Refusal


class Drill(NamedTuple):
    """What is sent to the keeper: a share for each key, and what she sends back with the answers."""

    nonce: str
    at: str
    shares: list[bytes]


def start_drill(office: Office, keeper: str, keys: list[PackKey]) -> Drill:
    """
    Challenge every key of a pack.

    Raises:
        Refusal: `keeper-unknown`, or with the ledger's reason for a key that nobody may register.
    """
    with office.store.reading() as connection:
        the_keeper(Library(office.store, connection), keeper)
    nonce, at = token_hex(16), format_time(office.clock.now())
    try:
        shares = [
            drill_challenge(bytes.fromhex(public), secret, ephemeral)
            for public, (secret, ephemeral) in zip(
                drilled(keys), _secrets(office, keeper, keys, nonce, at), strict=True
            )
        ]
    except LedgerError as error:
        raise Refusal(error.reason, {"detail": error.detail}) from error
    return Drill(nonce, at, shares)


def register_pack(office: Office, signed: Signed, nonce: str, at: str, answers: list[bytes]) -> Done:
    """
    Register the pack: the keeper has signed, the operator signs as a witness of the drill.

    Raises:
        Refusal: `drill-failed` when an answer is not the secret that was sealed, `drill-late` when it came too late or
            its time was never ours, `drill-proof-missing` when nobody else could check the keys; else as `perform`.
    """
    body = read_body(signed.statement.kind, signed.statement.body)
    if not isinstance(body, KeeperPackRegistered):
        raise Refusal("kind-unexpected", {"kind": signed.statement.kind})
    begun = parse_time(at)
    if not begun <= office.clock.now() <= begun + LASTS:
        raise Refusal("drill-late", {"from": at, "minutes": int(LASTS.total_seconds()) // 60})
    asked = [secret for secret, _ in _secrets(office, signed.statement.subject, body.keys, nonce, at)]
    if not body.proofs:
        raise Refusal("drill-proof-missing", {"keys": len(body.keys)})
    if answers != asked or body.drill != drill_digest(answers):
        raise Refusal("drill-failed", {"keys": len(body.keys)}, fix="Make a new pack; one of its keys cannot be used.")
    return perform(office, add_signature(signed, office.operator))


def _secrets(office: Office, keeper: str, keys: list[PackKey], nonce: str, at: str) -> list[tuple[bytes, bytes]]:
    """For each key a secret and an ephemeral: nobody can guess them, and this portal finds them again."""
    publics = drilled(keys)
    asked = {"at": at, "keeper": keeper, "keys": sha256("".join(publics).encode()).hexdigest(), "nonce": nonce}
    root = extract(extract(b"daylight-drill-v1", office.operator.seed), canonical.encode(asked))
    uses = (number.to_bytes(2, "big") for number in range(len(publics)))
    return [(expand(root, b"secret" + use), expand(root, b"ephemeral" + use)) for use in uses]
