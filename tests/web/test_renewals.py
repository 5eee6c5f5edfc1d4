"""Whoever lost everything that opens her desk is in again after seven days, unless somebody stops it; one person, two desks."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.identity.accounts import Account, goes_beside, make_account
from portal.identity.renewals import WAIT
from tests.portal.town import AGENCY
from tests.web.devices import Device, Person
from tests.web.letters import link_to
from tests.web.live_desk import Desk
from tests.web.test_passwords import PASSWORD, Typist
from tests.web.test_signing import drafted, reason

OTHER = "agency:alder-county"
ADA = "ada@harlan.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def seated(desk: Desk, name: str, role: Any, **whose: Any) -> Person:
    """Somebody whose desk is open by an invitation."""
    person = desk.person()
    assert (
        person.accept(desk.invite(name, f"{name.lower()}@x.example", role, **(whose or {"firm": None}))).status_code
        == 200
    )
    return person


def asked(desk: Desk, email: str = ADA) -> str:
    """The link of the letter that whoever says she lost everything gets."""
    assert "a letter is on its way" in desk.person().post("/desk/sign-in/lost", email=email).text
    return link_to(desk.tables, email, "renew_ask")


def told(desk: Desk, template: str) -> list[str]:
    return sorted(to for to, of in desk.letters() if of == template)


def test_a_lost_desk_is_open_again_after_seven_days_to_the_second(desk: Desk) -> None:
    seated(desk, "Hana", "head", agency=AGENCY)
    ada = desk.officer("ada")
    again = desk.person()
    link = asked(desk)
    page = again.get(link).text
    assert "opens your desk again after seven days" in page
    assert again.accept(link).json() == {"location": "/desk/renewals/waits"}
    assert "Your desk opens in seven days" in again.get("/desk/renewals/waits").text
    assert again.get("/desk").status_code == 303
    assert (told(desk, "renewal_begun"), told(desk, "renewal_watch")) == ([ADA], ["hana@x.example"])
    desk.later(WAIT - timedelta(seconds=1))
    assert reason(again.enter()) == "renewal-early"
    desk.later(timedelta(seconds=1))
    assert again.enter().json() == {"location": "/desk"}
    assert "Ada" in again.get("/desk").text
    assert told(desk, "renewal_open") == [ADA]
    assert ada.enter().json() == {"location": "/desk"}, "nothing was taken away"


def test_a_desk_that_is_open_again_signs_nothing_by_that(desk: Desk) -> None:
    desk.officer("ada")
    again = desk.person()
    again.accept(asked(desk))
    desk.later(WAIT)
    again.enter()
    where = drafted(again)
    again.make_acting_key()
    assert reason(again.sign_act(where)) == "signer-other"


def test_it_is_stopped_by_whoever_still_opens_the_desk_and_by_who_let_her_in(desk: Desk) -> None:
    ada, head = desk.officer("ada"), seated(desk, "Hana", "head", agency=AGENCY)
    for friend, waits in ((ada, "Your own desk will open"), (head, "The desk of Ada will open")):
        thief = desk.person()
        assert thief.accept(asked(desk)).status_code == 200
        friend.enter()
        assert waits in friend.get("/desk").text
        stop = f"/desk/renewals/{renewal(desk)}/stop"
        assert friend.post(stop).headers["location"] == "/desk/renewals"
        assert "Nobody waits" in friend.get("/desk/renewals").text
        assert reason(friend.send(stop)) == "page-missing"
        desk.later(WAIT + timedelta(seconds=1))
        assert reason(thief.enter()) == "credential-unknown"
    assert told(desk, "renewal_stopped") == [ADA, ADA]


def renewal(desk: Desk) -> str:
    with desk.tables.reading() as rows:
        ((found,),) = rows.rows("SELECT id FROM desk_renewal")
    return str(found)


def test_nobody_else_sees_or_stops_it(desk: Desk) -> None:
    desk.officer("ada")
    strangers = [
        desk.officer("ben"),
        seated(desk, "Otto", "head", agency=OTHER),
        seated(desk, "Rae", "registrar"),
        seated(desk, "Fay", "firm", firm="firm:fay"),
    ]
    desk.person().accept(asked(desk))
    for stranger in strangers:
        assert "Ada" not in stranger.get("/desk/renewals").text
        assert reason(stranger.send(f"/desk/renewals/{renewal(desk)}/stop")) == "page-missing"


def test_registrars_watch_over_heads_firms_partners_and_keepers(desk: Desk) -> None:
    seated(desk, "Rae", "registrar")
    seated(desk, "Hana", "head", agency=AGENCY)
    seated(desk, "Fay", "firm", firm="firm:fay")
    for email in ("hana@x.example", "fay@x.example"):
        desk.person().accept(asked(desk, email))
    assert told(desk, "renewal_watch") == ["rae@x.example", "rae@x.example"]


def test_an_address_that_nobody_has_is_answered_alike_and_not_written_to(desk: Desk) -> None:
    desk.officer("ada")
    before = desk.letters()
    for email in ("nobody@x.example", "", "no address"):
        answer = desk.person().post("/desk/sign-in/lost", email=email)
        assert answer.status_code == 200
        assert "If a desk has the address" in answer.text
    assert desk.letters() == before
    for _ in range(5):
        desk.person().post("/desk/sign-in/lost", email=ADA)
    assert told(desk, "renew_ask") == [ADA] * 3, "and one that somebody has, not without end"


def test_one_waits_at_a_time_and_a_link_works_once(desk: Desk) -> None:
    desk.officer("ada")
    first, second = asked(desk), ""
    desk.later(timedelta(minutes=1))
    second = asked(desk)
    assert desk.person().accept(first).status_code == 200
    assert reason(desk.person().accept(second)) == "renewal-waits"
    assert reason(desk.person().send(f"{first}/start")) == "invitation-unknown"


def test_a_password_opens_a_lost_desk_after_the_same_wait(desk: Desk) -> None:
    desk.officer("ada")
    person = Typist(desk.app)
    assert person.choose(desk, asked(desk)).headers["location"] == "/desk/renewals/waits"
    desk.later(timedelta(days=1))
    assert reason(person.sign_in(ADA, PASSWORD, person.code(desk))) == "sign-in-wrong"
    desk.later(WAIT)
    assert person.sign_in(ADA, PASSWORD, person.code(desk)).headers["location"] == "/desk"


def test_a_passkey_that_another_desk_has_by_then_opens_none_and_stops_nobody_elses(desk: Desk) -> None:
    desk.officer("ada")
    device = Device()
    again = desk.person(device)
    again.accept(asked(desk))
    with desk.tables.writing() as rows:
        make_account(
            rows, Account(id="eve", name="Eve", email="eve@x.example", role="firm", firm="firm:eve"), "2027-01-01"
        )
        rows.run(
            "INSERT INTO desk_credential (id, account, purpose, public_key, key_id, sign_count, label, made_at)"
            " VALUES (?, 'eve', 'sign-in', '', 'es256:00', 0, '', '2027-01-01')",
            (next(iter(device.keys)),),
        )
    desk.later(WAIT)
    assert reason(again.enter()) == "credential-unknown"
    assert desk.joined("ben@harlan.example").get("/desk").status_code == 200


def test_one_person_serves_two_agencies_with_a_desk_at_each(desk: Desk) -> None:
    here = desk.person()
    here.accept(desk.invite("Eve", "eve@x.example", "evaluator", agency=AGENCY, person="person:eve-here"))
    desk.later(timedelta(minutes=1))
    there = Typist(desk.app)
    with desk.tables.writing() as rows:
        rows.run("UPDATE desk_invited SET id = 'first' WHERE id = 'eve@x.example'")
    link = desk.invite("Eve", "Eve@x.example", "evaluator", agency=OTHER, person="person:eve-there")
    assert there.choose(desk, link).status_code == 303
    for person in (here, there):
        person.post("/desk/sign-out")
    assert here.enter("eve@x.example").json() == {"location": "/desk"}
    desk.later(timedelta(minutes=1))
    assert there.sign_in("eve@x.example", PASSWORD, there.code(desk)).headers["location"] == "/desk"
    with desk.tables.reading() as rows:
        found = rows.rows(
            "SELECT a.agency FROM desk_session s JOIN desk_account a ON a.id = s.account ORDER BY a.agency"
        )
    assert [row[0] for row in found] == [OTHER, AGENCY]
    desk.person().post("/desk/sign-in/lost", email="eve@x.example")
    assert told(desk, "renew_ask") == ["eve@x.example"] * 2


BESIDE = {
    "two desks in one agency": ("officer", {"agency": AGENCY, "person": "person:two"}),
    "a registrar beside": ("registrar", {"agency": None}),
    "an auditor beside": ("auditor", {"agency": None}),
    "a firm beside an agency": ("firm", {"agency": None, "firm": "firm:two"}),
    "a training partner beside an agency": ("partner", {"agency": None, "partner": "partner:two"}),
}


@pytest.mark.parametrize("what", BESIDE)
def test_no_second_desk_of_one_address_is(desk: Desk, what: str) -> None:
    role, whose = BESIDE[what]
    desk.joined()
    with desk.tables.writing() as rows:
        rows.run("UPDATE desk_invited SET id = 'first'")
    assert reason(desk.person().accept(desk.invite("Ada", ADA, role, **whose))) == "mail-known"


def test_an_agency_s_own_staff_may_keep_keys_and_a_firm_may_train() -> None:
    beside = Account(id="a", name="Ada", email=ADA, role="officer", agency=AGENCY)
    assert goes_beside("keeper:ada", beside)
    assert goes_beside(OTHER, beside)
    firm = Account(id="f", name="Rob", email=ADA, role="firm", firm="firm:ridge")
    assert goes_beside("partner:ridge", firm)
    assert not goes_beside("agency:ridge", firm)
