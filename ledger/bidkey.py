"""
The bidder's secret: one master per bid, and the receipt file that keeps it.

Rules of this module:

* The master never enters an envelope. What does, the seed of a label, is derived from it one way, so
  that opening the proposal tells nothing about the offer.
* The bid's signing key, the two seeds and the lot value come from the master and from nothing else: the
  receipt file alone lets a bidder replace, withdraw, confirm and open her bid.
* One master serves one notice. Reused, its seeds would be known from the first opening, and texts of
  the second notice could be guessed. A receipt names its notice; sealing from files refuses any other.
"""

import hashlib
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from ledger.errors import MalformedError
from ledger.hkdf import expand, extract
from ledger.keys import SigningKey, create_secret
from ledger.linefile import Hex32, read_line, write_line

LABELS = ("proposal", "offer")
PROTOCOL = b"daylight-seal-v1"

_LENGTH = 32
_PAPERS_LIMIT = 1 << 20


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


class _ReceiptFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    log: str
    master: Hex32
    terms: Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
    version: Literal["daylight-bid-receipt-v1"] = "daylight-bid-receipt-v1"


class ContentKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What opens the bidder's own two envelopes, should too few keepers release their keys."""

    offer: Hex32
    proposal: Hex32


class BidPapers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The second line of a receipt file that a sealing page wrote; nothing here is needed to act for the bid.

    Attributes:
        draft: What the bidder wrote, so that a replacement need not be typed again; the page's own business.
        evidence: Commit receipts and proofs, as the log gave them.
        statement: Hash of the bid's latest statement.
        subject: The notice's subject.
    """

    content_keys: ContentKeys
    draft: str
    evidence: list[str]
    statement: Hex32
    subject: str
    version: Literal["daylight-bid-papers-v1"] = "daylight-bid-papers-v1"


class Receipt(NamedTuple):
    """What the receipt file says: the master, the notice it serves (both empty while not bound), and its papers."""

    master: BidMaster
    log: str
    terms: bytes
    papers: BidPapers | None = None

    def encode(self) -> bytes:
        """Write the file's bytes."""
        first = write_line(_ReceiptFile(log=self.log, master=self.master.secret.hex(), terms=self.terms.hex()))
        return first if self.papers is None else first + write_line(self.papers)

    @classmethod
    def parse(cls, data: bytes) -> "Receipt":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `receipt-file`, or a reason of the canonical profile.
        """
        first, end, second = data.partition(b"\n")
        file = read_line(first + end, _ReceiptFile, "receipt-file")
        papers = read_line(second, BidPapers, "receipt-file", limit=_PAPERS_LIMIT) if second else None
        return cls(BidMaster(bytes.fromhex(file.master)), file.log, bytes.fromhex(file.terms), papers)

    def check_serves(self, log: str, terms: bytes) -> None:
        """
        Refuse to seal from files with a master that was made for another notice, or for none.

        Raises:
            MalformedError: `receipt-other-notice`.
        """
        if (self.log, self.terms) != (log, terms):
            raise MalformedError("receipt-other-notice", "this receipt file does not belong to a bid on this notice")
