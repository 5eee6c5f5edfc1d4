"""What attackers tried at the desk and found open once: odd letters, poisoned addresses, ended appointments, crowding out."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from portal.identity.mail import Letter, Postman
from portal.identity.tables import Tables
from portal.procurement.events.party import AppointmentEnded
from portal.web.addresses import web_address
from portal.web.views.frame import Moment, as_read
from tests.identity.test_mail import Keeping
from tests.portal.town import AGENCY
from tests.web.devices import Person
from tests.web.letters import link_to
from tests.web.live_desk import Desk
from tests.web.test_organisations import FIRM_FORM
from tests.web.test_passwords import PASSWORD, Typist, typist
from tests.web.test_signing import drafted, reason

ADA = "ada@harlan.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def registers(desk: Desk, email: str = "bo@brook.example", **changes: str) -> Person:
    """Somebody who enters a firm, whoever that is."""
    person = desk.person()
    person.post("/desk/register", **{**FIRM_FORM, "email": email, **changes})
    return person


def end(desk: Desk, name: str) -> None:
    desk.town.act("appointment-ended", AGENCY, AppointmentEnded(person=f"person:{name}-live", why="Left."), "head")


def test_a_code_in_other_digits_is_a_wrong_code_and_tells_nothing_of_the_password(desk: Desk) -> None:
    person = typist(desk)
    person.post("/desk/sign-out")
    assert reason(person.sign_in(ADA, PASSWORD, "１２３４５６")) == "sign-in-wrong"  # noqa: RUF001 -- digits of another script
    link = desk.invite("Ben", "ben@harlan.example", agency=AGENCY, person="person:ben")
    answer = Typist(desk.app).choose(desk, link, code="١٢٣٤٥٦")
    assert answer.status_code == 422
    assert "The code is not the one of this moment." in answer.text


def test_of_two_desks_with_one_password_the_code_says_which(desk: Desk) -> None:
    here, there = Typist(desk.app), Typist(desk.app)
    here.choose(desk, desk.invite("Eve", "eve@x.example", "evaluator", agency=AGENCY, person="person:here"))
    with desk.tables.writing() as rows:
        rows.run("UPDATE desk_invited SET id = 'first' WHERE id = 'eve@x.example'")
    there.choose(desk, desk.invite("Eve", "eve@x.example", "evaluator", agency="agency:alder", person="person:there"))
    desk.later(timedelta(minutes=2))
    for person in (here, there):
        person.post("/desk/sign-out")
        assert person.sign_in("eve@x.example", PASSWORD, person.code(desk)).headers["location"] == "/desk"
    here.post("/desk/sign-out")
    assert reason(here.sign_in("eve@x.example", PASSWORD, here.code(desk))) == "sign-in-wrong", "used"


def test_nobody_keeps_an_owner_out_by_entering_firms_in_her_name(desk: Desk) -> None:
    desk.officer("ada")
    for number in range(4):
        registers(desk, ADA, name=f"Firm {number}")
    desk.person().post("/desk/sign-in/lost", email=ADA)
    sent = [template for to, template in desk.letters() if to == ADA and template.endswith("_ask")]
    assert sorted(sent) == ["register_ask"] * 3 + ["renew_ask"]


def test_whose_appointment_ended_reads_no_draft_of_the_agency_any_more(desk: Desk) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    ada.sign_act(where)
    assert ben.get(where).status_code == 200
    end(desk, "ben")
    for path in (where, f"{where}/statement", f"{where}/file"):
        assert ben.get(path).status_code == 404, path
    assert reason(ben.send(f"{where}/device", key="ed25519:00", signature="")) == "page-missing"


def test_a_draft_whose_first_signer_left_before_the_second_signed_is_no_act(desk: Desk) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    ada.sign_act(where)
    end(desk, "ada")
    assert reason(ben.sign_act(where)) == "appointment-ended"


POISON = ("a..b@x.example", ".a@x.example", "a.@x.example", "a@b@x.example", "=?utf-8?b?cg==?=@x.example")


@pytest.mark.parametrize("email", POISON)
def test_no_letter_is_written_to_an_address_that_would_stop_the_postman(desk: Desk, email: str) -> None:
    answer = desk.person().post("/desk/register", **{**FIRM_FORM, "email": email})
    assert answer.status_code == 422
    assert "This is no mail address." in answer.text
    assert desk.letters() == []


def test_one_letter_that_cannot_be_written_does_not_keep_the_others(desk: Desk) -> None:
    for email in ("bo@brook.example", "cy@brook.example"):
        registers(desk, email)
    with desk.tables.writing() as rows:
        rows.run("UPDATE desk_mail SET recipient = 'a..b@x.example' WHERE recipient = 'bo@brook.example'")
    keeping = Keeping()
    postman = Postman(desk.tables, keeping, lambda name, _: Letter(name, "Text."), "D <d@x.example>", "x.example")
    assert postman.deliver(desk.town.clock.now()) == 1
    assert [str(letter["To"]) for letter in keeping.letters] == ["cy@brook.example"]
    with desk.tables.reading() as rows:
        assert sorted(row[0] for row in rows.rows("SELECT state FROM desk_mail")) == ["failed", "sent"]


def test_a_name_like_a_moment_that_is_none_is_a_name() -> None:
    assert as_read("2026-99-99T00:00:00Z") == "2026-99-99T00:00:00Z"
    assert isinstance(as_read("2026-09-09T00:00:00Z"), Moment)


ODD = {
    "typed on macOS": ("Cafe\u0301 Bo", "Café Bo"),
    "turned around": ("Bo \u202eevil", "Bo evil"),
    "parted by a hidden sign": ("Cafe\ufdd0\u0301", "Café"),
}


@pytest.mark.parametrize("what", ODD)
def test_a_name_with_signs_that_the_record_refuses_is_taken_as_it_is_read(desk: Desk, what: str) -> None:
    typed, read = ODD[what]
    person = registers(desk, name=typed, person="Bo\n\nhttps://evil.example")
    person.accept(link_to(desk.tables, "bo@brook.example"))
    where = person.make_acting_key().json()["location"]
    assert person.sign_act(where).status_code == 200
    with desk.tables.reading() as rows:
        found = rows.rows("SELECT name FROM desk_account WHERE email = 'bo@brook.example'")
    assert [row[0] for row in found] == ["Bo https://evil.example"], "one line: letters to others begin with it"
    assert read in person.get("/firms").text


def test_a_website_is_an_address_of_the_web(desk: Desk) -> None:
    answer = desk.person().post("/desk/register", **{**FIRM_FORM, "website": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert "Begin it with https://" in answer.text
    assert [web_address(each) for each in ("javascript://%0aalert(1)", "HTTPS://", "https://brook.example")] == [
        "",
        "",
        "https://brook.example",
    ]


def test_an_address_without_a_desk_is_answered_alike_by_every_process_and_after_every_start(desk: Desk) -> None:
    asked = [
        Person(app).send("/desk/sign-in/start", email="nobody@harlan.example").json()["publicKey"]["allowCredentials"]
        for app in (desk.app, desk.recomposed())
    ]
    assert asked[0] == asked[1]
    other = Person(desk.app).send("/desk/sign-in/start", email="else@harlan.example").json()
    assert other["publicKey"]["allowCredentials"] != asked[0]


def test_whoever_sits_at_an_open_desk_for_a_minute_does_not_stay_unnoticed(desk: Desk) -> None:
    ada = desk.joined()
    asked = ada.send("/desk/keys/sign-in/start").json()
    made = ada.device.create(asked["publicKey"], asked["purpose"])
    assert ada.send("/desk/keys/sign-in", credential=json.dumps(made)).status_code == 200
    page = ada.send("/desk/keys/codes").text
    ada.send("/desk/keys/remove", id=made["id"])
    code = re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", page)
    assert code is not None
    ada.post("/desk/sign-out")
    assert ada.send("/desk/sign-in/code", email=ADA, code=code[0]).headers["location"] == "/desk/keys"
    with desk.tables.reading() as rows:
        found = rows.rows("SELECT figures FROM desk_mail WHERE recipient = ? AND template = 'desk_changed'", (ADA,))
    assert sorted(msgspec.json.decode(row[0])["what"] for row in found) == [
        "A further passkey opens your desk.",
        "A passkey no longer opens your desk.",
        "New recovery codes were drawn for your desk; older ones open nothing any more.",
        "Your desk was opened by a recovery code.",
    ]


def test_asking_for_a_lost_desk_costs_one_transaction_whether_or_not_there_is_one(desk: Desk) -> None:
    desk.officer("ada")
    spent = []
    for email in (ADA, "nobody@harlan.example"):
        person = desk.person()
        person.token()
        begun: list[object] = []
        with pytest.MonkeyPatch.context() as patch:
            plain = Tables.writing
            patch.setattr(Tables, "writing", lambda tables, plain=plain, begun=begun: begun.append(1) or plain(tables))
            person.post("/desk/sign-in/lost", email=email)
        spent.append(len(begun))
    assert spent[0] == spent[1]
