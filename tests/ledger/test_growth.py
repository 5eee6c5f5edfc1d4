from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.checkpoint import CheckpointSigner
from ledger.errors import MalformedError, VerificationError
from ledger.folder import LogFolder
from ledger.growth import checkpoint_of, verify_growth
from tests.ledger.stored import AT, SIGNER, Place, statement

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [0, 1, 2, 255, 256, 257, 300]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with each of its checkpoints kept."""
    folder = tmp_path_factory.mktemp("history")
    place = Place(folder / "data")
    held = 0
    for size in SIZES:
        place.grow(held, size)
        held = size
        shutil.copy(place.log / "checkpoint", folder / f"checkpoint-{size}")
    place.close()
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_the_log_grew_from_each_of_its_checkpoints(history: Path, size: int) -> None:
    old = checkpoint_of(history / f"checkpoint-{size}", SIGNER.verifiers)
    new = checkpoint_of(history / "data", SIGNER.verifiers)
    assert (old.size, new.size) == (size, 300)
    verify_growth(old, new, LogFolder.open(history / "data"))


def refusal(history: Path, old_note: bytes, folder: Path) -> str:
    (folder / "old").write_bytes(old_note)
    old = checkpoint_of(folder / "old", SIGNER.verifiers)
    new = checkpoint_of(history / "data", SIGNER.verifiers)
    with pytest.raises(VerificationError) as caught:
        verify_growth(old, new, LogFolder.open(history / "data"))
    return caught.value.reason


@pytest.mark.parametrize("size", [1, 2, 256, 257, 299, 300])
def test_a_log_that_rewrote_its_past_is_found_out(history: Path, tmp_path: Path, size: int) -> None:
    assert refusal(history, SIGNER.sign(size, b"r" * 32, 1), tmp_path) == "proof-root"


def test_a_log_that_shrank_is_found_out(history: Path, tmp_path: Path) -> None:
    assert refusal(history, SIGNER.sign(301, b"r" * 32, 1), tmp_path) == "log-shrank"


def test_another_log_is_no_growth(history: Path, tmp_path: Path) -> None:
    other = CheckpointSigner("example.org/other", b"e" * 32, b"m" * 32)
    (tmp_path / "old").write_bytes(other.sign(1, b"r" * 32, 1))
    old = checkpoint_of(tmp_path / "old", other.verifiers)
    new = checkpoint_of(history / "data", SIGNER.verifiers)
    with pytest.raises(VerificationError, match="log-other"):
        verify_growth(old, new, LogFolder.open(history / "data"))


def test_a_fork_is_found_out(history: Path, tmp_path: Path) -> None:
    place = Place(tmp_path / "fork")
    place.append(*[statement(number) for number in range(1000, 1310)])
    place.publisher.publish(AT)
    place.close()
    old = checkpoint_of(history / "checkpoint-257", SIGNER.verifiers)
    new = checkpoint_of(place.folder, SIGNER.verifiers)
    with pytest.raises(VerificationError, match="proof-root"):
        verify_growth(old, new, LogFolder.open(place.folder))


def test_a_changed_tile_is_found_out(history: Path, tmp_path: Path) -> None:
    shutil.copytree(history / "data", tmp_path / "data")
    path = tmp_path / "data/log/tile/0/001.p/44"
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    old = checkpoint_of(history / "checkpoint-2", SIGNER.verifiers)
    new = checkpoint_of(tmp_path / "data", SIGNER.verifiers)
    with pytest.raises(VerificationError, match="proof-root"):
        verify_growth(old, new, LogFolder.open(tmp_path / "data"))
    path.write_bytes(content[:-1])
    with pytest.raises(MalformedError, match="tile-length"):
        verify_growth(old, new, LogFolder.open(tmp_path / "data"))


def test_a_checkpoint_of_unknown_keys_is_not_believed(history: Path) -> None:
    strangers = CheckpointSigner(SIGNER.origin, b"x" * 32, b"y" * 32)
    for place in (history / "data", history / "checkpoint-1"):
        with pytest.raises(VerificationError, match="note-unsigned"):
            checkpoint_of(place, strangers.verifiers)
