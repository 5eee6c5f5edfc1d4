from __future__ import annotations

import hashlib
import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import checkpoint, receipt, signers, treehead
from ledger.errors import MalformedError
from tests.ledger import vectors

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = vectors.load("checkpoint-text")
VERIFIER = signers.parse_vkey(KNOWN["vkey"])
OTHERS = vectors.load("others")["cases"]
SIGNER = checkpoint.CheckpointSigner("log.example/test", bytes(range(32)), bytes(range(32, 64)))
ROOT = hashlib.sha256(b"root").digest()
NOTE = SIGNER.sign(600, ROOT, 1_772_539_200)


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_a_signed_checkpoint_is_read_or_refused_by_name(case: dict[str, Any]) -> None:
    data = vectors.data_of(case, "note")

    def read() -> None:
        found = checkpoint.parse_checkpoint(data, [VERIFIER])
        assert found.size == case["size"]
        head = treehead.TreeHead(found.origin, found.size, found.root)
        assert data.decode().startswith(head.text + "\n")

    assert vectors.outcome(read) == case["refused"]


@pytest.mark.parametrize("case", vectors.named(OTHERS))
def test_checkpoints_that_others_signed_are_read(case: dict[str, Any]) -> None:
    verifier = signers.parse_vkey(case["vkey"])
    assert vectors.outcome(lambda: checkpoint.parse_checkpoint(case["note"].encode(), [verifier])) == case["checkpoint"]


def test_a_checkpoint_carries_two_signatures_and_the_time_of_one() -> None:
    found = checkpoint.parse_checkpoint(NOTE, SIGNER.verifiers, origin="log.example/test", every=True)
    assert (found.origin, found.size, found.root, found.time) == ("log.example/test", 600, ROOT, 1_772_539_200)
    assert [signers.parse_vkey(vkey).vkey for vkey in SIGNER.vkeys] == SIGNER.vkeys
    assert len(found.signatures) == 2
    assert found.note == NOTE


def test_one_known_key_is_enough_unless_every_one_is_asked_for() -> None:
    text, _, lines = NOTE.partition(b"\n\n")
    ed25519, mldsa = lines.splitlines(keepends=True)
    for line, time in ((ed25519, None), (mldsa, 1_772_539_200)):
        data = text + b"\n\n" + line
        assert checkpoint.parse_checkpoint(data, SIGNER.verifiers).time == time
        reason = vectors.outcome(lambda: checkpoint.parse_checkpoint(data, SIGNER.verifiers, every=True))  # noqa: B023 -- called at once
        assert reason == "checkpoint-signature-missing"


def test_another_log_is_refused_when_one_is_asked_for() -> None:
    read = lambda: checkpoint.parse_checkpoint(NOTE, SIGNER.verifiers, origin="log.example/other")  # noqa: E731 -- asked once
    assert vectors.outcome(read) == "checkpoint-origin-other"


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read(size: int, root: bytes) -> None:
    if size == 0:
        root = hashlib.sha256(b"").digest()
    found = checkpoint.parse_checkpoint(SIGNER.sign(size, root, 1), SIGNER.verifiers, every=True)
    assert (found.size, found.root) == (size, root)


@pytest.mark.parametrize(
    ("size", "root", "time", "reason"),
    [
        (-1, ROOT, 1, "checkpoint-tree-size"),
        (2**63, ROOT, 1, "checkpoint-tree-size"),
        (1, ROOT[:31], 1, "checkpoint-root-hash"),
        (0, ROOT, 1, "checkpoint-root-hash"),
        (1, ROOT, 0, "cosignature-time"),
    ],
)
def test_what_nobody_would_read_is_not_signed(size: int, root: bytes, time: int, reason: str) -> None:
    assert vectors.outcome(lambda: SIGNER.sign(size, root, time)) == reason


@given(st.text("0123456789+-_ é\n=AQgw", max_size=60))
def test_any_text_is_refused_as_a_tree_head_or_written_back_unchanged(text: str) -> None:
    for candidate in (text, f"origin\n{text}\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"):
        try:
            head = treehead.parse_tree_head(candidate)
        except MalformedError:
            continue
        assert head.text == candidate


def test_the_log_keys_file_reads_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    SIGNER.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert checkpoint.load_signer(path).vkeys == SIGNER.vkeys
    with pytest.raises(FileExistsError):
        SIGNER.save(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"daylight-log-secret-v1 log.example a b\n",
        b"daylight-log-secret-v1 log.example AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        b"\xff",
        b"x" * 10_000,
    ],
)
def test_a_broken_log_keys_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log.key"
    path.write_bytes(data)
    assert vectors.outcome(lambda: checkpoint.load_signer(path)) == "key-file"


def test_an_origin_that_is_no_key_name_has_no_signer() -> None:
    for origin in ("", "a b", "a+b", "é", "o" * 256):
        assert vectors.outcome(lambda: checkpoint.CheckpointSigner(origin, bytes(32), bytes(32))) == "origin"  # noqa: B023 -- called at once


def vkeys(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_vkeys_file_holds_keys_comments_and_empty_lines() -> None:
    receipts = receipt.ReceiptSigner("log.example/test", bytes(32)).verifier.vkey
    data = vkeys("# our keys", "", *SIGNER.vkeys, "# and for receipts", receipts)
    assert [verifier.vkey for verifier in checkpoint.parse_vkeys(data)] == SIGNER.vkeys
    assert checkpoint.vkey_lines(data) == [*SIGNER.vkeys, receipts]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "vkeys-empty"),
        (vkeys("# none"), "vkeys-empty"),
        (vkeys(receipt.ReceiptSigner("a", bytes(32)).verifier.vkey), "vkeys-empty"),
        (vkeys(*SIGNER.vkeys, SIGNER.vkeys[0]), "vkeys-repeated"),
        (vkeys(SIGNER.vkeys[0]).replace(b"\n", b"\r\n"), "vkey-base64"),
        (vkeys(" " + SIGNER.vkeys[0]), "vkey-name"),
        (b"\xff\n", "vkeys-file"),
        (b"#" * (checkpoint.VKEYS_LIMIT + 1), "vkeys-file"),
        (vkeys("log.example+00000000+AQ=="), "vkey-id"),
    ],
)
def test_a_wrong_vkeys_file_is_refused_by_name(data: bytes, reason: str) -> None:
    assert vectors.outcome(lambda: checkpoint.parse_vkeys(data)) == reason


def test_a_vkeys_file_may_be_as_large_as_its_limit() -> None:
    data = vkeys(*SIGNER.vkeys)
    comment = b"#" * (checkpoint.VKEYS_LIMIT - len(data) - 1) + b"\n"
    assert len(checkpoint.parse_vkeys(comment + data)) == 2
    assert vectors.outcome(lambda: checkpoint.parse_vkeys(b"#" + comment + data)) == "vkeys-file"


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_as_a_vkeys_file(data: bytes) -> None:
    assert vectors.outcome(lambda: checkpoint.parse_vkeys(data)) is not None
