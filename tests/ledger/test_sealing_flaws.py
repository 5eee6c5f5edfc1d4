"""Flaws of earlier sketches of sealed bids, by the number they have in the protocol's reference (section 3)."""

import inspect

import pytest

from ledger import canonical, envelope, hpke, keeperkey, keepers, sealing
from ledger.errors import MalformedError, VerificationError
from ledger.hkdf import extract
from ledger.keeperkey import answer_drill, check_keeper_keys, drill_challenge, load_private, released_key_matches
from ledger.sealing import (
    BidMaster,
    Pinned,
    Valid,
    Void,
    content_key,
    open_envelope,
    open_with_content_key,
    seal,
)
from tests.ledger.plain_sealing import made_up, twin
from tests.ledger.sealed_cases import BID, MASTER, choices, notice_of, pinned_of, released_by, verdicts

PROPOSAL, OFFER = notice_of(3, 2), notice_of(3, 2, label="offer")
TEXT = b"two of us, twelve weeks"
SEALED = seal(pinned_of(PROPOSAL), MASTER, TEXT)


def ciphertext_of(sealed: bytes, notice_size: int) -> bytes:
    return sealed[-notice_size - 16 : -16]


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def test_flaw_1_opening_one_label_leaves_the_other_closed() -> None:
    """All that the opened proposal reveals, its seed and its keys, opens no offer of the same master and the same text."""
    offer = seal(pinned_of(OFFER), MASTER, TEXT)
    revealed = MASTER.seed("proposal")
    guessed = envelope.derive(pinned_of(OFFER), envelope.context(pinned_of(OFFER), BID), revealed, TEXT).key
    for key in (guessed, revealed, content_key(pinned_of(PROPOSAL), MASTER, TEXT)):
        with pytest.raises(VerificationError) as caught:
            open_with_content_key(pinned_of(OFFER), BID, offer, key)
        assert caught.value.reason == "content-key-wrong"
    with pytest.raises(VerificationError) as caught:
        open_envelope(pinned_of(OFFER), BID, offer, released_by(PROPOSAL, (1, 2, 3)))
    assert caught.value.reason == "key-not-registered"


def test_flaw_1_the_master_and_the_other_seed_lie_in_no_envelope() -> None:
    ctx = envelope.context(pinned_of(PROPOSAL), BID)
    key = content_key(pinned_of(PROPOSAL), MASTER, TEXT)
    body = envelope.decrypt_body(envelope.read(pinned_of(PROPOSAL), BID, SEALED), key)
    assert body == (MASTER.seed("proposal"), TEXT)
    for secret in (MASTER.secret, MASTER.seed("offer"), MASTER.lot, MASTER.signing_key.seed):
        assert secret not in SEALED + b"".join(body) + ctx + key


def test_flaw_2_keeper_keys_are_drawn_and_not_derived_from_anything_a_page_could_ask_for() -> None:
    """Two packs of one name share nothing, and the generator takes no secret."""
    one, other = keepers.KeeperPack.generate("Ada", 2), keepers.KeeperPack.generate("Ada", 2)
    seen = [key for pack in (one, other) for pair in pack.public_list for key in pair.values()]
    assert len(set(seen)) == 8
    assert list(inspect.signature(keepers.KeeperPack.generate).parameters) == ["name", "notices"]


def test_flaw_3_a_share_of_a_real_bid_does_not_open_as_a_drill() -> None:
    for number in (1, 2, 3):
        share = SEALED[82 + 80 * (number - 1) : 82 + 80 * number]
        with pytest.raises(VerificationError) as caught:
            answer_drill(PROPOSAL.privates[number - 1], share)
        assert caught.value.reason == "sealed-unreadable"


def test_flaw_3_a_drill_share_does_not_open_as_a_share_of_a_bid() -> None:
    drill = drill_challenge(PROPOSAL.publics[0], made_up("drill"), made_up("ephemeral"))
    planted = SEALED[:82] + drill + SEALED[162:]
    assert verdicts(PROPOSAL, planted) == {Void("envelope-not-rederivable")}
    ctx = envelope.context(pinned_of(PROPOSAL), BID)
    with pytest.raises(VerificationError) as caught:
        hpke.open_sealed(load_private(PROPOSAL.privates[0]), envelope.share_info(ctx, 1, SEALED[48:80]), drill)
    assert caught.value.reason == "sealed-unreadable"


def test_flaw_3_no_share_info_can_equal_the_drills() -> None:
    assert not envelope.share_info(b"", 0, b"").startswith(b"daylight-seal-v1 drill")


def test_flaw_4_a_bid_has_its_own_signing_key_which_nobody_without_the_master_has() -> None:
    assert MASTER.signing_key.public == BID
    assert MASTER.signing_key.seed not in {MASTER.secret, MASTER.seed("proposal"), MASTER.seed("offer"), MASTER.lot}
    assert BidMaster(made_up("another master")).signing_key.public != BID


def test_flaw_9_a_verbatim_copy_under_another_bid_key_is_void_by_itself() -> None:
    thief = BidMaster(made_up("thief")).signing_key.public
    assert verdicts(PROPOSAL, SEALED, thief) == {Void("envelope-context")}
    relabelled = SEALED[:16] + envelope.context(pinned_of(PROPOSAL), thief) + SEALED[48:]
    assert verdicts(PROPOSAL, relabelled, thief) == {Void("envelope-not-rederivable")}
    assert verdicts(PROPOSAL, SEALED) == {Valid(TEXT)}


def test_flaw_10_two_texts_under_one_master_have_no_key_in_common_and_no_xor_leaks() -> None:
    pinned = pinned_of(PROPOSAL)
    first, second = b"price 41000", b"price 39500"
    one, other = seal(pinned, MASTER, first), seal(pinned, MASTER, second)
    assert content_key(pinned, MASTER, first) != content_key(pinned, MASTER, second)
    difference = xor(ciphertext_of(one, 96), ciphertext_of(other, 96))
    assert not any(difference[at : at + 8] == bytes(8) for at in range(len(difference) - 8))
    derived = [
        envelope.derive(pinned, envelope.context(pinned, BID), MASTER.seed("proposal"), text)
        for text in (first, second)
    ]
    assert derived[0].polynomial != derived[1].polynomial
    assert not set(derived[0].ephemerals) & set(derived[1].ephemerals)


def test_flaw_10_one_text_under_one_master_differs_between_notices_labels_and_logs() -> None:
    others = [notice_of(3, 2, name="parking"), OFFER]
    keys = {content_key(pinned_of(notice), MASTER, TEXT) for notice in [PROPOSAL, *others]}
    assert len(keys) == 3


def test_flaw_10_sealing_the_same_again_gives_the_same_bytes() -> None:
    assert seal(pinned_of(PROPOSAL), BidMaster(MASTER.secret), TEXT) == SEALED


def test_flaw_11_the_twin_of_a_key_has_the_same_secret_and_is_refused() -> None:
    """Why the twin matters: the agreed secret is the same, so only the bytes tell them apart."""
    public = PROPOSAL.publics[1]
    assert hpke.encapsulate(public, made_up("e"))[0] != hpke.encapsulate(twin(public), made_up("e"))[0]
    with pytest.raises(MalformedError) as caught:
        Pinned("log.example", bytes(32), "proposal", 96, 2, (PROPOSAL.publics[0], twin(public), PROPOSAL.publics[2]))
    assert caught.value.reason == "keeper-key-not-canonical"
    with pytest.raises(VerificationError) as released:
        released_key_matches(PROPOSAL.privates[1], twin(public))
    assert released.value.reason == "key-not-registered"


def test_flaw_11_the_twin_of_an_ephemeral_key_inside_a_share_is_void_for_every_choice() -> None:
    """X25519 would ignore the bit, so a reader that compared secrets only would pass it."""
    for number in (1, 2, 3):
        top = 82 + 80 * (number - 1) + 31
        changed = SEALED[:top] + bytes([SEALED[top] ^ 0x80]) + SEALED[top + 1 :]
        assert verdicts(PROPOSAL, changed) == {Void("envelope-not-rederivable")}


def test_flaw_11_one_key_under_two_names_is_refused() -> None:
    for repeated in (0, 1, 2):
        with pytest.raises(MalformedError) as caught:
            check_keeper_keys([*PROPOSAL.publics, PROPOSAL.publics[repeated]])
        assert caught.value.reason == "keeper-key-repeated"
    check_keeper_keys([*PROPOSAL.publics, *OFFER.publics])


def test_flaw_11_our_list_of_low_order_keys_is_what_the_doubling_formula_gives() -> None:
    """
    Order 2 is u = 0, order 4 is u = 1 and, on the twist, u = -1; a point of order 8 doubles to u = 1.

    (u²-1)² = 4u(u²+Au+1) is (u²-2u+1)² = 4(A+2)u², so u²-2u+1 = ±2su with s the root of A+2.
    """
    p = 2**255 - 19

    def root(square: int) -> int | None:
        found = pow(square, (p + 3) // 8, p)
        candidates = (found, found * pow(2, (p - 1) // 4, p) % p)
        return next((value for value in candidates if value * value % p == square % p), None)

    s = root(486662 + 2)
    assert s is not None
    order_eight = set()
    for middle in (2 + 2 * s, 2 - 2 * s):
        if (discriminant := root(middle * middle - 4)) is not None:
            order_eight |= {(middle + sign * discriminant) * pow(2, -1, p) % p for sign in (1, -1)}
    assert len(order_eight) == 2
    assert {0, 1, p - 1} | order_eight == keeperkey._LOW_ORDER


@pytest.mark.parametrize("coordinate", sorted(keeperkey._LOW_ORDER))
def test_flaw_11_nothing_can_be_agreed_with_a_low_order_key(coordinate: int) -> None:
    with pytest.raises(MalformedError) as caught:
        hpke.encapsulate(coordinate.to_bytes(32, "little"), made_up("ephemeral"))
    assert caught.value.reason == "recipient-key"


def test_flaw_12_a_bidder_can_open_her_own_bid_where_keepers_refuse() -> None:
    key = content_key(pinned_of(PROPOSAL), MASTER, TEXT)
    assert open_with_content_key(pinned_of(PROPOSAL), BID, SEALED, key) == Valid(TEXT)


def test_flaw_12_the_seed_alone_does_not_decrypt() -> None:
    seed = MASTER.seed("proposal")
    ctx = envelope.context(pinned_of(PROPOSAL), BID)
    for key in (seed, extract(ctx, seed), envelope.derive(pinned_of(PROPOSAL), ctx, seed, b"").key):
        with pytest.raises(VerificationError):
            open_with_content_key(pinned_of(PROPOSAL), BID, SEALED, key)


def test_flaw_13_a_label_key_of_one_notice_opens_no_envelope_of_another() -> None:
    parking = notice_of(3, 2, name="parking")
    sealed = seal(pinned_of(parking), MASTER, TEXT)
    with pytest.raises(VerificationError) as caught:
        open_envelope(pinned_of(parking), BID, sealed, released_by(PROPOSAL, (1, 2)))
    assert caught.value.reason == "key-not-registered"


def test_flaw_14_there_is_no_envelope_of_names() -> None:
    assert sealing.LABELS == ("proposal", "offer")
    with pytest.raises(MalformedError) as caught:
        MASTER.seed("names")
    assert caught.value.reason == "label-unknown"


def test_flaw_16_a_bid_replayed_to_another_log_or_notice_or_label_is_void() -> None:
    """The keepers are the same everywhere, so that only the context tells the notices apart."""
    base = pinned_of(PROPOSAL)
    elsewhere = [
        Pinned("demo.example/x", base.terms, base.label, base.size, base.k, base.keepers),
        Pinned(base.log, made_up("terms of a clone"), base.label, base.size, base.k, base.keepers),
        Pinned(base.log, base.terms, "offer", base.size, base.k, base.keepers),
    ]
    for pinned in elsewhere:
        for chosen in choices(3, 2):
            assert open_envelope(pinned, BID, SEALED, released_by(PROPOSAL, chosen)) == Void("envelope-context")
            moved = SEALED[:16] + envelope.context(pinned, BID) + SEALED[48:]
            verdict = open_envelope(pinned, BID, moved, released_by(PROPOSAL, chosen))
            assert verdict == Void("envelope-not-rederivable")


def test_flaw_22_the_context_is_hashed_from_canonical_bytes() -> None:
    fields = {"bid": BID.hex(), "label": "proposal", "log": PROPOSAL.log, "terms": PROPOSAL.terms.hex()}
    assert canonical.encode(fields).startswith(b'{"bid":"')
    assert envelope.context(pinned_of(PROPOSAL), BID).hex() == SEALED[16:48].hex()


def test_flaw_24_the_lot_value_is_committed_before_it_is_shown_and_is_its_own_secret() -> None:
    assert len(MASTER.lot) == 32
    assert MASTER.lot_commitment != MASTER.lot
    assert BidMaster(made_up("another master")).lot != MASTER.lot


def test_a_decoy_looks_like_any_other_bid_until_it_is_opened() -> None:
    """The text says that it is a decoy; nothing outside does."""
    real = seal(pinned_of(OFFER), MASTER, b'{"decoy":false,"price_minor":4100000}')
    filler = BidMaster(made_up("decoy"))
    decoy = seal(pinned_of(OFFER), filler, b'{"decoy":true}')
    assert len(decoy) == len(real)
    assert decoy[:16] == real[:16]
    assert decoy[80:82] == real[80:82]
    assert verdicts(OFFER, decoy, filler.signing_key.public) == {Valid(b'{"decoy":true}')}
