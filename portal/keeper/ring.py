"""
A keeper's ring: the key she signs with, and every key that opens bids, on one small file.

1. The opening keys follow from one secret of 32 bytes, a pair for each notice, one after the other; so that 33 words on paper
   give all of them back. The secret of a pair gives the next pair's and not the one before: a pair that is over can be
   deleted for good, and the words printed afterwards do not bring it back.
2. The signing key is a secret of its own: it stays when opening keys go.
3. Pairs made by other means (an older pack file) are held one by one in front of those.
4. The file is a secret: made once, readable by its owner only, and replaced in one step.
"""

import os
import re
import secrets
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.errors import MalformedError, VerificationError
from ledger.hkdf import expand
from ledger.keeperkey import KEY_LENGTH, check_keeper_keys, public_of
from ledger.keepers import KeeperPack
from ledger.keys import SigningKey, create_secret
from ledger.linefile import Hex32, read_line, write_line
from portal.procurement.events.party import PackKey
from portal.procurement.refusal import Refusal

AHEAD = 200
"""How many pairs beyond those registered are looked at when a ring comes back from its words."""
MOST_HELD = 100

NAME = re.compile(r"keeper:[a-z0-9][a-z0-9-]{0,79}")
Keeper = Annotated[str, Meta(pattern=r"\Akeeper:[a-z0-9][a-z0-9-]{0,79}\Z")]
Pair = dict[str, bytes]


class _PairFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    offer: Hex32
    proposal: Hex32


class _RingFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    held: Annotated[list[_PairFile], Meta(max_length=MOST_HELD)]
    keeper: Keeper
    made: Annotated[int, Meta(ge=0, le=10_000)]
    sign: Hex32
    state: Hex32
    version: Literal["daylight-keeper-ring-v1"] = "daylight-keeper-ring-v1"


@dataclass(frozen=True, repr=False)
class Ring:
    """
    All secrets of one keeper. Representation is left out so that no log line or traceback prints a key.

    Attributes:
        keeper: The subject under which the operator admitted this keeper, e.g. `keeper:law-school`.
        sign: Seed of the signing key.
        state: The secret that the next pair follows from, and all after it.
        made: How many pairs from `state` on are registered, as far as is known here.
        held: Pairs that do not follow from `state`, oldest first.
    """

    keeper: str
    sign: bytes
    state: bytes
    made: int = 0
    held: tuple[Pair, ...] = field(default=())

    @classmethod
    def make(cls, keeper: str) -> "Ring":
        """
        Draw new secrets.

        Raises:
            Refusal: `keeper-name` when this is no keeper's name.
        """
        if NAME.fullmatch(keeper) is None:
            raise Refusal("keeper-name", {"given": keeper[:90]})
        return cls(keeper, secrets.token_bytes(KEY_LENGTH), secrets.token_bytes(KEY_LENGTH))

    @classmethod
    def adopt(cls, keeper: str, key: SigningKey, pack: KeeperPack) -> "Ring":
        """Take over a signing key and a pack that were made elsewhere; further keys will follow from a secret of its own."""
        return replace(cls.make(keeper), sign=key.seed, held=pack.privates)

    @cached_property
    def key(self) -> SigningKey:
        """The key that signs what this keeper states."""
        return SigningKey.from_seed(self.sign, "keeper")

    @cached_property
    def pairs(self) -> list[tuple[Pair, PackKey]]:
        """Every pair that may be in use, with its public half, in the order in which publications take them."""
        derived, state = list(self.held), self.state
        for _ in range(self.made + AHEAD):
            pair, state = _pair_of(state)
            derived.append(pair)
        return [
            (pair, PackKey(**{label: public_of(private).hex() for label, private in pair.items()})) for pair in derived
        ]

    def next_keys(self, registered: set[str], count: int) -> list[PackKey]:
        """The public halves of the next pairs to register: the first that the record does not hold yet."""
        return [public for _, public in self.pairs if public.proposal not in registered][:count]

    def privates_of(self, keys: list[PackKey]) -> list[bytes]:
        """
        The private keys of these pairs: of each the proposal's, then the offer's.

        Raises:
            VerificationError: `key-not-in-ring`.
        """
        known = {public.proposal: pair for pair, public in self.pairs}
        missing = [row.proposal for row in keys if row.proposal not in known]
        if missing:
            raise VerificationError("key-not-in-ring", missing[0])
        return [private for row in keys for private in (known[row.proposal]["proposal"], known[row.proposal]["offer"])]

    def private_of(self, proposal: str, offer: str, label: str) -> bytes:
        """
        The private key of one label of a seat. Both public halves must be of one pair of this ring.

        A notice that pairs a key with that of another notice would have two notices opened by one release.

        Raises:
            VerificationError: `key-not-in-ring`.
        """
        for pair, public in self.pairs:
            if (public.proposal, public.offer) == (proposal, offer):
                return pair[label]
        raise VerificationError("key-not-in-ring", f"{proposal} with {offer}")

    def registered(self, publics: set[str]) -> "Ring":
        """The ring after a look into the record: every pair up to the last one registered there counts as made."""
        derived = self.pairs[len(self.held) :]
        found = [number for number, (_, public) in enumerate(derived, 1) if public.proposal in publics]
        return self if not found or found[-1] <= self.made else replace(self, made=found[-1])

    def without(self, proposal: str) -> "Ring | None":
        """
        The ring without the pair of this public key, if it is the oldest one; None while an older one stands before it.

        Only in this order is it gone for good: what comes later does not lead back.
        """
        if self.held:
            first = public_of(self.held[0]["proposal"]).hex() == proposal
            return replace(self, held=self.held[1:]) if first else None
        pair, state = _pair_of(self.state)
        if not self.made or public_of(pair["proposal"]).hex() != proposal:
            return None
        return replace(self, state=state, made=self.made - 1)

    def holds(self, proposal: str) -> bool:
        """Whether the pair of this public key is on the ring."""
        return any(public.proposal == proposal for _, public in self.pairs)

    def encode(self) -> bytes:
        """Write the file's bytes: secret, every one of them."""
        held = [_PairFile(**{label: private.hex() for label, private in pair.items()}) for pair in self.held]
        return write_line(
            _RingFile(held=held, keeper=self.keeper, made=self.made, sign=self.sign.hex(), state=self.state.hex())
        )

    @classmethod
    def parse(cls, data: bytes) -> "Ring":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `ring-file`, `keeper-key-repeated`, or a reason of the canonical profile.
        """
        file = read_line(data, _RingFile, "ring-file")
        held = tuple({"proposal": bytes.fromhex(row.proposal), "offer": bytes.fromhex(row.offer)} for row in file.held)
        check_keeper_keys(public_of(private) for pair in held for private in pair.values())
        return cls(file.keeper, bytes.fromhex(file.sign), bytes.fromhex(file.state), file.made, held)

    def save(self, path: Path) -> None:
        """Write the ring to a new file; an existing one is never overwritten."""
        create_secret(path, self.encode())


def _pair_of(state: bytes) -> tuple[Pair, bytes]:
    """One pair, and the state that the next follows from; nothing leads back."""
    return {label: expand(state, label.encode()) for label in ("proposal", "offer")}, expand(state, b"next")


def replace_secret(path: Path, data: bytes) -> None:
    """Put a secret file in the place of an older one, in one step, for good."""
    staged = path.with_name(f"{path.name}.new")
    staged.unlink(missing_ok=True)
    create_secret(staged, data)
    staged.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checked_length(secret: bytes) -> bytes:
    """
    Pass 32 bytes that words or another machine gave.

    Raises:
        MalformedError: `secret-length`.
    """
    if len(secret) != KEY_LENGTH:
        raise MalformedError("secret-length", f"{len(secret)} bytes, not {KEY_LENGTH}")
    return secret
