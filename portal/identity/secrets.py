"""
Signing in without a passkey: a password and the code of the moment, both; and recovery codes, each good once.

- Passwords are hashed with argon2id (64 MiB, three rounds). An account that does not exist costs the same time.
- A code of the moment is taken once: its step and every earlier one are refused from then on.
- The secret behind the codes is locked (`portal.identity.safe`): who copies the tables makes no code.
- Recovery codes carry 80 random bits each, so a plain hash of them cannot be searched; they are shown once.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes
from typing import Final

import msgspec
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from portal.identity.accounts import Account
from portal.identity.errors import IdentityError
from portal.identity.safe import Safe
from portal.identity.tables import Rows

SHORTEST: Final = 12
LONGEST: Final = 200
CODES: Final = 10
_STEP_S: Final = 30
_TOTP_LENGTH: Final = 32
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_HASHER: Final = PasswordHasher()
_NOBODYS: Final = _HASHER.hash(token_bytes(16).hex())


def hash_password(password: str) -> str:
    """
    Hash a password; slow on purpose, so call it outside of a transaction.

    Raises:
        IdentityError: `password-short` or `password-long`.
    """
    if len(password) < SHORTEST:
        raise IdentityError("password-short", least=SHORTEST)
    if len(password) > LONGEST:
        raise IdentityError("password-long", most=LONGEST)
    return _HASHER.hash(password)


def hash_twice(password: str, again: str) -> str:
    """
    Hash a password that was typed twice.

    Raises:
        IdentityError: `password-differs`, and as `hash_password`.
    """
    if password != again:
        raise IdentityError("password-differs")
    return hash_password(password)


def new_totp() -> str:
    """A secret for a device that shows codes."""
    return pyotp.random_base32(_TOTP_LENGTH)


def totp_address(secret: str, name: str, site: str) -> str:
    """What the QR code says to the device."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def totp_step(secret: str, code: str, at: datetime, last_step: int) -> int:
    """
    The step of the code, the present one or a neighbour, and later than the last one used.

    Raises:
        IdentityError: `sign-in-wrong`.
    """
    now = int(at.timestamp()) // _STEP_S
    given = "".join(code.split()).encode("utf-8")
    for step in (now, now - 1, now + 1):
        if step > last_step and compare_digest(pyotp.TOTP(secret).at(step * _STEP_S).encode("ascii"), given):
            return step
    raise IdentityError("sign-in-wrong")


def is_totp(secret: str) -> bool:
    """Whether a form brought back a secret as we draw them."""
    return len(secret) == _TOTP_LENGTH and set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def keep_secret(rows: Rows, account: str, password: str, totp: str, step: int) -> None:
    """Keep an account's password (hashed) and the secret of its codes (locked); recovery codes stay as they are."""
    before = rows.row("SELECT recovery FROM desk_secret WHERE account = ?", (account,))
    rows.run("DELETE FROM desk_secret WHERE account = ?", (account,))
    rows.run(
        "INSERT INTO desk_secret (account, password, totp, last_step, recovery) VALUES (?, ?, ?, ?, ?)",
        (account, password, totp, step, "[]" if before is None else before[0]),
    )


def password_of(rows: Rows, account: str | None) -> str:
    """The hash to compare with: of nobody's password where there is none."""
    row = None if account is None else rows.row("SELECT password FROM desk_secret WHERE account = ?", (account,))
    return _NOBODYS if row is None or not row[0] else str(row[0])


def has_password(rows: Rows, account: str) -> bool:
    """Whether a password and a code open this desk."""
    return rows.row("SELECT 1 FROM desk_secret WHERE account = ? AND password <> ''", (account,)) is not None


def check_password(kept: str, password: str) -> None:
    """
    Compare a password with a hash; slow on purpose.

    Raises:
        IdentityError: `sign-in-wrong`.
    """
    try:
        _HASHER.verify(kept, password[: LONGEST + 1])
    except (VerifyMismatchError, VerificationError, InvalidHashError) as error:
        raise IdentityError("sign-in-wrong") from error


def use_totp(rows: Rows, safe: Safe, account: str, code: str, at: datetime) -> None:
    """
    Take a code of the moment, once.

    Raises:
        IdentityError: `sign-in-wrong`, also for a code that was used; `codes-unreadable` as `Safe.unlock`.
    """
    row = rows.row("SELECT totp, last_step FROM desk_secret WHERE account = ?", (account,))
    if row is None or not row[0]:
        raise IdentityError("sign-in-wrong")
    step = totp_step(safe.unlock(account, row[0]), code, at, int(row[1]))
    if not rows.run("UPDATE desk_secret SET last_step = ? WHERE account = ? AND last_step < ?", (step, account, step)):
        raise IdentityError("sign-in-wrong")


def draw_codes(rows: Rows, account: str) -> list[str]:
    """Ten new recovery codes, to be shown once; older ones are worth nothing from now on."""
    drawn = [_code() for _ in range(CODES)]
    codes = ["-".join(code[place : place + 4] for place in range(0, 16, 4)) for code in drawn]
    kept = msgspec.json.encode([_hash(account, code) for code in codes]).decode()
    if not rows.run("UPDATE desk_secret SET recovery = ? WHERE account = ?", (kept, account)):
        rows.run(
            "INSERT INTO desk_secret (account, password, totp, last_step, recovery) VALUES (?, '', '', 0, ?)",
            (account, kept),
        )
    return codes


def codes_left(rows: Rows, account: str) -> int:
    """How many recovery codes an account has not used."""
    row = rows.row("SELECT recovery FROM desk_secret WHERE account = ?", (account,))
    return 0 if row is None else len(msgspec.json.decode(row[0], type=list[str]))


def use_code_of(rows: Rows, owners: Sequence[Account], code: str) -> Account:
    """
    Use up a recovery code of one of these accounts; whose it was.

    Raises:
        IdentityError: `sign-in-wrong`.
    """
    if not owners:
        raise IdentityError("sign-in-wrong")
    try:
        _use_code(rows, owners[0].id, code)
    except IdentityError:
        if len(owners) == 1:
            raise
        return use_code_of(rows, owners[1:], code)
    return owners[0]


def _use_code(rows: Rows, account: str, code: str) -> None:
    row = rows.row("SELECT recovery FROM desk_secret WHERE account = ?", (account,))
    kept = [] if row is None else msgspec.json.decode(row[0], type=list[str])
    given = _hash(account, code)
    left = [each for each in kept if not compare_digest(each, given)]
    if row is None or len(left) == len(kept):
        raise IdentityError("sign-in-wrong")
    used = rows.run(
        "UPDATE desk_secret SET recovery = ? WHERE account = ? AND recovery = ?",
        (msgspec.json.encode(left).decode(), account, row[0]),
    )
    if not used:
        raise IdentityError("sign-in-wrong")


def _code() -> str:
    """Sixteen letters of five bits each."""
    return "".join(_ALPHABET[byte & 31] for byte in token_bytes(16))


def _hash(account: str, code: str) -> str:
    plain = "".join(each for each in code.upper() if each.isalnum())
    return sha256(f"daylight-recovery-v1\x00{account}\x00{plain}".encode()).hexdigest()
