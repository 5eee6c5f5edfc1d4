"""
The one reader of the environment, and the layout of a data folder.

    DATA/log/              what the publisher wrote: checkpoint, tile/…, document/<sha256>
    DATA/vkeys             the log's verifier keys, one a line
    DATA/ledger.sqlite     the database (unless DAYLIGHT_DATABASE names another)
    DATA/vault/            what must stay erasable: envelopes, openings of commitments
    DATA/receipt.vkey      the verifier key of commit receipts
    DATA/keys/             the server's secrets, and the lock store that is never restored from a backup
    DATA/moment            demos and re-enactments only: the instant at which they are shown
    DATA/people/           demos only: key files of invented people and keepers
    DATA/outbox/           letters that no mail server was named for, one file each

From the environment, beside DAYLIGHT_DATABASE:

    DAYLIGHT_ADDRESS       the site's public address, when `serve --address` does not say it
    DAYLIGHT_MAIL_FROM     whom letters are from
    DAYLIGHT_SMTP_HOST     the mail server; without it letters go to the outbox
    DAYLIGHT_SMTP_PORT     its port (465 for tls, 587 for starttls, 25 for none)
    DAYLIGHT_SMTP_SECURITY tls (the default), starttls, or none (a server on this machine only)
    DAYLIGHT_SMTP_ACCOUNT  the account there, when it asks for one
    DAYLIGHT_SMTP_PASSWORD its password
    DAYLIGHT_SECURITY_CONTACT whom /.well-known/security.txt names, as mailto:… or https://…
"""

import os
from dataclasses import dataclass
from pathlib import Path

DATABASE_VARIABLE = "DAYLIGHT_DATABASE"
ADDRESS_VARIABLE = "DAYLIGHT_ADDRESS"
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class SettingError(Exception):
    """A setting that cannot be used; `reason` is a stable code, the text says which setting and what it may be."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{detail} ({reason})")
        self.reason = reason


@dataclass(frozen=True)
class MailSettings:
    """Where letters go. No `host`: into the outbox folder."""

    sender: str
    host: str = ""
    port: int = 0
    security: str = "tls"
    account: str = ""
    password: str = ""


def stated_address() -> str:
    """The public address that the environment names; empty when it names none."""
    return os.environ.get(ADDRESS_VARIABLE, "").rstrip("/")


def security_contact() -> str:
    """
    Whom to tell about a weakness; empty when nobody is named.

    Raises:
        SettingError: `security-contact` for anything but one mailto:, https: or tel: address.
    """
    found = os.environ.get("DAYLIGHT_SECURITY_CONTACT", "")
    if found and (not found.startswith(("mailto:", "https://", "tel:")) or not found.isprintable() or " " in found):
        raise SettingError("security-contact", "DAYLIGHT_SECURITY_CONTACT is one mailto:, https:// or tel: address")
    return found


def mail_settings() -> MailSettings:
    """
    How letters leave.

    Raises:
        SettingError: `mail-security`, `mail-plain` (a password or letter in clear to another machine) or `mail-port`.
    """
    read = os.environ.get
    host, security = read("DAYLIGHT_SMTP_HOST", ""), read("DAYLIGHT_SMTP_SECURITY", "tls")
    if security not in _PORTS:
        raise SettingError("mail-security", "DAYLIGHT_SMTP_SECURITY is tls, starttls or none")
    if security == "none" and host not in _THIS_MACHINE:
        raise SettingError("mail-plain", f"letters to {host} must be encrypted: DAYLIGHT_SMTP_SECURITY=tls or starttls")
    port = read("DAYLIGHT_SMTP_PORT", "") or str(_PORTS[security])
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 -- TCP
        raise SettingError("mail-port", f"DAYLIGHT_SMTP_PORT is no port: {port}")
    return MailSettings(
        sender=read("DAYLIGHT_MAIL_FROM", "Daylight <daylight@localhost>"),
        host=host,
        port=int(port),
        security=security,
        account=read("DAYLIGHT_SMTP_ACCOUNT", ""),
        password=read("DAYLIGHT_SMTP_PASSWORD", ""),
    )


@dataclass(frozen=True)
class DataFolder:
    """The paths of one data folder; nothing is created by asking for a path."""

    root: Path

    @property
    def log(self) -> Path:
        """What the publisher wrote, and everybody may copy."""
        return self.root / "log"

    @property
    def vkeys(self) -> Path:
        """The verifier keys, for whoever audits."""
        return self.root / "vkeys"

    @property
    def database(self) -> str | Path:
        """The SQLite file, or the URL in DAYLIGHT_DATABASE."""
        return os.environ.get(DATABASE_VARIABLE) or self.root / "ledger.sqlite"

    @property
    def vault(self) -> Path:
        """Erasable bytes."""
        return self.root / "vault"

    @property
    def desk(self) -> str | Path:
        """The desk's tables: personal data, erasable, so it lies in the vault; or beside the log's in DAYLIGHT_DATABASE."""
        return os.environ.get(DATABASE_VARIABLE) or self.vault / "desk.sqlite"

    @property
    def keys(self) -> Path:
        """The server's secrets."""
        return self.root / "keys"

    @property
    def log_secret(self) -> Path:
        """The two keys that sign checkpoints."""
        return self.keys / "log.secret"

    @property
    def receipt_secret(self) -> Path:
        """The key that signs commit receipts, and nothing else."""
        return self.keys / "receipt.secret"

    @property
    def receipt_vkey(self) -> Path:
        """The public half of it, for whoever holds a receipt."""
        return self.root / "receipt.vkey"

    @property
    def operator_secret(self) -> Path:
        """The registrar's key: admits agencies and keepers, states what everyone recomputes."""
        return self.keys / "operator.secret"

    @property
    def desk_secret(self) -> Path:
        """The key that locks what the desk's tables must be able to read again: secrets behind codes."""
        return self.keys / "desk.secret"

    @property
    def lock(self) -> Path:
        """The lock store: apart from the database, never restored from a backup."""
        return self.keys / "lock.sqlite"

    @property
    def moment(self) -> Path:
        """The pinned moment of a demo or re-enactment."""
        return self.root / "moment"

    @property
    def people(self) -> Path:
        """Key files of a demo's people and keepers."""
        return self.root / "people"

    @property
    def outbox(self) -> Path:
        """Letters, when no mail server is named."""
        return self.root / "outbox"

    def exists(self) -> bool:
        """Whether a log was opened here."""
        return self.log_secret.exists()
