"""
Passkeys: what a browser is asked, and what its answers are worth.

- User verification is required, always; attestation is never asked for; Ed25519, ES256 and RS256 are taken.
- Two kinds of credential. One signs in and is known to these tables alone. Another signs acts; only its public key enters
  the record. Neither can do what the other does.
- Every credential has a random handle of its own: a device would overwrite one passkey by another of the same handle.
"""

import json
from secrets import token_bytes
from typing import Any, NamedTuple

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, decode_credential_public_key
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey, DecodedOKPPublicKey, DecodedRSAPublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.identity.errors import IdentityError
from portal.identity.public_address import PublicAddress

ALGORITHMS = [Algorithm.EDDSA, Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
PATIENCE_MS = 120_000
_CREDENTIAL_LIMIT = 20_000
_RSA_BYTES = 256


class NewCredential(NamedTuple):
    """A credential that a device has just made. `key_id` is how the record would name its key."""

    id: str
    public_key: str
    key_id: str
    sign_count: int


class Answer(msgspec.Struct, frozen=True):
    """The parts of a device's answer that are read before anything is checked."""

    id: str
    response: dict[str, Any]


def creation_options(
    address: PublicAddress, site: str, name: str, drawn: bytes, *, act: bool, known: list[str]
) -> dict[str, Any]:
    """
    What `navigator.credentials.create` is asked.

    Args:
        name: What the device lists the passkey under.
        act: A credential that signs acts. It need not be found without being named, so that it is never offered for
            signing in.
        known: Credentials that the same person has; a device makes no second one of them.
    """
    options = generate_registration_options(
        rp_id=address.host,
        rp_name=site,
        user_id=token_bytes(32),
        user_name=name,
        user_display_name=name,
        challenge=drawn,
        timeout=PATIENCE_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED if act else ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_described(each) for each in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return _plain(options)


def request_options(address: PublicAddress, drawn: bytes, allowed: list[str]) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked; with nobody named the device offers what it has."""
    options = generate_authentication_options(
        rp_id=address.host,
        challenge=drawn,
        timeout=PATIENCE_MS,
        allow_credentials=[_described(each) for each in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options)


def read_answer(text: str) -> tuple[Answer, bytes]:
    """
    Read a device's answer and the challenge that it says it answers; nothing is checked yet.

    Raises:
        IdentityError: `passkey-malformed`.
    """
    try:
        if len(text) > _CREDENTIAL_LIMIT:
            raise IdentityError("passkey-malformed")
        answer = msgspec.json.decode(text.encode("utf-8"), type=Answer)
        client = json.loads(base64url_to_bytes(answer.response["clientDataJSON"]))
        return answer, base64url_to_bytes(client["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError, RecursionError) as error:
        raise IdentityError("passkey-malformed") from error


def verify_new(address: PublicAddress, text: str, challenge: bytes) -> NewCredential:
    """
    Check that a device made a credential for this site, with its owner verified.

    Raises:
        IdentityError: `passkey-refused`, with what is wrong; `passkey-key` for a kind of key that is not taken.
    """
    try:
        made = verify_registration_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=address.host,
            expected_origin=address.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise IdentityError("passkey-refused", detail=str(error)[:200]) from error
    return NewCredential(
        id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        key_id=key_id_of(made.credential_public_key),
        sign_count=made.sign_count,
    )


def verify_answer(address: PublicAddress, text: str, challenge: bytes, public_key: str) -> int:
    """
    Check that the device which holds this credential answered this challenge, with its owner verified.

    Returns:
        The device's signature counter, for whoever looks into a theft. Nothing is decided by it: passkeys that people
        carry from device to device have none.

    Raises:
        IdentityError: `passkey-refused`, with what is wrong.
    """
    try:
        checked = verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=address.host,
            expected_origin=address.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise IdentityError("passkey-refused", detail=str(error)[:200]) from error
    return checked.new_sign_count


def key_id_of(cose: bytes) -> str:
    """
    Name a COSE public key as the record does: the id is the whole key.

    Raises:
        IdentityError: `passkey-key` for a curve, modulus or exponent that the record does not take.
    """
    try:
        key = decode_credential_public_key(cose)
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise IdentityError("passkey-key") from error
    if isinstance(key, DecodedOKPPublicKey) and key.crv == 6 and len(key.x) == 32:  # noqa: PLR2004 -- RFC 9053: Ed25519
        return f"passkey-ed25519:{key.x.hex()}"
    if isinstance(key, DecodedEC2PublicKey) and key.crv == 1 and len(key.x) == len(key.y) == 32:  # noqa: PLR2004 -- P-256
        return f"passkey-es256:{'03' if key.y[-1] & 1 else '02'}{key.x.hex()}"
    if isinstance(key, DecodedRSAPublicKey) and len(key.n) == _RSA_BYTES and int.from_bytes(key.e, "big") == 65537:  # noqa: PLR2004
        return f"passkey-rs256:{key.n.hex()}"
    raise IdentityError("passkey-key")


def _described(credential: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential))


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain
