"""
Accept an invitation: a passkey to sign in with, then another to sign acts with.

The link is a secret and works once. Making the first passkey makes the account and signs it in (a new session); the key
that signs acts is made behind the door, and must sign once before it is kept.
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ledger.entry import parse_time
from portal.identity.accounts import Account, account_named
from portal.identity.challenges import take_challenge
from portal.identity.credentials import (
    Credential,
    account_of_key,
    credentials_of,
    keep_credential,
    new_credential,
)
from portal.identity.errors import IdentityError
from portal.identity.invitations import Invitation, accept_invitation, open_invitation, use_up
from portal.identity.passkeys import NewCredential, read_answer, verify_answer, verify_new
from portal.identity.public_address import holds_passkeys
from portal.identity.renewals import Password, begin_renewal
from portal.identity.secrets import keep_secret
from portal.web.desk.ceremonies import asked, told, went
from portal.web.desk.desk import Desk, account_of, change_session, form_of, frame, one, session_of
from portal.web.problems import HTML
from portal.web.views.entering import InvitationPage, SigningKeyPage
from portal.web.views.frame import Moment, said

PATH = "/desk/invitation"
NEW_KEY = "/desk/keys/new"
KEEPERS_DESK = "/desk/keeper"
WAITS = "/desk/renewals/waits"

Then = Callable[[Desk, Account, str, str], str]
"""What follows when an account has made a key that signs acts, called so and so: where to go on."""


def joining_routes(desk: Desk, then: Then) -> list[HTTPRouteHandler]:
    """The invitation, and the first key that signs acts."""
    return [*_accepting(desk), *_acting(desk, then)]


def _accepting(desk: Desk) -> list[HTTPRouteHandler]:
    @get(f"{PATH}/{{secret:str}}", sync_to_thread=False, opt={"deed": "desk:accept"})
    def show(request: Request[Any, Any, Any], secret: FromPath[str]) -> Response[bytes]:
        invitation = _opened(desk, secret)
        page = InvitationPage(
            **frame(desk, request, PATH),
            action=f"{PATH}/{secret}",
            name=invitation.name,
            email=invitation.email,
            invited_as=invitation.role,
            organisation=organisation_of(desk, invitation),
            until=Moment(parse_time(invitation.ends_at)),
            passkeys=holds_passkeys(desk.address),
            renews="renews" in invitation.facts,
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @post(f"{PATH}/{{secret:str}}/start", status_code=200, opt={"deed": "desk:accept"})
    async def start(request: Request[Any, Any, Any], secret: FromPath[str]) -> Response[dict[str, Any]]:
        await form_of(request)
        invitation = _opened(desk, secret)
        return told(
            **asked(desk, request, "new-sign-in", about=invitation.id, name=invitation.name, act=False, known=[])
        )

    @post(f"{PATH}/{{secret:str}}", status_code=200, opt={"deed": "desk:accept"})
    async def accept(request: Request[Any, Any, Any], secret: FromPath[str]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        invitation = _opened(desk, secret)
        made = made_by_device(desk, request, one(fields, "credential"), "new-sign-in", invitation.id)
        label, now = one(fields, "label"), desk.office.clock.now()
        return went(
            let_in(desk, request, invitation, lambda account: new_credential(account, "sign-in", made, label, now))
        )

    return [show, start, accept]


def next_page(account: Account) -> str:
    """Where somebody goes on whose desk is open now: to a key for acts, but a keeper holds hers in her own tool."""
    return KEEPERS_DESK if account.role == "keeper" else NEW_KEY


def let_in(
    desk: Desk, request: Request[Any, Any, Any], invitation: Invitation, make: Callable[[str], Credential | Password]
) -> str:
    """
    Use an invitation up with what was made for its account; where to go on.

    A new desk is open at once. One that its owner asked to have back opens after its wait.
    """
    now, renews = desk.office.clock.now(), str(invitation.facts.get("renews", ""))
    with desk.tables.writing() as rows:
        if renews:
            owner = account_named(rows, renews)
            if owner is None:
                raise IdentityError("invitation-unknown")
            begin_renewal(rows, owner, make(owner.id), now)
            use_up(rows, invitation.id)
            return WAITS
        account = accept_invitation(rows, invitation, now)
        made = make(account.id)
        if isinstance(made, Credential):
            keep_credential(rows, made)
        else:
            keep_secret(rows, account.id, made.password, made.totp, made.step)
    change_session(desk, request, account)
    return next_page(account)


def _acting(desk: Desk, then: Then) -> list[HTTPRouteHandler]:
    @get(NEW_KEY, sync_to_thread=False, opt={"deed": "desk:keys"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        account = account_of(request)
        with desk.tables.reading() as rows:
            first = not credentials_of(rows, account.id, "act")
        page = SigningKeyPage(
            **frame(desk, request, NEW_KEY),
            first=first,
            then=said(f"desk.key_then.{account.role}" if first else "desk.key_then.another"),
            passkeys=holds_passkeys(desk.address),
        )
        return Response(desk.door.renderer.page(page), media_type=HTML)

    @post(f"{NEW_KEY}/start", status_code=200, opt={"deed": "desk:keys"})
    async def start(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        await form_of(request)
        account = account_of(request)
        with desk.tables.reading() as rows:
            known = [each.id for each in credentials_of(rows, account.id, "act") if each.is_passkey]
        name = desk.door.renderer.say("desk.passkey_signs", name=account.name)
        question = asked(desk, request, "new-act", about=account.id, name=name, act=True, known=known)
        return told(**question, proof=asked(desk, request, "own-act", about=account.id, allowed=[]))

    @post(NEW_KEY, status_code=200, opt={"deed": "desk:keys"})
    async def keep(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        account = account_of(request)
        made = made_by_device(desk, request, one(fields, "credential"), "new-act", account.id)
        _must_work(desk, request, made, one(fields, "proof"), account)
        kept = new_credential(account.id, "act", made, one(fields, "label"), desk.office.clock.now())
        with desk.tables.writing() as rows:
            if account_of_key(rows, made.key_id) is not None:
                raise IdentityError("credential-known")
            keep_credential(rows, kept)
        return went(then(desk, account, made.key_id, kept.label))

    return [show, start, keep]


def made_by_device(desk: Desk, request: Request[Any, Any, Any], text: str, purpose: Any, about: str) -> NewCredential:
    """A new credential that a device made for this question; `challenge-unknown` when it was about something else."""
    _, challenge = read_answer(text)
    with desk.tables.writing() as rows:
        found = take_challenge(rows, purpose, session_of(request), challenge, desk.office.clock.now())
    if found != about:
        raise IdentityError("challenge-unknown")
    return verify_new(desk.address, text, challenge)


def _must_work(desk: Desk, request: Request[Any, Any, Any], made: NewCredential, proof: str, account: Account) -> None:
    """The new key signs once: who holds it is thereby known, and that it works."""
    answer, challenge = read_answer(proof)
    with desk.tables.writing() as rows:
        about = take_challenge(rows, "own-act", session_of(request), challenge, desk.office.clock.now())
    if about != account.id or answer.id != made.id:
        raise IdentityError("challenge-unknown")
    verify_answer(desk.address, proof, challenge, made.public_key)


def _opened(desk: Desk, secret: str) -> Invitation:
    with desk.tables.reading() as rows:
        return open_invitation(rows, secret, desk.office.clock.now())


def organisation_of(desk: Desk, invitation: Invitation) -> str:
    """Whose desk it will be, by name: on record, or as the invitation says it."""
    named = invitation.facts.get("organisation")
    if isinstance(named, str) and named:
        return named
    return desk.door.renderer.site.operator
