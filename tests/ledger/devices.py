"""
People's devices, in software: whatever signs an act in a browser, for tests of any room.

A `Passkey` makes assertions as an authenticator and a browser do, truthfully or with a twist; `RawKey` is the browser's
fallback, a P-256 key without authenticator. All are deterministic: the same seed signs the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.entry import Assertion, Signature, Signed, encode_statement
from ledger.passkeys import RelyingParty, challenge_of

if TYPE_CHECKING:
    from ledger.entry import Statement

PARTY = RelyingParty("localhost", ("http://localhost:8000",))
ECDSA = ec.ECDSA(SHA256(), deterministic_signing=True)

# The two primes of a key that was drawn for these tests and signs nothing else.
RSA_P = int(
    "fbe7066af61be981910c2c79e3ffafb1cb824531a525ecf6ab37391860bfe93f1ac9283adc46ffed2fd0aee6cc2102d8"
    "0034d1917da4713d78f991109ae9bca7296a6414420ada5aa140980412a07cf5e1ef71b7d353d3f34410d60794fd0430"
    "f708b01f6a32eab878fa4ca4d7eda4c08f75c17fde325acde83dcb7711d1e2d5",
    16,
)
RSA_Q = int(
    "d080a92e9602ac2d41ee29472ea121762d4d140a0eeb15a61db7e00fcca8b2ad7f576ecb1bbfada6dc274c4446fa39f9"
    "84d8a07d0e350b3d41667b832b7cc5b511f2fa9e68b9c8d78f08f6fa16049658a11134dda22b157f87e4c14528abf3b3"
    "b8a668387a9e13a58415fb1de34cdc786b241fd7c851a7f10844ad519b738479",
    16,
)


def p256_of(seed: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(seed).digest()) >> 1, ec.SECP256R1())


def compressed(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def rsa_key() -> rsa.RSAPrivateKey:
    exponent = pow(65_537, -1, (RSA_P - 1) * (RSA_Q - 1))
    return rsa.RSAPrivateNumbers(
        p=RSA_P,
        q=RSA_Q,
        d=exponent,
        dmp1=rsa.rsa_crt_dmp1(exponent, RSA_P),
        dmq1=rsa.rsa_crt_dmq1(exponent, RSA_Q),
        iqmp=rsa.rsa_crt_iqmp(RSA_P, RSA_Q),
        public_numbers=rsa.RSAPublicNumbers(65_537, RSA_P * RSA_Q),
    ).private_key()


class RawKey:
    """The browser's fallback: ECDSA over P-256, the signature as WebCrypto gives it."""

    def __init__(self, seed: bytes) -> None:
        self._private = p256_of(seed)
        self.key_id = f"es256:{compressed(self._private).hex()}"

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._private.sign(message, ECDSA))
        return r.to_bytes(32) + s.to_bytes(32)


@dataclass
class Passkey:
    """
    One credential of an authenticator, and the browser between it and the page.

    Change a field to make it lie; `client` adds members to the client data, or takes one away by None.
    """

    seed: bytes
    kind: str = "ed25519"
    party: RelyingParty = PARTY
    flags: int = 0x05
    counter: int = 0
    extensions: bytes = b""
    client: dict[str, Any] = field(default_factory=dict)
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        if self.kind == "ed25519":
            public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        elif self.kind == "es256":
            public = compressed(p256_of(self.seed))
        else:
            public = (RSA_P * RSA_Q).to_bytes(256)
        self.key_id = f"passkey-{self.kind}:{public.hex()}"

    @property
    def authenticator_data(self) -> bytes:
        hashed = hashlib.sha256(self.party.rp_id.encode()).digest()
        return hashed + bytes([self.flags]) + self.counter.to_bytes(4) + self.extensions

    def client_data(self, challenge: bytes) -> bytes:
        members = {
            "type": "webauthn.get",
            "challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "origin": self.party.origins[0],
            "crossOrigin": False,
        } | self.client
        kept = {name: value for name, value in members.items() if value is not None}
        return json.dumps(kept, separators=(",", ":")).encode()

    def assert_over(self, client_data: bytes) -> Signature:
        """Sign some client data, whatever it is."""
        signed = self.authenticator_data + hashlib.sha256(client_data).digest()
        if self.kind == "ed25519":
            signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(signed)
        elif self.kind == "es256":
            signature = p256_of(self.seed).sign(signed, ECDSA)
        else:
            signature = rsa_key().sign(signed, padding.PKCS1v15(), SHA256())
        return Signature(
            assertion=Assertion(authenticator_data=self.authenticator_data, client_data=client_data),
            key=self.key_id,
            signature=signature,
        )

    def sign_statement(self, statement: Statement) -> Signature:
        return self.assert_over(self.client_data(challenge_of(encode_statement(statement))))

    def sign(self, statement: Statement) -> Signed:
        """Sign alone, as the author."""
        return Signed(signatures=[self.sign_statement(statement)], statement=statement)
