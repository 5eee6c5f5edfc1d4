"""Accounts: who may sit at a desk, in which role, for which agency or firm. Admitted by invitation, never by themselves."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Literal

from msgspec import Struct

from portal.identity.tables import Rows

Role = Literal["head", "officer", "evaluator", "firm", "partner", "keeper", "registrar", "auditor"]
_COLUMNS = "id, name, email, role, person, firm, agency, keeper, partner"


class Account(Struct, frozen=True, kw_only=True):
    """One account. `person` is the pseudonym that appointments name; exactly one of the others says whose desk it is."""

    id: str
    name: str
    email: str
    role: Role
    person: str | None = None
    firm: str | None = None
    agency: str | None = None
    keeper: str | None = None
    partner: str | None = None


def make_account(rows: Rows, account: Account, at: str) -> None:
    """Keep a new account; the mail address serves one account only (the database refuses a second)."""
    rows.run(
        f"INSERT INTO desk_account ({_COLUMNS}, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 -- columns above
        (
            account.id,
            account.name,
            account.email.strip().casefold(),
            account.role,
            account.person,
            account.firm,
            account.agency,
            account.keeper,
            account.partner,
            at,
        ),
    )


def new_id() -> str:
    """An id that says nothing about anybody."""
    return token_hex(16)


def account_named(rows: Rows, account: str) -> Account | None:
    """The account with this id."""
    return _found(rows.row(f"SELECT {_COLUMNS} FROM desk_account WHERE id = ?", (account,)))  # noqa: S608 -- columns above


def account_of_email(rows: Rows, email: str) -> Account | None:
    """The account with this mail address, however it is written."""
    address = email.strip().casefold()
    return _found(rows.row(f"SELECT {_COLUMNS} FROM desk_account WHERE email = ?", (address,)))  # noqa: S608 -- columns above


def accounts(rows: Rows) -> list[Account]:
    """All accounts, in the order in which they were made."""
    found = rows.rows(f"SELECT {_COLUMNS} FROM desk_account ORDER BY made_at, id")  # noqa: S608 -- columns above
    return [account for row in found if (account := _found(row)) is not None]


def _found(row: Sequence[Any] | None) -> Account | None:
    if row is None:
        return None
    names = _COLUMNS.split(", ")
    return Account(**dict(zip(names, row, strict=True)))
