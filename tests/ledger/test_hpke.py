import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import hkdf, hpke
from ledger.errors import MalformedError, VerificationError
from ledger.keeperkey import load_private
from tests.ledger import plain_sealing
from tests.ledger.plain_sealing import made_up, public_of

PRIVATE = made_up("recipient")
PUBLIC = public_of(PRIVATE)


@given(ephemeral=st.binary(min_size=32, max_size=32), info=st.binary(max_size=120), text=st.binary(max_size=200))
def test_the_library_opens_what_the_sender_seals_and_a_second_sender_agrees(
    ephemeral: bytes, info: bytes, text: bytes
) -> None:
    sealed = hpke.seal(PUBLIC, ephemeral, info, text)
    assert len(sealed) == len(text) + hpke.OVERHEAD
    assert sealed == plain_sealing.hpke_seal(PUBLIC, ephemeral, info, text)
    assert hpke.open_sealed(load_private(PRIVATE), info, sealed) == text


WRONG = {
    "another purpose": (PRIVATE, b"drill", b""),
    "another key": (made_up("else"), b"share", b""),
    "a byte more": (PRIVATE, b"share", b"\x00"),
}


@pytest.mark.parametrize(("private", "info", "more"), WRONG.values(), ids=WRONG)
def test_what_was_not_sealed_so_does_not_open(private: bytes, info: bytes, more: bytes) -> None:
    sealed = hpke.seal(PUBLIC, made_up("ephemeral"), b"share", b"text")
    with pytest.raises(VerificationError) as caught:
        hpke.open_sealed(load_private(private), info, sealed + more)
    assert caught.value.reason == "sealed-unreadable"


@given(junk=st.binary(max_size=120))
def test_any_other_bytes_do_not_open(junk: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        hpke.open_sealed(load_private(PRIVATE), b"share", junk)
    assert caught.value.reason == "sealed-unreadable"


BAD_RECIPIENTS = {"low order: zero": bytes(32), "low order: one": b"\x01" + bytes(31), "31 bytes": bytes(31)}


@pytest.mark.parametrize("recipient", BAD_RECIPIENTS.values(), ids=BAD_RECIPIENTS)
def test_nothing_is_sealed_to_a_key_that_keeps_no_secret(recipient: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        hpke.seal(recipient, made_up("ephemeral"), b"share", b"text")
    assert caught.value.reason == "recipient-key"


# RFC 5869, appendix A: test cases 1 to 3.
HKDF_ANSWERS = {
    "1": (
        b"\x0b" * 22,
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    "2: longer inputs": (
        bytes(range(0x50)),
        bytes(range(0x60, 0xB0)),
        bytes(range(0xB0, 0x100)),
        (
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
    ),
    "3: no salt, no info": (
        b"\x0b" * 22,
        b"",
        b"",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
}


@pytest.mark.parametrize(("material", "salt", "info", "answer"), HKDF_ANSWERS.values(), ids=HKDF_ANSWERS)
def test_hkdf_gives_the_answers_of_rfc_5869(material: bytes, salt: bytes, info: bytes, answer: str) -> None:
    assert hkdf.expand(hkdf.extract(salt, material), info, len(answer) // 2).hex() == answer


def test_hkdf_expands_to_its_limit_and_no_further() -> None:
    key = hkdf.extract(b"", b"")
    assert hkdf.expand(key, b"", 0) == b""
    assert len(hkdf.expand(key, b"", hkdf.MAX_OUTPUT)) == 8160
    for length in (-1, hkdf.MAX_OUTPUT + 1):
        with pytest.raises(RuntimeError):
            hkdf.expand(key, b"", length)
