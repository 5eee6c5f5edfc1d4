"""Acts signed at the desk: by passkeys, by key files brought back, by two officers; and whatever should not sign."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from webauthn.helpers import bytes_to_base64url

from ledger import auditor
from ledger.entry import parse_entry
from portal.cli import main
from portal.commands.state_party import state_party, stated_party
from tests.portal.town import key_of, size_of
from tests.web.devices import Device, Person
from tests.web.live_desk import Desk
from tests.web.test_desk import ADDRESS, NOTICE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def drafted(person: Person, title: str = "Count the trees") -> str:
    answer = person.post("/desk/notices/new", **{**NOTICE, "title": title})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def reason(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    found: str = answer.json()["reason"]
    return found


def test_two_officers_sign_with_passkeys_and_an_auditor_checks_it_offline(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    page = ada.get(where).text
    assert "Sign with Passkey" in page
    assert ada.sign_act(where).json() == {"location": where}
    assert "The second officer signs at this address" in ada.get(where).text
    assert ("ben@harlan.example", "second") in desk.letters()
    assert ben.sign_act(where).status_code == 200
    found = re.search(r'href="/ledger/entries/(\d+)"', ben.get(where).text)
    assert found is not None
    told = [to for to, template in desk.letters() if template == "signed"]
    assert sorted(told) == ["ada@harlan.example", "ben@harlan.example"]
    office = desk.town.office
    with office.store.reading() as connection:
        entry = parse_entry(office.store.entry(connection, int(found[1])))
    assert {each.key for each in entry.signatures} == {ada.acting.key_id, ben.acting.key_id}
    office.publish()
    assert auditor.main(["verify", str(office.folder.log), "--vkeys", str(office.folder.vkeys)]) == 0
    assert "verified" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["ed25519", "rs256"])
def test_other_kinds_of_passkeys_sign_too(desk: Desk, kind: str) -> None:
    person = desk.person(Device(kind))
    person.accept(desk.invite("Ann", "ann@harlan.example", person="person:ann", agency="agency:harlan-county"))
    person.make_acting_key()
    desk.appoint("person:ann", person.acting.key_id, ("plan", "publish"))
    where = drafted(person)
    assert person.sign_act(where).status_code == 200


def _lie(person: Person, what: str) -> None:
    match what:
        case "another statement":
            person.acting.client["challenge"] = bytes_to_base64url(bytes(32))
        case "another site":
            person.acting.client["origin"] = "https://evil.example"
        case "a frame elsewhere":
            person.acting.client["crossOrigin"] = True
        case "nobody verified":
            person.acting.flags = 0x01
        case "a sign-in":
            person.acting.client["type"] = "webauthn.create"
        case "another key":
            person.acting.seed = bytes(32)


LIES = {
    "another statement": "passkey-challenge",
    "another site": "passkey-origin",
    "a frame elsewhere": "passkey-cross-origin",
    "nobody verified": "passkey-user-verification",
    "a sign-in": "passkey-type",
    "another key": "signature",
}


@pytest.mark.parametrize("what", LIES)
def test_nothing_is_kept_of_a_signature_over(desk: Desk, what: str) -> None:
    ada = desk.officer("ada")
    where = drafted(ada)
    _lie(ada, what)
    assert reason(ada.sign_act(where)) == LIES[what]
    assert "Signed already by" not in ada.get(where).text


def test_a_credential_that_signs_in_signs_no_act_nor_does_anybody_elses_key(desk: Desk) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    signing_in = next(iter(ada.device.keys.values()))
    assert reason(ada.sign_act(where, signing_in)) == "credential-signs-in"
    stolen = ada.device.keys[ada.made[-1]]
    ben.device.keys["x"] = stolen
    assert reason(ben.sign_act(where, stolen)) == "signer-other"
    ada.sign_act(where)
    assert reason(ada.sign_act(where)) == "signer-other", "nobody signs twice"


def test_a_signature_made_at_the_old_address_counts_no_more_after_the_site_has_moved(desk: Desk) -> None:
    ada = desk.officer("ada")
    where = drafted(ada)
    state_party(desk.town.office, "https://pilots.example.org", "pilots.example.org")
    assert reason(ada.sign_act(where)) in {"passkey-origin", "passkey-rp"}


def test_without_a_stated_address_no_passkey_signs(desk: Desk) -> None:
    before = size_of(desk.town)
    assert state_party(desk.town.office, ADDRESS, "localhost") is None
    assert size_of(desk.town) == before
    stated = stated_party(desk.town.office)
    assert stated is not None
    assert (stated.rp_id, stated.origins) == ("localhost", [ADDRESS])


def test_what_the_record_refuses_leaves_the_draft_as_it_was(desk: Desk) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    first, second = drafted(ada), drafted(ada)
    ada.sign_act(first)
    ben.sign_act(first)
    ada.sign_act(second)
    before = size_of(desk.town)
    assert ben.sign_act(second).status_code in {409, 422}
    assert size_of(desk.town) == before
    assert "Signed already by" in ada.get(second).text


def upload(person: Person, where: str, data: bytes) -> httpx.Response:
    token, line = person.token(), "daylight-test-boundary"
    head = f'--{line}\r\ncontent-disposition: form-data; name="token"\r\n\r\n{token}\r\n--{line}\r\n'
    head += 'content-disposition: form-data; name="file"; filename="a.json"\r\ncontent-type: application/json\r\n\r\n'
    body = head.encode() + data + f"\r\n--{line}--\r\n".encode()
    return person.ask_raw("POST", where, body, {"content-type": f"multipart/form-data; boundary={line}"})


def test_a_key_file_signs_without_script_and_the_signed_file_is_brought_back(desk: Desk, tmp_path: Path) -> None:
    ada = desk.officer("ada")
    ben = desk.person()
    ben.accept(desk.invite("Ben", "ben@harlan.example", agency="agency:harlan-county", person="person:ben"))
    where = drafted(ada)
    ada.sign_act(where)
    key_of("ben").save(tmp_path / "ben.key")
    (tmp_path / "draft.json").write_bytes(ben.get(f"{where}/file").content)
    signed = tmp_path / "signed.json"
    words = ["act", "sign", str(tmp_path / "draft.json"), "--as", str(tmp_path / "ben.key"), "--draft", str(signed)]
    assert main(words) == 0
    answer = upload(ben, f"{where}/file", signed.read_bytes())
    assert answer.status_code == 303, answer.text
    assert "On the public record" in ben.get(where).text


def test_a_bare_draft_gets_its_first_signature_from_a_key_file(desk: Desk, tmp_path: Path) -> None:
    ben = desk.person()
    ben.accept(desk.invite("Ben", "ben@harlan.example", agency="agency:harlan-county", person="person:ben"))
    where = drafted(ben)
    key_of("ben").save(tmp_path / "ben.key")
    (tmp_path / "draft.json").write_bytes(ben.get(f"{where}/file").content)
    signed = tmp_path / "signed.json"
    words = ["act", "sign", str(tmp_path / "draft.json"), "--as", str(tmp_path / "ben.key"), "--draft", str(signed)]
    assert main(words) == 0
    other = drafted(ben, "Count the ponds")
    assert reason(upload(ben, f"{other}/file", signed.read_bytes())) == "draft-file-other"
    assert reason(upload(ben, f"{where}/file", b"{")).startswith("json")
    assert reason(upload(ben, f"{where}/file", b"")) == "draft-file-missing"
    assert upload(ben, f"{where}/file", signed.read_bytes()).status_code == 303
    assert reason(upload(ben, f"{where}/file", signed.read_bytes())) == "draft-file-unsigned"


def test_a_broken_answer_of_a_device_is_refused_and_never_a_fault_of_ours(desk: Desk) -> None:
    ada = desk.officer("ada")
    where = drafted(ada)
    broken: tuple[dict[str, Any], ...] = (
        {"signature": "!"},
        {"signature": "AAAA"},
        {"client_data": "AAAA"},
        {"authenticator_data": ""},
        {"key": ""},
        {"key": "passkey-es256:00"},
    )
    for changes in broken:
        answer = ada.sign_act(where, **changes)
        assert answer.status_code in {400, 403, 422}, (changes, answer.text)
