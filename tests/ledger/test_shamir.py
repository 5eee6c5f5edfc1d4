import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.shamir import combine, multiply, split
from tests.ledger.plain_sealing import times
from tests.ledger.sealed_cases import SMALL, choices, vectors

SHARES = vectors("sealing_shares.json")["shamir"]


def test_field_multiplication_equals_another_implementation_for_all_pairs() -> None:
    assert all(multiply(a, b) == times(a, b) for a, b in itertools.product(range(256), repeat=2))


@pytest.mark.parametrize("row", SHARES, ids=lambda row: f"{row['k']} of {len(row['shares'])}")
def test_shares_equal_the_known_answers(row: dict[str, object]) -> None:
    secret, polynomial = bytes.fromhex(row["secret"]), bytes.fromhex(row["polynomial"])
    shares = split(secret, len(row["shares"]), polynomial)
    assert [share.hex() for share in shares] == row["shares"]
    last = range(len(shares) - row["k"] + 1, len(shares) + 1)
    assert combine({number: shares[number - 1] for number in last}) == secret


@pytest.mark.parametrize(("n", "k"), SMALL)
@given(data=st.data())
def test_every_choice_of_k_shares_gives_the_secret(n: int, k: int, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 40))
    secret = data.draw(st.binary(min_size=width, max_size=width))
    polynomial = data.draw(st.binary(min_size=width * (k - 1), max_size=width * (k - 1)))
    shares = split(secret, n, polynomial)
    for chosen in choices(n, k):
        assert combine({number: shares[number - 1] for number in reversed(chosen)}) == secret


def test_one_share_of_two_fits_every_secret() -> None:
    for share in (0, 1, 0x80, 0xFF):
        fitting = {
            secret
            for secret, coefficient in itertools.product(range(256), repeat=2)
            if split(bytes([secret]), 3, bytes([coefficient]))[1] == bytes([share])
        }
        assert fitting == set(range(256))


def test_two_shares_of_three_fit_every_secret() -> None:
    """For any two shares each third one gives another secret, so two say nothing."""
    known = {1: b"\x17", 4: b"\xa0"}
    assert {combine({**known, 5: bytes([third])}) for third in range(256)} == {bytes([value]) for value in range(256)}


REFUSED_SPLITS = {
    "an empty secret": (b"", 3, b"", "shares-coefficients"),
    "half a coefficient": (b"ab", 3, b"abc", "shares-coefficients"),
    "as many needed as there are is allowed no more": (b"a", 2, b"bc", "shares-count"),
    "no shares": (b"a", 0, b"", "shares-count"),
    "256 shares": (b"a", 256, b"b", "shares-count"),
}


@pytest.mark.parametrize(("secret", "n", "polynomial", "reason"), REFUSED_SPLITS.values(), ids=REFUSED_SPLITS)
def test_a_split_that_cannot_be_is_refused(secret: bytes, n: int, polynomial: bytes, reason: str) -> None:
    with pytest.raises(MalformedError) as caught:
        split(secret, n, polynomial)
    assert caught.value.reason == reason


def test_the_limits_of_a_split_are_allowed() -> None:
    assert len(split(b"a", 255, b"")) == 255
    assert len(split(b"a", 2, b"b")) == 2


REFUSED_SHARES = {
    "none": {},
    "of other lengths": {1: b"a", 2: b"ab"},
    "number 0": {0: b"a", 1: b"b"},
    "number 256": {1: b"a", 256: b"b"},
    "a negative number": {-1: b"a"},
}


@pytest.mark.parametrize("shares", REFUSED_SHARES.values(), ids=REFUSED_SHARES)
def test_shares_that_cannot_be_combined_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(MalformedError) as caught:
        combine(shares)
    assert caught.value.reason == "shares-count"


def test_share_numbers_up_to_255_combine() -> None:
    shares = split(b"secret", 255, b"coeffs")
    assert combine({1: shares[0], 255: shares[254]}) == b"secret"
