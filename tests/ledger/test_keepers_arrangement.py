import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.arrangement import KeeperSeat, check_arrangement
from ledger.errors import VerificationError

AGENCY, OPERATOR = "agency:harlan-county", "operator"


def seats(*organisations: str) -> list[KeeperSeat]:
    return [KeeperSeat(f"person:{number}", name) for number, name in enumerate(organisations, 1)]


def check(arrangement: str = "shared", k: int = 2, keepers: list[KeeperSeat] | None = None, **change: object) -> None:
    facts = {"agency": AGENCY, "operator": OPERATOR, "conflicted": (), "tier": "T0", "fixed_price": True, **change}
    check_arrangement(
        arrangement, k=k, keepers=seats(AGENCY, "library", "chamber") if keepers is None else keepers, **facts
    )


OWN = seats(AGENCY, AGENCY, AGENCY)

ALLOWED = {
    "shared by three organisations": {},
    "shared at a higher tier and priced": {"tier": "T1", "fixed_price": False},
    "own staff, two of three, for a fixed-price try-out": {"arrangement": "own-staff", "keepers": OWN},
    "three of five, two of one organisation": {"k": 3, "keepers": seats("a", "a", "b", "c", "d")},
    "three of five, agency and operator one each": {"k": 3, "keepers": seats(AGENCY, OPERATOR, "b", "c", "d")},
    "people with an interest who are no keepers": {"conflicted": ["person:9"]},
    "fifteen of sixteen": {"k": 15, "keepers": seats(*"abcdefghijklmnop")},
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_arrangements_whose_promise_holds_are_allowed(change: dict[str, object]) -> None:
    check(**change)


REFUSED = {
    "an arrangement that does not exist": ({"arrangement": "timed"}, "arrangement-unknown"),
    "an empty arrangement": ({"arrangement": ""}, "arrangement-unknown"),
    "all keys needed": ({"k": 3}, "keepers-margin"),
    "more keys needed than there are": ({"k": 4}, "keepers-margin"),
    "no keepers": ({"k": 0, "keepers": []}, "keepers-margin"),
    "own staff with all keys needed": ({"arrangement": "own-staff", "k": 3, "keepers": OWN}, "keepers-margin"),
    "one keeper opens alone": ({"k": 1}, "keepers-threshold"),
    "no key needed": ({"k": 0}, "keepers-threshold"),
    "one person twice": ({"keepers": [*seats("a", "b"), KeeperSeat("person:1", "c")]}, "keepers-repeated"),
    "the requester keeps a key": ({"conflicted": ["person:2"]}, "keepers-conflicted"),
    "an evaluator keeps a key of own staff": (
        {"arrangement": "own-staff", "keepers": OWN, "conflicted": ["person:3"]},
        "keepers-conflicted",
    ),
    "two of three of one organisation": ({"keepers": seats("a", "a", "b")}, "keepers-one-organisation"),
    "all of one organisation": ({"keepers": seats("a", "a", "a")}, "keepers-one-organisation"),
    "the operator and the agency, which count as one": (
        {"keepers": seats(AGENCY, OPERATOR, "library")},
        "keepers-one-organisation",
    ),
    "own staff as shared": ({"keepers": OWN}, "keepers-one-organisation"),
    "own staff, three of five": (
        {"arrangement": "own-staff", "k": 3, "keepers": seats(*[AGENCY] * 5)},
        "keepers-own-staff-figures",
    ),
    "own staff, two of four": (
        {"arrangement": "own-staff", "keepers": seats(*[AGENCY] * 4)},
        "keepers-own-staff-figures",
    ),
    "own staff with the operator": (
        {"arrangement": "own-staff", "keepers": seats(AGENCY, AGENCY, OPERATOR)},
        "keepers-own-staff-outsider",
    ),
    "own staff above the try-out": (
        {"arrangement": "own-staff", "keepers": OWN, "tier": "T1"},
        "keepers-own-staff-tier",
    ),
    "own staff where price decides": (
        {"arrangement": "own-staff", "keepers": OWN, "fixed_price": False},
        "keepers-own-staff-price",
    ),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED)
def test_arrangements_whose_promise_would_be_hollow_are_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(VerificationError) as caught:
        check(**change)
    assert caught.value.reason == reason


@given(
    organisations=st.lists(st.sampled_from([AGENCY, OPERATOR, "a", "b", "c"]), min_size=1, max_size=7),
    k=st.integers(0, 7),
)
def test_no_allowed_shared_arrangement_lets_one_organisation_open(organisations: list[str], k: int) -> None:
    """Said again in another way: whatever side is taken out, k of the rest are never all of one side."""
    try:
        check(k=k, keepers=seats(*organisations))
    except VerificationError:
        return
    sides = ["buyer" if name in {AGENCY, OPERATOR} else name for name in organisations]
    assert all(len(set(chosen)) > 1 for chosen in itertools.combinations(sides, k))
    assert len(sides) > k
