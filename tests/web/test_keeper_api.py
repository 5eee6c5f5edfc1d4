"""What `daylight keeper` asks of a portal over HTTP: answered within bounds, or refused with a reason and nothing recorded."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest

from ledger.entry import format_time, sign
from ledger.keepers import KeeperPack
from ledger.keys import SigningKey
from ledger.sealing import answer_drill
from portal.app import compose
from portal.commands.open_proposals import open_proposals
from portal.commands.register_pack import start_drill
from portal.procurement.drills import LASTS, Asked, drill_digest, sign_asked
from portal.procurement.events import opening, party
from portal.web.api.acts import LIMIT
from portal.web.api.keepers import MOST_KEYS
from portal.web.api.limits import Limits
from tests.portal.town import PILOT, Town, key_of, size_of
from tests.web.made_site import ADDRESS, ask

JSON = {"content-type": "application/json", "accept": "application/json"}
NAME = PILOT.partition(":")[2]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town.found(tmp_path_factory.mktemp("town") / "data")
    made.publish()
    made.bid("ridge")
    made.declare_interests()
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def site(town: Town) -> Any:
    return compose(town.office, ADDRESS, Limits(burst=1000))


def post(site: Any, path: str, content: object) -> httpx.Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ask(site, "POST", f"/api/keeper/{path}", JSON, data)


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["reason"]


def envelope(town: Town, name: str = "kim", **changes: Any) -> dict[str, Any]:
    """A request for the envelope of the one bid's proposal; `signer` and fields of what is asked may be others."""
    signer = changes.pop("signer", key_of(name))
    fields = {
        "at": format_time(town.clock.now()),
        "envelope": town.case().listed_bids()[0].seal.proposal,
        "keeper": f"keeper:{name}",
        "log": town.office.origin,
        "opportunity": PILOT,
    }
    asked = Asked(**{**fields, **changes})
    signature = base64.b64encode(sign_asked(asked, signer)).decode()
    return {"asked": msgspec.to_builtins(asked), "key": signer.key_id, "signature": signature}


def pack_of(
    town: Town, site: Any, name: str = "kim", pack: KeeperPack | None = None, **changes: Any
) -> tuple[dict[str, Any], list[bytes]]:
    """The body that registers a new pack after its drill; `answers`, `keys` or `signer` may be others."""
    pack = pack or KeeperPack.generate(name, 2)
    keys = [party.PackKey(**pair) for pair in pack.public_list]
    drill = post(site, "drills", {"keeper": f"keeper:{name}", "keys": pack.public_list}).json()
    privates = [private for pair in pack.privates for private in (pair["proposal"], pair["offer"])]
    shares = [base64.b64decode(share) for share in drill["shares"]]
    answers = [answer_drill(private, share) for private, share in zip(privates, shares, strict=True)]
    sent = changes.get("answers", answers)
    proofs = [party.PackProof(**pair) for pair in pack.proofs(key_of(name).key_id)]
    body = party.KeeperPackRegistered(
        keys=keys, drill=changes.get("drill", drill_digest(sent)), proofs=changes.get("proofs", proofs)
    )
    signed = town.signed("keeper-pack-registered", f"keeper:{name}", body, author=changes.get("signer", key_of(name)))
    posted = {
        "signed": msgspec.to_builtins(signed),
        "nonce": drill["nonce"],
        "at": drill["at"],
        "answers": [base64.b64encode(answer).decode() for answer in sent],
    }
    return posted, answers


def test_a_drilled_pack_is_registered_by_keeper_and_operator(town: Town, site: Any) -> None:
    posted, _ = pack_of(town, site)
    answer = post(site, "packs", posted)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    with town.office.store.reading() as connection:
        entry = json.loads(town.office.store.entry(connection, answer.json()["index"]))
    assert {each["key"] for each in entry["signatures"]} == {key_of("kim").key_id, town.office.operator.key_id}
    before = size_of(town)
    assert reason(post(site, "packs", posted)) == (422, "keeper-key-repeated")
    assert size_of(town) == before


WRONG_PACKS: dict[str, tuple[Callable[[dict[str, Any], list[bytes]], object], str]] = {
    "an answer that is a guess": (lambda p, _a: p["answers"].__setitem__(1, p["answers"][0]), "drill-failed"),
    "answers in another order": (lambda p, _a: p["answers"].reverse(), "drill-failed"),
    "an answer too few": (lambda p, _a: p["answers"].pop(), "drill-failed"),
    "another drill's nonce": (lambda p, _a: p.__setitem__("nonce", "00" * 16), "drill-failed"),
    "a time that was not the drill's": (lambda p, _a: p.__setitem__("at", "2027-03-01T13:59:59.000Z"), "drill-failed"),
    "a time to come": (lambda p, _a: p.__setitem__("at", "2028-03-01T13:59:59.000Z"), "drill-late"),
    "no instant": (lambda p, _a: p.__setitem__("at", "2027-13-01T13:59:59.000Z"), "body-malformed"),
    "no base64": (lambda p, _a: p["answers"].__setitem__(0, "#"), "body-malformed"),
    "a field too many": (lambda p, _a: p.__setitem__("more", 1), "body-malformed"),
    "a statement of another kind": (
        lambda p, _a: p["signed"]["statement"].__setitem__("kind", "keeper-registered"),
        "body-malformed",
    ),
}


@pytest.mark.parametrize(("spoil", "expected"), WRONG_PACKS.values(), ids=WRONG_PACKS)
def test_a_pack_whose_drill_is_not_right_is_refused(
    town: Town, site: Any, spoil: Callable[[dict[str, Any], list[bytes]], object], expected: str
) -> None:
    posted, answers = pack_of(town, site)
    spoil(posted, answers)
    before = size_of(town)
    assert reason(post(site, "packs", posted))[1] == expected
    assert size_of(town) == before


def test_a_pack_signed_by_somebody_else_or_with_a_false_digest_is_refused(town: Town, site: Any) -> None:
    before = size_of(town)
    assert reason(post(site, "packs", pack_of(town, site, signer=key_of("lou"))[0])) == (422, "signer-not-keeper")
    assert reason(post(site, "packs", pack_of(town, site, drill="00" * 32)[0])) == (422, "drill-failed")
    assert reason(post(site, "packs", pack_of(town, site, proofs=[])[0])) == (422, "drill-proof-missing")
    statement = town.office.statement("keeper-registered", "keeper:kim", _registered(), key_of("kim"))
    posted = pack_of(town, site)[0] | {"signed": msgspec.to_builtins(sign(statement, key_of("kim")))}
    assert reason(post(site, "packs", posted)) == (422, "kind-unexpected")
    assert size_of(town) == before


def _registered() -> party.KeeperRegistered:
    return party.KeeperRegistered(
        name="Kim", organisation="bar-association", organisation_name="Bar", key=key_of("kim").key_id
    )


def test_a_drill_ends_after_ten_minutes(town: Town) -> None:
    pack = KeeperPack.generate("kim", 1)
    keys = [party.PackKey(**pair) for pair in pack.public_list]
    drill = start_drill(town.office, "keeper:kim", keys)
    site = compose(town.office, ADDRESS, Limits(burst=1000))
    posted, _ = pack_of(town, site, pack=pack)
    town.clock.advance_to(town.clock.now() + LASTS + timedelta(milliseconds=1))
    assert reason(post(site, "packs", posted)) == (422, "drill-late")
    assert (drill.at, len(drill.shares)) == (posted["at"], 2)


def test_two_drills_of_the_same_keys_ask_other_secrets(town: Town) -> None:
    keys = [party.PackKey(**pair) for pair in KeeperPack.generate("kim", 1).public_list]
    first, second = (start_drill(town.office, "keeper:kim", keys) for _ in range(2))
    assert not {*first.shares} & {*second.shares}


def test_a_drill_is_refused_for_strangers_bad_keys_and_too_many(site: Any) -> None:
    good = KeeperPack.generate("kim", 1).public_list
    bad = [{"proposal": "00" * 32, "offer": good[0]["offer"]}]
    assert reason(post(site, "drills", {"keeper": "keeper:zoe", "keys": good})) == (422, "keeper-unknown")
    assert reason(post(site, "drills", {"keeper": "keeper:kim", "keys": bad})) == (422, "keeper-key-low-order")
    for keys in ([], good * (MOST_KEYS + 1)):
        assert reason(post(site, "drills", {"keeper": "keeper:kim", "keys": keys})) == (400, "body-malformed")
    assert reason(post(site, "drills", b"{")) == (400, "body-malformed")
    assert reason(post(site, "drills", b"\xff")) == (400, "body-malformed")
    assert reason(post(site, "drills", b" " * (LIMIT + 1))) == (413, "body-too-large")


def test_before_the_close_nobody_gets_an_envelope(town: Town, site: Any) -> None:
    assert reason(post(site, "envelopes", envelope(town))) == (422, "not-closed")


def test_after_the_close_seated_keepers_get_them_and_nobody_else(town: Town, site: Any) -> None:
    town.close()
    answer = post(site, "envelopes", envelope(town))
    assert answer.status_code == 200
    assert sha256(answer.content).hexdigest() == town.case().listed_bids()[0].seal.proposal
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"
    town.keeper("ned", "elsewhere")
    late = format_time(town.clock.now() - LASTS - timedelta(seconds=1))
    wrong: list[tuple[dict[str, Any], str]] = [
        (envelope(town, signer=key_of("ridge")), "signer-not-keeper"),
        (envelope(town, "lou", signer=key_of("kim")), "signer-not-keeper"),
        (envelope(town, "ned"), "keeper-not-seated"),
        (envelope(town, keeper="keeper:zoe"), "keeper-unknown"),
        (envelope(town, opportunity="opportunity:other"), "opportunity-unknown"),
        (envelope(town, envelope="ab" * 32), "envelope-unlisted"),
        (envelope(town, log="other.example/log"), "asked-elsewhere"),
        (envelope(town, at=late), "asked-late"),
        (envelope(town) | {"signature": base64.b64encode(bytes(64)).decode()}, "signature"),
        (envelope(town) | {"signature": "#"}, "body-malformed"),
        (envelope(town) | {"key": "ed25519:00"}, "key-id"),
        (envelope(town, envelope="not a fingerprint"), "body-malformed"),
    ]
    for posted, expected in wrong:
        assert reason(post(site, "envelopes", posted))[1] == expected
    moved = envelope(town)
    moved["asked"]["envelope"] = town.case().listed_bids()[0].seal.offer
    assert reason(post(site, "envelopes", moved))[1] == "signature"


def test_an_envelope_that_was_lost_is_said_to_be_and_anyone_may_put_it_back(town: Town, site: Any) -> None:
    name = town.case().listed_bids()[0].seal.offer
    data = town.office.vault.envelope(name)
    assert data is not None
    town.office.vault.delete_envelope(name)
    assert reason(post(site, "envelopes", envelope(town, envelope=name))) == (422, "envelope-missing")
    assert reason(post(site, f"supplies/{NAME}", data[:-1])) == (422, "envelope-unlisted")
    assert reason(post(site, "supplies/other", data)) == (422, "opportunity-unknown")
    answer = post(site, f"supplies/{NAME}", data)
    assert (answer.status_code, answer.content) == (204, b"")
    assert town.office.vault.envelope(name) == data


def _release(town: Town, name: str, **changes: Any) -> dict[str, Any]:
    seat = next(seat for seat in town.case().notice.sealing.seats if seat.keeper == f"keeper:{name}")
    private = town.packs[name].private_for(bytes.fromhex(seat.proposal)).hex()
    body = opening.KeyReleased(keeper=seat.keeper, label="proposal", private=changes.get("private", private))
    signed = town.signed("keeper-key-released", PILOT, body, author=changes.get("author", key_of(name)))
    return {"signed": msgspec.to_builtins(signed)}


def test_a_released_key_is_taken_once_it_is_time_and_only_the_registered_one(town: Town, site: Any) -> None:
    before = size_of(town)
    assert reason(post(site, "acts", _release(town, "kim"))) == (422, "key-early")
    town.clock.advance_to(town.case().objection_until)
    other = KeeperPack.generate("kim", 1).privates[0]["proposal"].hex()
    assert reason(post(site, "acts", _release(town, "kim", private=other))) == (422, "key-not-registered")
    assert reason(post(site, "acts", _release(town, "kim", author=key_of("lou")))) == (422, "signer-not-keeper")
    question = town.signed("keeper-registered", "keeper:kim", _registered(), "operator")
    assert reason(post(site, "acts", {"signed": msgspec.to_builtins(question)})) == (422, "kind-unexpected")
    assert size_of(town) == before
    posted = _release(town, "kim")
    first, again = post(site, "acts", posted), post(site, "acts", posted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["index"] == again.json()["index"] == before
    assert reason(post(site, "acts", _release(town, "kim"))) == (422, "key-already-released")


def test_a_confirmation_is_taken_after_the_opening(town: Town, site: Any) -> None:
    body = opening.OpeningConfirmed(keeper="keeper:lou", label="proposal", verdicts="00" * 32)
    signed = town.signed("opening-confirmed", PILOT, body, "lou")
    assert reason(post(site, "acts", {"signed": msgspec.to_builtins(signed)})) == (422, "not-opened")
    post(site, "acts", _release(town, "mae"))
    open_proposals(town.office, PILOT)
    assert reason(post(site, "acts", {"signed": msgspec.to_builtins(signed)})) == (422, "verdicts-differ")
    opened = town.case().proposals_opened
    assert opened is not None
    body = msgspec.structs.replace(body, verdicts=opened.document)
    signed = town.signed("opening-confirmed", PILOT, body, "lou")
    assert post(site, "acts", {"signed": msgspec.to_builtins(signed)}).status_code == 201


def test_one_address_may_not_ask_for_ever(town: Town) -> None:
    site = compose(town.office, ADDRESS, Limits(burst=1, per_second=0.5, now=lambda: 0.0))
    good = {"keeper": "keeper:kim", "keys": KeeperPack.generate("kim", 1).public_list}
    assert post(site, "drills", good).status_code == 200
    answer = post(site, "drills", good)
    assert reason(answer) == (429, "too-many-acts")


def test_the_operator_s_secret_is_behind_every_drill(town: Town) -> None:
    keys = [party.PackKey(**pair) for pair in KeeperPack.generate("kim", 1).public_list]
    drill = start_drill(town.office, "keeper:kim", keys)
    own = town.office.operator
    town.office.operator = SigningKey.generate("another")
    again = start_drill(town.office, "keeper:kim", keys)
    town.office.operator = own
    assert drill.shares != again.shares
