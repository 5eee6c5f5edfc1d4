"""
Sealed bids: seal on the bidder's device, open with k keepers' keys, judge the same way everywhere.

This is the public face of the sealing modules; SPEC.md, "Sealed bids", is their contract.

Rules of this module:

* Sealing is deterministic: one master, one text, one envelope.
* An envelope is valid if and only if sealing what came out of it gives the same bytes. Hence every
  choice of k keepers reaches the same verdict, and a sealer cannot prepare a bid that some open and
  others cannot.
* A void verdict carries one of five reasons. None depends on which keepers took part; what went wrong
  first does depend on it, and is told as a `step` that no comparison looks at.
* Too few keys, or a key that is not the registered one, are no verdict: they raise.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger import envelope as envelopes
from ledger import hpke, shamir
from ledger.arrangement import KeeperSeat, check_arrangement
from ledger.bidkey import LABELS, BidMaster, Receipt
from ledger.drillproof import check_drill_proof, prove_drill
from ledger.envelope import Pinned, context
from ledger.errors import MalformedError, VerificationError
from ledger.keeperkey import (
    answer_drill,
    check_keeper_key,
    check_keeper_keys,
    drill_challenge,
    released_key_matches,
)
from ledger.keepers import KeeperPack
from ledger.termsfile import TermsFile, new_receipt, seal_from_files

__all__ = [
    "LABELS",
    "BidMaster",
    "KeeperPack",
    "KeeperSeat",
    "Pinned",
    "Receipt",
    "TermsFile",
    "Valid",
    "Verdict",
    "Void",
    "answer_drill",
    "check_arrangement",
    "check_drill_proof",
    "check_keeper_key",
    "check_keeper_keys",
    "content_key",
    "context",
    "drill_challenge",
    "envelope_hash",
    "new_receipt",
    "open_envelope",
    "open_with_content_key",
    "prove_drill",
    "released_key_matches",
    "seal",
    "seal_from_files",
]


@dataclass(frozen=True, slots=True)
class Valid:
    """The envelope opened, and sealing this text again gave every byte of it."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Void:
    """
    The envelope is no bid, whoever opens it.

    Attributes:
        reason: `envelope-length`, `envelope-version`, `envelope-context`, `envelope-keepers`, or
            `envelope-not-rederivable` for everything that only shows with keys.
        step: Where these keys noticed; other keys may notice elsewhere, so it does not enter comparison.
    """

    reason: str
    step: str = field(default="", compare=False)


Verdict = Valid | Void


def seal(pinned: Pinned, master: BidMaster, text: bytes) -> bytes:
    """
    Seal a text for one label of one notice.

    Raises:
        MalformedError: `text-too-long`.
    """
    return envelopes.write(pinned, master.signing_key.public, master.seed(pinned.label), text)


def envelope_hash(envelope: bytes) -> bytes:
    """The SHA-256 by which `bid-sealed` names an envelope and a keeper checks the bytes it stores."""
    return hashlib.sha256(envelope).digest()


def content_key(pinned: Pinned, master: BidMaster, text: bytes) -> bytes:
    """
    Compute the key a bidder may publish if fewer than k keepers release theirs.

    It needs the text: the seed alone does not decrypt.
    """
    ctx = context(pinned, master.signing_key.public)
    return envelopes.derive(pinned, ctx, master.seed(pinned.label), text).key


def open_envelope(pinned: Pinned, bid_public: bytes, envelope: bytes, released: Mapping[int, bytes]) -> Verdict:
    """
    Open an envelope with released keys and judge it.

    Of more than k keys the lowest-numbered decide what is tried first; by the rule above the verdict
    would be the same with any.

    Args:
        released: Private keys by keeper number, 1 to n. All are checked, those not needed too.

    Raises:
        VerificationError: `keys-too-few` or `key-not-registered`.
        MalformedError: `key-number` or `released-key-length`.
    """
    keys = {}
    for number, private in released.items():
        if not 1 <= number <= pinned.n:
            raise MalformedError("key-number", f"there is no keeper {number} of {pinned.n}")
        keys[number] = released_key_matches(private, pinned.keepers[number - 1])
    if len(keys) < pinned.k:
        raise VerificationError("keys-too-few", f"{len(keys)} of {pinned.k}")
    try:
        parts = envelopes.read(pinned, bid_public, envelope)
    except VerificationError as error:
        return Void(error.reason)
    try:
        shares = {
            number: hpke.open_sealed(
                keys[number],
                envelopes.share_info(parts.ctx, number, parts.commitment),
                parts.shares[number - 1],
            )
            for number in sorted(keys)[: pinned.k]
        }
    except VerificationError as error:
        return Void("envelope-not-rederivable", error.reason)
    key = shamir.combine(shares)
    if envelopes.commitment_to(parts.ctx, key) != parts.commitment:
        return Void("envelope-not-rederivable", "commitment")
    return _judge(pinned, bid_public, envelope, parts, key)


def open_with_content_key(pinned: Pinned, bid_public: bytes, envelope: bytes, key: bytes) -> Verdict:
    """
    Judge an envelope by the content key its bidder published, where keepers failed.

    A wrong key says nothing about the envelope, since anyone can publish one. So it raises, and the
    right one may still come.

    Raises:
        VerificationError: `content-key-wrong`.
    """
    try:
        parts = envelopes.read(pinned, bid_public, envelope)
    except VerificationError as error:
        return Void(error.reason)
    if envelopes.commitment_to(parts.ctx, key) != parts.commitment:
        raise VerificationError("content-key-wrong", "the envelope commits to another key")
    return _judge(pinned, bid_public, envelope, parts, key)


def _judge(pinned: Pinned, bid_public: bytes, envelope: bytes, parts: envelopes.Parts, key: bytes) -> Verdict:
    """Decrypt under the committed key, seal again, compare."""
    try:
        seed, text = envelopes.decrypt_body(parts, key)
    except VerificationError as error:
        return Void("envelope-not-rederivable", error.reason)
    if envelopes.write(pinned, bid_public, seed, text) != envelope:
        return Void("envelope-not-rederivable", "bytes")
    return Valid(text)
