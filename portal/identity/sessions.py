"""
Sessions: 256 random bits in a cookie, their SHA-256 in the table, a new id at every change of privilege.

The id of a visitor who signs in is thrown away and a new one is drawn, so that an id somebody planted before is worth
nothing after (session fixation). `token` is what forms carry; it is bound to the session and compared in constant time.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex
from typing import NamedTuple

from ledger.entry import format_time, parse_time
from portal.identity.accounts import Account, account_named
from portal.identity.tables import Rows

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=2)
_ID_LENGTH = 64
_SEEN_EVERY = timedelta(minutes=1)


class Session(NamedTuple):
    """An open session; `id` is known only to the browser and to this request."""

    id: str
    token: str
    account: Account | None


def open_session(rows: Rows, at: datetime, account: Account | None = None) -> Session:
    """Draw a new session; for nobody yet, or for somebody who has just signed in."""
    session = Session(token_hex(32), token_hex(32), account)
    rows.run(
        "INSERT INTO desk_session (hash, account, token, made_at, seen_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            _hash(session.id),
            None if account is None else account.id,
            session.token,
            format_time(at),
            format_time(at),
            format_time(at + LIFETIME),
        ),
    )
    return session


def find_session(rows: Rows, given: str, at: datetime) -> Session | None:
    """The session behind a cookie; None when it is unknown, over, or was idle too long."""
    if len(given) != _ID_LENGTH or not given.isascii():
        return None
    row = rows.row("SELECT account, token, seen_at, ends_at FROM desk_session WHERE hash = ?", (_hash(given),))
    if row is None or at >= parse_time(row[3]) or at >= parse_time(row[2]) + IDLE:
        return None
    account = None if row[0] is None else account_named(rows, row[0])
    return Session(given, row[1], account)


def keep_alive(rows: Rows, session: Session, at: datetime) -> None:
    """Note that the session was used; at most once a minute, so that reading pages hardly writes."""
    rows.run(
        "UPDATE desk_session SET seen_at = ? WHERE hash = ? AND seen_at < ?",
        (format_time(at), _hash(session.id), format_time(at - _SEEN_EVERY)),
    )


def rotate(rows: Rows, session: Session | None, account: Account | None, at: datetime) -> Session:
    """End the session and open another: at sign-in, sign-out and every other change of privilege."""
    if session is not None:
        end_session(rows, session)
    return open_session(rows, at, account)


def end_session(rows: Rows, session: Session) -> None:
    """Forget the session."""
    rows.run("DELETE FROM desk_session WHERE hash = ?", (_hash(session.id),))


def end_all(rows: Rows, account: str) -> int:
    """Forget every session of an account: after a lost device; how many there were."""
    return rows.run("DELETE FROM desk_session WHERE account = ?", (account,))


def sweep(rows: Rows, at: datetime) -> int:
    """Forget sessions that are over; how many."""
    return rows.run("DELETE FROM desk_session WHERE ends_at <= ?", (format_time(at),))


def token_matches(session: Session, given: str) -> bool:
    """Whether a form carried this session's own token."""
    return compare_digest(session.token.encode("ascii"), given.encode("utf-8"))


def _hash(given: str) -> str:
    return sha256(b"daylight-session-v1\x00" + given.encode("utf-8")).hexdigest()
