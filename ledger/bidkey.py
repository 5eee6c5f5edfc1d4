"""
The bidder's secret: one master per bid, and the receipt file that keeps it.

Rules of this module:

* The master never enters an envelope. What does, the seed of a label, is derived from it one way, so
  that opening the proposal tells nothing about the offer.
* The bid's signing key, the two seeds and the lot value come from the master and from nothing else: the
  receipt file alone lets a bidder replace, withdraw, confirm and open her bid.
* One master serves one notice. Reused, its seeds would be known from the first opening, and texts of
  the second notice could be guessed. A receipt names its notice, and sealing refuses another.
"""

import hashlib
import secrets
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ledger import canonical
from ledger.errors import MalformedError
from ledger.hkdf import expand, extract
from ledger.keys import SigningKey, create_secret

LABELS = ("proposal", "offer")
PROTOCOL = b"daylight-seal-v1"
RECEIPT_VERSION = "daylight-bid-receipt-v1"

_LENGTH = 32
_RECEIPT_LIMIT = 4096


def check_label(label: str) -> None:
    """Refuse any label but the two (`label-unknown`)."""
    if label not in LABELS:
        raise MalformedError("label-unknown", f"{label!r} is neither proposal nor offer")


class BidMaster:
    """
    The 32 bytes from which everything of one bid follows.

    Equality and representation never show them; only `secret` and the receipt file do.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _LENGTH:
            raise MalformedError("master-length", f"{len(secret)} bytes, not {_LENGTH}")
        self.secret = secret
        self._prk = extract(PROTOCOL, secret)

    @classmethod
    def generate(cls) -> "BidMaster":
        """Draw a new master from the system's random source."""
        return cls(secrets.token_bytes(_LENGTH))

    @cached_property
    def signing_key(self) -> SigningKey:
        """The bid's own key: author and only signer of `bid-sealed` and what follows, so that no account appears."""
        return SigningKey.from_seed(expand(self._prk, b"bid"))

    def seed(self, label: str) -> bytes:
        """The seed of one label: it lies inside that envelope and is known to all once that is opened."""
        check_label(label)
        return expand(self._prk, label.encode("ascii"))

    @cached_property
    def lot(self) -> bytes:
        """The value this bid brings to the order of proposals and to ties; it lies in the proposal's text."""
        return expand(self._prk, b"lot")

    @cached_property
    def lot_commitment(self) -> bytes:
        """SHA-256 of the lot value, stated in `bid-sealed`, so that nobody chooses it after the close."""
        return hashlib.sha256(self.lot).digest()

    def save(self, path: Path, *, log: str = "", terms: bytes = b"") -> None:
        """
        Write the receipt file, readable by its owner only; an existing file is never overwritten.

        Args:
            log: Origin of the log, and
            terms: leaf hash of the terms entry that this master serves. Without them the receipt is not bound yet.
        """
        create_secret(path, Receipt(self, log, terms).encode())

    @classmethod
    def load(cls, path: Path) -> "BidMaster":
        """Read the master out of a receipt file, whichever notice it names."""
        return Receipt.parse(path.read_bytes()).master


class Receipt(NamedTuple):
    """What the receipt file says: the master, and the notice it serves (both empty while not bound)."""

    master: BidMaster
    log: str
    terms: bytes

    def encode(self) -> bytes:
        """Write canonical JSON and one line end."""
        fields = {
            "log": self.log,
            "master": self.master.secret.hex(),
            "terms": self.terms.hex(),
            "version": RECEIPT_VERSION,
        }
        return canonical.encode(fields) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> "Receipt":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `receipt-file`, or a reason of the canonical profile.
        """
        fields = canonical.decode(data.removesuffix(b"\n"), limit=_RECEIPT_LIMIT)
        if not isinstance(fields, dict) or set(fields) != {"log", "master", "terms", "version"}:
            raise MalformedError("receipt-file", "not the four fields of a bid receipt")
        try:
            receipt = cls(BidMaster(bytes.fromhex(fields["master"])), fields["log"], bytes.fromhex(fields["terms"]))
        except (TypeError, ValueError) as error:
            raise MalformedError("receipt-file", "master and terms are hexadecimal text") from error
        if receipt.encode() != data or len(receipt.terms) not in {0, _LENGTH}:
            raise MalformedError("receipt-file", "not written as a bid receipt is written")
        return receipt

    def check_serves(self, log: str, terms: bytes) -> None:
        """
        Refuse to seal for one notice with the master of another.

        Raises:
            MalformedError: `receipt-other-notice`.
        """
        if (self.log or self.terms) and (self.log, self.terms) != (log, terms):
            raise MalformedError("receipt-other-notice", "this receipt file belongs to a bid on another notice")
