"""
Signatures that people's own devices made: by a passkey on this page, or with a key file and brought back as a file.

The server verifies with the ledger's own functions, the auditor's; it keeps what the device said word for word, and judges
it by the relying party that the record states. It adds nothing and signs for nobody.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import UNSET
from webauthn.helpers import base64url_to_bytes

from ledger import canonical, keykinds
from ledger.entry import Assertion, Signature, parse_signed, sign
from ledger.errors import LedgerError
from ledger.passkeys import verify_assertion
from portal.commands.library import Library
from portal.identity.accounts import Account
from portal.identity.credentials import credentials_of
from portal.identity.drafts import Draft
from portal.identity.errors import IdentityError
from portal.identity.sessions import token_matches
from portal.procurement.act import Act
from portal.procurement.refusal import Refusal
from portal.web.desk.ceremonies import went
from portal.web.desk.desk import Desk, account_of, form_of, one, session_of
from portal.web.desk.signers import beside_author, own_admitting_keys, signing_keys
from portal.web.desk.signing import draft_for, keep_only, take_signature
from portal.web.desk.telling import tell_authors, tell_second
from portal.web.problems import Problem

_FILE_LIMIT = 300_000


def device_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Take a device's signature, hand out the draft as a file and take it back, and the registrar's way."""

    @post("/desk/sign/{name:str}/device", status_code=200, opt={"deed": "desk:sign"})
    async def by_device(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        account = account_of(request)
        draft = draft_for(desk, account, name)
        signature = _signature(fields)
        _must_be_own(desk, account, draft, signature.key)
        keep_verified(desk, account, draft, signature)
        return went(f"/desk/sign/{name}")

    @get("/desk/sign/{name:str}/file", sync_to_thread=False, opt={"deed": "desk:sign"})
    def as_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        draft = draft_for(desk, account_of(request), name)
        data = canonical.encode(draft.signed) if draft.signatures else draft.bytes
        head = {"content-disposition": f'attachment; filename="{draft.kind}.draft.json"'}
        return Response(data, media_type="application/json", headers=head)

    @post("/desk/sign/{name:str}/file", status_code=303, opt={"deed": "desk:sign"})
    async def by_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        account = account_of(request)
        draft = draft_for(desk, account, name)
        data = await _uploaded(request)
        for signature in _signatures(draft, data):
            _must_be_own(desk, account, draft, signature.key)
            keep_verified(desk, account, draft, signature)
            draft = draft_for(desk, account, name)
        return Redirect(f"/desk/sign/{name}", status_code=303)

    @post("/desk/sign/{name:str}/operator", status_code=303, opt={"deed": "desk:admit"})
    async def by_operator(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        draft = draft_for(desk, account, name)
        keep_verified(desk, account, draft, operators_signature(desk, account, draft))
        return Redirect(f"/desk/sign/{name}", status_code=303)

    return [by_device, as_file, by_file, by_operator]


def operators_signature(desk: Desk, account: Account, draft: Draft) -> Signature:
    """
    The operator's own signature, by the key that this server holds.

    Raises:
        Problem: `signer-other` when the draft does not wait for it; `registrar-own-key` for a registrar who has a key of her
            own on record: from then on the server signs nothing at her word.
    """
    if own_admitting_keys(desk, account):
        raise Problem("registrar-own-key", 403)
    operator = desk.office.operator
    waits = {draft.statement.author, *beside_author(desk, account, draft)}
    if operator.key_id not in waits or any(each.key == operator.key_id for each in draft.signatures):
        raise Problem("signer-other", 403)
    return next(each for each in sign(draft.statement, operator).signatures if each.key == operator.key_id)


def keep_verified(desk: Desk, account: Account, draft: Draft, signature: Signature) -> Act | None:
    """
    Verify a signature and keep it; with the last one the act is performed, and whoever signed it gets a letter.

    Raises:
        LedgerError: The ledger's own reason: `signature`, `passkey-challenge`, `passkey-origin`, …
        Refusal: What the record does not take; the draft keeps the signatures it had.
    """
    encoded = draft.bytes
    if signature.assertion is UNSET:
        keykinds.verify_signature(signature.key, keykinds.signing_input(encoded), signature.signature)
    else:
        with desk.office.store.reading() as connection:
            party = Library(desk.office.store, connection).passkeys_at()
        verify_assertion(signature.key, encoded, signature.signature, signature.assertion, party)
    try:
        act = take_signature(desk, draft, signature)
    except (Refusal, LedgerError):
        keep_only(desk, draft)
        raise
    if act is None:
        tell_second(desk, account, draft)
    else:
        tell_authors(desk)
    return act


def _must_be_own(desk: Desk, account: Account, draft: Draft, key: str) -> None:
    """The key is one of the account's that may sign this draft; a credential that signs in never is."""
    if key in signing_keys(desk, account, draft):
        return
    with desk.tables.reading() as rows:
        if any(each.key_id == key for each in credentials_of(rows, account.id, "sign-in")):
            raise IdentityError("credential-signs-in")
    raise Problem("signer-other", 403)


def _signature(fields: dict[str, list[str]]) -> Signature:
    try:
        key, signature = one(fields, "key"), base64url_to_bytes(one(fields, "signature"))
        if not keykinds.is_passkey(key):
            return Signature(key=key, signature=signature)
        assertion = Assertion(
            authenticator_data=base64url_to_bytes(one(fields, "authenticator_data")),
            client_data=base64url_to_bytes(one(fields, "client_data")),
        )
    except ValueError as error:
        raise IdentityError("passkey-malformed") from error
    return Signature(key=key, signature=signature, assertion=assertion)


def _signatures(draft: Draft, data: bytes) -> list[Signature]:
    """The signatures that a file adds; `draft-file-other` when it is about anything else than this draft."""
    signed = parse_signed(data)
    if canonical.encode(signed.statement) != draft.bytes:
        raise Problem("draft-file-other", 422)
    there = {each.key for each in draft.signatures}
    added = [each for each in signed.signatures if each.key not in there]
    if not added:
        raise Problem("draft-file-unsigned", 422)
    return added


async def _uploaded(request: Request[Any, Any, Any]) -> bytes:
    """A form's one file; its token must be this session's own."""
    form = await request.form()
    if not token_matches(session_of(request), str(form.get("token", ""))):
        raise Problem("form-token", 403)
    given = form.get("file")
    if not isinstance(given, UploadFile):
        raise Problem("draft-file-missing", 422)
    data = await given.read(_FILE_LIMIT)
    if not data:
        raise Problem("draft-file-missing", 422)
    return data
