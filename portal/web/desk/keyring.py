"""
One's own keys: those that open the desk are changed here at once; those that sign acts are changed by acts.

A key is added by an old key and the new one together, revoked by another, recovered in public after seven days; whichever
it is, every address of the holder gets a letter.
"""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ledger.entry import format_time, parse_time
from portal.identity.accounts import Account
from portal.identity.credentials import (
    Credential,
    credentials_of,
    keep_credential,
    new_credential,
    remove_credential,
    rename_credential,
)
from portal.identity.errors import IdentityError
from portal.identity.public_address import holds_passkeys
from portal.identity.secrets import codes_left, has_password
from portal.identity.sessions import end_all
from portal.procurement.decisions.holding import RECOVERY_WAIT
from portal.procurement.events.keys import KeyRecovered, KeyRevoked, RecoveryAsked, RecoveryStopped
from portal.procurement.holders import LOG
from portal.web.desk.ceremonies import asked, told, went
from portal.web.desk.desk import Desk, account_of, change_session, form_of, frame, one
from portal.web.desk.joining import made_by_device
from portal.web.desk.signers import Holding, holding_of, keys_of
from portal.web.desk.signing import key_of, prepare
from portal.web.desk.telling import tell_owner
from portal.web.problems import HTML, Problem
from portal.web.views.entering import ActKey, KeysPage, SignInKey
from portal.web.views.frame import Moment

PATH = "/desk/keys"
_GRACE = timedelta(hours=1)
_ADVISED = 2


def keyring_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The page, what opens the desk, and the drafts of acts about keys."""
    return [*_entering(desk), *_acting(desk)]


def _entering(desk: Desk) -> list[HTTPRouteHandler]:
    @get(PATH, sync_to_thread=False, opt={"deed": "desk:keys"})
    def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(desk.door.renderer.page(_page(desk, request)), media_type=HTML)

    @post(f"{PATH}/sign-in/start", status_code=200, opt={"deed": "desk:keys"})
    async def start(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        await form_of(request)
        account = account_of(request)
        with desk.tables.reading() as rows:
            known = [each.id for each in credentials_of(rows, account.id, "sign-in") if each.is_passkey]
        return told(**asked(desk, request, "new-sign-in", about=account.id, name=account.name, act=False, known=known))

    @post(f"{PATH}/sign-in", status_code=200, opt={"deed": "desk:keys"})
    async def add(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        fields = await form_of(request)
        account = account_of(request)
        made = made_by_device(desk, request, one(fields, "credential"), "new-sign-in", account.id)
        now = desk.office.clock.now()
        with desk.tables.writing() as rows:
            keep_credential(rows, new_credential(account.id, "sign-in", made, one(fields, "label"), now))
            tell_owner(desk, rows, account, "desk.changed.added")
        return went(PATH)

    @post(f"{PATH}/rename", status_code=303, opt={"deed": "desk:keys"})
    async def rename(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        with desk.tables.writing() as rows:
            rename_credential(rows, account_of(request).id, one(fields, "id"), one(fields, "label"))
        return Redirect(PATH, status_code=303)

    @post(f"{PATH}/remove", status_code=303, opt={"deed": "desk:keys"})
    async def remove(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        account = account_of(request)
        with desk.tables.writing() as rows:
            remove_credential(rows, account.id, one(fields, "id"))
            tell_owner(desk, rows, account, "desk.changed.removed")
            # Whoever has the device has its open sessions too.
            end_all(rows, account.id)
        change_session(desk, request, account)
        return Redirect(PATH, status_code=303)

    return [show, start, add, rename, remove]


def _acting(desk: Desk) -> list[HTTPRouteHandler]:
    @post(f"{PATH}/revoke", status_code=303, opt={"deed": "desk:keys"})
    async def revoke(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        account = account_of(request)
        holding, key = _holding(desk, account), one(fields, "key")
        if not holding.ring.holds(holding.holder, key):
            raise IdentityError("credential-unknown")
        # Another key than the one that may be in wrong hands, where there is one; the desk's own devices come last.
        others = [each for each in keys_of(desk, account) if each != key] or [key]
        why = one(fields, "why") or desk.door.renderer.say("desk.keys.lost")
        body = KeyRevoked(key=key, why=why)
        return _to_sign(prepare(desk, account, "key-revoked", holding.subject, body, key=others[-1]))

    @post(f"{PATH}/recover", status_code=303, opt={"deed": "desk:keys"})
    async def recover(request: Request[Any, Any, Any]) -> Redirect:
        fields = await form_of(request)
        account = account_of(request)
        mine = _own_device(desk, account, one(fields, "key"))
        holding = _holding(desk, account)
        effective = desk.office.clock.now() + RECOVERY_WAIT + _GRACE
        body = RecoveryAsked(
            effective_at=format_time(effective), holder=holding.holder, key=mine.key_id, label=mine.label
        )
        registrar = desk.office.operator.key_id
        draft = prepare(desk, account, "recovery-asked", holding.subject, body, key=mine.key_id, beside=registrar)
        return _to_sign(draft)

    @post(f"{PATH}/recoveries/{{entry:int}}/stop", status_code=303, opt={"deed": "desk:keys"})
    async def stop(request: Request[Any, Any, Any], entry: FromPath[int]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        subject, _ = _recovery(desk, account, entry)
        body = RecoveryStopped(asked=entry, why=desk.door.renderer.say("desk.keys.not_asked"))
        draft = prepare(desk, account, "recovery-stopped", subject, body, key=key_of(desk, account))
        return _to_sign(draft)

    @post(f"{PATH}/recoveries/{{entry:int}}/take", status_code=303, opt={"deed": "desk:keys"})
    async def take(request: Request[Any, Any, Any], entry: FromPath[int]) -> Redirect:
        await form_of(request)
        account = account_of(request)
        subject, key = _recovery(desk, account, entry)
        mine = _own_device(desk, account, key)
        return _to_sign(prepare(desk, account, "key-recovered", subject, KeyRecovered(asked=entry), key=mine.key_id))

    return [revoke, recover, stop, take]


def _to_sign(draft: str) -> Redirect:
    return Redirect(f"/desk/sign/{draft}", status_code=303)


def _holding(desk: Desk, account: Account) -> Holding:
    """Where the account stands in the record; `no-signing-key` while it is not there."""
    holding = holding_of(desk, account)
    if holding is None or not holding.holder:
        raise Problem("no-signing-key", 403)
    return holding


def _recovery(desk: Desk, account: Account, entry: int) -> tuple[str, str]:
    """The subject and the new key of a recovery that waits for this holder; anybody else's is not there."""
    holding = holding_of(desk, account)
    found = [] if holding is None else [row for row in holding.ring.pending(holding.holder) if row.entry == entry]
    if holding is None or not found:
        raise Problem("page-missing", 404)
    return holding.subject, found[0].key


def _own_device(desk: Desk, account: Account, key: str) -> Credential:
    """A device of this account that holds this key for acts."""
    with desk.tables.reading() as rows:
        found = [each for each in credentials_of(rows, account.id, "act") if each.key_id == key]
    if not found:
        raise IdentityError("credential-unknown")
    return found[0]


def _page(desk: Desk, request: Request[Any, Any, Any]) -> KeysPage:
    account = account_of(request)
    with desk.tables.reading() as rows:
        found = credentials_of(rows, account.id)
        codes = codes_left(rows, account.id)
        password = has_password(rows, account.id)
    entering = [each for each in found if each.use == "sign-in"]
    acting = [each for each in found if each.use == "act"]
    holding = holding_of(desk, account)
    return KeysPage(
        **frame(desk, request, PATH),
        entering=tuple(
            SignInKey(id=each.id, label=each.label, made=Moment(parse_time(each.made_at)), may_remove=len(entering) > 1)
            for each in entering
        ),
        acting=tuple(_act_keys(desk, acting, holding)),
        stoppable=tuple(_stoppable(desk, account, holding)),
        advised=len(entering) < _ADVISED or len(acting) < _ADVISED,
        codes=codes,
        password=password,
        passkeys=holds_passkeys(desk.address),
    )


def _act_keys(desk: Desk, acting: list[Credential], holding: Holding | None) -> list[ActKey]:
    labels = {each.key_id: each.label for each in acting}
    held = [] if holding is None else holding.ring.in_force(holding.holder)
    found = [
        ActKey(
            key=row.key,
            label=_label(desk, row.key, labels.get(row.key) or row.label),
            state="in-force",
            made=Moment(row.since),
            entry=row.entry,
            may_revoke=len(held) > 1 and row.key != desk.office.operator.key_id,
        )
        for row in held
    ]
    may_recover = bool(held) and holding is not None and holding.subject != LOG
    asked_for = {} if holding is None else {row.key: row for row in holding.ring.pending(holding.holder)}
    for each in acting:
        if each.key_id in {row.key for row in held}:
            continue
        row = asked_for.get(each.key_id)
        made = Moment(parse_time(each.made_at))
        if row is None:
            known = holding is not None and bool(holding.ring.holders_of(each.key_id))
            state = "ended" if known else "waiting"
            found.append(
                ActKey(key=each.key_id, label=each.label, state=state, made=made, may_recover=may_recover and not known)
            )
        else:
            over = row.effective_at <= desk.office.clock.now()
            state, until = ("ready" if over else "asked"), Moment(row.effective_at)
            found.append(ActKey(key=row.key, label=each.label, state=state, made=made, entry=row.entry, until=until))
    return found


def _label(desk: Desk, key: str, given: str) -> str:
    """What a key is called; its beginning where nobody called it anything."""
    if key == desk.office.operator.key_id:
        return desk.door.renderer.say("desk.keys.operators")
    return given or key[:24]


def _stoppable(desk: Desk, account: Account, holding: Holding | None) -> list[ActKey]:
    """Recoveries that somebody asked for in this holder's name, for whoever still has a key that can stop them."""
    if holding is None or not keys_of(desk, account):
        return []
    return [
        ActKey(
            key=row.key,
            label=row.label,
            state="asked",
            made=Moment(row.asked_at),
            entry=row.entry,
            until=Moment(row.effective_at),
        )
        for row in holding.ring.pending(holding.holder)
    ]
