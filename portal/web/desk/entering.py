"""
Sign in and out.

A device is asked without a name typed in (it knows its passkeys), or by mail address. A mail address that nobody has is
answered like one that somebody has. Attempts are counted by network address and by account.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from webauthn.helpers import bytes_to_base64url

from portal.identity.accounts import account_named, accounts_of_email
from portal.identity.attempts import count_attempt, forget_attempts
from portal.identity.challenges import take_challenge
from portal.identity.credentials import count_use, credentials_of, find_credential
from portal.identity.errors import IdentityError
from portal.identity.passkeys import read_answer, verify_answer
from portal.identity.public_address import holds_passkeys
from portal.identity.renewals import must_not_wait, open_due_renewals
from portal.web.desk.ceremonies import address_of, asked, told, went
from portal.web.desk.demo_people import demo_people
from portal.web.desk.desk import Desk, change_session, form_of, frame, one, session_of
from portal.web.desk.home import Waits
from portal.web.problems import HTML
from portal.web.views.entering import SignInPage

PATH = "/desk/sign-in"


def entering_routes(desk: Desk, waits: Waits) -> list[HTTPRouteHandler]:
    """The page, the question to the device, the device's answer, and out again."""

    @get(PATH, sync_to_thread=False, opt={"deed": "desk:sign-in"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(desk.door.renderer.page(_page(desk, request, waits)), media_type=HTML)

    @post(f"{PATH}/start", status_code=200, opt={"deed": "desk:sign-in"})
    async def start(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        email = one(fields, "email").casefold()
        with desk.tables.writing() as rows:
            count_attempt(rows, address_of(request), email, desk.office.clock.now())
            open_due_renewals(rows, desk.office.clock.now())
            mine = [
                each for one_of in accounts_of_email(rows, email) for each in credentials_of(rows, one_of.id, "sign-in")
            ]
            known = [each.id for each in mine if each.is_passkey]
        if email and not known:
            # As many as most people have, the same at each asking: nobody learns here who has a desk.
            known = [bytes_to_base64url(desk.safe.stand_in(email))]
        return told(**asked(desk, request, "sign-in", allowed=known))

    @post(PATH, status_code=200, opt={"deed": "desk:sign-in"})
    async def enter(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        account = signed_in_by(desk, request, one(fields, "credential"))
        with desk.tables.reading() as rows:
            found = account_named(rows, account)
        if found is None:
            raise IdentityError("credential-unknown")
        change_session(desk, request, found)
        return went("/desk")

    @post("/desk/sign-out", status_code=303, opt={"deed": "public"})
    async def leave(request: Request[Any, Any, Any]) -> Redirect:
        await form_of(request)
        change_session(desk, request, None)
        return Redirect(PATH, status_code=303)

    return [show, start, enter, leave]


def signed_in_by(desk: Desk, request: Request[Any, Any, Any], text: str) -> str:
    """
    Whose sign-in credential answered; its account's id.

    Raises:
        IdentityError: `credential-unknown` for a passkey that no desk knows, `credential-other` for one that signs acts,
            and what the checks of the answer say.
    """
    now = desk.office.clock.now()
    answer, challenge = read_answer(text)
    with desk.tables.writing() as rows:
        count_attempt(rows, address_of(request), "", now)
        open_due_renewals(rows, now)
        take_challenge(rows, "sign-in", session_of(request), challenge, now)
    with desk.tables.writing() as rows:
        credential = find_credential(rows, answer.id)
        if credential is None:
            must_not_wait(rows, answer.id)
        if credential is None or not credential.is_passkey:
            raise IdentityError("credential-unknown")
        if credential.use != "sign-in":
            raise IdentityError("credential-other")
        count_use(rows, credential.id, verify_answer(desk.address, text, challenge, credential.public_key))
        forget_attempts(rows, credential.account)
    return credential.account


def _page(desk: Desk, request: Request[Any, Any, Any], waits: Waits) -> SignInPage:
    busy, people = demo_people(desk, waits)
    return SignInPage(**frame(desk, request, PATH), busy=busy, people=people, passkeys=holds_passkeys(desk.address))
