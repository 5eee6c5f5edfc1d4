"""
Followers: mail addresses that asked to be told when something changes in a pilot.

1. Nobody is written to who has not agreed: the first letter asks, and what is not agreed to is forgotten after a week.
2. A row says that an address follows a pilot, as anybody may. It stands apart from every bid, and holds nothing else.
3. Each letter carries the one address at which its reader stops it; then the row is deleted.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Literal

from msgspec import Struct

from ledger.entry import format_time
from portal.identity.mail import post_mail
from portal.identity.tables import Rows

State = Literal["asked", "agreed"]
PATIENCE = timedelta(days=7)
"""How long an address that was entered waits for its owner to agree."""
_AGAIN = timedelta(hours=12)
_MOST_PENDING = 5
FOLLOWERS = "followers"
"""Whom `told_until` and its like are about, unless somebody else is named."""


class Follower(Struct, frozen=True, kw_only=True):
    """One address that follows one pilot; `token` is the secret of its letters."""

    token: str
    email: str
    subject: str
    state: State


def ask_to_follow(rows: Rows, email: str, subject: str, at: datetime) -> None:
    """
    Write to an address and ask whether it wants to follow; nothing where it does, or was asked today already.

    Whoever enters an address learns nothing by it: the answer on the page is the same.

    Args:
        email: In its one spelling (`mail_address`).
    """
    rows.run("DELETE FROM desk_follower WHERE state = 'asked' AND made_at < ?", (format_time(at - PATIENCE),))
    known = rows.row("SELECT state, made_at FROM desk_follower WHERE email = ? AND subject = ?", (email, subject))
    if known is not None and (known[0] == "agreed" or known[1] > format_time(at - _AGAIN)):
        return
    pending = rows.row("SELECT count(*) FROM desk_follower WHERE email = ? AND state = 'asked'", (email,))
    if pending is not None and int(pending[0]) >= _MOST_PENDING:
        return
    token = token_urlsafe(24)
    rows.run("DELETE FROM desk_follower WHERE email = ? AND subject = ?", (email, subject))
    rows.run(
        "INSERT INTO desk_follower (token, email, subject, state, made_at) VALUES (?, ?, ?, 'asked', ?)",
        (token, email, subject, format_time(at)),
    )
    post_mail(rows, email, "follow_ask", {"href": f"/follow/{token}"}, at=at)


def follower_named(rows: Rows, token: str) -> Follower | None:
    """Whose letters carry this secret; None when nobody's do any more."""
    row = rows.row("SELECT token, email, subject, state FROM desk_follower WHERE token = ?", (token,))
    return None if row is None else Follower(token=row[0], email=row[1], subject=row[2], state=row[3])


def agree(rows: Rows, token: str) -> None:
    """From now on this follower is told."""
    rows.run("UPDATE desk_follower SET state = 'agreed' WHERE token = ?", (token,))


def stop(rows: Rows, token: str) -> None:
    """Forget a follower."""
    rows.run("DELETE FROM desk_follower WHERE token = ?", (token,))


def tell_followers(rows: Rows, subjects: Iterable[tuple[str, str]], at: datetime) -> int:
    """
    Write to everybody who follows these pilots, once each; how many letters.

    Args:
        subjects: Each pilot with the path at which to look.
    """
    told = 0
    for subject, href in subjects:
        found = rows.rows(
            "SELECT token, email FROM desk_follower WHERE subject = ? AND state = 'agreed' ORDER BY token", (subject,)
        )
        for token, email in found:
            post_mail(rows, email, "follow_news", {"href": href, "stop": f"/follow/{token}"}, at=at)
        told += len(found)
    return told


def forget_followers(rows: Rows, subject: str) -> None:
    """Nothing more happens in this pilot: nobody follows it."""
    rows.run("DELETE FROM desk_follower WHERE subject = ?", (subject,))


def told_until(rows: Rows, whom: str = FOLLOWERS) -> int | None:
    """The first entry that followers, or others, have not been told of; None before the first round."""
    row = rows.row("SELECT entry FROM desk_mark WHERE name = ?", (whom,))
    return None if row is None else int(row[0])


def begin_telling(rows: Rows, entry: int, whom: str = FOLLOWERS) -> None:
    """From this entry on they are told; what was there before is no news."""
    rows.run("INSERT INTO desk_mark (name, entry) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (whom, entry))


def claim_telling(rows: Rows, was: int, now: int, whom: str = FOLLOWERS) -> bool:
    """Take it on to tell of the entries from `was` to before `now`; False when another process has."""
    return bool(rows.run("UPDATE desk_mark SET entry = ? WHERE name = ? AND entry = ?", (now, whom, was)))
