"""Chromium's own authenticators sign acts: our verifier takes them, and so does another library than ours."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from webauthn import verify_authentication_response
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey, DecodedOKPPublicKey, DecodedRSAPublicKey

from ledger import entry, keykinds, passkeys
from ledger.errors import VerificationError
from tests.ledger.devices import PARTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ADDRESS = PARTY.origins[0]
ALGORITHMS = {"ed25519": -8, "es256": -7, "rs256": -257}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

REGISTER = """async ([algorithm, challenge]) => {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON({
    rp: { id: "localhost", name: "Daylight" }, user: { id: "AAAA", name: "ada", displayName: "Ada" }, challenge,
    pubKeyCredParams: [{ type: "public-key", alg: algorithm }],
    authenticatorSelection: { userVerification: "required", residentKey: "required" },
  });
  return (await navigator.credentials.create({ publicKey: options })).toJSON();
}"""
ASSERT = """async ([id, challenge, verification]) => {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON({
    rpId: "localhost", challenge, userVerification: verification, allowCredentials: [{ type: "public-key", id }],
  });
  return (await navigator.credentials.get({ publicKey: options })).toJSON();
}"""
FALLBACK = """async (message) => {
  const key = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const bytes = Uint8Array.from(atob(message), (letter) => letter.charCodeAt(0));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, bytes);
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return [text(await crypto.subtle.exportKey("raw", key.publicKey)), text(signature)];
}"""


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        opened = context.new_page()
        opened.route(f"{ADDRESS}/", lambda route: route.fulfill(body="<!doctype html><title>a page</title>"))
        opened.goto(f"{ADDRESS}/")
        yield opened


@pytest.fixture
def devtools(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session


def key_id(cose: bytes) -> str:
    """Name a credential's key as the record does, from what another library reads in it."""
    key = decode_credential_public_key(cose)
    if isinstance(key, DecodedOKPPublicKey):
        return f"passkey-ed25519:{key.x.hex()}"
    if isinstance(key, DecodedEC2PublicKey):
        return f"passkey-es256:{2 + key.y[-1] % 2:02x}{key.x.hex()}"
    assert isinstance(key, DecodedRSAPublicKey)
    assert int.from_bytes(key.e) == 65_537
    return f"passkey-rs256:{key.n.hex()}"


def registered(page: Page, kind: str) -> tuple[str, bytes]:
    """Make a credential; tell its id and its public key."""
    made = page.evaluate(REGISTER, [ALGORITHMS[kind], base64url(bytes(32))])
    # Authenticator data: 37 bytes, the authenticator's model (16), the length of the id (2), the id, the key.
    data = octets(made["response"]["authenticatorData"])
    return made["id"], data[55 + int.from_bytes(data[53:55]) :]


def act(author: str) -> entry.Statement:
    return entry.make_statement(
        log="log.example/test", kind="question-asked", subject="firm:a", body={"text": "Why?"}, author=author
    )


def signed(statement: entry.Statement, told: Any) -> entry.Signed:
    evidence = passkeys.Assertion(
        authenticator_data=octets(told["response"]["authenticatorData"]),
        client_data=octets(told["response"]["clientDataJSON"]),
    )
    one = entry.Signature(assertion=evidence, key=statement.author, signature=octets(told["response"]["signature"]))
    return entry.Signed(signatures=[one], statement=statement)


@pytest.mark.parametrize("kind", ALGORITHMS)
def test_an_act_signed_in_chromium_verifies_here_and_with_another_library(page: Page, devtools: Any, kind: str) -> None:
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    credential, cose = registered(page, kind)
    name = key_id(cose)
    assert name.startswith(f"passkey-{kind}:")
    keykinds.check_key(name)
    statement = act(name)
    challenge = passkeys.challenge_of(entry.encode_statement(statement))
    told = page.evaluate(ASSERT, [credential, base64url(challenge), "required"])
    made = signed(statement, told)
    assert entry.verify_signed(made, PARTY).keys == (name,)
    agreed = verify_authentication_response(
        credential=json.dumps(told),
        expected_challenge=challenge,
        expected_rp_id=PARTY.rp_id,
        expected_origin=list(PARTY.origins),
        credential_public_key=cose,
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    assert agreed.user_verified
    moved = passkeys.RelyingParty("localhost", ("http://localhost:8001",))
    with pytest.raises(VerificationError, match="passkey-origin"):
        entry.verify_signed(made, moved)


def test_a_device_that_did_not_ask_who_touched_it_signs_no_act(page: Page, devtools: Any) -> None:
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    credential, cose = registered(page, "es256")
    statement = act(key_id(cose))
    challenge = passkeys.challenge_of(entry.encode_statement(statement))
    told = page.evaluate(ASSERT, [credential, base64url(challenge), "discouraged"])
    with pytest.raises(VerificationError, match="passkey-user-verification"):
        entry.verify_signed(signed(statement, told), PARTY)


def test_a_browser_without_a_device_signs_with_a_key_it_never_shows(page: Page) -> None:
    public, signature = page.evaluate(FALLBACK, base64.b64encode(entry.signing_input(b"{}")).decode())
    point = base64.b64decode(public)
    key = f"es256:{2 + point[-1] % 2:02x}{point[1:33].hex()}"
    keykinds.verify_signature(key, entry.signing_input(b"{}"), base64.b64decode(signature))
    with pytest.raises(VerificationError, match="signature"):
        keykinds.verify_signature(key, entry.signing_input(b"[]"), base64.b64decode(signature))
