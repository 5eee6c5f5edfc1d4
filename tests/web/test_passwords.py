"""In without a passkey: password and code, each code once; recovery codes; a key that lies in one browser."""

import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pyotp
import pytest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from ledger.entry import parse_statement
from ledger.keykinds import signing_input
from portal.identity.accounts import accounts_of_email
from portal.identity.attempts import PER_ACCOUNT
from portal.identity.secrets import CODES
from tests.ledger.devices import RawKey
from tests.portal.town import AGENCY
from tests.web.devices import Person
from tests.web.letters import link_to
from tests.web.live_desk import Desk
from tests.web.test_organisations import FIRM_FORM
from tests.web.test_signing import drafted, reason

PASSWORD = "heron quince theodolite tide"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


class Typist(Person):
    """Somebody without a passkey: a password, an app that makes codes, a key in this browser."""

    totp = ""
    key = RawKey(sha256(b"typist").digest())

    def code(self, desk: Desk, steps: int = 0) -> str:
        return pyotp.TOTP(self.totp).at(desk.town.clock.now() + timedelta(seconds=30 * steps))

    def choose(self, desk: Desk, link: str, **changes: str) -> httpx.Response:
        page = self.get(f"{link}/password").text
        found = re.search(r'name="totp" value="([A-Z2-7]{32})"', page)
        assert found is not None
        assert 'src="data:image/svg+xml' in page
        self.totp = found[1]
        fields = {"totp": self.totp, "password": PASSWORD, "again": PASSWORD, "code": self.code(desk)}
        return self.post(f"{link}/password", **{**fields, **changes})

    def sign_in(self, email: str, password: str, code: str) -> httpx.Response:
        return self.send("/desk/sign-in/password", email=email, password=password, code=code)

    def make_browser_key(self, key: RawKey | None = None) -> httpx.Response:
        asked = self.send("/desk/keys/new/browser/start").json()
        made = key or self.key
        message = f"daylight-{asked['purpose']}-v1\x00".encode() + base64url_to_bytes(asked["drawn"])
        proof = bytes_to_base64url(made.sign(message))
        return self.send("/desk/keys/new/browser", key=made.key_id, drawn=asked["drawn"], proof=proof)

    def sign_here(self, where: str) -> httpx.Response:
        parse_statement(text := self.get(f"{where}/statement").content)
        signature = bytes_to_base64url(self.key.sign(signing_input(text)))
        return self.send(f"{where}/device", key=self.key.key_id, signature=signature)


def typist(desk: Desk, email: str = "ada@harlan.example") -> Typist:
    person = Typist(desk.app)
    link = desk.invite("Ada", email, agency=AGENCY, person="person:ada-live")
    assert person.choose(desk, link).headers["location"] == "/desk/keys/new"
    return person


def test_password_and_code_open_the_desk_and_a_code_only_once(desk: Desk) -> None:
    person = typist(desk)
    person.post("/desk/sign-out")
    before = person.cookies["daylight-local"]
    assert reason(person.sign_in("ada@harlan.example", PASSWORD, person.code(desk))) == "sign-in-wrong", "used already"
    desk.later(timedelta(seconds=30))
    code = person.code(desk)
    assert person.sign_in("Ada@harlan.example", PASSWORD, code).headers["location"] == "/desk"
    assert person.cookies["daylight-local"] != before
    person.post("/desk/sign-out")
    assert reason(person.sign_in("ada@harlan.example", PASSWORD, code)) == "sign-in-wrong"
    assert reason(person.sign_in("ada@harlan.example", PASSWORD, person.code(desk, -1))) == "sign-in-wrong", "earlier"


WRONG = {
    "another password": ("ada@harlan.example", PASSWORD + "!", 0),
    "an old code": ("ada@harlan.example", PASSWORD, -3),
    "nobody": ("nobody@harlan.example", PASSWORD, 0),
    "no address": ("", PASSWORD, 0),
}


@pytest.mark.parametrize("what", WRONG)
def test_nobody_signs_in_by(desk: Desk, what: str) -> None:
    person = typist(desk)
    person.post("/desk/sign-out")
    desk.later(timedelta(minutes=2))
    email, password, steps = WRONG[what]
    assert reason(person.sign_in(email, password, person.code(desk, steps))) == "sign-in-wrong"
    assert person.get("/desk").status_code == 303


def test_somebody_with_a_passkey_and_no_password_is_not_signed_in_by_an_empty_one(desk: Desk) -> None:
    person = desk.joined()
    person.post("/desk/sign-out")
    answer = person.send("/desk/sign-in/password", email="ada@harlan.example", password="", code="")
    assert reason(answer) == "sign-in-wrong"


CHANGES = {
    "password-short": {"password": "short", "again": "short"},
    "password-long": {"password": "x" * 201, "again": "x" * 201},
    "password-differs": {"again": PASSWORD + "?"},
    "code-wrong": {"code": "000000 "},
}
SAID = {
    "password-short": "at least 12 characters",
    "password-long": "at most 200 characters",
    "password-differs": "The two passwords differ.",
    "code-wrong": "not the one of this moment",
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_link_stays_good_until_everything_is_right(desk: Desk, what: str) -> None:
    person = Typist(desk.app)
    link = desk.invite()
    answer = person.choose(desk, link, **CHANGES[what])
    assert answer.status_code == 422
    assert SAID[what] in answer.text
    assert person.totp in answer.text, "the picture stays the same"
    assert person.choose(desk, link).status_code == 303


def test_guesses_are_counted(desk: Desk) -> None:
    person = typist(desk)
    person.post("/desk/sign-out")
    reasons = [reason(person.sign_in("ada@harlan.example", "x" * 12, "000000")) for _ in range(PER_ACCOUNT + 1)]
    assert reasons[-2:] == ["sign-in-wrong", "too-many-attempts"]


def test_ten_recovery_codes_are_shown_once_and_each_is_good_once(desk: Desk) -> None:
    person = typist(desk)
    page = person.post("/desk/keys/codes").text
    codes = re.findall(r"<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})</code>", page)
    assert len(set(codes)) == CODES
    place = desk.town.office.folder.desk
    assert isinstance(place, Path)
    stolen = b"".join(path.read_bytes() for path in place.parent.glob("desk.sqlite*"))
    assert not [code for code in codes if code.encode() in stolen or code.replace("-", "").encode() in stolen]
    assert PASSWORD.encode() not in stolen
    person.post("/desk/sign-out")
    spoken = codes[3].lower().replace("-", " ")
    assert (
        person.post("/desk/sign-in/code", email="ada@harlan.example", code=spoken).headers["location"] == "/desk/keys"
    )
    assert "9 of them are left" in person.get("/desk/keys").text
    person.post("/desk/sign-out")
    again = person.send("/desk/sign-in/code", email="ada@harlan.example", code=codes[3])
    assert reason(again) == "sign-in-wrong"
    person.post("/desk/sign-in/code", email="ada@harlan.example", code=codes[0])
    person.post("/desk/keys/codes")
    person.post("/desk/sign-out")
    assert reason(person.send("/desk/sign-in/code", email="ada@harlan.example", code=codes[1])) == "sign-in-wrong"
    assert reason(person.send("/desk/sign-in/code", email="nobody@harlan.example", code=codes[1])) == "sign-in-wrong"


def stored(desk: Desk) -> bytes:
    """Every byte of the desk's database, as a copy of the file has it."""
    place = desk.town.office.folder.desk
    assert isinstance(place, Path)
    desk.tables.close()
    return b"".join(path.read_bytes() for path in place.parent.glob("desk.sqlite*"))


def totp_rows(desk: Desk) -> list[str]:
    with desk.tables.reading() as rows:
        return [row[0] for row in rows.rows("SELECT totp FROM desk_secret ORDER BY account")]


def test_a_copy_of_the_database_gives_nobody_a_code(desk: Desk) -> None:
    person = typist(desk)
    assert person.totp.encode() not in stored(desk)
    other = typist(desk, "ben@harlan.example")
    (_, _) = totp_rows(desk)
    with desk.tables.writing() as rows:
        (ada,) = accounts_of_email(rows, "ada@harlan.example")
        (ben,) = accounts_of_email(rows, "ben@harlan.example")
        rows.run(
            "UPDATE desk_secret SET last_step = 0, totp = (SELECT totp FROM desk_secret WHERE account = ?) WHERE account = ?",
            (ben.id, ada.id),
        )
    person.post("/desk/sign-out")
    assert reason(person.sign_in("ada@harlan.example", PASSWORD, other.code(desk))) == "codes-unreadable", "a moved row"


def test_what_an_earlier_release_kept_in_clear_is_locked_at_the_next_start(desk: Desk) -> None:
    person = typist(desk)
    with desk.tables.writing() as rows:
        rows.run("UPDATE desk_secret SET totp = ?, last_step = 0", (person.totp,))
    assert person.totp.encode() in stored(desk)
    person.post("/desk/sign-out")
    person._app = desk.recomposed()
    assert person.totp.encode() not in stored(desk), "and not in the file's free pages"
    locked = totp_rows(desk)
    assert person.sign_in("ada@harlan.example", PASSWORD, person.code(desk)).headers["location"] == "/desk"
    desk.recomposed()
    assert totp_rows(desk) == locked


def test_without_the_key_nobody_makes_a_code_and_recovery_codes_still_open(desk: Desk) -> None:
    person = typist(desk)
    codes = re.findall(r"<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})</code>", person.post("/desk/keys/codes").text)
    person.post("/desk/sign-out")
    key = desk.town.office.folder.desk_secret
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    person._app = desk.recomposed()
    desk.later(timedelta(minutes=1))
    assert reason(person.sign_in("ada@harlan.example", PASSWORD, person.code(desk))) == "codes-unreadable"
    assert person.post("/desk/sign-in/code", email="ada@harlan.example", code=codes[0]).status_code == 303


def test_a_browsers_own_key_signs_acts(desk: Desk) -> None:
    person = typist(desk)
    assert person.make_browser_key().json() == {"location": "/desk"}
    desk.appoint("person:ada-live", person.key.key_id, ("plan", "publish"))
    where = drafted(person)
    assert 'data-ceremony="sign-here"' in person.get(where).text
    assert person.sign_here(where).status_code == 200
    assert "The second officer signs" in person.get(where).text


def test_a_firm_without_a_passkey_registers_too_and_is_offered_recovery_codes(desk: Desk) -> None:
    person = Typist(desk.app)
    assert "bo@brook.example" in person.post("/desk/register", **FIRM_FORM).text
    link = link_to(desk.tables, "bo@brook.example")
    assert person.choose(desk, link).status_code == 303
    where = person.make_browser_key().json()["location"]
    assert person.sign_here(where).status_code == 200
    assert "You have no recovery codes yet" in person.get(where).text
    person.post("/desk/keys/codes")
    assert "You have no recovery codes yet" not in person.get(where).text


def test_a_browser_key_that_cannot_sign_or_is_anothers_is_not_kept(desk: Desk) -> None:
    person = typist(desk)
    asked = person.send("/desk/keys/new/browser/start").json()
    proof = bytes_to_base64url(person.key.sign(b"another message"))
    fields = {"key": person.key.key_id, "drawn": asked["drawn"], "proof": proof}
    assert reason(person.send("/desk/keys/new/browser", **fields)) == "passkey-refused"
    assert reason(person.send("/desk/keys/new/browser", **fields)) == "challenge-unknown"
    person.make_browser_key()
    thief = typist(desk, "ben@harlan.example")
    assert reason(thief.make_browser_key()) == "credential-known"
    asked = thief.send("/desk/keys/new/browser/start").json()
    other = {"key": "ed25519:" + "0" * 64, "drawn": asked["drawn"], "proof": "AA"}
    assert reason(thief.send("/desk/keys/new/browser", **other)) == "passkey-key"
