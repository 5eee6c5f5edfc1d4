"""
The terms file: what a bidder's own device needs to seal offline, in one small file.

It repeats what the terms entry pins; whoever seals with it should compare its terms hash with the public
record, since a false file would seal to false keepers.
"""

from typing import NamedTuple

from ledger import canonical, envelope
from ledger.bidkey import LABELS, Receipt, check_label
from ledger.envelope import Pinned
from ledger.errors import MalformedError
from ledger.keeperkey import check_keeper_keys

TERMS_VERSION = "daylight-terms-v1"

_LIMIT = 16_384
_FIELDS = {"k", "labels", "log", "terms", "version"}


class TermsFile(NamedTuple):
    """What is pinned about both labels of one notice."""

    proposal: Pinned
    offer: Pinned

    def pinned(self, label: str) -> Pinned:
        """Pick one label's part."""
        check_label(label)
        return self.proposal if label == "proposal" else self.offer

    def encode(self) -> bytes:
        """Write canonical JSON and one line end."""
        fields = {
            "k": self.proposal.k,
            "labels": {
                pinned.label: {"keepers": [key.hex() for key in pinned.keepers], "size": pinned.size} for pinned in self
            },
            "log": self.proposal.log,
            "terms": self.proposal.terms.hex(),
            "version": TERMS_VERSION,
        }
        return canonical.encode(fields) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> "TermsFile":
        """
        Read what `encode` wrote, and nothing else.

        Raises:
            MalformedError: `terms-file`, or the reason of what it pins.
        """
        fields = canonical.decode(data.removesuffix(b"\n"), limit=_LIMIT)
        if not isinstance(fields, dict) or set(fields) != _FIELDS or fields["version"] != TERMS_VERSION:
            raise MalformedError("terms-file", "not the five fields of a terms file")
        try:
            proposal, offer = (
                Pinned(
                    log=fields["log"],
                    terms=bytes.fromhex(fields["terms"]),
                    label=label,
                    size=fields["labels"][label]["size"],
                    k=fields["k"],
                    keepers=tuple(bytes.fromhex(key) for key in fields["labels"][label]["keepers"]),
                )
                for label in LABELS
            )
        except (TypeError, ValueError, KeyError) as error:
            raise MalformedError("terms-file", "a field has the wrong type") from error
        terms = cls(proposal, offer)
        if terms.encode() != data or proposal.n != offer.n:
            raise MalformedError("terms-file", "not written as a terms file is written")
        check_keeper_keys(proposal.keepers + offer.keepers)
        return terms


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
