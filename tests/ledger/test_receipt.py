from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import entry, receipt, signers
from ledger.errors import LedgerError
from tests.ledger import vectors

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = vectors.load("receipt")
VERIFIER = receipt.parse_receipt_vkey(KNOWN["vkey"])
GOOD = KNOWN["cases"]["promise for the first entry"]["receipt"].encode()
FIRST, SECOND = (vectors.load("entry")["cases"][name]["entry"].encode() for name in ("first entry", "second entry"))
SIGNER = receipt.ReceiptSigner("log.example/spec", bytes([6]) * 32)


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_a_promise_is_believed_or_refused_by_name(case: dict[str, Any]) -> None:
    data = vectors.data_of(case, "receipt")

    def read() -> None:
        assert data.decode().startswith(receipt.parse_receipt(data, [VERIFIER]).text + "\n")

    assert vectors.outcome(read) == case["refused"]


def test_a_promise_names_statement_place_time_and_delay() -> None:
    parsed = entry.parse_entry(FIRST)
    hashed = entry.statement_hash(parsed.statement)
    assert SIGNER.make(hashed, 0, parsed.time, 60) == GOOD
    promise = receipt.parse_receipt(GOOD, [SIGNER.verifier])
    assert promise == receipt.Receipt("log.example/spec", hashed, 0, parsed.time, 60)


def test_a_kept_promise_and_a_broken_one() -> None:
    promise = receipt.parse_receipt(GOOD, [VERIFIER])
    receipt.verify_kept(promise, FIRST)
    assert vectors.outcome(lambda: receipt.verify_kept(promise, SECOND)) == "receipt-broken"
    later = FIRST.replace(b"12:00:00.000Z", b"12:00:00.001Z")
    assert vectors.outcome(lambda: receipt.verify_kept(promise, later)) == "receipt-broken"
    assert vectors.outcome(lambda: receipt.verify_kept(promise, b"{}")) == "json-shape"


def test_every_flipped_byte_of_a_promise_is_refused() -> None:
    for at in range(len(GOOD)):
        changed = GOOD[:at] + bytes([GOOD[at] ^ 0x01]) + GOOD[at + 1 :]
        with pytest.raises(LedgerError):
            receipt.parse_receipt(changed, [VERIFIER])


@pytest.mark.parametrize(
    ("index", "time", "delay", "reason"),
    [
        (-1, "2026-03-03T12:00:00.000Z", 60, "receipt-text"),
        (2**53, "2026-03-03T12:00:00.000Z", 60, "receipt-text"),
        (0, "2026-03-03T12:00:00Z", 60, "receipt-text"),
        (0, "2026-02-30T12:00:00.000Z", 60, "entry-time"),
        (0, "2026-03-03T12:00:00.000Z", 0, "receipt-text"),
        (0, "2026-03-03T12:00:00.000Z", 86_401, "receipt-text"),
    ],
)
def test_a_promise_that_nobody_could_read_is_not_made(index: int, time: str, delay: int, reason: str) -> None:
    assert vectors.outcome(lambda: SIGNER.make(bytes(32), index, time, delay)) == reason


def test_a_checkpoint_key_is_no_receipt_key_and_the_other_way_round() -> None:
    same_seed = signers.Ed25519Signer("log.example/spec", bytes([6]) * 32)
    assert same_seed.verifier.key_id != SIGNER.verifier.key_id
    assert vectors.outcome(lambda: receipt.parse_receipt(GOOD, [same_seed.verifier])) == "note-unsigned"
    assert vectors.outcome(lambda: receipt.parse_receipt_vkey(same_seed.verifier.vkey)) == "vkey-type"
    assert vectors.outcome(lambda: signers.parse_vkey(KNOWN["vkey"])) == "vkey-type"
    assert VERIFIER.vkey == KNOWN["vkey"]


def test_the_receipt_key_file_reads_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "receipt.key"
    SIGNER.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert receipt.load_receipt_signer(path).verifier.vkey == KNOWN["vkey"]
    with pytest.raises(FileExistsError):
        SIGNER.save(path)


@pytest.mark.parametrize("data", [b"", b"\xff", b"daylight-receipt-secret-v1 a b\n", b"x" * 10_000])
def test_a_broken_receipt_key_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "receipt.key"
    path.write_bytes(data)
    assert vectors.outcome(lambda: receipt.load_receipt_signer(path)) == "key-file"


def test_an_origin_that_is_no_key_name_has_no_receipts() -> None:
    assert vectors.outcome(lambda: receipt.ReceiptSigner("a b", bytes(32))) == "origin"


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_as_a_promise(data: bytes) -> None:
    assert vectors.outcome(lambda: receipt.parse_receipt(data, [VERIFIER])) is not None
