"""Properties of verdicts: one truth whichever keepers open, and nothing below k."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.sealing import (
    BidMaster,
    Pinned,
    Valid,
    Void,
    content_key,
    context,
    open_envelope,
    open_with_content_key,
    seal,
)
from tests.ledger import plain_sealing
from tests.ledger.plain_sealing import Notice, Tricks, made_up
from tests.ledger.sealed_cases import BID, MASTER, SMALL, choices, notice_of, pinned_of, released_by, verdicts

NOTICES = {(n, k): notice_of(n, k) for n, k in SMALL}
MAGIC, CONTEXT, COMMITMENT, NUMBERS, SHARES = 0, 16, 48, 80, 82
PLAIN_REASONS = {"envelope-version", "envelope-context", "envelope-keepers"}

small = st.sampled_from(SMALL)
texts = st.binary(max_size=60)


@pytest.mark.parametrize(("n", "k"), SMALL)
@settings(max_examples=5)
@given(text=texts, secret=st.binary(min_size=32, max_size=32))
def test_every_choice_of_k_keepers_opens_an_honest_envelope(n: int, k: int, text: bytes, secret: bytes) -> None:
    master, notice = BidMaster(secret), NOTICES[n, k]
    sealed = seal(pinned_of(notice), master, text)
    assert verdicts(notice, sealed, master.signing_key.public) == {Valid(text)}


@pytest.mark.parametrize(("n", "k"), SMALL)
def test_fewer_than_k_keys_give_nothing(n: int, k: int) -> None:
    notice = NOTICES[n, k]
    pinned = pinned_of(notice)
    sealed = seal(pinned, MASTER, b"bid")
    for few in range(k):
        for chosen in choices(n, few):
            with pytest.raises(VerificationError) as caught:
                open_envelope(pinned, BID, sealed, released_by(notice, chosen))
            assert caught.value.reason == "keys-too-few"


@pytest.mark.parametrize(("n", "k"), SMALL)
def test_fewer_than_k_keys_give_nothing_to_someone_who_ignores_our_code_either(n: int, k: int) -> None:
    """The k-1 shares that they open fit any content key, so they combine to a wrong one."""
    notice = NOTICES[n, k]
    parts = plain_sealing.seal(notice, BID, MASTER.seed("proposal"), b"bid")
    for chosen in choices(n, k - 1):
        known = {number: parts["shares"][number - 1] for number in chosen}
        if known:
            assert plain_sealing_combine(known) != parts["content_key"]


def plain_sealing_combine(shares: dict[int, bytes]) -> bytes:
    """Lagrange at 0 by the second implementation's field."""
    secret = bytearray(32)
    for number, share in shares.items():
        weight = 1
        for other in shares:
            if other != number:
                inverse = plain_sealing.EXP[-plain_sealing.LOG[other ^ number] % 255]
                weight = plain_sealing.times(weight, plain_sealing.times(other, inverse))
        for at, byte in enumerate(share):
            secret[at] ^= plain_sealing.times(weight, byte)
    return bytes(secret)


def regions(notice: Notice) -> dict[str, range]:
    """Every region of an envelope by name."""
    pinned = pinned_of(notice)
    ciphertext = SHARES + 80 * pinned.n
    found = {
        "magic": range(MAGIC, CONTEXT),
        "context": range(CONTEXT, COMMITMENT),
        "commitment": range(COMMITMENT, NUMBERS),
        "numbers": range(NUMBERS, SHARES),
        "ciphertext": range(ciphertext, ciphertext + pinned.size),
        "tag": range(ciphertext + pinned.size, pinned.envelope_length),
    }
    for number in range(pinned.n):
        start = SHARES + 80 * number
        found[f"share {number + 1}, key"] = range(start, start + 32)
        found[f"share {number + 1}, sealed"] = range(start + 32, start + 64)
        found[f"share {number + 1}, tag"] = range(start + 64, start + 80)
    return found


@pytest.mark.parametrize(("n", "k"), SMALL)
def test_one_bit_flipped_in_any_region_is_void_for_every_choice(n: int, k: int) -> None:
    notice = NOTICES[n, k]
    sealed = seal(pinned_of(notice), MASTER, b"a bid")
    for name, region in regions(notice).items():
        for at, bit in ((region[0], 7), (region[len(region) // 2], 3), (region[-1], 0)):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            (verdict,) = verdicts(notice, bytes(changed))
            assert isinstance(verdict, Void), name
            assert (verdict.reason in PLAIN_REASONS) == (name in {"magic", "context", "numbers"}), name


def test_every_single_byte_of_an_envelope_matters() -> None:
    notice = notice_of(3, 2, size=64)
    sealed = seal(pinned_of(notice), MASTER, b"a bid")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 0x55]) + sealed[at + 1 :]
        (verdict,) = verdicts(notice, changed)
        assert isinstance(verdict, Void), at


@settings(max_examples=60)
@given(data=st.data(), chosen=small)
def test_any_tampering_gives_every_choice_of_keepers_the_same_verdict(
    data: st.DataObject, chosen: tuple[int, int]
) -> None:
    notice = NOTICES[chosen]
    sealed = bytearray(seal(pinned_of(notice), MASTER, b"a bid"))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(sealed) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=90))[: len(sealed) - start]
        sealed[start : start + len(junk)] = junk
    assert len(verdicts(notice, bytes(sealed))) == 1


thirty_two = st.binary(min_size=32, max_size=32).filter(any)


@st.composite
def tricks(draw: st.DrawFn, n: int, k: int) -> Tricks:
    """A dishonest sealer who knows every secret of the bid and breaks any mix of rules."""
    some = st.dictionaries(st.integers(1, n), thirty_two, max_size=n)
    return Tricks(
        body_seed=draw(st.none() | thirty_two),
        length=draw(st.none() | st.integers(0, 2**32 - 1)),
        padding=draw(st.sampled_from([b"\x00", b"\x01"])),
        polynomial=draw(st.none() | st.binary(min_size=32 * (k - 1), max_size=32 * (k - 1))),
        shares=draw(some),
        ephemerals=draw(some),
        key=draw(st.none() | thirty_two),
        commitment=draw(st.none() | thirty_two),
        share_info=draw(st.sampled_from([b" share", b" drill"])),
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data(), chosen=st.sampled_from([(2, 1), (3, 2), (4, 2), (4, 3)]))
def test_no_mix_of_a_sealers_tricks_makes_keepers_disagree(data: st.DataObject, chosen: tuple[int, int]) -> None:
    used = data.draw(tricks(*chosen))
    notice = NOTICES[chosen]
    honest = seal(pinned_of(notice), MASTER, b"a bid")
    sealed = plain_sealing.seal(notice, BID, MASTER.seed("proposal"), b"a bid", used)["envelope"]
    expected = {Valid(b"a bid")} if sealed == honest else {Void("envelope-not-rederivable")}
    assert verdicts(notice, sealed) == expected


@given(junk=st.binary(max_size=600), chosen=small)
def test_any_bytes_at_all_get_one_verdict_and_no_crash(junk: bytes, chosen: tuple[int, int]) -> None:
    (verdict,) = verdicts(NOTICES[chosen], junk)
    assert isinstance(verdict, Void)


def test_a_void_step_tells_where_it_showed_and_does_not_enter_comparison() -> None:
    assert Void("envelope-not-rederivable", "commitment") == Void("envelope-not-rederivable", "bytes")
    assert Void("envelope-length") != Void("envelope-version")


STEPS = {
    "sealed-unreadable": Tricks(share_info=b" drill"),
    "commitment": Tricks(commitment=b"c" * 32),
    "body-unreadable": Tricks(nonce=b"\x01" * 12),
    "body-length": Tricks(length=96 - 36 + 1),
    "bytes": Tricks(padding=b"\x01"),
}


@pytest.mark.parametrize(("step", "used"), STEPS.items(), ids=STEPS)
def test_a_void_verdict_names_the_step_that_failed(step: str, used: Tricks) -> None:
    notice = NOTICES[3, 2]
    sealed = plain_sealing.seal(notice, BID, MASTER.seed("proposal"), b"a bid", used)["envelope"]
    verdict = open_envelope(pinned_of(notice), BID, sealed, released_by(notice, (1, 2)))
    assert isinstance(verdict, Void)
    assert verdict.step == step


def test_a_wrong_released_key_is_refused_though_enough_others_are_right() -> None:
    notice = NOTICES[3, 2]
    pinned = pinned_of(notice)
    sealed = seal(pinned, MASTER, b"bid")
    released = {**released_by(notice, (1, 2)), 3: made_up("not the registered key")}
    with pytest.raises(VerificationError) as caught:
        open_envelope(pinned, BID, sealed, released)
    assert caught.value.reason == "key-not-registered"


def test_keys_released_under_each_others_numbers_are_refused() -> None:
    notice = NOTICES[3, 2]
    pinned = pinned_of(notice)
    sealed = seal(pinned, MASTER, b"bid")
    with pytest.raises(VerificationError) as caught:
        open_envelope(pinned, BID, sealed, {1: notice.privates[1], 2: notice.privates[0]})
    assert caught.value.reason == "key-not-registered"


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_keeper_number_that_does_not_exist_is_refused(number: int) -> None:
    notice = NOTICES[3, 2]
    pinned = pinned_of(notice)
    sealed = seal(pinned, MASTER, b"bid")
    with pytest.raises(MalformedError) as caught:
        open_envelope(pinned, BID, sealed, {**released_by(notice, (1, 2)), number: notice.privates[0]})
    assert caught.value.reason == "key-number"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_released_key_of_another_length_is_refused(length: int) -> None:
    notice = NOTICES[3, 2]
    with pytest.raises(MalformedError) as caught:
        open_envelope(pinned_of(notice), BID, b"", {1: bytes(length)})
    assert caught.value.reason == "released-key-length"


def test_a_text_that_fills_the_pinned_size_is_sealed_and_one_byte_more_is_refused() -> None:
    pinned = pinned_of(notice_of(3, 2, size=100))
    assert len(seal(pinned, MASTER, b"x" * 64)) == pinned.envelope_length
    with pytest.raises(MalformedError) as caught:
        seal(pinned, MASTER, b"x" * 65)
    assert caught.value.reason == "text-too-long"


@given(one=texts, other=texts)
def test_envelopes_of_a_label_have_one_length_whatever_the_text(one: bytes, other: bytes) -> None:
    pinned = pinned_of(NOTICES[3, 2])
    assert len(seal(pinned, MASTER, one)) == len(seal(pinned, MASTER, other)) == pinned.envelope_length


@settings(max_examples=20)
@given(text=texts)
def test_a_bidders_content_key_reaches_the_keepers_verdict(text: bytes) -> None:
    notice = NOTICES[3, 2]
    pinned = pinned_of(notice)
    sealed = seal(pinned, MASTER, text)
    key = content_key(pinned, MASTER, text)
    assert {open_with_content_key(pinned, BID, sealed, key)} == verdicts(notice, sealed) == {Valid(text)}


def test_a_content_key_does_not_save_an_envelope_that_keepers_find_void() -> None:
    notice = NOTICES[3, 2]
    for used in (
        Tricks(padding=b"\x01"),
        Tricks(shares={3: b"s" * 32}),
        Tricks(length=2**32 - 1),
        Tricks(nonce=b"n" * 12),
    ):
        made = plain_sealing.seal(notice, BID, MASTER.seed("proposal"), b"a bid", used)
        verdict = open_with_content_key(pinned_of(notice), BID, made["envelope"], made["content_key"])
        assert {verdict} == verdicts(notice, made["envelope"]) == {Void("envelope-not-rederivable")}


@pytest.mark.parametrize("wrong", [b"", bytes(32), bytes(64)], ids=["empty", "32 zeros", "64 zeros"])
def test_a_wrong_content_key_is_refused_and_judges_nothing(wrong: bytes) -> None:
    pinned = pinned_of(NOTICES[3, 2])
    sealed = seal(pinned, MASTER, b"bid")
    with pytest.raises(VerificationError) as caught:
        open_with_content_key(pinned, BID, sealed, wrong)
    assert caught.value.reason == "content-key-wrong"


def test_an_envelope_with_false_plain_fields_is_void_by_content_key_too() -> None:
    pinned = pinned_of(NOTICES[3, 2])
    sealed = seal(pinned, MASTER, b"bid")
    key = content_key(pinned, MASTER, b"bid")
    assert open_with_content_key(pinned, BID, sealed[:-1], key) == Void("envelope-length")


PINNED = {"log": "log.example/x", "terms": bytes(32), "label": "offer", "size": 96, "k": 2}
KEEPERS = tuple(notice_of(3, 2).publics)
SIXTEEN = tuple(notice_of(16, 9).publics)
UNSOUND = {
    "label of another protocol": ({"label": "names"}, KEEPERS, "label-unknown"),
    "terms hash of 31 bytes": ({"terms": bytes(31)}, KEEPERS, "terms-length"),
    "size one below the least": ({"size": 63}, KEEPERS, "size-pinned"),
    "size one above the most": ({"size": (1 << 20) + 1}, KEEPERS, "size-pinned"),
    "none needed": ({"k": 0}, KEEPERS, "keepers-threshold"),
    "all needed": ({"k": 3}, KEEPERS, "keepers-threshold"),
    "seventeen keepers": ({}, (*SIXTEEN, made_up("x")), "keepers-threshold"),
    "one keeper twice": ({}, (*KEEPERS, KEEPERS[0]), "keeper-key-repeated"),
    "a keeper with a known secret": ({}, (*KEEPERS, bytes(32)), "keeper-key-low-order"),
    "a control character in the log's name": ({"log": "log\x00"}, KEEPERS, "json-character"),
}


@pytest.mark.parametrize(("change", "keepers", "reason"), UNSOUND.values(), ids=UNSOUND)
def test_terms_that_cannot_be_sealed_to_are_refused(
    change: dict[str, object], keepers: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        Pinned(**{**PINNED, **change}, keepers=keepers)
    assert caught.value.reason == reason


def test_the_limits_of_terms_are_allowed() -> None:
    assert Pinned(**{**PINNED, "size": 64}, keepers=KEEPERS).text_limit == 28
    assert Pinned(**{**PINNED, "size": 1 << 20, "k": 15}, keepers=SIXTEEN).n == 16
    assert Pinned(**{**PINNED, "k": 1}, keepers=KEEPERS[:2]).k == 1


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_bid_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedError) as caught:
        context(pinned_of(NOTICES[3, 2]), bytes(length))
    assert caught.value.reason == "bid-key-length"


@given(junk=st.binary(max_size=64), key=st.binary(max_size=40), number=st.integers(-2, 5))
def test_only_errors_of_the_ledger_leave_this_room(junk: bytes, key: bytes, number: int) -> None:
    pinned = pinned_of(NOTICES[3, 2])
    with pytest.raises(LedgerError):
        open_envelope(pinned, BID, junk, {number: key})
