"""
A clerk, or a thief, with the desk's tables: she may open every door of the desk, and signs for nobody.

An act counts when the record takes it, and the record takes it from keys on record: appointed, registered, admitted there.
The desk's tables say who may sit where; they are personal data, they can be erased, and nothing follows from them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ledger import canonical
from portal.identity.accounts import accounts_of_email
from portal.identity.sessions import open_session
from portal.identity.tables import Rows
from tests.portal.town import AGENCY, key_of, size_of
from tests.web.devices import Person
from tests.web.live_desk import Desk
from tests.web.test_desk import NOTICE
from tests.web.test_signing import drafted, reason


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def write(desk: Desk, sql: str, *values: object) -> None:
    """What the clerk writes into a table; it must have changed something."""
    with desk.tables.writing() as rows:
        assert rows.run(sql, values) > 0


def clerk_of(desk: Desk) -> Person:
    """A clerk with an account of her own, as an auditor, and a key of her own that signs acts."""
    person = desk.person()
    assert person.accept(desk.invite("Cleo", "cleo@ops.example", role="auditor")).status_code == 200
    assert person.make_acting_key().status_code == 200
    return person


def promoted(desk: Desk, person: str = "person:ada-live") -> Person:
    """A clerk who has written herself to be an officer, under somebody's pseudonym."""
    clerk = clerk_of(desk)
    write(
        desk,
        "UPDATE desk_account SET role = 'officer', agency = ?, person = ? WHERE email = 'cleo@ops.example'",
        AGENCY,
        person,
    )
    return clerk


def test_who_writes_herself_into_a_role_enters_its_rooms_and_can_sign_nothing(desk: Desk) -> None:
    ada = desk.officer("ada")
    clerk = promoted(desk)
    before = size_of(desk.town)
    where = drafted(clerk)
    assert reason(clerk.sign_act(where)) == "signer-other"
    answer = clerk.post("/desk/notices/new", **{**NOTICE, "title": "Pay a friend"})
    assert answer.status_code == 303
    assert reason(clerk.sign_act(answer.headers["location"])) == "signer-other"
    assert size_of(desk.town) == before
    assert ada.acting.key_id != clerk.acting.key_id


def test_who_makes_up_a_pseudonym_has_no_key_to_draft_with(desk: Desk) -> None:
    clerk = promoted(desk, "person:nobody")
    before = size_of(desk.town)
    assert reason(clerk.post("/desk/notices/new", **NOTICE)) == "no-signing-key"
    assert size_of(desk.town) == before


def test_a_credential_written_into_an_officers_account_signs_nothing_for_her(desk: Desk) -> None:
    desk.officer("ada")
    clerk = promoted(desk)
    before = size_of(desk.town)
    with desk.tables.reading() as rows:
        (ada,) = accounts_of_email(rows, "ada@harlan.example")
    write(desk, "UPDATE desk_credential SET account = ? WHERE key_id = ?", ada.id, clerk.acting.key_id)
    where = drafted(clerk)
    assert reason(clerk.sign_act(where)) == "signer-other"
    write(
        desk,
        "UPDATE desk_credential SET key_id = (SELECT key_id FROM desk_credential WHERE account = ? AND purpose = 'act'"
        " AND key_id <> ?) WHERE key_id = ?",
        ada.id,
        clerk.acting.key_id,
        clerk.acting.key_id,
    )
    assert reason(clerk.sign_act(where)) == "signer-other"
    assert size_of(desk.town) == before


def test_a_session_written_for_an_officer_reads_her_desk_and_signs_nothing(desk: Desk) -> None:
    desk.officer("ada")
    with desk.tables.writing() as rows:
        (ada,) = accounts_of_email(rows, "ada@harlan.example")
        session = open_session(rows, desk.town.clock.now(), ada)
    thief = clerk_of(desk)
    thief.cookies["daylight-local"] = session.id
    assert thief.get("/desk").status_code == 200
    where = drafted(thief)
    before = size_of(desk.town)
    assert reason(thief.sign_act(where)) == "signer-other"
    assert size_of(desk.town) == before


def _lower_budget(statement: str) -> str:
    told = json.loads(statement)
    assert told["body"]["budget_minor"] == 900_000
    told["body"]["budget_minor"] = 100_000
    return canonical.encode(told).decode()


def _other_person(statement: str) -> str:
    told = json.loads(statement)
    told["body"]["requester"] = "person:ben-live"
    return canonical.encode(told).decode()


@pytest.mark.parametrize("change", [_lower_budget, _other_person], ids=["the budget", "the requester"])
def test_a_draft_changed_between_two_signatures_is_not_taken(desk: Desk, change: Callable[[str], str]) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    assert ada.sign_act(where).status_code == 200
    name = where.rpartition("/")[2]
    with desk.tables.writing() as rows:
        ((statement,),) = rows.rows("SELECT statement FROM desk_draft WHERE id = ?", (name,))
        rows.run("UPDATE desk_draft SET statement = ? WHERE id = ?", (change(statement), name))
    before = size_of(desk.town)
    assert reason(ben.sign_act(where)).startswith(("signature", "passkey-challenge"))
    assert size_of(desk.town) == before


def test_a_draft_changed_before_anybody_signed_shows_what_it_says_and_is_signed_as_it_says(desk: Desk) -> None:
    """The page shows the bytes that are signed, so that a change is seen by both who sign, and by the record's readers."""
    ada = desk.officer("ada")
    where = drafted(ada)
    name = where.rpartition("/")[2]
    with desk.tables.writing() as rows:
        ((statement,),) = rows.rows("SELECT statement FROM desk_draft WHERE id = ?", (name,))
        rows.run("UPDATE desk_draft SET statement = ? WHERE id = ?", (_lower_budget(statement), name))
    assert '"budget_minor":100000' in ada.get(f"{where}/statement").text


def _signatures(rows: Rows, name: str) -> list[dict[str, object]]:
    ((kept,),) = rows.rows("SELECT signatures FROM desk_draft WHERE id = ?", (name,))
    found: list[dict[str, object]] = json.loads(kept)
    return found


def _keep(rows: Rows, name: str, signatures: list[dict[str, object]]) -> None:
    rows.run("UPDATE desk_draft SET signatures = ? WHERE id = ?", (json.dumps(signatures), name))


def _sign_as(rows: Rows, name: str, key: str) -> None:
    (first,) = _signatures(rows, name)
    _keep(rows, name, [first, {**first, "key": key}])


def _twice(rows: Rows, name: str, _key: str) -> None:
    (first,) = _signatures(rows, name)
    _keep(rows, name, [first, first])


SIGNED_FOR: dict[str, Callable[[Rows, str, str], None]] = {
    "a signature copied under another's key": _sign_as,
    "a signature twice": _twice,
}


@pytest.mark.parametrize("how", SIGNED_FOR)
def test_a_signature_written_into_a_draft_is_none(desk: Desk, how: str) -> None:
    ada, ben = desk.officer("ada"), desk.officer("ben")
    where = drafted(ada)
    assert ada.sign_act(where).status_code == 200
    with desk.tables.writing() as rows:
        SIGNED_FOR[how](rows, where.rpartition("/")[2], ben.acting.key_id)
    before = size_of(desk.town)
    assert reason(ada.sign_act(where)) == "signer-other"
    assert reason(ben.sign_act(where)) in {"signer-other", "signatures-count"}
    assert size_of(desk.town) == before


def test_a_draft_said_to_be_done_is_on_no_record(desk: Desk) -> None:
    ada = desk.officer("ada")
    where = drafted(ada)
    before = size_of(desk.town)
    write(desk, "UPDATE desk_draft SET state = 'done', entry = 0 WHERE id = ?", where.rpartition("/")[2])
    assert ada.get(where).status_code == 200
    assert size_of(desk.town) == before
    assert "Count the trees" not in ada.get("/opportunities").text


def test_an_invitation_that_a_clerk_wrote_admits_to_a_desk_and_to_no_act(desk: Desk) -> None:
    impostor = desk.person()
    link = desk.invite("Ada Byrd", "ada@evil.example", agency=AGENCY, person="person:ada")
    assert impostor.accept(link).status_code == 200
    assert impostor.make_acting_key().status_code == 200
    before = size_of(desk.town)
    where = drafted(impostor)
    assert reason(impostor.sign_act(where)) == "signer-other"
    assert size_of(desk.town) == before
    assert key_of("ada").key_id != impostor.acting.key_id


def _said(answer: httpx.Response) -> str:
    return answer.text


def test_dropping_the_whole_desk_leaves_the_record_and_every_page_as_they_are(desk: Desk) -> None:
    ada = desk.officer("ada")
    drafted(ada)
    before, page = size_of(desk.town), _said(ada.get("/opportunities"))
    with desk.tables.writing() as rows:
        for table in ("session", "challenge", "credential", "secret", "invited", "draft", "form", "mail", "account"):
            rows.run(f"DELETE FROM desk_{table}")  # noqa: S608 -- names of our own
    assert ada.get("/desk").status_code == 303
    assert (size_of(desk.town), _said(ada.get("/opportunities"))) == (before, page)
