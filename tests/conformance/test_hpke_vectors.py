"""RFC 9180's own answers for our suite, as the package `cryptography_vectors` carries them."""

import json

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger import hpke
from ledger.keeperkey import load_private

BASE_X25519_SHA256_AES256GCM = {"mode": 0, "kem_id": 0x20, "kdf_id": 1, "aead_id": 2}


def published() -> dict[str, str]:
    """The one published case of this suite in base mode; its absence is a failure, not a skip."""
    with cryptography_vectors.open_vector_file("HPKE/test-vectors.json", "r") as file:
        cases = json.load(file)
    (case,) = (case for case in cases if BASE_X25519_SHA256_AES256GCM.items() <= case.items())
    return case


@pytest.fixture(scope="module")
def case() -> dict[str, str]:
    return published()


def test_encapsulation_agrees_on_the_published_secret(case: dict[str, str]) -> None:
    secret, enc = hpke.encapsulate(bytes.fromhex(case["pkRm"]), bytes.fromhex(case["skEm"]))
    assert (secret.hex(), enc.hex()) == (case["shared_secret"], case["enc"])


def test_key_schedule_gives_the_published_key_and_nonce(case: dict[str, str]) -> None:
    key, nonce = hpke.key_schedule(bytes.fromhex(case["shared_secret"]), bytes.fromhex(case["info"]))
    assert (key.hex(), nonce.hex()) == (case["key"], case["base_nonce"])


def test_first_published_message_decrypts_under_our_key(case: dict[str, str]) -> None:
    """The published messages carry associated data, which ours never do; so the layers meet at the cipher."""
    first = case["encryptions"][0]
    key, nonce = hpke.key_schedule(bytes.fromhex(case["shared_secret"]), bytes.fromhex(case["info"]))
    sealed = AESGCM(key).encrypt(nonce, bytes.fromhex(first["pt"]), bytes.fromhex(first["aad"]))
    assert (nonce.hex(), sealed.hex()) == (first["nonce"], first["ct"])


def test_the_library_opens_our_message_under_the_published_keys(case: dict[str, str]) -> None:
    info = bytes.fromhex(case["info"])
    sealed = hpke.seal(bytes.fromhex(case["pkRm"]), bytes.fromhex(case["skEm"]), info, b"share")
    assert sealed[:32].hex() == case["enc"]
    assert hpke.open_sealed(load_private(bytes.fromhex(case["skRm"])), info, sealed) == b"share"
