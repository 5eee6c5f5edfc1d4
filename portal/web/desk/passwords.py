"""
In without a passkey: a password and the code of the moment, or a recovery code; and a key for acts that lies in one browser.

These forms work without a script, but for the key: that is made and kept by the browser (WebCrypto), which never hands it
out. Whoever has none signs with a key file.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from ledger import keykinds
from ledger.errors import LedgerError
from portal.identity.accounts import Account, accounts_of_email
from portal.identity.attempts import count_attempt, forget_attempts
from portal.identity.challenges import challenge_for, draw_challenge, take_challenge
from portal.identity.credentials import account_of_key, keep_credential, new_credential
from portal.identity.errors import IdentityError
from portal.identity.invitations import open_invitation
from portal.identity.renewals import Password, open_due_renewals
from portal.identity.secrets import (
    check_password,
    draw_codes,
    hash_twice,
    is_totp,
    new_totp,
    password_of,
    totp_address,
    totp_step,
    use_code_of,
    use_totp,
)
from portal.identity.tables import Rows
from portal.web.desk.ceremonies import address_of, told, went
from portal.web.desk.desk import Desk, account_of, change_session, form_of, frame, one, session_of
from portal.web.desk.joining import NEW_KEY, PATH, Then, let_in
from portal.web.desk.telling import tell_owner
from portal.web.problems import HTML
from portal.web.views.entering import CodesPage, PasswordPage
from portal.web.views.frame import Said, said

_BROWSER = "es256:"


def password_routes(desk: Desk, then: Then) -> list[HTTPRouteHandler]:
    """Choose a password, sign in by it or by a recovery code, draw such codes, and keep a browser's key."""
    return [*_choosing(desk), *_entering(desk), *_browser_keys(desk, then)]


def _choosing(desk: Desk) -> list[HTTPRouteHandler]:
    @get(f"{PATH}/{{secret:str}}/password", sync_to_thread=False, opt={"deed": "desk:accept"})
    def show(request: Request[Any, Any, Any], secret: FromPath[str]) -> Response[bytes]:
        return _password_page(desk, request, secret, new_totp(), None)

    @post(f"{PATH}/{{secret:str}}/password", status_code=200, opt={"deed": "desk:accept"})
    async def choose(request: Request[Any, Any, Any], secret: FromPath[str]) -> Response[Any]:
        fields = await form_of(request)
        now = desk.office.clock.now()
        totp = one(fields, "totp")
        if not is_totp(totp):
            totp = new_totp()
        with desk.tables.reading() as rows:
            invitation = open_invitation(rows, secret, now)
        try:
            hashed = await asyncio.to_thread(hash_twice, one(fields, "password"), one(fields, "again"))
            step = totp_step(totp, one(fields, "code"), now, 0)
        except IdentityError as error:
            return _password_page(desk, request, secret, totp, error)

        def made(account: str) -> Password:
            return Password(hashed, desk.safe.lock(account, totp), step)

        return Redirect(let_in(desk, request, invitation, made), status_code=303)

    return [show, choose]


def _password_page(
    desk: Desk, request: Request[Any, Any, Any], secret: str, totp: str, error: IdentityError | None
) -> Response[bytes]:
    with desk.tables.reading() as rows:
        invitation = open_invitation(rows, secret, desk.office.clock.now())
    address = totp_address(totp, invitation.email, desk.door.renderer.site.operator)
    page = PasswordPage(
        **frame(desk, request, PATH),
        action=f"{PATH}/{secret}/password",
        totp=totp,
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="#fff"),
        refused=None if error is None else _words(error),
    )
    return Response(desk.door.renderer.page(page), media_type=HTML, status_code=200 if error is None else 422)


def _words(error: IdentityError) -> Said:
    reason = "code-wrong" if error.reason == "sign-in-wrong" else error.reason
    return said(f"problems.{reason}", **error.figures)


def _entering(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/desk/sign-in/password", status_code=303, opt={"deed": "desk:sign-in"})
    async def by_password(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        now, email = desk.office.clock.now(), one(fields, "email")
        with desk.tables.writing() as rows:
            count_attempt(rows, address_of(request), email, now)
            open_due_renewals(rows, now)
            # Where a password is of several desks of an address, the code says which; nobody's stands for none.
            kept = [(each, password_of(rows, each.id)) for each in accounts_of_email(rows, email)]
            nobodys = password_of(rows, None)
        owners = await asyncio.to_thread(_whose_password, kept, nobodys, one(fields, "password"))
        with desk.tables.writing() as rows:
            account = _whose_code(rows, desk, owners, one(fields, "code"), now)
            forget_attempts(rows, email)
        change_session(desk, request, account)
        return Redirect("/desk", status_code=303)

    @post("/desk/sign-in/code", status_code=303, opt={"deed": "desk:recover"})
    async def by_code(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        email = one(fields, "email")
        with desk.tables.writing() as rows:
            count_attempt(rows, address_of(request), email, desk.office.clock.now())
        with desk.tables.writing() as rows:
            account = use_code_of(rows, accounts_of_email(rows, email), one(fields, "code"))
            tell_owner(desk, rows, account, "desk.changed.code_used")
        change_session(desk, request, account)
        return Redirect("/desk/keys", status_code=303)

    @post("/desk/keys/codes", status_code=200, opt={"deed": "desk:keys"})
    async def codes(request: Request[Any, Any, Any]) -> Response[bytes]:
        await form_of(request)
        account = account_of(request)
        with desk.tables.writing() as rows:
            drawn = draw_codes(rows, account.id)
            tell_owner(desk, rows, account, "desk.changed.codes_drawn")
        page = CodesPage(**frame(desk, request, "/desk/keys"), codes=tuple(drawn))
        return Response(desk.door.renderer.page(page), media_type=HTML)

    return [by_password, by_code, codes]


def _whose_password(kept: list[tuple[Account, str]], nobodys: str, password: str) -> list[Account]:
    """
    The accounts that a password is of; as slow for an address that nobody has.

    Raises:
        IdentityError: `sign-in-wrong` when it is nobody's.
    """
    if not kept:
        check_password(nobodys, password)
    found = []
    for account, hashed in kept:
        with suppress(IdentityError):
            check_password(hashed, password)
            found.append(account)
    if not found:
        raise IdentityError("sign-in-wrong")
    return found


def _whose_code(rows: Rows, desk: Desk, owners: list[Account], code: str, now: datetime) -> Account:
    """
    The one of these accounts that a code of the moment is of.

    Raises:
        IdentityError: As `use_totp` for the last of them.
    """
    first, *others = owners
    try:
        use_totp(rows, desk.safe, first.id, code, now)
    except IdentityError:
        if not others:
            raise
        return _whose_code(rows, desk, others, code, now)
    return first


def _browser_keys(desk: Desk, then: Then) -> list[HTTPRouteHandler]:
    @post(f"{NEW_KEY}/browser/start", status_code=200, opt={"deed": "desk:keys"})
    async def start(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        await form_of(request)
        account = account_of(request)
        with desk.tables.writing() as rows:
            drawn = draw_challenge(rows, "own-act", session_of(request), desk.office.clock.now(), account.id)
        return told(purpose="own-act", drawn=bytes_to_base64url(drawn))

    @post(f"{NEW_KEY}/browser", status_code=200, opt={"deed": "desk:keys"})
    async def keep(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        account = account_of(request)
        key, now = one(fields, "key"), desk.office.clock.now()
        try:
            drawn, proof = base64url_to_bytes(one(fields, "drawn")), base64url_to_bytes(one(fields, "proof"))
        except ValueError as error:
            raise IdentityError("passkey-malformed") from error
        with desk.tables.writing() as rows:
            about = take_challenge(rows, "own-act", session_of(request), challenge_for("own-act", drawn), now)
        if about != account.id:
            raise IdentityError("challenge-unknown")
        if not key.startswith(_BROWSER):
            raise IdentityError("passkey-key")
        try:
            keykinds.verify_signature(key, b"daylight-own-act-v1\x00" + drawn, proof)
        except LedgerError as error:
            raise IdentityError("passkey-refused", detail=error.reason) from error
        kept = new_credential(account.id, "act", (key, "", key, 0), one(fields, "label") or "This browser", now)
        with desk.tables.writing() as rows:
            if account_of_key(rows, key) is not None:
                raise IdentityError("credential-known")
            keep_credential(rows, kept)
        return went(then(desk, account, key, kept.label))

    return [start, keep]
