"""
Keeper packs: the private keys of one keeper, made ahead for many notices.

A pack holds one X25519 key for each label of each notice, and each is used once. Releasing the key of a
label therefore opens that label of that notice and nothing else, ever. The file stays with the keeper,
off every machine of the operator; only `public_list` leaves it.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.bidkey import LABELS
from ledger.drillproof import prove_drill
from ledger.errors import MalformedError, VerificationError
from ledger.keeperkey import KEY_LENGTH, check_keeper_keys, public_of
from ledger.keys import create_secret
from ledger.linefile import Hex32, read_line, write_line

MAX_NOTICES = 100


class _PackKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    offer: Hex32
    proposal: Hex32


class _PackFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    keys: Annotated[list[_PackKeys], Meta(min_length=1, max_length=MAX_NOTICES)]
    name: str
    version: Literal["daylight-keeper-pack-v1"] = "daylight-keeper-pack-v1"


@dataclass(frozen=True, slots=True, repr=False)
class KeeperPack:
    """
    A keeper's name and private keys, in the order in which publications take them.

    Representation is left out so that no log line or traceback prints a key.
    """

    name: str
    privates: tuple[dict[str, bytes], ...]

    @classmethod
    def generate(cls, name: str, notices: int = 30) -> "KeeperPack":
        """Draw the keys for so many notices; the default lasts a small agency for years."""
        if not 0 < notices <= MAX_NOTICES:
            raise MalformedError("pack-size", f"{notices} notices, not 1 to {MAX_NOTICES}")
        drawn = tuple({label: secrets.token_bytes(KEY_LENGTH) for label in LABELS} for _ in range(notices))
        return cls(name, drawn)

    @property
    def public_list(self) -> list[dict[str, str]]:
        """The public keys in hexadecimal, one object per notice with a key per label: the body to register."""
        return [{label: public_of(keys[label]).hex() for label in LABELS} for keys in self.privates]

    def proofs(self, signer: str) -> list[dict[str, str]]:
        """For each key the proof that its secret was here, in hexadecimal and in the order of `public_list`."""
        return [{label: prove_drill(keys[label], signer).hex() for label in LABELS} for keys in self.privates]

    def private_for(self, public: bytes) -> bytes:
        """
        Find the private key of a registered public key.

        Raises:
            VerificationError: `key-not-in-pack`.
        """
        for keys in self.privates:
            for private in keys.values():
                if public_of(private) == public:
                    return private
        raise VerificationError("key-not-in-pack", public.hex())

    def save(self, path: Path) -> None:
        """Write the pack, readable by its owner only; an existing file is never overwritten."""
        create_secret(path, self.encode())

    @classmethod
    def load(cls, path: Path) -> "KeeperPack":
        """Read a pack file."""
        return cls.parse(path.read_bytes())

    def encode(self) -> bytes:
        """Write the file's bytes."""
        keys = [_PackKeys(**{label: private.hex() for label, private in pair.items()}) for pair in self.privates]
        return write_line(_PackFile(keys=keys, name=self.name))

    @classmethod
    def parse(cls, data: bytes) -> "KeeperPack":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `pack-file`, `keeper-key-repeated`, or a reason of the canonical profile.
        """
        file = read_line(data, _PackFile, "pack-file")
        pack = cls(
            file.name, tuple({label: bytes.fromhex(getattr(row, label)) for label in LABELS} for row in file.keys)
        )
        check_keeper_keys(public_of(private) for pair in pack.privates for private in pair.values())
        return pack
