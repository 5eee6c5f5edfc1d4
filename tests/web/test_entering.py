"""Coming in: invitations, passkeys to sign in with and to sign acts with, and whoever tries without."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.identity.accounts import accounts
from portal.identity.attempts import PER_ACCOUNT, PER_ADDRESS
from portal.identity.credentials import credentials_of
from portal.identity.invitations import LIFETIME
from portal.settings import SettingError
from tests.web.devices import Device, Person
from tests.web.live_desk import Desk
from tests.web.test_desk import ADDRESS


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def reason(answer: Any) -> str:
    assert answer.status_code in {403, 404, 429}, answer.text
    found: str = answer.json()["reason"]
    return found


KINDS = ("ed25519", "es256", "rs256")


@pytest.mark.parametrize("kind", KINDS)
def test_an_invitation_opens_a_desk_with_two_different_passkeys(desk: Desk, kind: str) -> None:
    person = desk.person(Device(kind))
    link = desk.invite()
    page = person.get(link).text
    assert "Ada Byrd" in page
    before = person.cookies["daylight-local"]
    assert person.accept(link, "office laptop").json() == {"location": "/desk/keys/new"}
    assert person.cookies["daylight-local"] != before
    assert "a key that signs acts" in person.get("/desk/keys/new").text
    assert person.make_acting_key().json() == {"location": "/desk"}
    with desk.tables.reading() as rows:
        (account,) = accounts(rows)
        kept = credentials_of(rows, account.id)
    assert {(each.use, each.label) for each in kept} == {("sign-in", "office laptop"), ("act", "Passkey")}
    assert {each.key_id.partition(":")[0] for each in kept} == {f"passkey-{kind}"}


@pytest.mark.parametrize("email", ["", "ADA@harlan.example"])
def test_a_passkey_signs_in_and_the_session_changes(desk: Desk, email: str) -> None:
    person = desk.joined()
    person.post("/desk/sign-out")
    assert person.get("/desk").status_code == 303
    before = person.cookies["daylight-local"]
    assert person.enter(email).json() == {"location": "/desk"}
    assert person.cookies["daylight-local"] != before
    assert "Ada Byrd" in person.get("/desk").text


def test_a_key_that_signs_acts_opens_no_desk(desk: Desk) -> None:
    person = desk.joined()
    person.make_acting_key()
    acting = list(person.device.keys)[1]
    assert reason(person.enter(only=acting)) == "credential-other"


def test_an_invitation_works_once_and_only_for_a_week(desk: Desk) -> None:
    link = desk.invite()
    desk.person().accept(link)
    assert reason(desk.person().send(f"{link}/start")) == "invitation-used"
    late = desk.invite(email="ben@harlan.example")
    desk.later(LIFETIME)
    assert reason(desk.person().send(f"{late}/start")) == "invitation-over"
    assert reason(desk.person().send(f"/desk/invitation/{'0' * 64}/start")) == "invitation-unknown"
    assert desk.person().get(late).status_code == 403


def test_a_mail_address_has_one_desk_in_an_organisation(desk: Desk) -> None:
    desk.joined()
    assert reason(desk.person().accept(desk.invite(email=" ADA@Harlan.example").replace(" ", ""))) == "mail-known"


LIES: dict[str, tuple[Callable[[Device], None], str]] = {
    "nobody verified": (lambda device: setattr(device, "created", b"\x41"), "passkey-refused"),
    "another site": (lambda device: device.client.update(origin="https://evil.example"), "passkey-refused"),
    "another act": (lambda device: device.client.update(type="webauthn.get"), "passkey-refused"),
    "another challenge": (lambda device: device.client.update(challenge="AAAA"), "challenge-unknown"),
    "no challenge": (lambda device: device.client.update(challenge=None), "passkey-malformed"),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_desk_opens_for_a_device_that_says(desk: Desk, lie: str) -> None:
    change, expected = LIES[lie]
    person = desk.person()
    change(person.device)
    assert reason(person.accept(desk.invite())) == expected
    with desk.tables.reading() as rows:
        assert accounts(rows) == []


def _sign_in_lie(person: Person, name: str) -> Any:
    asked = person.send("/desk/sign-in/start").json()
    key = next(iter(person.device.keys.values()))
    match name:
        case "unverified":
            key.flags = 0x01
        case "elsewhere":
            key.client["origin"] = "https://evil.example"
        case "crossed":
            asked["purpose"] = "own-act"
        case "forged":
            key.seed = bytes(32)
        case "strange":
            return person.send("/desk/sign-in", credential="{")
    return person.send("/desk/sign-in", credential=json.dumps(person.device.get(asked["publicKey"], asked["purpose"])))


WRONG = {
    "unverified": "passkey-refused",
    "elsewhere": "passkey-refused",
    "crossed": "challenge-unknown",
    "forged": "passkey-refused",
    "strange": "passkey-malformed",
}


@pytest.mark.parametrize("name", WRONG)
def test_nobody_signs_in_by_an_answer_that_is(desk: Desk, name: str) -> None:
    person = desk.joined()
    person.post("/desk/sign-out")
    assert reason(_sign_in_lie(person, name)) == WRONG[name]
    assert person.get("/desk").status_code == 303


def test_a_question_is_answered_once_in_its_own_session_within_five_minutes(desk: Desk) -> None:
    person = desk.joined()
    person.post("/desk/sign-out")
    asked = person.send("/desk/sign-in/start").json()
    answer = json.dumps(person.device.get(asked["publicKey"], asked["purpose"]))
    thief = desk.person()
    assert reason(thief.send("/desk/sign-in", credential=answer)) == "challenge-unknown"
    assert person.send("/desk/sign-in", credential=answer).status_code == 200
    assert reason(person.send("/desk/sign-in", credential=answer)) == "challenge-unknown"
    slow = desk.person(person.device)
    asked = slow.send("/desk/sign-in/start").json()
    answer = json.dumps(slow.device.get(asked["publicKey"], asked["purpose"]))
    desk.later(timedelta(minutes=5))
    assert reason(slow.send("/desk/sign-in", credential=answer)) == "challenge-unknown"


def test_a_stolen_table_holds_no_session_challenge_or_invitation(desk: Desk) -> None:
    link = desk.invite(email="ben@harlan.example")
    person = desk.joined()
    asked = person.send("/desk/sign-in/start").json()
    place = desk.town.office.folder.desk
    assert isinstance(place, Path)
    stolen = b"".join(path.read_bytes() for path in place.parent.glob("desk.sqlite*"))
    for secret in (link.rpartition("/")[2], person.cookies["daylight-local"], asked["publicKey"]["challenge"]):
        assert secret.encode() not in stolen


def test_a_mail_address_that_nobody_has_is_answered_like_one_that_somebody_has(desk: Desk) -> None:
    desk.joined()
    shapes = []
    for email in ("ada@harlan.example", "nobody@harlan.example", "nobody@harlan.example"):
        asked = desk.person().send("/desk/sign-in/start", email=email).json()["publicKey"]
        shapes.append([len(each["id"]) > 10 for each in asked["allowCredentials"]])
    assert shapes == [[True]] * 3


def test_attempts_are_counted_by_account_and_by_network_address(desk: Desk) -> None:
    person = desk.joined()
    person.post("/desk/sign-out")
    for _ in range(PER_ACCOUNT):
        assert person.send("/desk/sign-in/start", email="ada@harlan.example").status_code == 200
    refused = person.send("/desk/sign-in/start", email=" ADA@harlan.example")
    assert reason(refused) == "too-many-attempts"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    page = person.ask(
        "POST", "/desk/sign-in/start", {"token": person.token(), "email": "ada@harlan.example"}, accept="text/html"
    )
    assert page.status_code == 429
    assert re.search(r"Try again in [\d,]+ seconds", page.text)
    assert person.enter().status_code == 200, "without the name the network address counts alone"
    left = PER_ADDRESS - PER_ACCOUNT - 2
    answers = [person.send("/desk/sign-in/start").status_code for _ in range(left + 1)]
    assert answers == [200] * left + [429]
    desk.later(timedelta(minutes=15))
    assert person.send("/desk/sign-in/start").status_code == 200


def test_a_key_that_signs_acts_must_prove_that_it_can(desk: Desk) -> None:
    person = desk.joined()
    asked = person.send("/desk/keys/new/start").json()
    made = person.device.create(asked["publicKey"], asked["purpose"])
    signing_in = next(iter(person.device.keys))
    other = person.device.get(asked["proof"]["publicKey"], asked["proof"]["purpose"], signing_in)
    answer = person.send("/desk/keys/new", credential=json.dumps(made), proof=json.dumps(other))
    assert reason(answer) == "challenge-unknown"
    with desk.tables.reading() as rows:
        assert [each.use for each in credentials_of(rows, accounts(rows)[0].id)] == ["sign-in"]


def test_pages_that_ask_a_device_run_no_script_but_ours(desk: Desk) -> None:
    person = desk.person()
    for path in ("/desk/sign-in", desk.invite()):
        answer = person.get(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)|\son[a-z]+=|<[^>]+\sstyle=", answer.text)


def test_who_finds_a_weakness_is_told_whom_to_write_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.person().get("/.well-known/security.txt").text
    assert f"Contact: {ADDRESS}/how\n" in page
    expires = re.search(r"^Expires: (\d{4}-\d\d-\d\dT00:00:00Z)$", page, re.MULTILINE)
    assert expires is not None
    ahead = datetime.fromisoformat(expires[1]) - desk.town.clock.now()
    assert timedelta(days=300) < ahead < timedelta(days=365), "RFC 9116: less than a year"
    monkeypatch.setenv("DAYLIGHT_SECURITY_CONTACT", "mailto:security@pilots.example")
    assert (
        "Contact: mailto:security@pilots.example\n" in Person(desk.recomposed()).get("/.well-known/security.txt").text
    )
    monkeypatch.setenv("DAYLIGHT_SECURITY_CONTACT", "security@pilots.example")
    with pytest.raises(SettingError) as error:
        desk.recomposed()
    assert error.value.reason == "security-contact"
