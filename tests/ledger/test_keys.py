from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import keys
from ledger.errors import LedgerError, MalformedError
from tests.ledger import vectors

if TYPE_CHECKING:
    from pathlib import Path

KEY = keys.SigningKey.from_seed(bytes(range(32)), "clerk")

# RFC 8032 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signing_is_rfc_8032s() -> None:
    key = keys.SigningKey.from_seed(SEED)
    assert key.public.hex() == PUBLIC
    assert key.key_id == f"ed25519:{PUBLIC}" == keys.key_id(bytes.fromhex(PUBLIC))
    assert key.sign(b"\x72").hex() == SIGNATURE
    keys.verify_signature(key.key_id, b"\x72", bytes.fromhex(SIGNATURE))


def test_a_signature_with_any_byte_changed_is_refused() -> None:
    signature = KEY.sign(b"text")
    for at in range(64):
        changed = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert vectors.outcome(lambda: keys.verify_signature(KEY.key_id, b"text", changed)) == "signature"  # noqa: B023 -- called at once
    for changed in (b"", signature[:-1], signature + b"\0"):
        assert vectors.outcome(lambda: keys.verify_signature(KEY.key_id, b"text", changed)) == "signature"  # noqa: B023 -- called at once
    assert vectors.outcome(lambda: keys.verify_signature(KEY.key_id, b"Text", signature)) == "signature"


def test_a_signature_whose_scalar_is_not_reduced_is_refused() -> None:
    """S and S + L sign the same message; only the smaller one is taken (RFC 8032 5.1.7)."""
    signature = KEY.sign(b"text")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    twin = signature[:32] + scalar.to_bytes(32, "little")
    assert vectors.outcome(lambda: keys.verify_signature(KEY.key_id, b"text", twin)) == "signature"


LOW_ORDER = {
    "neutral point": "0100000000000000000000000000000000000000000000000000000000000000",
    "neutral point, sign bit set": "0100000000000000000000000000000000000000000000000000000000000080",
    "order 2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order 4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order 4, sign bit set": "0000000000000000000000000000000000000000000000000000000000000080",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, sign bit set": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, the other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, the other, sign bit set": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "y = p": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y = p + 1": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y of all ones": "ff" * 32,
}


@pytest.mark.parametrize("public", LOW_ORDER.values(), ids=LOW_ORDER)
def test_keys_under_which_a_signature_proves_nothing_are_refused(public: str) -> None:
    assert vectors.outcome(lambda: keys.check_public(bytes.fromhex(public))) == "key-public"
    assert vectors.outcome(lambda: keys.verify_signature(f"ed25519:{public}", b"", bytes(64))) == "key-public"


@pytest.mark.parametrize(
    "key_id", ["", PUBLIC, f"ed25519:{PUBLIC.upper()}", f"ed25519:{PUBLIC}0", f"ed25519:{PUBLIC}\n"]
)
def test_a_key_id_has_one_spelling(key_id: str) -> None:
    assert vectors.outcome(lambda: keys.public_of(key_id)) == "key-id"
    assert vectors.outcome(lambda: keys.verify_signature(key_id, b"", bytes(64))) == "key-id"


def test_a_key_file_reads_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "clerk.key"
    KEY.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = keys.load_key(path)
    assert (loaded.key_id, loaded.name, loaded.seed) == (KEY.key_id, "clerk", bytes(range(32)))
    with pytest.raises(FileExistsError):
        KEY.save(path)
    assert keys.load_key(path).key_id == KEY.key_id


def test_a_name_that_a_key_file_cannot_hold_is_refused_before_the_file_is_made(tmp_path: Path) -> None:
    for name in ("", "two words", "a" * 256, "line\nfeed", "é"):
        key = keys.SigningKey.generate(name)
        assert vectors.outcome(lambda: key.save(tmp_path / "key")) == "key-name"  # noqa: B023 -- called at once
    assert list(tmp_path.iterdir()) == []


BAD_FILES = {
    "empty": b"",
    "other format": b"daylight-ed25519-secret-v2 clerk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    "no line feed": b"daylight-ed25519-secret-v1 clerk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "two lines": b"daylight-ed25519-secret-v1 clerk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n",
    "second spelling": b"daylight-ed25519-secret-v1 clerk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
    "no name": b"daylight-ed25519-secret-v1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    "beyond ASCII": "daylight-ed25519-secret-v1 clérk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n".encode(),
    "two seeds": b"daylight-ed25519-secret-v1 clerk AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    "very long": b"daylight-ed25519-secret-v1 " * 100_000,
}


@pytest.mark.parametrize("data", BAD_FILES.values(), ids=BAD_FILES)
def test_a_broken_key_file_is_refused_and_never_repeated(data: bytes) -> None:
    with pytest.raises(MalformedError) as refused:
        keys.parse_key(data)
    assert refused.value.reason == "key-file"
    assert "AAEC" not in str(refused.value)


@given(st.binary(max_size=120))
def test_any_bytes_are_refused_as_a_key_file(data: bytes) -> None:
    assert vectors.outcome(lambda: keys.parse_key(data)) == "key-file"


def test_a_seed_has_32_bytes() -> None:
    assert vectors.outcome(lambda: keys.SigningKey.from_seed(bytes(31))) == "key-seed"


def test_a_secret_does_not_show_in_print() -> None:
    assert repr(KEY) == f"SigningKey({KEY.key_id})"


def test_an_error_prints_its_reason_and_its_detail() -> None:
    assert str(LedgerError("some-reason")) == "some-reason"
    assert str(LedgerError("some-reason", "what was found")) == "some-reason: what was found"


def test_a_key_that_nobody_named_is_called_key() -> None:
    assert keys.SigningKey.generate().name == "key"
    assert keys.SigningKey.from_seed(bytes(32)).name == "key"
