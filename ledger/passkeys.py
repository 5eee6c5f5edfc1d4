"""
Assertions: how a passkey signs an act, and how anyone checks it offline.

Rules (SPEC.md, section 3, and W3C Web Authentication):
- An authenticator signs no text of ours. Its challenge is the hash of what other keys sign, and what
  it did with that challenge, where and before whom, is kept word for word and judged here.
- Client data and authenticator data are judged as bytes from a stranger: bounded first, one meaning,
  no name twice.
- Which site an assertion may come from is no constant: the relying party that the log states is in
  force from the entry after its statement, and each assertion is judged by that of its own place.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import msgspec

from ledger import keykinds
from ledger.cbor import check_map
from ledger.errors import MalformedError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND: Final = "relying-party-stated"
"""The kind of the entry by which a log states its relying party."""

SUBJECT: Final = "log:self"
"""What that entry is about."""

CLIENT_DATA_LIMIT: Final = 4096
AUTHENTICATOR_DATA_LIMIT: Final = 1024
ORIGINS_LIMIT: Final = 8

_FIXED: Final = 37
"""Bytes of authenticator data before anything optional: hash of the relying party's id, flags, counter."""

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?![0-9]+\Z){_LABEL}")
_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?")
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_LARGEST_PORT: Final = 65_535
_LOCAL: Final = re.compile(r"(?:.*\.)?localhost")


class Assertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a passkey's device said when it signed, verbatim; base64 in JSON."""

    authenticator_data: bytes
    client_data: bytes


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site whose passkeys sign acts: its id, and the origins its pages are served from."""

    rp_id: str
    origins: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no browser would take for one."""
        if _DOMAIN.fullmatch(self.rp_id) is None:
            raise MalformedError("relying-party-id", f"{self.rp_id[:90]!r} is no domain name")
        if not 1 <= len(self.origins) <= ORIGINS_LIMIT or len(set(self.origins)) != len(self.origins):
            raise MalformedError("relying-party-origins", f"not 1 to {ORIGINS_LIMIT} different origins")
        for origin in self.origins:
            found = _ORIGIN.fullmatch(origin)
            if found is None or not _serves(found[1], found[2], int(found[3] or 0), self.rp_id):
                raise MalformedError("relying-party-origins", f"{origin[:90]!r} is no origin of {self.rp_id}")


class Whence(NamedTuple):
    """What an assertion says about where it was made: all that depends on the relying party."""

    origin: str
    rp_id_hash: bytes


def party_of(body: Mapping[str, Any]) -> RelyingParty:
    """
    Read the body of a `relying-party-stated` entry.

    Raises:
        MalformedError: `relying-party-body`, `relying-party-id` or `relying-party-origins`.
    """
    rp_id, origins = body.get("rp_id"), body.get("origins")
    if (
        set(body) != {"origins", "rp_id"}
        or not isinstance(rp_id, str)
        or not isinstance(origins, list)
        or not all(isinstance(origin, str) for origin in origins)
    ):
        raise MalformedError("relying-party-body", "not origins and rp_id")
    return RelyingParty(rp_id, tuple(origins))


def body_of(party: RelyingParty) -> dict[str, Any]:
    """Write a relying party as the body of its entry."""
    return {"origins": list(party.origins), "rp_id": party.rp_id}


def challenge_of(statement_bytes: bytes) -> bytes:
    """Tell the 32 bytes that a passkey is asked to sign for a statement."""
    return hashlib.sha256(keykinds.signing_input(statement_bytes)).digest()


def verify_assertion(
    key: str, statement_bytes: bytes, signature: bytes, assertion: Assertion, party: RelyingParty | None
) -> None:
    """
    Make sure that a person, verified by their device, signed this statement on a page of this site.

    Args:
        party: The one in force at the statement's place in the log; None where the log stated none.

    Raises:
        MalformedError: `assertion-unexpected`, `key-id`, `key-public`, `client-data-…` or `authenticator-data-…`.
        VerificationError: `relying-party-missing`, `signature` or `passkey-…`.
    """
    check_whence(read_assertion(key, statement_bytes, signature, assertion), party)


def read_assertion(key: str, statement_bytes: bytes, signature: bytes, assertion: Assertion) -> Whence:
    """
    Check all of an assertion that does not depend on the relying party.

    Returns:
        Where it says it was made, for `check_whence`: a caller that drops it has checked too little.
    """
    if not keykinds.is_passkey(key):
        raise MalformedError("assertion-unexpected", f"{key[:90]} signs statements, not assertions")
    rp_id_hash = _read_authenticator_data(assertion.authenticator_data)
    origin = _read_client_data(assertion.client_data, challenge_of(statement_bytes))
    signed = assertion.authenticator_data + hashlib.sha256(assertion.client_data).digest()
    keykinds.verify_bytes(key, signed, signature)
    return Whence(origin, rp_id_hash)


def check_whence(whence: Whence, party: RelyingParty | None) -> None:
    """
    Make sure that an assertion was made for this relying party.

    Raises:
        VerificationError: `relying-party-missing`, `passkey-origin` or `passkey-rp`.
    """
    if party is None:
        raise VerificationError("relying-party-missing", "no relying party is in force, so no passkey can sign")
    if whence.origin not in party.origins:
        raise VerificationError("passkey-origin", f"signed at {whence.origin[:90]!r}")
    if whence.rp_id_hash != hashlib.sha256(party.rp_id.encode()).digest():
        raise VerificationError("passkey-rp", f"signed for another relying party than {party.rp_id}")


def _serves(scheme: str, host: str, port: int, rp_id: str) -> bool:
    """Tell whether pages of an origin, spelled as browsers spell it, may ask for a site's passkeys (WebAuthn 5.1.4.1)."""
    return (
        (host == rp_id or host.endswith("." + rp_id))
        and _DOMAIN.fullmatch(host) is not None
        and (scheme == "https" or _LOCAL.fullmatch(host) is not None)
        and port != _USUAL_PORTS[scheme]
        and port <= _LARGEST_PORT
    )


def _read_authenticator_data(data: bytes) -> bytes:
    """Judge what the device vouches for (WebAuthn 6.1); tell the hash of the relying party's id."""
    if not _FIXED <= len(data) <= AUTHENTICATOR_DATA_LIMIT:
        raise MalformedError("authenticator-data-length", f"{len(data)} bytes")
    flags = data[32]
    if flags & _ATTESTED:
        raise MalformedError("authenticator-data-attested", "a new key's data, which no assertion carries")
    if flags & _BACKED_UP and not flags & _ELIGIBLE:
        raise MalformedError("authenticator-data-backup", "backed up, and cannot be")
    if flags & _EXTENDED:
        check_map(data, _FIXED, "authenticator-data-extensions")
    elif len(data) != _FIXED:
        raise MalformedError("authenticator-data-length", f"{len(data)} bytes without extensions")
    if not flags & _PRESENT:
        raise VerificationError("passkey-user-presence", "nobody touched the device")
    if not flags & _VERIFIED:
        raise VerificationError("passkey-user-verification", "the device did not make sure who touched it")
    return data[:32]


def _read_client_data(data: bytes, challenge: bytes) -> str:
    """Judge what the browser vouches for (WebAuthn 5.8.1); tell the origin."""
    members = _parse_client_data(data)
    if members.get("type") != "webauthn.get":
        raise VerificationError("passkey-type", "not an assertion")
    expected = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    if members.get("challenge") != expected:
        raise VerificationError("passkey-challenge", "made for another statement")
    if members.get("crossOrigin", False) is not False or "topOrigin" in members:
        raise VerificationError("passkey-cross-origin", "made inside a page of another origin")
    origin = members.get("origin")
    if not isinstance(origin, str):
        raise MalformedError("client-data-origin", "no origin")
    return origin


def _parse_client_data(data: bytes) -> dict[str, Any]:
    if len(data) > CLIENT_DATA_LIMIT:
        raise MalformedError("client-data-length", f"{len(data)} bytes, at most {CLIENT_DATA_LIMIT}")
    try:
        members = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MalformedError("client-data-json", "not JSON in UTF-8") from error
    if not isinstance(members, dict):
        raise MalformedError("client-data-json", "not an object")
    return members


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("client-data-repeated", "a name stands twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedError("client-data-json", f"{name} is no JSON")
