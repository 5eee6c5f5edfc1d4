"""One's own keys at the desk: a second of each kind, one revoked, all lost and recovered in public, and a thief stopped."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.commands.library import Library
from portal.identity.accounts import Account, make_account
from tests.web.devices import Person
from tests.web.letters import link_to
from tests.web.live_desk import Desk
from tests.web.test_organisations import FIRM_FORM
from tests.web.test_signing import reason


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def firm(desk: Desk) -> Person:
    """A firm on record, with one key of each kind."""
    person = desk.person()
    assert person.post("/desk/register", **FIRM_FORM).status_code == 200
    person.accept(link_to(desk.tables, "bo@brook.example"))
    assert person.sign_act(person.make_acting_key().json()["location"]).status_code == 200
    return person


def add_key(person: Person) -> None:
    """A second key that signs acts, signed for by the old one and itself."""
    old = person.acting
    where = person.make_acting_key().json()["location"]
    assert person.sign_act(where, old).status_code == 200
    assert person.sign_act(where).status_code == 200


def post_row(person: Person, action: str, **data: str) -> str:
    answer = person.post(action, **data)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def ring(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.town.office.store.reading() as connection:
        found = Library(desk.town.office.store, connection).firm("firm:brook-data")
    assert found is not None
    return [(row.how, row.end) for row in found.ring.keys]


def test_a_second_key_that_opens_the_desk_is_added_renamed_and_the_last_never_removed(desk: Desk) -> None:
    person = desk.joined()
    assert "Make a second of each kind" in person.get("/desk/keys").text
    (first,) = person.device.keys
    assert reason(person.send("/desk/keys/remove", id=first)) == "credential-last"
    asked = person.send("/desk/keys/sign-in/start").json()
    made = person.device.create(asked["publicKey"], asked["purpose"])
    assert person.send("/desk/keys/sign-in", credential=json.dumps(made), label="phone").status_code == 200
    person.post("/desk/keys/rename", id=first, label="old laptop")
    assert "old laptop" in person.get("/desk/keys").text
    thief = desk.person(person.device)
    assert thief.enter(only=first).status_code == 200
    person.post("/desk/keys/remove", id=first)
    assert thief.get("/desk").status_code == 303, "what the lost device had open is closed"
    assert desk.letters().count(("ada@harlan.example", "desk_changed")) == 2
    assert "old laptop" not in person.get("/desk/keys").text
    person.post("/desk/sign-out")
    assert reason(person.enter(only=first)) == "credential-unknown"
    assert person.enter(only=made["id"]).status_code == 200
    other = desk.joined("ben@harlan.example")
    assert reason(other.send("/desk/keys/remove", id=made["id"])) == "credential-unknown"


def test_a_second_key_for_acts_is_signed_for_by_both_and_revokes_the_first(desk: Desk) -> None:
    person = firm(desk)
    first = person.acting
    add_key(person)
    assert ring(desk) == [("first", None), ("added", None)]
    where = post_row(person, "/desk/keys/revoke", key=first.key_id, why="The laptop was stolen.")
    assert reason(person.sign_act(where, first)) == "signer-other", "not by the key that may be in wrong hands"
    assert person.sign_act(where).status_code == 200
    assert ring(desk) == [("first", "revoked"), ("added", None)]
    assert "bo@brook.example" in [to for to, template in desk.letters() if template == "signed"]
    page = person.get("/desk/keys").text
    assert "signs nothing any more" in page
    assert reason(person.send("/desk/keys/revoke", key=first.key_id)) == "credential-unknown"


def registrar(desk: Desk) -> Person:
    person = desk.person()
    person.accept(desk.invite("Rae", "rae@x.example", role="registrar", agency=None))
    return person


def asked_for(desk: Desk, person: Person) -> tuple[str, int]:
    """All older keys are lost: a new one is asked for by its owner and the registrar; the draft and the record's number."""
    rae = registrar(desk)
    draft = person.make_acting_key().json()["location"]
    person.post(f"{draft}/drop")
    assert "I have lost all older keys" in person.get("/desk/keys").text
    where = post_row(person, "/desk/keys/recover", key=person.acting.key_id)
    assert rae.get(where).status_code == 404, "before its owner has signed it is nobody else's"
    assert person.sign_act(where).status_code == 200
    assert ("rae@x.example", "second") in desk.letters()
    assert rae.post(f"{where}/operator").status_code == 303
    found = re.search(r'href="/ledger/entries/(\d+)"', person.get(where).text)
    assert found is not None
    return where, int(found[1])


def test_who_lost_all_keys_waits_seven_days_in_public_and_then_has_a_new_one(desk: Desk) -> None:
    person = firm(desk)
    _, entry = asked_for(desk, person)
    assert "takes effect at" in person.get("/desk/keys").text
    early = person.send(f"/desk/keys/recoveries/{entry}/take")
    assert reason(early) == "recovery-too-early"
    desk.later(timedelta(days=8))
    person.enter(only=next(iter(person.device.keys)))
    where = post_row(person, f"/desk/keys/recoveries/{entry}/take")
    assert person.sign_act(where).status_code == 200
    assert ring(desk) == [("first", "replaced"), ("recovered", None)]


def test_an_older_key_stops_a_recovery_that_its_owner_did_not_ask_for(desk: Desk) -> None:
    person = firm(desk)
    first = person.acting
    _, entry = asked_for(desk, person)
    page = person.get("/desk/keys").text
    assert "Somebody asks for a new key in your name." in page
    where = post_row(person, f"/desk/keys/recoveries/{entry}/stop")
    assert person.sign_act(where, first).status_code == 200
    desk.later(timedelta(days=8))
    person.enter(only=next(iter(person.device.keys)))
    assert reason(person.send(f"/desk/keys/recoveries/{entry}/take")) == "page-missing"


def test_every_desk_of_the_holder_hears_of_a_recovery(desk: Desk) -> None:
    person = firm(desk)
    colleague = Account(id="c" * 32, name="Bea", email="bea@brook.example", role="firm", firm="firm:brook-data")
    with desk.tables.writing() as rows:
        make_account(rows, colleague, "2027-03-01T09:00:00.000Z")
    asked_for(desk, person)
    assert ("bea@brook.example", "key_changed") in desk.letters()
