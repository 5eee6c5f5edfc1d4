"""A device with passkeys, and the browser's page between it and the desk, as `passkey.js` behaves."""

import json
import os
from hashlib import sha256
from typing import Any

import cbor2
import httpx
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from ledger.entry import Statement, parse_statement
from ledger.passkeys import RelyingParty
from tests.ledger.devices import RSA_P, RSA_Q, Passkey, compressed, p256_of
from tests.web.test_desk import Browser

LOCAL = RelyingParty("localhost", ("http://localhost:8000",))
CREATED = b"\x45"
"""Flags of a new credential: present, verified, with the credential's data."""


def cose_of(key: Passkey) -> bytes:
    """A credential's public key as devices give it."""
    if key.kind == "ed25519":
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: bytes.fromhex(key.key_id.partition(":")[2])})
    if key.kind == "es256":
        numbers = p256_of(key.seed).public_key().public_numbers()
        assert compressed(p256_of(key.seed)).hex() in key.key_id
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
    return cbor2.dumps({1: 3, 3: -257, -1: (RSA_P * RSA_Q).to_bytes(256), -2: b"\x01\x00\x01"})


class Device:
    """Something that holds passkeys and asks its owner each time; `changes` make the next key lie."""

    def __init__(self, kind: str = "es256", party: RelyingParty = LOCAL) -> None:
        self.kind = kind
        self.party = party
        self.keys: dict[str, Passkey] = {}
        self.created = CREATED
        self.client: dict[str, Any] = {}

    def create(self, options: dict[str, Any], purpose: str) -> dict[str, Any]:
        """Make a credential, as `navigator.credentials.create` and our page do."""
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]
        assert options["attestation"] == "none"
        key = Passkey(os.urandom(32), self.kind, self.party, client={"type": "webauthn.create", **self.client})
        name = os.urandom(16)
        client = key.client_data(challenge_for(purpose, options["challenge"]))
        data = sha256(self.party.rp_id.encode()).digest() + self.created + bytes(4)
        data += bytes(16) + len(name).to_bytes(2) + name + cose_of(key)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        key.client = dict(self.client)
        self.keys[bytes_to_base64url(name)] = key
        return {
            "id": bytes_to_base64url(name),
            "rawId": bytes_to_base64url(name),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(attested),
            },
        }

    def get(self, options: dict[str, Any], purpose: str, only: str = "") -> dict[str, Any]:
        """Answer with a credential that is allowed, as `navigator.credentials.get` and our page do."""
        allowed = [only] if only else [each["id"] for each in options.get("allowCredentials", [])] or list(self.keys)
        name = next(each for each in allowed if each in self.keys)
        key = self.keys[name]
        signature = key.assert_over(key.client_data(challenge_for(purpose, options["challenge"])))
        assert signature.assertion is not None
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": bytes_to_base64url(signature.assertion.client_data),  # type: ignore[union-attr]
                "authenticatorData": bytes_to_base64url(signature.assertion.authenticator_data),  # type: ignore[union-attr]
                "signature": bytes_to_base64url(signature.signature),
                "userHandle": None,
            },
        }

    def sign(self, statement: Statement, key_id: str) -> dict[str, str]:
        """Sign a statement, as `sign.js` posts it."""
        key = next(each for each in self.keys.values() if each.key_id == key_id)
        signature = key.sign_statement(statement)
        return {
            "key": key_id,
            "signature": bytes_to_base64url(signature.signature),
            "authenticator_data": bytes_to_base64url(signature.assertion.authenticator_data),  # type: ignore[union-attr]
            "client_data": bytes_to_base64url(signature.assertion.client_data),  # type: ignore[union-attr]
        }


def challenge_for(purpose: str, drawn: str) -> bytes:
    """What the page asks the device."""
    return sha256(f"daylight-{purpose}-v1\x00".encode() + base64url_to_bytes(drawn)).digest()


class Person(Browser):
    """Somebody with a browser and a device."""

    def __init__(self, app: Any, device: Device | None = None) -> None:
        super().__init__(app)
        self.device = device or Device()
        self.made: list[str] = []
        self.went = ""

    @property
    def acting(self) -> Passkey:
        """The key made last that signs acts."""
        return self.device.keys[self.made[-1]]

    def send(self, path: str, **data: str) -> httpx.Response:
        """Post as the page's script does."""
        return self.ask("POST", path, {"token": self.token(), **data}, accept="application/json")

    def accept(self, link: str, label: str = "") -> httpx.Response:
        """Make a passkey to sign in with, by an invitation's link."""
        asked = self.send(f"{link}/start").json()
        made = self.device.create(asked["publicKey"], asked["purpose"])
        return self.send(link, credential=json.dumps(made), label=label)

    def make_acting_key(self) -> httpx.Response:
        """Make a key that signs acts."""
        asked = self.send("/desk/keys/new/start").json()
        made = self.device.create(asked["publicKey"], asked["purpose"])
        self.made.append(made["id"])
        proof = self.device.get(asked["proof"]["publicKey"], asked["proof"]["purpose"], made["id"])
        return self.send("/desk/keys/new", credential=json.dumps(made), proof=json.dumps(proof))

    def sign_act(self, where: str, by: Passkey | None = None, **changes: str) -> httpx.Response:
        """Sign a draft as `sign.js` does: over the bytes that the desk hands out."""
        statement = parse_statement(self.get(f"{where}/statement").content)
        fields = self.device.sign(statement, (by or self.acting).key_id) | changes
        return self.send(f"{where}/device", **fields)

    def enter(self, email: str = "", only: str = "") -> httpx.Response:
        """Sign in with a passkey."""
        asked = self.send("/desk/sign-in/start", email=email)
        if asked.status_code != 200:
            return asked
        found = self.device.get(asked.json()["publicKey"], asked.json()["purpose"], only)
        return self.send("/desk/sign-in", credential=json.dumps(found))
