"""
Letters: written into the desk's tables with whatever they tell about, sent after the commit by a thread of their own.

1. `post_mail` is all that other rooms call. A letter is a row of the same transaction: no commit, no letter.
2. Nothing waits for a mail server. What cannot be sent is tried again for two days, then kept as failed and said once.
3. A letter tells that something happened and where to read it; it never carries what is sealed or withheld.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from secrets import token_hex
from typing import NamedTuple, Protocol

import msgspec

from ledger.entry import format_time, parse_time
from portal.identity.tables import Rows, Tables

Figures = Mapping[str, str | int]
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440, 1440))
"""How long a letter waits after each failure; after the last it is given up."""
_LONGEST_ADDRESS = 254


class Letter(NamedTuple):
    """A letter as it is read: subject and text."""

    subject: str
    text: str


Write = Callable[[str, Figures], Letter]
"""Turns a template's name and its figures into words; the web's renderer does."""


class CarrierError(Exception):
    """A letter did not leave; `lasting` when trying again cannot help (the address is refused)."""

    def __init__(self, detail: str, *, lasting: bool = False) -> None:
        super().__init__(detail)
        self.lasting = lasting


class Carrier(Protocol):
    """Whoever takes letters away: an SMTP server, or the outbox folder."""

    def carry(self, message: EmailMessage) -> None:
        """Take one letter; raises `CarrierError`."""
        ...


def mail_address(given: str) -> str | None:
    """A mail address in its one spelling; None when it is none that could be written to."""
    address = given.strip().casefold()
    name, at, domain = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and len(address) <= _LONGEST_ADDRESS
    if not plain or not at or not name or any(each in address for each in ' ,;:<>()[]\\"'):
        return None
    labels = domain.split(".")
    if len(labels) < 2 or not all(label.replace("-", "").isalnum() for label in labels):  # noqa: PLR2004 -- a name and its domain
        return None
    try:
        return Address(addr_spec=address).addr_spec
    except (MessageError, ValueError):
        return None


def post_mail(rows: Rows, to: str, template: str, figures: Figures, *, at: datetime) -> str:
    """
    Put a letter into the tables, in the caller's transaction; a thread of the server sends it after the commit.

    Args:
        to: One mail address. What is none (an invented person's) is not written to: the id comes back all the same.
        template: The name of a file in `templates/mail/`, without its ending. The first line of that file is the subject.
        figures: What the template prints: names, numbers, links as paths (`/desk/sign/…`; the template puts the site's
            address before them). An instant in ISO form is printed as a moment. Never what is sealed or withheld.

    Returns:
        The letter's id.
    """
    letter = token_hex(16)
    address = mail_address(to)
    if address is None or address.endswith(".invalid"):
        return letter
    rows.run(
        "INSERT INTO desk_mail (id, recipient, template, figures, made_at, next_at, tries, state, trouble)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 'waiting', '')",
        (letter, address, template, msgspec.json.encode(dict(figures)).decode(), format_time(at), format_time(at)),
    )
    return letter


class Postman:
    """Sends what waits. Many may work at once: a letter is taken by whoever moves its `next_at` first."""

    def __init__(self, tables: Tables, carrier: Carrier, write: Write, sender: str, domain: str) -> None:
        self._tables = tables
        self._carrier = carrier
        self._write = write
        self._sender = sender
        self._domain = domain

    def deliver(self, now: datetime) -> int:
        """Send every letter that is due; how many left."""
        sent = 0
        while (letter := self._take(now)) is not None:
            sent += self._send(letter)
        return sent

    def _take(self, now: datetime) -> tuple[str, str, str, str, str, int] | None:
        """The oldest letter that is due; its next try is set first, so that a crash neither loses nor repeats it at once."""
        with self._tables.writing() as rows:
            row = rows.row(
                "SELECT id, recipient, template, figures, made_at, tries, next_at FROM desk_mail"
                " WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1",
                (format_time(now),),
            )
            if row is None:
                return None
            tries = int(row[5])
            then = now + RETRIES[min(tries, len(RETRIES) - 1)]
            taken = rows.run(
                "UPDATE desk_mail SET next_at = ?, tries = ? WHERE id = ? AND next_at = ? AND state = 'waiting'",
                (format_time(then), tries + 1, row[0], row[6]),
            )
        if not taken:
            return self._take(now)
        return (row[0], row[1], row[2], row[3], row[4], tries + 1)

    def _send(self, letter: tuple[str, str, str, str, str, int]) -> int:
        name, _, _, figures, _, tries = letter
        state, trouble = "sent", ""
        try:
            self._carrier.carry(self._written(letter))
        except CarrierError as error:
            given_up = error.lasting or tries >= len(RETRIES)
            state, trouble = ("failed" if given_up else "waiting"), str(error)[:300]
        except (MessageError, ValueError) as error:
            # One letter that cannot be written must not keep those behind it from leaving.
            state, trouble = "failed", f"{type(error).__name__}: {error}"[:300]
        with self._tables.writing() as rows:
            # What a letter said is not kept once it has left.
            rows.run(
                "UPDATE desk_mail SET state = ?, trouble = ?, figures = ? WHERE id = ?",
                (state, trouble, "{}" if state == "sent" else figures, name),
            )
        return int(state == "sent")

    def _written(self, letter: tuple[str, str, str, str, str, int]) -> EmailMessage:
        name, recipient, template, figures, made_at, _ = letter
        told = self._write(template, msgspec.json.decode(figures, type=dict[str, str | int]))
        message = EmailMessage()
        message["Subject"] = told.subject
        message["From"] = self._sender
        message["To"] = Address(addr_spec=recipient)
        message["Date"] = format_datetime(parse_time(made_at))
        message["Message-ID"] = f"<{name}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(told.text)
        return message


def sweep_mail(rows: Rows, at: datetime) -> int:
    """Forget letters that left or were given up more than 30 days ago; how many."""
    return rows.run(
        "DELETE FROM desk_mail WHERE state <> 'waiting' AND next_at < ?", (format_time(at - timedelta(days=30)),)
    )


def sender_domain(sender: str) -> str:
    """The domain of a sender such as `Daylight <daylight@example.org>`."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
