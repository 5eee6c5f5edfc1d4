"""A firm signs its offer with whatever key it has in the record: a file, a browser's key, a passkey; anyone checks it again."""

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from ledger.entry import Signed, sign
from ledger.keykinds import is_passkey
from ledger.passkeys import RelyingParty
from ledger.sealing import seal
from portal.commands.perform import perform
from portal.commands.state_party import state_party
from portal.commands.submit_bid import submit_bid
from portal.procurement.events import bid, opening, party
from portal.procurement.papers import Offer, encode_paper, offer_challenge, parse_offer, sign_offer
from portal.procurement.verdicts import pinned
from portal.recompute import recompute
from tests.ledger.devices import Passkey, RawKey
from tests.portal.town import PILOT, Town, master_of, refusal_of

HERE = RelyingParty("localhost", ("http://localhost:8000",))
ELSEWHERE = RelyingParty("evil.example", ("https://evil.example",))
Key = Passkey | RawKey


def register(town: Town, name: str, key: Key) -> None:
    """A firm that enters its name by a device's key."""
    body = party.FirmRegistered(
        name=f"{name.title()} Data", place="harlan-county", place_name="Harlan County", founded="2020-05-01", staff=4
    )
    statement = town.office.statement("firm-registered", f"firm:{name}", body, key)  # type: ignore[arg-type]  # it has a key id
    signed = key.sign(statement) if isinstance(key, Passkey) else sign(statement, key)  # type: ignore[arg-type]  # as above
    perform(town.office, Signed(signatures=signed.signatures, statement=statement))


def signed_offer(offer: Offer, key: Key) -> Offer:
    """The offer as the device signs it."""
    if isinstance(key, RawKey):
        return sign_offer(offer, key)  # type: ignore[arg-type]  # it signs as a key of ours does
    named = msgspec.structs.replace(offer, key=key.key_id, signature="", assertion=msgspec.UNSET)
    made = key.assert_over(key.client_data(offer_challenge(named)))
    signature = base64.b64encode(made.signature).decode()
    assert not isinstance(made.assertion, msgspec.UnsetType)
    return msgspec.structs.replace(named, signature=signature, assertion=made.assertion)


def send(town: Town, name: str, key: Key, change: Callable[[Offer], Offer] = lambda offer: offer) -> str:
    """A sealed bid whose offer this key signs; `change` alters it after the signature. Gives the bid's key."""
    master, case = master_of(name), town.case()
    proposal = seal(pinned(case, "proposal", town.office.origin), master, encode_paper(town.proposal(name)))
    offer = change(signed_offer(town.offer(name, proposal), key))
    sealed = seal(pinned(case, "offer", town.office.origin), master, encode_paper(offer))
    body = bid.BidSealed(
        terms=case.terms,
        proposal=sha256(proposal).hexdigest(),
        offer=sha256(sealed).hexdigest(),
        lot=master.lot_commitment.hex(),
    )
    submit_bid(town.office, town.signed("bid-sealed", PILOT, body, author=master.signing_key), proposal, sealed)
    return str(master.signing_key.public.hex())


def outcome(town: Town, key: str) -> tuple[str, str]:
    """What became of a bid; everything is computed again from the published folder."""
    town.to_ranking()
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []
    body = town.case().opened[key].body
    assert isinstance(body, opening.BidOpened)
    return body.status, body.reason


@pytest.fixture
def town(tmp_path: Any) -> Town:
    made = Town.found(tmp_path / "data")
    state_party(made.office, HERE.origins[0], HERE.rp_id)
    made.publish()
    made.bid("hollow")
    return made


KEYS: dict[str, Callable[[], Key]] = {
    "a key of the browser": lambda: RawKey(b"browser"),
    "a passkey of Ed25519": lambda: Passkey(sha256(b"a").digest(), "ed25519"),
    "a passkey of P-256": lambda: Passkey(sha256(b"b").digest(), "es256"),
    "a passkey of RSA": lambda: Passkey(sha256(b"c").digest(), "rs256"),
}


@pytest.mark.parametrize("name", KEYS)
def test_whatever_key_a_firm_has_signs_its_offer(town: Town, name: str) -> None:
    key = KEYS[name]()
    register(town, "quill", key)
    assert outcome(town, send(town, "quill", key)) == ("valid", "")


def _bytes(field: str, data: bytes) -> Callable[[Offer], Offer]:
    def change(offer: Offer) -> Offer:
        assertion = msgspec.structs.replace(offer.assertion, **{field: data})  # type: ignore[type-var]  # it has one
        return msgspec.structs.replace(offer, assertion=assertion)

    return change


WRONG: dict[str, Callable[[Offer], Offer]] = {
    "a price changed after the signature": lambda offer: msgspec.structs.replace(offer, contact="x@evil.example"),
    "no word of what the device said": lambda offer: msgspec.structs.replace(offer, assertion=msgspec.UNSET),
    "other client data": _bytes("client_data", b"{}"),
    "other authenticator data": _bytes("authenticator_data", b"\x00" * 37),
    "no signature": lambda offer: msgspec.structs.replace(offer, signature=""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_passkey_s_signature_that_does_not_fit_rules_the_offer_out(town: Town, name: str) -> None:
    key = Passkey(sha256(b"b").digest(), "es256")
    register(town, "quill", key)
    assert outcome(town, send(town, "quill", key, WRONG[name])) == ("disqualified", "offer-signature")


LYING: dict[str, dict[str, Any]] = {
    "signed at another site": {"party": ELSEWHERE},
    "signed for another site from here": {"party": ELSEWHERE, "client": {"origin": HERE.origins[0]}},
    "nobody was there": {"flags": 0x04},
    "nobody was verified": {"flags": 0x01},
    "a sign-in passed off as an offer": {"client": {"challenge": "AAAA"}},
    "made when the key was": {"client": {"type": "webauthn.create"}},
    "inside a page of another": {"client": {"crossOrigin": True}},
}


@pytest.mark.parametrize("name", LYING)
def test_a_device_that_was_asked_elsewhere_or_otherwise_signs_no_offer(town: Town, name: str) -> None:
    seed = sha256(b"b").digest()
    register(town, "quill", Passkey(seed, "es256"))
    assert outcome(town, send(town, "quill", Passkey(seed, "es256", **LYING[name]))) == (
        "disqualified",
        "offer-signature",
    )


def test_a_plain_key_beside_a_device_s_words_signs_nothing(town: Town) -> None:
    key, passkey = RawKey(b"browser"), Passkey(sha256(b"b").digest(), "es256")
    register(town, "quill", key)

    def beside(offer: Offer) -> Offer:
        return msgspec.structs.replace(offer, assertion=signed_offer(offer, passkey).assertion)

    assert outcome(town, send(town, "quill", key, beside)) == ("disqualified", "offer-signature")


def test_a_passkey_is_judged_by_the_address_stated_before_the_bid_came_in(town: Town) -> None:
    key = Passkey(sha256(b"b").digest(), "es256")
    register(town, "quill", key)
    sent = send(town, "quill", key)
    state_party(town.office, "https://moved.example", "moved.example")
    assert outcome(town, sent) == ("valid", "")


def test_where_no_address_is_stated_no_passkey_signs(tmp_path: Any) -> None:
    town = Town.found(tmp_path / "data")
    key = Passkey(sha256(b"b").digest(), "es256")
    assert refusal_of(lambda: register(town, "quill", key)) == "relying-party-missing"


def test_an_offer_is_read_and_written_alike_with_and_without_a_device_s_words(town: Town) -> None:
    for key in (RawKey(b"browser"), Passkey(sha256(b"b").digest(), "es256")):
        offer = signed_offer(town.offer("ridge", b"x"), key)
        text = encode_paper(offer)
        assert parse_offer(text) == offer
        assert (b'"assertion"' in text) == is_passkey(key.key_id)
        assert b'"milestone_prices"' not in text
