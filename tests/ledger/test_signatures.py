from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

import pytest

from ledger import signatures
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.keykinds import verify_signature
from tests.ledger.devices import Passkey, RawKey
from tests.ledger.stored import ANN, BOB

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.signatures import Check

SIGNING = """
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import BadSignatureError

class VerifyKey:
    def __init__(self, key):
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def verify(self, message, signature):
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise BadSignatureError from None
        return message
"""


@pytest.fixture(params=["cryptography", "nacl"])
def check(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Either library; PyNaCl by a stand-in with its interface, for the project does not install it."""
    (tmp_path / "nacl").mkdir()
    (tmp_path / "nacl/__init__.py").touch()
    (tmp_path / "nacl/exceptions.py").write_text("class BadSignatureError(Exception):\n    pass\n")
    (tmp_path / "nacl/signing.py").write_text(SIGNING)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("nacl", "nacl.signing", "nacl.exceptions"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    found = signatures.backend(request.param)
    for name in ("nacl", "nacl.signing", "nacl.exceptions"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return found


def test_a_good_signature_passes(check: Check) -> None:
    check(ANN.key_id, b"act", ANN.sign(b"act"))
    check(ANN.key_id, b"act", ANN.sign(b"act"))


def test_keys_of_other_kinds_are_checked_by_the_log_s_own_library(check: Check) -> None:
    raw = RawKey(bytes(32))
    check(raw.key_id, b"act", raw.sign(b"act"))
    with pytest.raises(VerificationError, match="signature"):
        check(raw.key_id, b"acts", raw.sign(b"act"))
    with pytest.raises(MalformedError, match="assertion-missing"):
        check(Passkey(bytes(32)).key_id, b"act", bytes(64))


@pytest.mark.parametrize(
    ("key", "message", "signature"),
    [
        (BOB.key_id, b"act", ANN.sign(b"act")),
        (ANN.key_id, b"acts", ANN.sign(b"act")),
        (ANN.key_id, b"act", bytes(64)),
    ],
)
def test_any_other_signature_is_false(check: Check, key: str, message: bytes, signature: bytes) -> None:
    with pytest.raises(VerificationError, match="signature"):
        check(key, message, signature)


def test_keys_of_low_order_are_refused_whoever_checks(check: Check) -> None:
    with pytest.raises(MalformedError, match="key-public"):
        check("ed25519:" + "00" * 32, b"act", bytes(64))
    with pytest.raises(LedgerError):
        check("ed25519:", b"act", bytes(64))


def test_another_process_checks_the_same_way(check: Check) -> None:
    told = pickle.dumps(check)
    assert b"nacl" in told or pickle.loads(told) is verify_signature  # noqa: S301 -- our own bytes


def test_the_default_is_the_log_s_own_check() -> None:
    assert signatures.backend("cryptography") is verify_signature


def test_a_library_that_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nacl.signing", None)
    with pytest.raises(MalformedError, match="PyNaCl"):
        signatures.backend("nacl")
    with pytest.raises(MalformedError, match="signatures-backend"):
        signatures.backend("none")
