"""Our known answers; a browser's implementation is held to the same files."""

import pytest

from ledger import envelope as envelopes
from ledger.bidkey import BidMaster
from ledger.drillproof import check_drill_proof, prove_drill
from ledger.errors import MalformedError
from ledger.keeperkey import answer_drill, check_keeper_key, drill_challenge
from ledger.sealing import Valid, Void, content_key, context, envelope_hash, open_envelope, open_with_content_key, seal
from tests.ledger import plain_sealing
from tests.ledger.sealed_cases import choices, pinned_from, vectors

SEALING = vectors("sealing.json")
KEYS = vectors("sealing_keys.json")


def test_the_files_are_what_the_second_implementation_writes() -> None:
    assert plain_sealing.written(plain_sealing.honest_vectors()) == SEALING["envelopes"]
    assert plain_sealing.written(plain_sealing.void_vectors()) == SEALING["void"]
    assert plain_sealing.written(plain_sealing.key_vectors()) == {
        name: KEYS[name] for name in ("keeper_keys", "drill", "drill_proofs")
    }


def test_everything_of_a_bid_follows_from_its_master() -> None:
    row = SEALING["master"]
    master = BidMaster(bytes.fromhex(row["master"]))
    found = {
        "bid": master.signing_key.public,
        "proposal": master.seed("proposal"),
        "offer": master.seed("offer"),
        "lot": master.lot,
        "lot_commitment": master.lot_commitment,
    }
    assert {name: value.hex() for name, value in found.items()} == {name: row[name] for name in found}


@pytest.mark.parametrize("row", SEALING["envelopes"], ids=lambda row: row["why"])
def test_envelopes_equal_the_known_answers_byte_for_byte(row: dict[str, object]) -> None:
    pinned, master, text = pinned_from(row), BidMaster(bytes.fromhex(row["master"])), bytes.fromhex(row["text"])
    sealed = seal(pinned, master, text)
    assert sealed.hex() == row["envelope"]
    assert envelope_hash(sealed).hex() == row["envelope_sha256"]
    assert len(sealed) == pinned.envelope_length


@pytest.mark.parametrize("row", SEALING["envelopes"], ids=lambda row: row["why"])
def test_every_step_on_the_way_equals_the_known_answers(row: dict[str, object]) -> None:
    pinned, text = pinned_from(row), bytes.fromhex(row["text"])
    ctx = context(pinned, bytes.fromhex(row["bid"]))
    derived = envelopes.derive(pinned, ctx, bytes.fromhex(row["seed"]), text)
    assert ctx.hex() == row["ctx"]
    assert derived.key.hex() == row["content_key"]
    assert derived.polynomial.hex() == row["polynomial"]
    assert [ephemeral.hex() for ephemeral in derived.ephemerals] == row["ephemerals"]
    assert envelopes.commitment_to(ctx, derived.key).hex() == row["commitment"]


@pytest.mark.parametrize("row", SEALING["envelopes"], ids=lambda row: row["why"])
def test_known_envelopes_open_with_any_k_keys_and_with_the_content_key(row: dict[str, object]) -> None:
    pinned, text = pinned_from(row), bytes.fromhex(row["text"])
    bid, sealed = bytes.fromhex(row["bid"]), bytes.fromhex(row["envelope"])
    private = {number: bytes.fromhex(key) for number, key in enumerate(row["released"], 1)}
    some = list(choices(pinned.n, pinned.k))[:: max(1, 10 ** (pinned.n // 8) // 2)]
    for chosen in some:
        assert open_envelope(pinned, bid, sealed, {number: private[number] for number in chosen}) == Valid(text)
    key = content_key(pinned, BidMaster(bytes.fromhex(row["master"])), text)
    assert key.hex() == row["content_key"]
    assert open_with_content_key(pinned, bid, sealed, key) == Valid(text)


@pytest.mark.parametrize("row", SEALING["void"], ids=lambda row: row["why"])
def test_a_dishonest_envelope_is_void_for_the_same_reason_whoever_opens_it(row: dict[str, object]) -> None:
    pinned, bid, sealed = pinned_from(row), bytes.fromhex(row["bid"]), bytes.fromhex(row["envelope"])
    private = {number: bytes.fromhex(key) for number, key in enumerate(row["released"], 1)}
    found = {
        open_envelope(pinned, bid, sealed, {number: private[number] for number in chosen})
        for chosen in choices(pinned.n, pinned.k)
    }
    assert found == {Void(row["void"])}


@pytest.mark.parametrize("row", KEYS["keeper_keys"], ids=lambda row: row["why"])
def test_keeper_keys_are_admitted_or_refused_by_name(row: dict[str, str]) -> None:
    public = bytes.fromhex(row["public"])
    if not row["refused"]:
        check_keeper_key(public)
        return
    with pytest.raises(MalformedError) as caught:
        check_keeper_key(public)
    assert caught.value.reason == row["refused"]


@pytest.mark.parametrize("row", KEYS["drill_proofs"], ids=[row["public"][:8] for row in KEYS["drill_proofs"]])
def test_a_proof_that_the_secret_was_held_equals_its_known_answer(row: dict[str, str]) -> None:
    proof = bytes.fromhex(row["proof"])
    assert prove_drill(bytes.fromhex(row["private"]), row["signer"]) == proof
    check_drill_proof(bytes.fromhex(row["public"]), row["signer"], proof)


def test_the_drill_equals_its_known_answer() -> None:
    private, public, secret, ephemeral, share = (
        bytes.fromhex(KEYS["drill"][name]) for name in ("private", "public", "secret", "ephemeral", "share")
    )
    assert drill_challenge(public, secret, ephemeral) == share
    assert answer_drill(private, share) == secret
