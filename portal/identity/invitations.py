"""
Invitations: a desk is opened by a link that works once. The link is in the letter alone; the tables keep its hash.

Whoever opens it first has it, so it is short-lived, and whoever invited sees that it was used. Whoever opens one has read the
letter: no address gets another letter before, also of those that people enter for themselves. `facts` are what the
invitation is about (duties and term of an appointment, an agency's name): what is signed later repeats them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any

import msgspec
from msgspec import Struct

from ledger.entry import format_time, parse_time
from portal.identity.accounts import Account, Role, make_account, new_id
from portal.identity.errors import IdentityError
from portal.identity.tables import Rows

LIFETIME = timedelta(days=7)
_MOST_WAITING = 3
_LONGEST_NAME = 120
_COLUMNS = "id, email, name, role, person, firm, agency, keeper, partner, facts, made_by, ends_at, account"


class Invitation(Struct, frozen=True, kw_only=True):
    """One invitation. `account` is who accepted it; `made_by` the account that invited, empty for a command or oneself."""

    id: str
    email: str
    name: str
    role: Role
    person: str | None = None
    firm: str | None = None
    agency: str | None = None
    keeper: str | None = None
    partner: str | None = None
    facts: dict[str, Any] = {}
    made_by: str = ""
    ends_at: str = ""
    account: str | None = None


def make_invitation(rows: Rows, invitation: Invitation, at: datetime) -> str:
    """
    Keep an invitation. The name is one line, for letters to others begin with it.

    Returns:
        The secret that opens it, for the letter: `/desk/invitation/SECRET`. It is kept nowhere.
    """
    secret = token_hex(32)
    of = invitation
    rows.run(
        f"INSERT INTO desk_invited (hash, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",  # noqa: S608 -- columns above
        (
            _hash(secret),
            of.id,
            of.email.strip().casefold(),
            " ".join(of.name.split())[:_LONGEST_NAME],
            of.role,
            of.person,
            of.firm,
            of.agency,
            of.keeper,
            of.partner,
            msgspec.json.encode(of.facts).decode("utf-8"),
            of.made_by,
            format_time(at + LIFETIME),
        ),
    )
    return secret


def open_invitation(rows: Rows, secret: str, at: datetime) -> Invitation:
    """
    The invitation behind a link.

    Raises:
        IdentityError: `invitation-unknown`, `invitation-used` or `invitation-over`.
    """
    row = rows.row(f"SELECT {_COLUMNS} FROM desk_invited WHERE hash = ?", (_hash(secret),))  # noqa: S608 -- columns above
    if row is None:
        raise IdentityError("invitation-unknown")
    found = _read(row)
    if found.account is not None:
        raise IdentityError("invitation-used")
    if at >= parse_time(found.ends_at):
        raise IdentityError("invitation-over")
    return found


def accept_invitation(rows: Rows, invitation: Invitation, at: datetime) -> Account:
    """
    Make the account that the invitation is for, and use the link up.

    Raises:
        IdentityError: `mail-known` as `make_account`; `invitation-used` when somebody was faster.
    """
    account = Account(
        id=new_id(),
        name=invitation.name,
        email=invitation.email,
        role=invitation.role,
        person=invitation.person,
        firm=invitation.firm,
        agency=invitation.agency,
        keeper=invitation.keeper,
        partner=invitation.partner,
    )
    make_account(rows, account, format_time(at))
    if not rows.run(
        "UPDATE desk_invited SET account = ? WHERE id = ? AND account IS NULL", (account.id, invitation.id)
    ):
        raise IdentityError("invitation-used")
    return account


def invitations(rows: Rows, *, agency: str | None = None, made_by: str | None = None) -> list[Invitation]:
    """Invitations of an agency or by an account, newest first."""
    column, value = ("agency", agency) if agency is not None else ("made_by", made_by)
    found = rows.rows(
        f"SELECT {_COLUMNS} FROM desk_invited WHERE {column} = ? ORDER BY ends_at DESC, id",  # noqa: S608 -- columns above
        (value,),
    )
    return [_read(row) for row in found]


def invitation_for(rows: Rows, account: str) -> Invitation | None:
    """The invitation by which an account came."""
    row = rows.row(f"SELECT {_COLUMNS} FROM desk_invited WHERE account = ?", (account,))  # noqa: S608 -- columns above
    return None if row is None else _read(row)


def asks_oneself(rows: Rows, email: str, at: datetime, renews: str = "") -> bool:
    """
    Whether one more letter may go to an address that somebody entered and whose owner has not answered.

    What nobody answered in time is forgotten; three at once are enough for anybody. Each desk of an address has three of its
    own, so that nobody can keep its owner out by entering firms in her name.

    Args:
        renews: The account whose desk is to be opened again; empty for a desk that is not there yet.
    """
    rows.run("DELETE FROM desk_invited WHERE made_by = '' AND account IS NULL AND ends_at <= ?", (format_time(at),))
    found = rows.rows(
        "SELECT facts FROM desk_invited WHERE email = ? AND made_by = '' AND account IS NULL",
        (email.strip().casefold(),),
    )
    about = [str(msgspec.json.decode(row[0], type=dict[str, Any]).get("renews", "")) for row in found]
    return about.count(renews) < _MOST_WAITING


def use_up(rows: Rows, name: str) -> None:
    """
    Forget an invitation that has done its work without making an account.

    Raises:
        IdentityError: `invitation-used` when it had done it before.
    """
    if not rows.run("DELETE FROM desk_invited WHERE id = ? AND account IS NULL", (name,)):
        raise IdentityError("invitation-used")


def withdraw_invitation(rows: Rows, name: str) -> bool:
    """Take back an invitation that nobody has accepted."""
    return bool(rows.run("DELETE FROM desk_invited WHERE id = ? AND account IS NULL", (name,)))


def _hash(secret: str) -> str:
    return sha256(b"daylight-invitation-v1\x00" + secret.encode("utf-8")).hexdigest()


def _read(row: Sequence[Any]) -> Invitation:
    names = _COLUMNS.split(", ")
    values = dict(zip(names, row, strict=True))
    values["facts"] = msgspec.json.decode(values["facts"])
    return Invitation(**values)
