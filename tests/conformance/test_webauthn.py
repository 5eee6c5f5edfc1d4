"""Another library judges the same assertions: it takes all that ours takes, and ours refuses all that it refuses."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import verify_authentication_response
from webauthn.helpers import bytes_to_base64url, encode_cbor
from webauthn.helpers.exceptions import WebAuthnException

from ledger import entry, keykinds, passkeys
from tests.ledger import vectors

ONE = {
    name: case
    for name, case in vectors.load("passkey")["cases"].items()
    if case["party"] is not None
    and len(json.loads(case["signed"])["signatures"]) == 1
    and json.loads(case["signed"])["signatures"][0].get("assertion")
    and keykinds.KEY_ID.fullmatch(json.loads(case["signed"])["statement"]["author"])
    and keykinds.is_passkey(json.loads(case["signed"])["statement"]["author"])
    and case["refused"] not in {"key-public", "json-shape"}
}

STRICTER = {
    "authenticator-data-attested",
    "authenticator-data-backup",
    "authenticator-data-extensions",
    "authenticator-data-length",
    "client-data-json",
    "client-data-length",
    "client-data-repeated",
    "passkey-challenge",
    "passkey-cross-origin",
}
"""What we refuse and it may take: it reads JSON and CBOR as it comes, and is asked about no frames."""


def cose_of(key: str) -> bytes:
    """Write a key as authenticators do (RFC 9053)."""
    kind, _, digits = key.partition(":")
    public = bytes.fromhex(digits)
    if kind == "passkey-ed25519":
        return encode_cbor({1: 1, 3: -8, -1: 6, -2: public})
    if kind == "passkey-es256":
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public).public_numbers()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
    return encode_cbor({1: 3, 3: -257, -1: public, -2: (65_537).to_bytes(3)})


def judged_elsewhere(case: dict[str, Any]) -> bool:
    signed = json.loads(case["signed"])
    statement = entry.parse_statement(json.dumps(signed["statement"], separators=(",", ":")).encode())
    [one] = signed["signatures"]
    url = {name: bytes_to_base64url(base64.b64decode(text)) for name, text in one["assertion"].items()}
    response = {
        "authenticatorData": url["authenticator_data"],
        "clientDataJSON": url["client_data"],
        "signature": bytes_to_base64url(base64.b64decode(one["signature"])),
    }
    try:
        verify_authentication_response(
            credential={"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response},
            expected_challenge=passkeys.challenge_of(entry.encode_statement(statement)),
            expected_rp_id=case["party"]["rp_id"],
            expected_origin=case["party"]["origins"],
            credential_public_key=cose_of(one["key"]),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("case", vectors.named(ONE))
def test_the_other_library_agrees_or_is_known_to_be_more_lenient(case: dict[str, Any]) -> None:
    if judged_elsewhere(case):
        assert case["refused"] is None or case["refused"] in STRICTER
    else:
        assert case["refused"] is not None


def test_most_cases_are_judged_alike() -> None:
    alike = [name for name, case in ONE.items() if judged_elsewhere(case) == (case["refused"] is None)]
    assert len(alike) * 4 >= len(ONE) * 3
