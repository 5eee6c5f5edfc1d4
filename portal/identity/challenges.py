"""
Challenges for devices: random, good for five minutes and one answer, kept as a hash.

The device does not answer the number the server drew but SHA-256 over the purpose and that number, computed by our page:
a challenge for signing in can thereby never be the fingerprint of an act, whatever a server sends.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Literal

from ledger.entry import format_time, parse_time
from portal.identity.errors import IdentityError
from portal.identity.sessions import Session
from portal.identity.tables import Rows

Purpose = Literal["sign-in", "new-sign-in", "new-act", "own-act"]
LIFETIME = timedelta(minutes=5)


def draw_challenge(rows: Rows, purpose: Purpose, session: Session, at: datetime, account: str = "") -> bytes:
    """
    Draw a number for one answer in this session.

    Args:
        account: What the answer is about, given back by `take_challenge`: an account's id, or empty.

    Returns:
        The number; the device answers `challenge_for(purpose, number)`.
    """
    drawn = token_bytes(32)
    rows.run(
        "INSERT INTO desk_challenge (hash, purpose, account, challenge, ends_at) VALUES (?, ?, ?, '', ?)",
        (
            _hash(purpose, session, challenge_for(purpose, drawn)),
            purpose,
            account,
            format_time(at + LIFETIME),
        ),
    )
    return drawn


def challenge_for(purpose: Purpose, drawn: bytes) -> bytes:
    """What the device is asked to sign: the page computes the same."""
    return sha256(f"daylight-{purpose}-v1".encode("ascii") + b"\x00" + drawn).digest()


def take_challenge(rows: Rows, purpose: Purpose, session: Session, answered: bytes, at: datetime) -> str:
    """
    Use a challenge up; what it is about.

    Raises:
        IdentityError: `challenge-unknown` when it was never drawn for this session and purpose, was answered before, or is
            older than five minutes.
    """
    name = _hash(purpose, session, answered)
    row = rows.row("SELECT account, ends_at FROM desk_challenge WHERE hash = ?", (name,))
    if not rows.run("DELETE FROM desk_challenge WHERE hash = ?", (name,)) or row is None:
        raise IdentityError("challenge-unknown")
    if at >= parse_time(row[1]):
        raise IdentityError("challenge-unknown")
    return str(row[0] or "")


def sweep_challenges(rows: Rows, at: datetime) -> int:
    """Forget challenges that nobody answered in time; how many."""
    return rows.run("DELETE FROM desk_challenge WHERE ends_at <= ?", (format_time(at),))


def _hash(purpose: str, session: Session, challenge: bytes) -> str:
    bound = f"daylight-challenge-v1\x00{purpose}\x00{session.id}\x00".encode("ascii")
    return sha256(bound + challenge).hexdigest()
