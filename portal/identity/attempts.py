"""How often somebody may try to get in: by network address and by account, counted in the tables that all processes share."""

from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from ledger.entry import format_time, parse_time
from portal.identity.errors import IdentityError
from portal.identity.tables import Rows

WINDOW = timedelta(minutes=15)
PER_ADDRESS = 40
PER_ACCOUNT = 10


def count_attempt(rows: Rows, address: str, account: str, at: datetime) -> None:
    """
    Count one attempt from a network address, and one at an account when one is named (a mail address, or an id).

    Attempts at an account that does not exist count alike, so that the count tells nothing about who has a desk.

    Raises:
        IdentityError: `too-many-attempts` with the seconds to wait; that attempt is not counted.
    """
    names = [(_name("address", address), PER_ADDRESS)]
    if account:
        names.append((_name("account", account.strip().casefold()), PER_ACCOUNT))
    since = format_time(at - WINDOW)
    rows.run("DELETE FROM desk_try WHERE at <= ?", (since,))
    for name, most in names:
        found = rows.rows("SELECT at FROM desk_try WHERE name = ? AND at > ? ORDER BY at", (name, since))
        if len(found) >= most:
            free = parse_time(found[-most][0]) + WINDOW
            raise IdentityError("too-many-attempts", seconds=max(ceil((free - at).total_seconds()), 1))
    for name, _ in names:
        rows.run("INSERT INTO desk_try (name, at) VALUES (?, ?)", (name, format_time(at)))


def forget_attempts(rows: Rows, account: str) -> None:
    """Who got in begins anew; the network address still counts."""
    rows.run("DELETE FROM desk_try WHERE name = ?", (_name("account", account.strip().casefold()),))


def _name(kind: str, value: str) -> str:
    """A network or mail address is kept only as a hash, and only for a quarter of an hour."""
    return sha256(f"daylight-attempt-v1\x00{kind}\x00{value}".encode()).hexdigest()
