"""What somebody typed and has not sent: saved by name, for its author alone; also scores between locking in and showing."""

from datetime import datetime

import msgspec

from ledger.entry import parse_time
from portal.identity.tables import Rows


def keep_form(rows: Rows, account: str, name: str, fields: dict[str, str], at: str) -> None:
    """Keep the fields of a form; a later save takes the place of an earlier one."""
    rows.run("DELETE FROM desk_form WHERE id = ?", (f"{account} {name}",))
    rows.run(
        "INSERT INTO desk_form (id, account, kind, subject, fields, saved_at) VALUES (?, ?, '', ?, ?, ?)",
        (f"{account} {name}", account, name, msgspec.json.encode(fields).decode("utf-8"), at),
    )


def drop_form(rows: Rows, account: str, name: str) -> None:
    """Forget what is kept under this name."""
    rows.run("DELETE FROM desk_form WHERE id = ?", (f"{account} {name}",))


def saved_at(rows: Rows, account: str, name: str) -> datetime | None:
    """When the fields under this name were last saved; None when there are none."""
    row = rows.row("SELECT saved_at FROM desk_form WHERE id = ?", (f"{account} {name}",))
    return None if row is None else parse_time(row[0])


def kept_form(rows: Rows, account: str, name: str) -> dict[str, str]:
    """The fields kept under this name; empty when there are none."""
    row = rows.row("SELECT fields FROM desk_form WHERE id = ?", (f"{account} {name}",))
    return {} if row is None else msgspec.json.decode(row[0], type=dict[str, str])
