"""SPEC.md, "Sealed bids" and "Commitments": the worked bytes are recomputed, and every reason code stands in the text."""

import re
from pathlib import Path

import pytest

from ledger import (
    arrangement,
    bidkey,
    commitments,
    drillproof,
    envelope,
    hpke,
    keeperkey,
    keepers,
    sealing,
    shamir,
    termsfile,
)
from ledger.commitments import Opening, commitment
from ledger.sealing import BidMaster, Pinned, Receipt, TermsFile, Valid, open_envelope, seal
from tests.ledger.sealed_cases import choices

SPEC = (Path(commitments.__file__).parent / "SPEC.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """A section from its heading to the next of its rank or higher."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} |\Z)", SPEC, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[2]


def worked(title: str) -> dict[str, str]:
    """The `name = value` lines of a section's worked bytes."""
    (block,) = re.findall(r"```text\n(.*?)```", section(title), re.DOTALL)
    return dict(line.split(" = ") for line in block.splitlines())


def raw(rows: dict[str, str], *names: str) -> list[bytes]:
    return [bytes.fromhex(rows[name]) for name in names]


MASTER = BidMaster(*raw(worked("The bidder's master"), "master"))
ROWS = worked("The envelope")
PINNED = Pinned(
    log=ROWS["log"],
    terms=bytes.fromhex(ROWS["terms"]),
    label=ROWS["label"],
    size=int(ROWS["size"]),
    k=int(ROWS["k"]),
    keepers=tuple(raw(ROWS, "keeper_1", "keeper_2", "keeper_3")),
)


def test_the_worked_drill_is_what_we_make_and_answer() -> None:
    private, public, secret, ephemeral, share = raw(
        worked("Terms and keepers"), "private", "public", "secret", "ephemeral", "share"
    )
    assert keeperkey.public_of(private) == public
    assert keeperkey.drill_challenge(public, secret, ephemeral) == share
    assert keeperkey.answer_drill(private, share) == secret


def test_the_worked_proof_is_what_we_make_and_accept() -> None:
    rows = worked("Keepers' proofs")
    private, public, proof = raw(rows, "private", "public", "proof")
    assert drillproof.prove_drill(private, rows["signer"]) == proof
    drillproof.check_drill_proof(public, rows["signer"], proof)


def test_the_worked_master_gives_what_the_text_says() -> None:
    rows = worked("The bidder's master")
    assert raw(rows, "bid_public", "seed_proposal", "seed_offer", "lot", "lot_commitment") == [
        MASTER.signing_key.public,
        MASTER.seed("proposal"),
        MASTER.seed("offer"),
        MASTER.lot,
        MASTER.lot_commitment,
    ]


def test_the_worked_envelope_is_ours_step_by_step() -> None:
    (text, ctx, key, polynomial, committed) = raw(ROWS, "text", "ctx", "key", "polynomial", "commitment")
    assert envelope.context(PINNED, MASTER.signing_key.public) == ctx
    derived = envelope.derive(PINNED, ctx, MASTER.seed("proposal"), text)
    ephemerals = raw(ROWS, "ephemeral_1", "ephemeral_2", "ephemeral_3")
    assert derived == (key, polynomial, tuple(ephemerals))
    shares = shamir.split(key, 3, polynomial)
    assert shares == raw(ROWS, "share_1", "share_2", "share_3")
    assert envelope.commitment_to(ctx, key) == committed
    info = envelope.share_info(ctx, 1, committed)
    assert [hpke.seal(PINNED.keepers[0], ephemerals[0], info, shares[0])] == raw(ROWS, "sealed_1")
    sealed = seal(PINNED, MASTER, text)
    assert len(sealed) == 98 + 80 * 3 + 64
    assert [sealed[82 + 240 :]] == raw(ROWS, "ciphertext")
    assert [sealing.envelope_hash(sealed)] == raw(ROWS, "envelope_sha256")


def test_any_two_of_the_worked_keys_open_the_worked_envelope() -> None:
    private = dict(enumerate(raw(worked("Opening and verdict"), "private_1", "private_2", "private_3"), 1))
    sealed = seal(PINNED, MASTER, *raw(ROWS, "text"))
    for chosen in choices(3, 2):
        opened = open_envelope(
            PINNED, MASTER.signing_key.public, sealed, {number: private[number] for number in chosen}
        )
        assert opened == Valid(b"two of us")


def test_the_worked_files_are_read_and_written_back() -> None:
    receipt, terms = (found.encode() for found in re.findall(r"```json\n(.*?)```", section("Files"), re.DOTALL))
    assert Receipt.parse(receipt).encode() == receipt
    assert Receipt.parse(receipt).master.secret == MASTER.secret
    assert TermsFile.parse(terms).encode() == terms
    assert TermsFile.parse(terms).proposal == PINNED


def test_the_worked_commitment_is_ours() -> None:
    rows = worked("Commitments")
    opening = Opening(path=rows["path"], salt=rows["salt"], value=rows["value"])
    assert commitment(rows["kind"], opening) == rows["commitment"]


@pytest.mark.parametrize(
    "module",
    [arrangement, bidkey, commitments, envelope, hpke, keeperkey, keepers, sealing, shamir, termsfile],
    ids=lambda module: module.__name__,
)
def test_every_reason_of_the_sealing_modules_stands_in_the_text(module: object) -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:Error|Void|read_line)\([^"]*"([a-z]+(?:-[a-z]+)+)"', source))
    missing = {code for code in codes if f"`{code}`" not in SPEC}
    assert not missing
