"""
Accounts: who may sit at a desk, in which role, for which agency or firm. Admitted by invitation, never by themselves.

One person may have several desks: evaluators serve more than one agency. In one organisation an address has one desk, for
two officers must be two people; and whoever admits for the operator, or audits, has that desk alone.
"""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Literal

from msgspec import Struct

from portal.identity.errors import IdentityError
from portal.identity.tables import Rows

Role = Literal["head", "officer", "evaluator", "firm", "partner", "keeper", "registrar", "auditor"]
_COLUMNS = "id, name, email, role, person, firm, agency, keeper, partner"
# `email` is unique in tables of earlier releases; a further desk of an address has it in `mailbox`.
_READ = _COLUMNS.replace("email", "COALESCE(mailbox, email)")


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

    @property
    def whose(self) -> str | None:
        """The organisation whose desk it is; None for the operator's own people."""
        return self.agency or self.firm or self.keeper or self.partner


def make_account(rows: Rows, account: Account, at: str) -> None:
    """
    Keep a new account.

    Raises:
        IdentityError: `mail-known` when the mail address has a desk that goes with no second one like this.
    """
    address = account.email.strip().casefold()
    others = accounts_of_email(rows, address)
    if any(not goes_beside(account.whose, other) for other in others):
        raise IdentityError("mail-known")
    rows.run(
        f"INSERT INTO desk_account ({_COLUMNS}, mailbox, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 -- columns above
        (
            account.id,
            account.name,
            f"{address} {account.id}" if others else address,
            account.role,
            account.person,
            account.firm,
            account.agency,
            account.keeper,
            account.partner,
            address,
            at,
        ),
    )


def goes_beside(whose: str | None, other: Account) -> bool:
    """
    Whether one person may have a desk of this organisation beside another desk.

    An agency's people and those who bid, or train learners for pay, are never the same person here: nobody buys from herself.
    """
    if whose is None or other.whose is None or whose == other.whose:
        return False
    sides = {_side(whose), _side(other.whose)}
    return sides != {"buys", "sells"}


def _side(organisation: str) -> str:
    kind = organisation.partition(":")[0]
    return {"agency": "buys", "firm": "sells", "partner": "sells"}.get(kind, kind)


def new_id() -> str:
    """An id that says nothing about anybody."""
    return token_hex(16)


def account_named(rows: Rows, account: str) -> Account | None:
    """The account with this id."""
    return _found(rows.row(f"SELECT {_READ} FROM desk_account WHERE id = ?", (account,)))  # noqa: S608 -- columns above


def accounts_of_email(rows: Rows, email: str) -> list[Account]:
    """The accounts with this mail address, however it is written, in the order in which they were made."""
    address = email.strip().casefold()
    found = rows.rows(
        f"SELECT {_READ} FROM desk_account WHERE COALESCE(mailbox, email) = ? ORDER BY made_at, id",  # noqa: S608 -- columns above
        (address,),
    )
    return [account for row in found if address and (account := _found(row)) is not None]


def accounts(rows: Rows) -> list[Account]:
    """All accounts, in the order in which they were made."""
    found = rows.rows(f"SELECT {_READ} FROM desk_account ORDER BY made_at, id")  # noqa: S608 -- columns above
    return [account for row in found if (account := _found(row)) is not None]


def _found(row: Sequence[Any] | None) -> Account | None:
    if row is None:
        return None
    names = _COLUMNS.split(", ")
    return Account(**dict(zip(names, row, strict=True)))
