"""Bids, questions and registrations over HTTP: taken once, answered with a receipt, or refused with a reason and nothing recorded."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest

from ledger.entry import Signed
from ledger.keys import SigningKey
from ledger.receipt import parse_receipt, parse_receipt_vkey
from portal.app import compose
from portal.procurement.events import bid, party
from portal.web.api.acts import LIMIT
from portal.web.api.limits import Limits
from portal.web.problems import Problem
from tests.portal.town import PILOT, Town, master_of
from tests.web.made_site import ADDRESS, ask

JSON = {"content-type": "application/json", "accept": "application/json"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town.found(tmp_path_factory.mktemp("town") / "data")
    made.publish()
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def site(town: Town) -> Any:
    return compose(town.office, ADDRESS, Limits(burst=1000))


def size_of(town: Town) -> int:
    with town.office.store.reading() as connection:
        return town.office.store.head(connection).size


def plain(signed: Signed) -> Any:
    return msgspec.to_builtins(signed)


def post(site: Any, path: str, content: object) -> httpx.Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ask(site, "POST", path, JSON, data)


def sealed(town: Town, name: str) -> dict[str, Any]:
    first, second = town.envelopes(name)
    body = bid.BidSealed(
        terms=town.case().terms,
        proposal=sha256(first).hexdigest(),
        offer=sha256(second).hexdigest(),
        lot=master_of(name).lot_commitment.hex(),
    )
    signed = town.signed("bid-sealed", PILOT, body, author=master_of(name).signing_key)
    return {
        "signed": plain(signed),
        "proposal": base64.b64encode(first).decode(),
        "offer": base64.b64encode(second).decode(),
    }


def question(town: Town, text: str = "Is there a test calendar?", kind: str = "question-asked") -> dict[str, Any]:
    signed = town.signed(kind, PILOT, bid.QuestionAsked(text=text), author=SigningKey.generate("once"))
    return {"signed": plain(signed)}


def test_a_sealed_bid_is_taken_once_and_answered_with_the_log_s_promise(town: Town, site: Any) -> None:
    posted = sealed(town, "ridge")
    before = size_of(town)
    answer = post(site, "/api/bids", posted)
    assert answer.status_code == 201, answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["index"], answer.headers["location"]) == (before, f"/ledger/entries/{before}")
    verifier = parse_receipt_vkey(town.office.folder.receipt_vkey.read_text().strip())
    receipt = parse_receipt(told["receipt"].encode(), [verifier])
    assert (receipt.index, receipt.statement_hash.hex()) == (before, told["statement_hash"])
    assert town.case().bids[master_of("ridge").signing_key.public.hex()].current.index == before
    again = post(site, "/api/bids", posted)
    assert (again.status_code, again.json(), size_of(town)) == (200, told, before + 1)
    withdrawn = bid.BidWithdrawn(terms=town.case().terms, bid=told["statement_hash"])
    signed = town.signed("bid-withdrawn", PILOT, withdrawn, author=master_of("ridge").signing_key)
    assert post(site, "/api/bids", {"signed": plain(signed)}).status_code == 201
    assert town.office.vault.envelope(posted["signed"]["statement"]["body"]["proposal"]) is None


def test_a_question_is_asked_by_a_key_of_its_own(town: Town, site: Any) -> None:
    answer = post(site, "/api/questions", question(town))
    assert answer.status_code == 201
    page = ask(site, "GET", f"/opportunities/{PILOT.partition(':')[2]}", {"accept": "text/html"})
    assert "Is there a test calendar?" in page.text


def altered(town: Town, **changes: Any) -> dict[str, Any]:
    return {**sealed(town, "hollow"), **changes}


def edited(posted: dict[str, Any], text: str) -> dict[str, Any]:
    posted["signed"]["statement"]["body"]["text"] = text
    return posted


CASES: dict[str, tuple[str, Any, int, str]] = {
    "no JSON": ("/api/bids", lambda _t: b"{", 400, "body-malformed"),
    "no UTF-8": ("/api/bids", lambda _t: b'{"signed": "\xff"}', 400, "body-malformed"),
    "an array": ("/api/bids", lambda _t: [], 400, "body-malformed"),
    "empty": ("/api/bids", lambda _t: b"", 400, "body-malformed"),
    "an unknown field": ("/api/bids", lambda t: altered(t, colour="red"), 400, "body-malformed"),
    "no statement": ("/api/bids", lambda _t: {"proposal": "", "offer": ""}, 400, "body-malformed"),
    "junk for base64": ("/api/bids", lambda t: altered(t, proposal="????"), 400, "body-malformed"),
    "letters beyond ASCII": ("/api/bids", lambda t: altered(t, offer="żółw"), 400, "body-malformed"),
    "another envelope": ("/api/bids", lambda t: altered(t, offer="AAAA"), 422, "envelope-hash"),
    "a question as a bid": ("/api/bids", question, 422, "kind-unexpected"),
    "envelopes with a question": ("/api/questions", lambda t: {**question(t), "offer": "AAAA"}, 400, "body-malformed"),
    "a bid as a question": (
        "/api/questions",
        lambda t: {"signed": sealed(t, "hollow")["signed"]},
        422,
        "kind-unexpected",
    ),
    "control characters": ("/api/questions", lambda t: edited(question(t), "a\u0007b"), 400, "json-character"),
    "ten thousand words": ("/api/questions", lambda t: question(t, "word " * 500), 400, "body-malformed"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_cannot_be_taken_is_refused_and_nothing_is_recorded(
    town: Town, site: Any, case: tuple[str, Any, int, str]
) -> None:
    path, content, status, reason = case
    before = size_of(town)
    answer = post(site, path, content(town))
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["reason"]) == (status, reason)
    assert {"type", "title", "status", "reason", "detail", "fix"} <= set(told)
    assert size_of(town) == before


def test_a_signature_over_something_else_is_refused(town: Town, site: Any) -> None:
    posted = edited(question(town), "Another question")
    before = size_of(town)
    answer = post(site, "/api/questions", posted)
    assert 400 <= answer.status_code < 500
    assert size_of(town) == before


def test_a_body_is_cut_off_at_the_first_byte_too_many(site: Any) -> None:
    asked = []

    def pieces() -> Iterator[bytes]:
        for number in range(10_000):
            asked.append(number)
            yield b"x" * 10_000

    answer = ask(site, "POST", "/api/bids", JSON, pieces())
    assert (answer.status_code, answer.json()["reason"]) == (413, "body-too-large")
    assert len(asked) < LIMIT / 10_000 + 3
    declared = ask(site, "POST", "/api/bids", {**JSON, "content-length": str(LIMIT + 1)}, b"{}")
    assert declared.status_code == 413


@pytest.mark.parametrize("path", ["/api/bids", "/api/questions"])
def test_acts_are_posted_and_not_got(site: Any, path: str) -> None:
    answer = ask(site, "GET", path, {"accept": "application/json"})
    assert (answer.status_code, answer.json()["reason"]) == (405, "method-not-allowed")


def test_a_late_bid_is_told_both_times(tmp_path_factory: pytest.TempPathFactory) -> None:
    town = Town.found(tmp_path_factory.mktemp("late") / "data")
    town.publish()
    posted = sealed(town, "creek")
    town.clock.advance_to(town.case().closes)
    answer = post(compose(town.office, ADDRESS), "/api/bids", posted)
    assert (answer.status_code, answer.json()["reason"]) == (422, "bid-late")
    assert "closed" in answer.json()["detail"]
    town.office.close()


def firm(town: Town, key: SigningKey, subject: str = "firm:quill", kind: str = "firm-registered") -> dict[str, Any]:
    body = party.FirmRegistered(
        name="Quill", place="harlan-county", place_name="Harlan County", founded="2020-05-01", staff=2
    )
    return {"signed": plain(town.signed(kind, subject, body, author=key))}


def test_a_firm_registers_by_its_own_key_and_once(town: Town, site: Any) -> None:
    key = SigningKey.generate("quill")
    posted = firm(town, key)
    answer = post(site, "/api/firms", posted)
    assert (answer.status_code, "set-cookie" in answer.headers) == (201, False)
    assert post(site, "/api/firms", posted).json() == answer.json()
    assert "firm:quill" in {row["firm"] for row in ask(site, "GET", "/api/firms").json()}
    other = post(site, "/api/firms", firm(town, SigningKey.generate("other")))
    assert (other.status_code, other.json()["reason"]) == (422, "firm-already-registered")


@pytest.mark.parametrize(
    ("content", "reason"),
    {
        "another kind": (question, "kind-unexpected"),
        "with envelopes": (lambda t: {**firm(t, SigningKey.generate("a")), "offer": "AAAA"}, "body-malformed"),
        "no subject of a firm": (lambda t: firm(t, SigningKey.generate("a"), "agency:quill"), "subject-wrong"),
    }.values(),
)
def test_what_is_no_registration_is_refused(town: Town, site: Any, content: Any, reason: str) -> None:
    before = size_of(town)
    answer = post(site, "/api/firms", content(town))
    assert answer.json()["reason"] == reason
    assert size_of(town) == before


def test_one_bid_sent_many_times_at_once_is_one_record_and_keeps_its_envelopes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    town = Town.found(tmp_path_factory.mktemp("many") / "data")
    town.publish()
    town.office.share_commits()
    site = compose(town.office, ADDRESS)
    posted, before = sealed(town, "ridge"), size_of(town)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(site, "/api/bids", posted), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409, 422}
    assert post(site, "/api/bids", posted).status_code == 200
    assert size_of(town) == before + 1
    body = posted["signed"]["statement"]["body"]
    assert all(town.office.vault.envelope(body[label]) is not None for label in ("proposal", "offer"))
    town.office.close()


def test_a_bid_for_other_terms_or_of_another_size_is_refused(town: Town, site: Any) -> None:
    posted = sealed(town, "hollow")
    short = base64.b64decode(posted["offer"])[:-1]
    body = bid.BidSealed(
        terms=town.case().terms,
        proposal=posted["signed"]["statement"]["body"]["proposal"],
        offer=sha256(short).hexdigest(),
        lot=master_of("hollow").lot_commitment.hex(),
    )
    signed = town.signed("bid-sealed", PILOT, body, author=master_of("hollow").signing_key)
    answer = post(site, "/api/bids", {**posted, "signed": plain(signed), "offer": base64.b64encode(short).decode()})
    assert answer.json()["reason"] == "envelope-size"
    other = msgspec.structs.replace(body, terms="00" * 32, offer=posted["signed"]["statement"]["body"]["offer"])
    signed = town.signed("bid-sealed", PILOT, other, author=master_of("hollow").signing_key)
    answer = post(site, "/api/bids", {**posted, "signed": plain(signed)})
    assert answer.json()["reason"] == "bid-terms"
    assert town.office.vault.envelope(other.offer) is None


def test_nobody_replaces_or_withdraws_another_s_bid(town: Town, site: Any) -> None:
    first = post(site, "/api/bids", sealed(town, "creek")).json()
    taken = bid.BidWithdrawn(terms=town.case().terms, bid=first["statement_hash"])
    signed = town.signed("bid-withdrawn", PILOT, taken, author=master_of("thief").signing_key)
    assert post(site, "/api/bids", {"signed": plain(signed)}).json()["reason"] == "bid-unknown"


def test_a_site_answers_who_sends_too_often_with_the_seconds_to_wait(town: Town) -> None:
    few = compose(town.office, ADDRESS, Limits(1, 0.5, lambda: 0.0))
    assert post(few, "/api/bids", b"{}").json()["reason"] == "body-malformed"
    answer = post(few, "/api/bids", b"{}")
    assert (answer.status_code, answer.json()["reason"]) == (429, "too-many-acts")


def test_an_address_that_sends_too_often_waits() -> None:
    seconds = [0.0]
    limits = Limits(2, 0.5, lambda: seconds[0])
    limits.take("a")
    limits.take("a")
    limits.take("b")
    with pytest.raises(Problem) as refused:
        limits.take("a")
    assert (refused.value.reason, refused.value.status, refused.value.figures) == ("too-many-acts", 429, {"seconds": 3})
    seconds[0] = 1.9
    with pytest.raises(Problem):
        limits.take("a")
    seconds[0] = 3.9
    limits.take("a")
