"""
Statements and signatures: what people say, and who signed it.

Rules (SPEC.md, section 3):
- A statement is canonical JSON; its author and at most one other sign the same bytes, behind a
  prefix that no other format begins with.
- What a log will not take is refused here, before anybody signs it.
- Readers take bytes and accept one spelling.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from ledger import canonical, keykinds, passkeys
from ledger.errors import MalformedError, VerificationError
from ledger.keykinds import signing_input

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.passkeys import RelyingParty

KIND = re.compile(r"(?=.{1,60}\Z)[a-z]+(-[a-z]+)*")
SUBJECT = re.compile(r"[a-z][a-z0-9-]{0,39}:[a-z0-9][a-z0-9-]{0,79}")
ORIGIN = re.compile(r"[!-*,-~]{1,255}")
HASH = re.compile(r"[0-9a-f]{64}")
NONCE = re.compile(r"[0-9a-f]{32}")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")

COMMITMENTS_LIMIT = 512
"""Commitments in one statement at most."""

BODY_DEPTH = canonical.DEPTH - 2
"""An entry holds the statement, the statement the body: two containers are spoken for."""

Index = Annotated[int, msgspec.Meta(ge=0, le=canonical.INTEGER_MAX)]
SignatureBytes = Annotated[bytes, msgspec.Meta(min_length=8, max_length=256)]
Body: TypeAlias = dict[str, Any]
if TYPE_CHECKING:
    import typing_extensions

    AnyBody = typing_extensions.TypeVar("AnyBody", default=Body)
else:
    AnyBody = TypeVar("AnyBody")  # a decoder of narrower bodies, as batch.py's, makes plain statements too

Octets: TypeAlias = bytes
"""`bytes`, where a field of that name hides the type."""


def decoder_of(struct: Any, key: Any = str) -> msgspec.json.Decoder[Any]:
    """
    Make the decoder of a struct that is generic over its body.

    Args:
        key: What the keys of objects in the body may be; see `canonical.values`.
    """
    body: Any = GenericAlias(dict, (key, canonical.values(BODY_DEPTH - 1, key)))
    return msgspec.json.Decoder(struct[body])


class DocumentReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """
    A file that the entry vouches for without holding it.

    Any object in a body with exactly these three keys is one, whatever its author meant; the file
    must lie in the log folder as `document/<sha256>`.
    """

    length: Index
    media_type: str
    sha256: str


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The newest checkpoint that an author knew: proof that the statement is not older."""

    root: str
    size: Index


class Statement(msgspec.Struct, Generic[AnyBody], frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What somebody says, about one subject, to one log. Fields in canonical order."""

    author: str
    body: AnyBody
    commitments: list[str]
    kind: str
    log: str
    nonce: str
    seen: Seen | msgspec.UnsetType = msgspec.UNSET
    subject: str


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One signer's key id and signature, and what a passkey's device signed with it; bytes are base64 in JSON."""

    assertion: passkeys.Assertion | msgspec.UnsetType = msgspec.UNSET
    key: str
    signature: SignatureBytes


class Signed(msgspec.Struct, Generic[AnyBody], frozen=True, forbid_unknown_fields=True, gc=False):
    """A statement on its way to the log, with one or two signatures in order of key id."""

    signatures: list[Signature]
    statement: Statement[AnyBody]


class Signer(Protocol):
    """Who signs a statement's bytes themselves: a `keys.SigningKey`, or whatever else holds a raw key."""

    @property
    def key_id(self) -> str:
        """Whose signature it will be."""

    def sign(self, message: bytes) -> bytes:
        """Sign these bytes."""


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """
    A statement whose form and signatures were checked: the only thing a store appends.

    It is made by `verify_signed` and nowhere else.
    """

    signed: Signed
    statement: Statement
    hash: bytes
    bytes: bytes
    keys: tuple[str, ...]


_SIGNED = decoder_of(Signed)
_STATEMENT = decoder_of(Statement)


def make_statement(
    *,
    log: str,
    kind: str,
    subject: str,
    body: dict[str, Any],
    author: str,
    nonce: str | None = None,
    commitments: Iterable[str] = (),
    seen: Seen | None = None,
) -> Statement:
    """
    Put a statement together, refusing what no log would take.

    Args:
        nonce: 32 hexadecimal digits; drawn at random unless given, which only tests and
            re-enactments should do: two equal statements are one statement to a log.
        seen: The newest published checkpoint its author knew; None in anonymous acts.

    Raises:
        MalformedError: The reason of the first field that is not of the profile.
    """
    statement = Statement(
        author=author,
        body=body,
        commitments=sorted(commitments),
        kind=kind,
        log=log,
        nonce=secrets.token_hex(16) if nonce is None else nonce,
        seen=msgspec.UNSET if seen is None else seen,
        subject=subject,
    )
    check_statement(statement)
    return statement


def check_statement(statement: Statement) -> None:
    """
    Refuse a statement that breaks a rule of its format.

    Raises:
        MalformedError: `statement-<field>`, or a reason of `canonical.check` from the body.
    """
    if not isinstance(statement.body, dict):
        raise MalformedError("statement-body", "not an object")
    canonical.check(statement.body, BODY_DEPTH)
    check_fields(statement)


def check_fields(statement: Statement) -> None:
    """
    Check all of a statement but its body.

    Raises:
        MalformedError: `statement-<field>`.
    """
    if keykinds.KEY_ID.fullmatch(statement.author) is None:
        raise MalformedError("statement-author", f"{statement.author[:90]!r} is not a key id")
    check_commitments(statement.commitments)
    if KIND.fullmatch(statement.kind) is None:
        raise MalformedError("statement-kind", f"{statement.kind[:90]!r}")
    check_origin(statement.log, "statement-log")
    if NONCE.fullmatch(statement.nonce) is None:
        raise MalformedError("statement-nonce", "not 32 hexadecimal digits")
    if statement.seen is not msgspec.UNSET:
        check_seen(statement.seen)
    if SUBJECT.fullmatch(statement.subject) is None:
        raise MalformedError("statement-subject", f"{statement.subject[:90]!r}")


def check_seen(seen: Seen) -> None:
    """
    Refuse what cannot be the size and root of a checkpoint.

    Raises:
        MalformedError: `statement-seen`.
    """
    if HASH.fullmatch(seen.root) is None or not 0 <= seen.size <= canonical.INTEGER_MAX:
        raise MalformedError("statement-seen", "not the size and root of a checkpoint")


def check_commitments(commitments: list[str]) -> None:
    """
    Refuse commitments that are not hashes, sorted and all different.

    Raises:
        MalformedError: `statement-commitments`.
    """
    if len(commitments) > COMMITMENTS_LIMIT:
        raise MalformedError("statement-commitments", f"more than {COMMITMENTS_LIMIT}")
    before = ""
    for commitment in commitments:
        if HASH.fullmatch(commitment) is None or commitment <= before:
            raise MalformedError("statement-commitments", "not hashes in strictly ascending order")
        before = commitment


def check_origin(origin: str, reason: str = "origin") -> None:
    """
    Refuse a name that a log of this format cannot have.

    Raises:
        MalformedError: With the given reason.
    """
    if ORIGIN.fullmatch(origin) is None:  # signed-note: no space, no plus; ours: printable ASCII
        raise MalformedError(reason, f"{origin[:90]!r}")


def check_signatures(signatures: list[Signature], author: str) -> None:
    """
    Refuse a list of signatures that is not one or two, in order, the author's among them.

    Looks at the form only; `verify_signed` looks at the signatures.

    Raises:
        MalformedError: `signatures-count`, `signature-key`, `signature-length`, `assertion-missing`,
            `assertion-unexpected`, `signatures-order` or `signature-author`.
    """
    if not 1 <= len(signatures) <= 2:  # noqa: PLR2004 -- SPEC 3: one or two
        raise MalformedError("signatures-count", f"{len(signatures)} signatures, not one or two")
    for signature in signatures:
        if keykinds.KEY_ID.fullmatch(signature.key) is None:
            raise MalformedError("signature-key", f"{signature.key[:90]!r} is not a key id")
        keykinds.check_length(signature.key, signature.signature)
        if keykinds.is_passkey(signature.key) != (signature.assertion is not msgspec.UNSET):
            reason = "assertion-missing" if signature.assertion is msgspec.UNSET else "assertion-unexpected"
            raise MalformedError(reason, "passkeys sign assertions, and no other key does")
    if len(signatures) == 2 and signatures[0].key >= signatures[1].key:  # noqa: PLR2004 -- as above
        raise MalformedError("signatures-order", "not in ascending order of key id")
    if all(signature.key != author for signature in signatures):
        raise MalformedError("signature-author", "the author's signature is missing")


def encode_statement(statement: Statement) -> bytes:
    """Write a statement's canonical bytes; trusts that it was checked."""
    return canonical.encode(statement)


def sign(statement: Statement, *signers: Signer) -> Signed:
    """
    Sign with one or two keys. A first signer who is not the author leaves an unfinished draft.

    Raises:
        MalformedError: The statement breaks a rule of its format.
    """
    check_statement(statement)
    message = signing_input(canonical.encode(statement))
    signatures = [Signature(key=signer.key_id, signature=signer.sign(message)) for signer in signers]
    return Signed(signatures=sorted(signatures, key=lambda each: each.key), statement=statement)


def add_signature(signed: Signed, signer: Signer) -> Signed:
    """
    Let a second person sign the same bytes.

    Raises:
        MalformedError: `signatures-count` if two stand there already.
        VerificationError: `signature-repeated` if this key has signed already.
    """
    return attach_signature(signed, *sign(signed.statement, signer).signatures)


def attach_signature(signed: Signed, signature: Signature) -> Signed:
    """
    Put a second signature beside the first, as it came from a browser; `verify_signed` judges both.

    Raises:
        MalformedError: `signatures-count` if two stand there already.
        VerificationError: `signature-repeated` if this key has signed already.
    """
    if len(signed.signatures) > 1:
        raise MalformedError("signatures-count", "two people have signed already")
    if any(each.key == signature.key for each in signed.signatures):
        raise VerificationError("signature-repeated", "one key cannot sign twice")
    both = sorted([*signed.signatures, signature], key=lambda each: each.key)
    return Signed(signatures=both, statement=signed.statement)


def verify_signed(signed: Signed, party: RelyingParty | None = None) -> VerifiedStatement:
    """
    Check form and every signature.

    Args:
        party: The relying party in force, by which signatures of passkeys are judged; without one they are refused.

    Raises:
        MalformedError: A rule of the format is broken.
        VerificationError: `signature`, `relying-party-missing` or `passkey-…`.
    """
    statement = signed.statement
    check_statement(statement)
    check_signatures(signed.signatures, statement.author)
    encoded = canonical.encode(statement)
    for each in signed.signatures:
        if each.assertion is msgspec.UNSET:
            keykinds.verify_signature(each.key, signing_input(encoded), each.signature)
        else:
            passkeys.verify_assertion(each.key, encoded, each.signature, each.assertion, party)
    return VerifiedStatement(
        signed=signed,
        statement=statement,
        bytes=encoded,
        hash=hashlib.sha256(encoded).digest(),
        keys=tuple(signature.key for signature in signed.signatures),
    )


def statement_hash(statement: Statement) -> bytes:
    """Name a statement: duplicates are found by it, and receipts promise it."""
    return hashlib.sha256(canonical.encode(statement)).digest()


def parse_signed(data: bytes) -> Signed:
    """
    Read a statement with its signatures; checks form, not signatures.

    Raises:
        MalformedError: Any reason of sections 1 and 3.
    """
    check_size(data)
    signed: Signed = canonical.parse(_SIGNED, data)
    canonical.check_parsed(signed.statement.body, data)
    check_fields(signed.statement)
    check_signatures(signed.signatures, signed.statement.author)
    return signed


def parse_statement(data: bytes) -> Statement:
    """
    Read a bare statement, as a draft or a signing device holds it.

    Raises:
        MalformedError: Any reason of sections 1 and 3.
    """
    check_size(data)
    statement: Statement = canonical.parse(_STATEMENT, data, canonical.DEPTH - 1)
    canonical.check_parsed(statement.body, data)
    check_fields(statement)
    return statement


def check_size(data: bytes) -> None:
    """
    Refuse what no entry bundle can hold.

    Raises:
        MalformedError: `entry-size`.
    """
    if len(data) > canonical.LIMIT:
        raise MalformedError("entry-size", f"{len(data)} bytes, at most {canonical.LIMIT}")
