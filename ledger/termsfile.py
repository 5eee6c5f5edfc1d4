"""
The terms file: what a bidder's own device needs to seal offline, in one small file.

It repeats what the terms entry pins; whoever seals with it should compare its terms hash with the public
record, since a false file would seal to false keepers.
"""

from typing import Literal, NamedTuple

from msgspec import Struct

from ledger import envelope
from ledger.bidkey import LABELS, BidMaster, Receipt, check_label
from ledger.envelope import Pinned
from ledger.errors import MalformedError
from ledger.keeperkey import check_keeper_keys
from ledger.linefile import Hex32, read_line, write_line


class _LabelTerms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    keepers: list[Hex32]
    size: int


class _Labels(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    offer: _LabelTerms
    proposal: _LabelTerms


class _TermsFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    k: int
    labels: _Labels
    log: str
    terms: Hex32
    version: Literal["daylight-terms-v1"] = "daylight-terms-v1"


class TermsFile(NamedTuple):
    """What is pinned about both labels of one notice."""

    proposal: Pinned
    offer: Pinned

    def pinned(self, label: str) -> Pinned:
        """Pick one label's part."""
        check_label(label)
        return self.proposal if label == "proposal" else self.offer

    def encode(self) -> bytes:
        """Write the file's bytes."""
        parts = (_LabelTerms(keepers=[key.hex() for key in pinned.keepers], size=pinned.size) for pinned in self)
        labels = _Labels(**dict(zip(LABELS, parts, strict=True)))
        first = self.proposal
        return write_line(_TermsFile(k=first.k, labels=labels, log=first.log, terms=first.terms.hex()))

    @classmethod
    def parse(cls, data: bytes) -> "TermsFile":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `terms-file`, a reason of what it pins, or of the canonical profile.
        """
        file = read_line(data, _TermsFile, "terms-file")
        proposal, offer = (
            Pinned(
                log=file.log,
                terms=bytes.fromhex(file.terms),
                label=label,
                size=part.size,
                k=file.k,
                keepers=tuple(bytes.fromhex(key) for key in part.keepers),
            )
            for label, part in zip(LABELS, (file.labels.proposal, file.labels.offer), strict=True)
        )
        if proposal.n != offer.n:
            raise MalformedError("terms-file", "the two labels have other numbers of keepers")
        check_keeper_keys(proposal.keepers + offer.keepers)
        return cls(proposal, offer)


def new_receipt(terms_file: bytes) -> bytes:
    """
    Draw a master for one notice and write the receipt file that binds it there.

    The caller puts it on disk, with `ledger.keys.create_secret`, before anything is sealed with it.
    """
    pinned = TermsFile.parse(terms_file).proposal
    return Receipt(BidMaster.generate(), pinned.log, pinned.terms).encode()


def seal_from_files(terms_file: bytes, receipt_file: bytes, label: str, text: bytes) -> bytes:
    """
    Seal as `python -m ledger seal` does: the bytes of two files, a label and a text give an envelope.

    Raises:
        MalformedError: `terms-file`, `receipt-file`, `receipt-other-notice`, `label-unknown` or `text-too-long`.
    """
    pinned = TermsFile.parse(terms_file).pinned(label)
    receipt = Receipt.parse(receipt_file)
    receipt.check_serves(pinned.log, pinned.terms)
    master = receipt.master
    return envelope.write(pinned, master.signing_key.public, master.seed(label), text)
