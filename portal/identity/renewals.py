"""
Renewals: somebody who has lost everything that opens her desk is let in again, after seven days in which it can be stopped.

1. The owner alone begins one, by a link that is sent to the desk's own mail address; nobody who invites or operates has a way
   to begin it for her, or to say where the letter goes.
2. What she makes then, a passkey or a password, opens nothing for seven whole days. She is written to at once, and so are
   those who let her in; any of them, and whoever still opens the desk, may stop it.
3. Nothing is taken away when it opens. It opens the desk and no more: acts need a key of the record, whose recovery waits
   in public for another seven days.
"""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

import msgspec
from msgspec import Struct

from ledger.entry import format_time, parse_time
from portal.identity.accounts import Account, account_named, accounts
from portal.identity.credentials import Credential, find_credential, keep_credential
from portal.identity.errors import IdentityError
from portal.identity.mail import post_mail
from portal.identity.secrets import keep_secret
from portal.identity.tables import Rows

WAIT: Final = timedelta(days=7)


class Password(Struct, frozen=True):
    """A password (hashed) and the secret of the codes that go with it (locked), as they are kept; `step` is the code used last."""

    password: str
    totp: str
    step: int


class _Made(Struct, frozen=True, omit_defaults=True):
    passkey: Credential | None = None
    password: Password | None = None


class Renewal(Struct, frozen=True, kw_only=True):
    """One that waits: of which account, since when, and when what was made opens the desk."""

    id: str
    account: str
    made: _Made
    made_at: datetime
    opens_at: datetime


def begin_renewal(rows: Rows, account: Account, made: Credential | Password, at: datetime) -> Renewal:
    """
    Keep what the owner has made until it opens the desk, and write to everybody who may stop it.

    Raises:
        IdentityError: `renewal-waits` while another of the same desk waits; `credential-known`.
    """
    if isinstance(made, Credential) and find_credential(rows, made.id) is not None:
        raise IdentityError("credential-known")
    if find_renewal(rows, account.id) is not None:
        raise IdentityError("renewal-waits")
    kept = _Made(passkey=made) if isinstance(made, Credential) else _Made(password=made)
    begun = Renewal(id=token_hex(16), account=account.id, made=kept, made_at=at, opens_at=at + WAIT)
    rows.run(
        "INSERT INTO desk_renewal (id, account, made, made_at, opens_at) VALUES (?, ?, ?, ?, ?)",
        (
            begun.id,
            account.id,
            msgspec.json.encode(kept).decode(),
            format_time(at),
            format_time(begun.opens_at),
        ),
    )
    until = format_time(begun.opens_at)
    post_mail(rows, account.email, "renewal_begun", {"until": until}, at=at)
    for guardian in guardians_of(rows, account):
        post_mail(rows, guardian.email, "renewal_watch", {"name": account.name, "until": until}, at=at)
    return begun


def find_renewal(rows: Rows, account: str) -> Renewal | None:
    """The renewal of an account that waits."""
    row = rows.row("SELECT id, account, made, made_at, opens_at FROM desk_renewal WHERE account = ?", (account,))
    return None if row is None else _read(row)


def renewals_before(rows: Rows, account: Account) -> list[tuple[Renewal, Account]]:
    """The renewals that an account may stop: of its own desk, and of those that it or its like let in."""
    found = rows.rows("SELECT id, account, made, made_at, opens_at FROM desk_renewal ORDER BY made_at, id")
    named = [(_read(row), account_named(rows, row[1])) for row in found]
    return [
        (renewal, owner)
        for renewal, owner in named
        if owner is not None
        and (owner.id == account.id or account.id in {each.id for each in guardians_of(rows, owner)})
    ]


def guardians_of(rows: Rows, account: Account) -> list[Account]:
    """Who let somebody in: for an agency's people its head, for everybody else the registrars."""
    inside = account.role in {"officer", "evaluator"}
    return [
        each
        for each in accounts(rows)
        if each.id != account.id
        and (each.role == "head" and each.agency == account.agency if inside else each.role == "registrar")
    ]


def stop_renewal(rows: Rows, account: Account, name: str, at: datetime) -> bool:
    """Forget a renewal, and tell its owner who stopped it; False where none waits that this account may stop."""
    for renewal, owner in renewals_before(rows, account):
        if renewal.id == name:
            rows.run("DELETE FROM desk_renewal WHERE id = ?", (name,))
            post_mail(rows, owner.email, "renewal_stopped", {"name": account.name}, at=at)
            return True
    return False


def open_due_renewals(rows: Rows, at: datetime) -> int:
    """Let what has waited long enough open its desk; how many. Asked before each sign-in, so that it holds to the second."""
    found = rows.rows(
        "SELECT id, account, made, made_at, opens_at FROM desk_renewal WHERE opens_at <= ? ORDER BY opens_at, id",
        (format_time(at),),
    )
    for renewal in map(_read, found):
        if not rows.run("DELETE FROM desk_renewal WHERE id = ?", (renewal.id,)):
            continue
        owner = account_named(rows, renewal.account)
        passkey = renewal.made.passkey
        # A device says itself what its passkey is called: one that another desk keeps by now is left out.
        if passkey is not None and find_credential(rows, passkey.id) is None:
            keep_credential(rows, passkey)
        if renewal.made.password is not None:
            kept = renewal.made.password
            keep_secret(rows, renewal.account, kept.password, kept.totp, kept.step)
        if owner is not None:
            post_mail(rows, owner.email, "renewal_open", {}, at=at)
    return len(found)


def must_not_wait(rows: Rows, credential: str) -> None:
    """
    Tell whoever comes too early with a passkey that will open her desk.

    Raises:
        IdentityError: `renewal-early` with the day.
    """
    for row in rows.rows("SELECT id, account, made, made_at, opens_at FROM desk_renewal ORDER BY id"):
        renewal = _read(row)
        if renewal.made.passkey is not None and renewal.made.passkey.id == credential:
            raise IdentityError("renewal-early", day=f"{renewal.opens_at:%Y-%m-%d %H:%M} UTC")


def _read(row: Any) -> Renewal:
    return Renewal(
        id=row[0],
        account=row[1],
        made=msgspec.json.decode(row[2], type=_Made),
        made_at=parse_time(row[3]),
        opens_at=parse_time(row[4]),
    )
