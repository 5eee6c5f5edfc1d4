"""A keeper's desk at the portal: fingerprints, what is left, and one way in for what she signed herself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.entry import Signed
from portal.commands.open_proposals import open_proposals
from portal.procurement.events import opening
from tests.portal.stations import town_at
from tests.portal.town import PILOT, Town, key_of, size_of
from tests.web import seen
from tests.web.desk_seats import PEOPLE, Hall, seat

NAME = PILOT.partition(":")[2]
KIM = PEOPLE["keeper"]
HTML = {"accept": "text/html"}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall.over(town_at("closed", tmp_path / "data"))
    made.town.clock.advance_to(made.town.case().objection_until)
    yield made
    made.close()


def page(hall: Hall, path: str = "/desk/keeper") -> str:
    answer = hall.ask(KIM, "GET", path, **HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def released(town: Town, name: str = "kim", label: Any = "proposal", subject: str = PILOT) -> Signed:
    seat_of = next(row for row in town.case().notice.sealing.seats if row.keeper == f"keeper:{name}")
    private = town.packs[name].private_for(bytes.fromhex(getattr(seat_of, label))).hex()
    body = opening.KeyReleased(keeper=f"keeper:{name}", label=label, private=private)
    return town.signed("keeper-key-released", subject, body, name)


def text_of(signed: Signed) -> str:
    return json.dumps(msgspec.to_builtins(signed))


def test_the_desk_shows_public_halves_their_use_and_how_many_are_left(hall: Hall) -> None:
    html = page(hall)
    mine = next(row for row in hall.town.case().notice.sealing.seats if row.keeper == "keeper:kim")
    for pair in hall.town.packs["kim"].public_list:
        assert pair["proposal"] in html
    assert mine.offer in html
    for pair in hall.town.packs["kim"].privates:
        assert pair["proposal"].hex() not in html
    words = seen.read(html)
    assert "5 pairs of your keys are left for further pilots." in words
    assert "your key for the proposals is wanted now" in words
    assert f'href="/opportunities/{NAME}/opening"' in html
    assert "daylight keeper make --keeper keeper:kim --portal http://localhost:8000" in html
    assert "Fewer than five" not in words


def test_what_waits_stands_on_the_desk_s_first_page(hall: Hall) -> None:
    words = seen.read(page(hall, "/desk"))
    assert "Release your key for the proposals on Book a septic inspection." in words
    assert "My keys for sealed bids" in words
    hall.town.release("proposal", names=("kim", "mae"))
    assert "Release your key" not in seen.read(page(hall, "/desk"))
    open_proposals(hall.town.office, PILOT)
    assert "Confirm what was opened on Book a septic inspection." in seen.read(page(hall, "/desk"))
    hall.town.score()
    words = seen.read(page(hall, "/desk"))
    assert "Release your key for names and prices on Book a septic inspection." in words


def test_before_the_keys_are_wanted_nothing_waits(tmp_path: Path) -> None:
    hall = Hall.over(town_at("closed", tmp_path / "data"))
    assert "Release your key" not in seen.read(page(hall, "/desk"))
    assert "held by you; not wanted yet" in seen.read(page(hall))
    hall.close()


def test_few_keys_left_are_a_reminder(hall: Hall) -> None:
    hall.town.keeper("few", "elsewhere", notices=4)
    few = seat("few", "keeper", keeper="keeper:few")
    words = seen.read(hall.ask(few, "GET", "/desk/keeper", **HTML).text)
    assert "4 pairs of your keys are left" in words
    assert "Fewer than five are left" in words
    assert "No pilot uses a key of yours yet." in words
    assert "4 pairs of your keys is left: register more." not in words
    assert "4 pairs of your keys are left: register more." in seen.read(hall.ask(few, "GET", "/desk", **HTML).text)


def test_a_released_key_is_handed_in_as_text_and_once(hall: Hall) -> None:
    signed = text_of(released(hall.town))
    before = size_of(hall.town)
    for _ in range(2):
        answer = hall.ask(KIM, "POST", f"/desk/keeper/{NAME}", {"statement": signed})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/ledger/entries/{before}")
    assert size_of(hall.town) == before + 1
    assert "key for the proposals given" in seen.read(page(hall))


def test_it_is_handed_in_as_the_file_that_her_program_wrote(hall: Hall) -> None:
    content = text_of(released(hall.town)) + "\n"
    boundary = "xxxx"
    parts = {"statement": "", "file": content}
    session_token = _token(hall)
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{session_token[1]}\r\n'
    for name, value in parts.items():
        file = '; filename="release.json"' if name == "file" else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'
    body += f"--{boundary}--\r\n"
    headers = {
        "cookie": f"{hall.cookie}={session_token[0]}",
        "origin": "http://localhost:8000",
        "content-type": f"multipart/form-data; boundary={boundary}",
    }
    from tests.web.made_site import ask  # noqa: PLC0415

    answer = ask(hall.app, "POST", f"/desk/keeper/{NAME}", headers, body.encode())
    assert answer.status_code == 303, answer.text


def _token(hall: Hall) -> tuple[str, str]:
    from portal.identity.sessions import open_session  # noqa: PLC0415

    with hall.tables.writing() as rows:
        hall.seat(rows, KIM)  # type: ignore[arg-type]  # the table has a keeper
        session = open_session(rows, hall.town.clock.now(), KIM)
    return session.id, session.token


def test_a_confirmation_is_handed_in_too(hall: Hall) -> None:
    hall.town.release("proposal")
    open_proposals(hall.town.office, PILOT)
    opened = hall.town.case().proposals_opened
    assert opened is not None
    body = opening.OpeningConfirmed(keeper="keeper:kim", label="proposal", verdicts=opened.document)
    signed = hall.town.signed("opening-confirmed", PILOT, body, "kim")
    assert hall.ask(KIM, "POST", f"/desk/keeper/{NAME}", {"statement": text_of(signed)}).status_code == 303
    assert "Confirm what was opened" not in seen.read(page(hall, "/desk"))


def test_nothing_else_is_taken_and_what_was_given_comes_back(hall: Hall) -> None:
    town = hall.town
    spoilt = json.loads(text_of(released(town)))
    spoilt["statement"]["body"]["label"] = "offer"
    wrong = {
        "": "This is not a signed statement.",
        "daylight-keeper-ring-v1": "This is not a signed statement.",
        "[]": "This is not a signed statement.",
        text_of(released(town, "lou")): "This is not a release or a confirmation of your own",
        text_of(released(town, subject="opportunity:other")): "This is not a release or a confirmation of your own",
        text_of(released(town, label="offer")): "The proposals have not been opened yet.",
        json.dumps(spoilt): "",
        text_of(
            town.signed(
                "opening-confirmed",
                PILOT,
                opening.OpeningConfirmed(keeper="keeper:kim", label="proposal", verdicts="00" * 32),
                author=key_of("lou"),
            )
        ): "This was not signed with the keeper",
        '{"signatures": [], "statement": {}}': "",
    }
    before = size_of(town)
    for given, expected in wrong.items():
        answer = hall.ask(KIM, "POST", f"/desk/keeper/{NAME}", {"statement": given}, **HTML)
        assert answer.status_code == 422, given
        words = seen.read(answer.text)
        assert expected in words
        assert "internal" not in words
        assert given[:30].replace('"', "&#34;") in answer.text
    assert size_of(town) == before


def test_only_the_keeper_herself_and_only_about_her_pilots(hall: Hall) -> None:
    oak = seat("oak", "keeper", keeper="keeper:oak")
    assert hall.ask(oak, "GET", f"/desk/keeper/{NAME}").json()["reason"] == "page-missing"
    assert hall.ask(KIM, "GET", "/desk/keeper/nothing").json()["reason"] == "page-missing"
    assert hall.ask(PEOPLE["officer"], "GET", "/desk/keeper").json()["reason"] == "role-deed"
