"""A portal that lies: it has the operator's and the log's own keys, and uses them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ledger import canonical
from ledger.entry import signing_input
from portal.keeper.reaching import Challenge, WebPortal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.entry import Signed
    from ledger.keys import SigningKey
    from ledger.source import Source
    from portal.procurement.drills import Asked
    from portal.procurement.events.party import PackKey


class Liar(WebPortal):
    """
    Answers like the portal behind it, but for what a test has it say otherwise. `heard` is everything it was handed.

    Attributes:
        envelopes: What it hands out instead of an envelope, by its fingerprint; None says that it has lost it.
        shares: Makes the shares of a drill out of the keys.
    """

    def __init__(self, address: str, record: Source | None = None) -> None:
        super().__init__(address)
        self.other = record
        self.envelopes: dict[str, bytes | None] = {}
        self.shares: Callable[[Sequence[PackKey]], list[bytes]] | None = None
        self.heard: list[object] = []

    @property
    def record(self) -> Source:
        return super().record if self.other is None else self.other

    def envelope(self, asked: Asked, key: SigningKey) -> bytes | None:
        if asked.envelope in self.envelopes:
            return self.envelopes[asked.envelope]
        return super().envelope(asked, key)

    def send(self, signed: Signed) -> str:
        self.heard.append(signed)
        return super().send(signed)

    def drill(self, keeper: str, keys: Sequence[PackKey]) -> Challenge:
        challenge = super().drill(keeper, keys)
        if self.shares is None:
            return challenge
        return Challenge(challenge.nonce, challenge.at, self.shares(keys))

    def register(self, signed: Signed, challenge: Challenge, answers: Sequence[bytes]) -> str:
        self.heard.append(answers)
        return super().register(signed, challenge, answers)


def signed_again(
    change: Callable[[dict[str, Any]], None], kind: str, key: SigningKey
) -> Callable[[dict[str, Any]], None]:
    """Alter the bodies of one kind, and sign them anew with the operator's key."""

    def alter(entry: dict[str, Any]) -> None:
        statement = entry["statement"]
        if statement["kind"] != kind:
            return
        change(statement["body"])
        signature = key.sign(signing_input(canonical.encode(json.loads(json.dumps(statement)))))
        entry["signatures"] = [{"key": key.key_id, "signature": base64.b64encode(signature).decode()}]

    return alter
