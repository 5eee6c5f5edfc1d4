"""Letters leave after the commit, once, and are tried again; a real mail server on this machine takes them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from portal.clock import SimulatedClock
from portal.identity.carriers import Outbox, SmtpServer
from portal.identity.mail import RETRIES, CarrierError, Figures, Letter, Postman, mail_address, post_mail, sweep_mail
from portal.identity.sessions import open_session
from portal.identity.tables import Tables
from portal.settings import MailSettings, SettingError, mail_settings
from portal.web.desk.letters import Rounds

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
SENDER = "Daylight <daylight@pilots.example>"


def write(template: str, figures: Figures) -> Letter:
    return Letter(f"About {template}", f"Dear {figures['who']},\nžluťoučký kůň.\n")


class Keeping:
    """A carrier that keeps letters, or refuses them."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses: list[CarrierError] = []

    def carry(self, message: EmailMessage) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.letters.append(message)


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    made = Tables(tmp_path / "desk.sqlite")
    yield made
    made.close()


def post(tables: Tables, to: str = "ada@harlan.example") -> str:
    with tables.writing() as rows:
        return post_mail(rows, to, "greeting", {"who": "Ada"}, at=NOW)


def states(tables: Tables) -> list[tuple[str, int]]:
    with tables.reading() as rows:
        return [(row[0], row[1]) for row in rows.rows("SELECT state, tries FROM desk_mail ORDER BY id")]


def test_a_letter_leaves_after_the_commit_and_once(tables: Tables) -> None:
    carrier = Keeping()
    postman = Postman(tables, carrier, write, SENDER, "pilots.example")
    post(tables)
    assert (postman.deliver(NOW), postman.deliver(NOW + timedelta(days=9))) == (1, 0)
    (letter,) = carrier.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == ("ada@harlan.example", SENDER, "About greeting")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "žluťoučký" in letter.get_content()


def test_what_is_rolled_back_is_never_sent(tables: Tables) -> None:
    carrier = Keeping()

    def post_and_fail() -> None:
        with tables.writing() as rows:
            post_mail(rows, "ada@harlan.example", "greeting", {"who": "Ada"}, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        post_and_fail()
    assert Postman(tables, carrier, write, SENDER, "x").deliver(NOW) == 0
    assert carrier.letters == []


def test_a_server_that_is_away_is_asked_again_for_days_and_then_given_up(tables: Tables) -> None:
    carrier = Keeping()
    carrier.refuses = [CarrierError("away") for _ in RETRIES]
    postman = Postman(tables, carrier, write, SENDER, "x")
    post(tables)
    now = NOW
    for wait in RETRIES[:-1]:
        assert postman.deliver(now) == 0
        assert postman.deliver(now + wait - timedelta(seconds=1)) == 0
        now += wait
    assert states(tables) == [("waiting", len(RETRIES) - 1)]
    postman.deliver(now)
    assert states(tables) == [("failed", len(RETRIES))]


def test_an_address_that_is_refused_is_not_asked_again(tables: Tables) -> None:
    carrier = Keeping()
    carrier.refuses = [CarrierError("no such box", lasting=True)]
    post(tables)
    Postman(tables, carrier, write, SENDER, "x").deliver(NOW)
    assert states(tables) == [("failed", 1)]


def test_letters_that_left_are_forgotten_after_a_month(tables: Tables) -> None:
    post(tables)
    Postman(tables, Keeping(), write, SENDER, "x").deliver(NOW)
    with tables.writing() as rows:
        assert (sweep_mail(rows, NOW), sweep_mail(rows, NOW + timedelta(days=31))) == (0, 1)


NO_ADDRESSES = {
    "nothing": "",
    "no domain": "ada@",
    "no name": "@harlan.example",
    "a host without a dot": "ada@harlan",
    "two addresses": "ada@a.example,ben@a.example",
    "a second header": "ada@a.example\nBcc: ben@a.example",
    "a name before it": "Ada <ada@a.example>",
    "beyond ASCII": "ädä@a.example",
    "too long": "a" * 250 + "@a.example",
    "an invented person": "ada@demo.invalid",
}


@pytest.mark.parametrize("to", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_nobody_is_written_to_at(tables: Tables, to: str) -> None:
    post(tables, to)
    assert states(tables) == []


def test_an_address_has_one_spelling() -> None:
    assert mail_address(" Ada.Byrd@Harlan.Example ") == "ada.byrd@harlan.example"


def test_without_a_server_each_letter_is_a_file_of_its_own(tables: Tables, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    name = post(tables)
    Postman(tables, Outbox(folder), write, SENDER, "pilots.example").deliver(NOW)
    (path,) = folder.iterdir()
    assert path.name == f"{name}.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    letter = message_from_bytes(path.read_bytes(), policy=default)
    assert letter["To"] == "ada@harlan.example"


@contextmanager
def mail_server(*, refuses: bool = False) -> Iterator[tuple[int, list[str]]]:
    """A mail server that speaks as much SMTP as one letter needs; gives its port and the lines it heard."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[str] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as wire:

            def say(line: str) -> None:
                wire.write(line.encode() + b"\r\n")
                wire.flush()

            say("220 ready")
            within = False
            for raw in wire:
                line = raw.decode().rstrip("\r\n")
                heard.append(line)
                if within:
                    within = line != "."
                    if not within:
                        say("250 kept")
                elif line.upper().startswith("DATA"):
                    within = True
                    say("354 go on")
                elif line.upper().startswith("RCPT") and refuses:
                    say("550 nobody here")
                elif line.upper().startswith("QUIT"):
                    say("221 bye")
                    return
                else:
                    say("250 good")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        thread.join()
        listener.close()


def settings(port: int) -> MailSettings:
    return MailSettings(sender=SENDER, host="127.0.0.1", port=port, security="none")


def test_a_mail_server_takes_the_letter(tables: Tables) -> None:
    post(tables)
    with mail_server() as (port, heard):
        assert Postman(tables, SmtpServer(settings(port)), write, SENDER, "pilots.example").deliver(NOW) == 1
    assert "rcpt TO:<ada@harlan.example>" in heard
    assert "Subject: About greeting" in heard
    assert states(tables) == [("sent", 1)]


def test_a_mail_server_that_knows_nobody_ends_the_letter(tables: Tables) -> None:
    post(tables)
    with mail_server(refuses=True) as (port, _):
        Postman(tables, SmtpServer(settings(port)), write, SENDER, "x").deliver(NOW)
    assert states(tables) == [("failed", 1)]


def test_a_mail_server_that_is_not_there_is_asked_again(tables: Tables) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    post(tables)
    Postman(tables, SmtpServer(settings(port)), write, SENDER, "x").deliver(NOW)
    assert states(tables) == [("waiting", 1)]


WRONG = {
    "mail-security": {"DAYLIGHT_SMTP_HOST": "mail.example", "DAYLIGHT_SMTP_SECURITY": "ssl"},
    "mail-plain": {"DAYLIGHT_SMTP_HOST": "mail.example", "DAYLIGHT_SMTP_SECURITY": "none"},
    "mail-port": {"DAYLIGHT_SMTP_HOST": "mail.example", "DAYLIGHT_SMTP_PORT": "0"},
}


@pytest.mark.parametrize("reason", WRONG)
def test_settings_that_cannot_be_used_are_refused_by_name(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG[reason].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        mail_settings()
    assert error.value.reason == reason


def test_a_named_server_is_spoken_to_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYLIGHT_SMTP_HOST", "mail.example")
    found = mail_settings()
    assert (found.security, found.port) == ("tls", 465)


def test_what_is_over_is_forgotten_once_an_hour_and_what_waits_is_kept(tables: Tables) -> None:
    carrier = Keeping()
    rounds = Rounds(Postman(tables, carrier, write, SENDER, "pilots.example"), tables, SimulatedClock(NOW))
    post(tables)
    with tables.writing() as rows:
        open_session(rows, NOW)
    rounds.round(NOW)
    later = NOW + timedelta(days=31)
    post(tables, "ben@harlan.example")
    carrier.refuses = [CarrierError("the server rests")]
    rounds.round(later)
    assert states(tables) == [("waiting", 1)]
    with tables.writing() as rows:
        open_session(rows, NOW)
    rounds.round(later + timedelta(minutes=59))
    with tables.reading() as rows:
        assert len(rows.rows("SELECT hash FROM desk_session")) == 1
    rounds.round(later + timedelta(hours=1))
    with tables.reading() as rows:
        assert rows.rows("SELECT hash FROM desk_session") == []
