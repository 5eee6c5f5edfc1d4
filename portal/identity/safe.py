"""
The lock on what the desk's tables must be able to read again: the secrets behind codes of the moment.

1. The key lies in the folder of the server's secrets, outside the database: a copy of the database gives nobody a code.
2. Each secret is locked for its own account: moved into another row it opens nothing.
3. A lost key locks nobody out for good: who signs in by codes has recovery codes, and the way of whoever lost everything.
"""

from base64 import b64decode, b64encode
from binascii import Error
from contextlib import suppress
from hmac import digest
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.keys import create_secret
from portal.identity.errors import IdentityError
from portal.identity.tables import Rows

_MARK = "locked-1:"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Safe:
    """What locks and unlocks, with the key that was read from its file."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key

    @classmethod
    def at(cls, path: Path) -> "Safe":
        """
        The safe whose key lies in this file, readable by its owner only; a new key is made where there is none.

        Raises:
            RuntimeError: The file holds no such key: somebody wrote into it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            create_secret(path, token_bytes(_KEY_BYTES))
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise RuntimeError(f"{path} holds no key of {_KEY_BYTES} bytes")
        return cls(key)

    def stand_in(self, email: str) -> bytes:
        """What stands for the passkey of an address that has none: the same in every process and after every start."""
        return digest(self._key, b"daylight-absent-v1\x00" + email.encode("utf-8"), "sha256")

    def lock(self, account: str, plain: str) -> str:
        """Lock a secret for one account."""
        nonce = token_bytes(_NONCE_BYTES)
        locked = self._cipher.encrypt(nonce, plain.encode("utf-8"), account.encode("utf-8"))
        return _MARK + b64encode(nonce + locked).decode("ascii")

    def unlock(self, account: str, kept: str) -> str:
        """
        The secret of this account.

        Raises:
            IdentityError: `codes-unreadable` when it was locked by another key, for another account, or altered.
        """
        try:
            data = b64decode(kept.removeprefix(_MARK), validate=True)
            plain = self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], account.encode("utf-8"))
        except (Error, InvalidTag, ValueError) as error:
            raise IdentityError("codes-unreadable") from error
        return plain.decode("utf-8")


def lock_clear_secrets(rows: Rows, safe: Safe) -> int:
    """Lock what an earlier release kept in clear; how many. Nothing changes on the next start."""
    found = rows.rows("SELECT account, totp FROM desk_secret WHERE totp <> '' AND totp NOT LIKE ?", (f"{_MARK}%",))
    for account, totp in found:
        rows.run(
            "UPDATE desk_secret SET totp = ? WHERE account = ? AND totp = ?", (safe.lock(account, totp), account, totp)
        )
    return len(found)
