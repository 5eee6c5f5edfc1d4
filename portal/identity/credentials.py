"""Credentials of an account: public halves, what each is for, what its owner calls it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ledger.entry import format_time
from portal.identity.errors import IdentityError
from portal.identity.tables import Rows

Use = Literal["sign-in", "act"]
LONGEST_LABEL = 60
_COLUMNS = "id, account, purpose, public_key, key_id, sign_count, label, made_at"


class Credential(NamedTuple):
    """
    One credential. `key_id` names the public key as the record does.

    `public_key` is COSE in base64url for a passkey; empty for a browser's own key, which is known by its `key_id`.
    """

    id: str
    account: str
    use: Use
    public_key: str
    key_id: str
    sign_count: int
    label: str
    made_at: str

    @property
    def is_passkey(self) -> bool:
        """Whether a device holds it; else it lies in one browser."""
        return self.key_id.startswith("passkey-")


def keep_credential(rows: Rows, credential: Credential) -> None:
    """
    Keep a new credential.

    Raises:
        IdentityError: `credential-known` when it is kept already, for whomever.
    """
    if find_credential(rows, credential.id) is not None:
        raise IdentityError("credential-known")
    rows.run(
        f"INSERT INTO desk_credential ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 -- columns above
        tuple(credential),
    )


def new_credential(account: str, use: Use, made: tuple[str, str, str, int], label: str, at: datetime) -> Credential:
    """A credential as it is kept: `made` are its id, public key, key id and counter."""
    plain = " ".join(label.split())[:LONGEST_LABEL]
    return Credential(made[0], account, use, made[1], made[2], made[3], plain or "Passkey", format_time(at))


def find_credential(rows: Rows, name: str) -> Credential | None:
    """The credential with this id."""
    row = rows.row(f"SELECT {_COLUMNS} FROM desk_credential WHERE id = ? AND revoked_at IS NULL", (name,))  # noqa: S608
    return None if row is None else _read(row)


def credentials_of(rows: Rows, account: str, use: Use | None = None) -> list[Credential]:
    """An account's credentials, oldest first."""
    found = rows.rows(
        f"SELECT {_COLUMNS} FROM desk_credential WHERE account = ? AND revoked_at IS NULL ORDER BY made_at, id",  # noqa: S608
        (account,),
    )
    return [each for each in map(_read, found) if use is None or each.use == use]


def account_of_key(rows: Rows, key_id: str) -> str | None:
    """Whose act key this is."""
    row = rows.row(
        "SELECT account FROM desk_credential WHERE key_id = ? AND purpose = 'act' AND revoked_at IS NULL", (key_id,)
    )
    return None if row is None else str(row[0])


def count_use(rows: Rows, name: str, sign_count: int) -> None:
    """Keep the device's counter."""
    rows.run("UPDATE desk_credential SET sign_count = ? WHERE id = ?", (sign_count, name))


def rename_credential(rows: Rows, account: str, name: str, label: str) -> None:
    """Call a credential of this account something else."""
    plain = " ".join(label.split())[:LONGEST_LABEL]
    if plain:
        rows.run("UPDATE desk_credential SET label = ? WHERE id = ? AND account = ?", (plain, name, account))


def remove_credential(rows: Rows, account: str, name: str) -> None:
    """
    Forget a sign-in credential.

    Raises:
        IdentityError: `credential-last` for the last one that signs in; `credential-unknown` for one that is not this
            account's, or that signs acts (those are revoked in the record).
    """
    mine = credentials_of(rows, account, "sign-in")
    if name not in {each.id for each in mine}:
        raise IdentityError("credential-unknown")
    if len(mine) == 1:
        raise IdentityError("credential-last")
    rows.run("DELETE FROM desk_credential WHERE id = ? AND account = ?", (name, account))


def forget_act_key(rows: Rows, key_id: str) -> None:
    """A key that the record has revoked is not asked for any more."""
    rows.run("DELETE FROM desk_credential WHERE key_id = ? AND purpose = 'act'", (key_id,))


def _read(row: Sequence[Any]) -> Credential:
    return Credential(*row)
