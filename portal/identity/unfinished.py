"""
Notices that somebody has begun and not signed: several at once, each under a name of its own, for their author alone.

A dropped one can be taken back for a month. One that went on to be signed is kept until its draft became an entry, so that
its author can still change it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.entry import format_time
from portal.identity.tables import Rows

KEPT = timedelta(days=30)
_KINDS = ("notice", "notice-signing", "notice-dropped")

State = Literal["notice", "notice-signing", "notice-dropped"]


class Unfinished(Struct, frozen=True, kw_only=True):
    """One of them. `sheet` is what its form holds; `draft` is the draft it became when it went on to be signed."""

    name: str
    state: State
    title: str
    sheet: dict[str, str]
    saved_at: str
    draft: str = ""


class _Kept(Struct, frozen=True, kw_only=True):
    title: str
    sheet: dict[str, str]
    draft: str = ""


def keep_unfinished(  # noqa: PLR0917 -- a row is made of all of these
    rows: Rows, account: str, name: str, title: str, sheet: dict[str, str], at: datetime
) -> None:
    """Keep what the form holds now; one that waits for signatures or was dropped is open again."""
    before = find_unfinished(rows, account, name)
    _put(rows, account, Unfinished(
        name=name,
        state="notice",
        title=title,
        sheet=sheet,
        saved_at=format_time(at),
        draft=before.draft if before else "",
    ))  # fmt: skip


def find_unfinished(rows: Rows, account: str, name: str) -> Unfinished | None:
    """The one with this name, of this account."""
    row = rows.row("SELECT kind, subject, fields, saved_at FROM desk_form WHERE id = ?", (_id(account, name),))
    return None if row is None else _read(row)


def unfinished_of(rows: Rows, account: str) -> list[Unfinished]:
    """All of an account, the latest saved first."""
    found = rows.rows(
        "SELECT kind, subject, fields, saved_at FROM desk_form WHERE account = ? AND kind IN (?, ?, ?)"
        " ORDER BY saved_at DESC, id",
        (account, *_KINDS),
    )
    return [_read(row) for row in found]


def change_state(
    rows: Rows, account: str, name: str, state: State, at: datetime, *, draft: str | None = None
) -> Unfinished | None:
    """Drop it, take it back, or note the draft that it became; None where there is none with this name."""
    before = find_unfinished(rows, account, name)
    if before is None:
        return None
    after = msgspec.structs.replace(
        before, state=state, saved_at=format_time(at), draft=before.draft if draft is None else draft
    )
    _put(rows, account, after)
    return after


def forget_unfinished(rows: Rows, account: str, name: str) -> None:
    """Forget it for good: its notice is on record."""
    rows.run("DELETE FROM desk_form WHERE id = ?", (_id(account, name),))


def sweep_unfinished(rows: Rows, at: datetime) -> int:
    """Forget what was dropped a month ago; how many."""
    return rows.run("DELETE FROM desk_form WHERE kind = 'notice-dropped' AND saved_at <= ?", (format_time(at - KEPT),))


def _put(rows: Rows, account: str, one: Unfinished) -> None:
    kept = _Kept(title=one.title, sheet=one.sheet, draft=one.draft)
    rows.run("DELETE FROM desk_form WHERE id = ?", (_id(account, one.name),))
    rows.run(
        "INSERT INTO desk_form (id, account, kind, subject, fields, saved_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            _id(account, one.name),
            account,
            one.state,
            one.name,
            msgspec.json.encode(kept).decode("utf-8"),
            one.saved_at,
        ),
    )


def _id(account: str, name: str) -> str:
    return f"{account} notice {name}"


def _read(row: Sequence[Any]) -> Unfinished:
    kept = msgspec.json.decode(row[2], type=_Kept)
    return Unfinished(name=row[1], state=row[0], title=kept.title, sheet=kept.sheet, saved_at=row[3], draft=kept.draft)
