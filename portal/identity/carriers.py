"""Who takes letters away: a mail server over TLS, or, when none is named, a folder of files."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from ledger.keys import create_secret
from portal.identity.mail import Carrier, CarrierError
from portal.settings import MailSettings

_PATIENCE_S = 20.0
_REFUSED = 500


class Outbox:
    """Writes each letter into a file of its own, readable by its owner only: nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, message: EmailMessage) -> None:
        """Write the file; it is named after the letter's own id, so a letter tried twice is there once."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        path = self._folder / f"{name}.eml"
        try:
            create_secret(path, message.as_bytes(policy=SMTP))
        except FileExistsError:
            return
        except OSError as error:
            raise CarrierError(f"{path}: {error.strerror}") from error


class SmtpServer:
    """A mail server. Certificates are checked; without encryption only a server on this machine is spoken to."""

    def __init__(self, settings: MailSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context or ssl.create_default_context()

    def carry(self, message: EmailMessage) -> None:
        """Hand one letter over in a connection of its own."""
        try:
            with self._connected() as server:
                if self._settings.account:
                    server.login(self._settings.account, self._settings.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise CarrierError(f"the address was refused: {codes}", lasting=min(codes) >= _REFUSED) from error
        except (smtplib.SMTPException, OSError) as error:
            raise CarrierError(f"{type(error).__name__}: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        of = self._settings
        if of.security == "tls":
            return smtplib.SMTP_SSL(of.host, of.port, timeout=_PATIENCE_S, context=self._context)
        server = smtplib.SMTP(of.host, of.port, timeout=_PATIENCE_S)
        if of.security == "starttls":
            try:
                server.starttls(context=self._context)
            except (smtplib.SMTPException, OSError):
                server.close()
                raise
        return server


def carrier_of(settings: MailSettings, outbox: Path) -> Carrier:
    """The carrier that the settings name."""
    return SmtpServer(settings) if settings.host else Outbox(outbox)
