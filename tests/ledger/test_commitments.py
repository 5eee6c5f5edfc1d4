import hashlib
import json
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import entry
from ledger.commitments import Opening, commit, commitment, verify_opening
from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.keys import SigningKey
from tests.ledger.plain_sealing import VECTORS, made_up

KIND = "bid-opened"
SALT = made_up("salt").hex()
VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("abc é", max_size=20)
FIELDS = st.dictionaries(st.text("abcdef.", min_size=1, max_size=12), VALUES, max_size=20)
ANSWERS = json.loads((VECTORS / "commitments.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ANSWERS["commitments"], ids=lambda row: row["why"])
def test_commitments_equal_the_known_answers(row: dict[str, object]) -> None:
    assert commitment(row["kind"], row["opening"]) == row["commitment"]


@pytest.mark.parametrize("row", ANSWERS["refused"], ids=lambda row: row["why"])
def test_openings_that_are_none_are_refused_by_name(row: dict[str, object]) -> None:
    with pytest.raises(LedgerError) as caught:
        verify_opening(row["kind"], row["opening"], row["commitments"])
    assert caught.value.reason == row["refused"]


@given(fields=FIELDS)
def test_every_field_opens_and_the_list_tells_neither_count_nor_order(fields: dict[str, object]) -> None:
    listed, openings = commit(KIND, fields)
    assert len(listed) % 8 == 0
    assert len(listed) - len(fields) < 8
    assert listed == sorted(set(listed))
    assert [opening["path"] for opening in openings] == list(fields)
    for opening in openings:
        verify_opening(KIND, opening, listed)


@pytest.mark.parametrize(("count", "length"), [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (16, 16)])
def test_decoys_fill_up_to_a_multiple_of_eight(count: int, length: int) -> None:
    listed, _ = commit(KIND, {f"field_{number}": number for number in range(count)})
    assert len(listed) == length
    assert {len(bytes.fromhex(text)) for text in listed} <= {32}


def test_salts_are_drawn_anew_for_every_field_and_every_time() -> None:
    salts = [opening["salt"] for _ in range(2) for opening in commit(KIND, {"a": 1, "b": 1})[1]]
    assert len(set(salts)) == 4


CHANGES = {
    "another value": {"value": "Eve"},
    "a value of another type": {"value": None},
    "another path": {"path": "surname"},
    "another salt": {"salt": made_up("another").hex()},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_opening_does_not_open(change: dict[str, str]) -> None:
    listed, (opening,) = commit(KIND, {"name": "Ada"})
    with pytest.raises(VerificationError) as caught:
        verify_opening(KIND, Opening(**{**opening, **change}), listed)
    assert caught.value.reason == "commitment-missing"


def test_an_opening_does_not_open_in_an_entry_of_another_kind() -> None:
    listed, (opening,) = commit(KIND, {"name": "Ada"})
    with pytest.raises(VerificationError):
        verify_opening("bid-sealed", opening, listed)


def test_kind_path_and_value_cannot_slide_into_each_other() -> None:
    one = commitment("bid-opened", Opening(path="a", salt=SALT, value="b"))
    others = [
        commitment("bid-opened", Opening(path="b", salt=SALT, value="a")),
        commitment("bid-opened", Opening(path="ab", salt=SALT, value="")),
        commitment("bid", Opening(path="a", salt=SALT, value="b")),
        commitment("bid-opened", Opening(path="a", salt=SALT, value=["b"])),
    ]
    assert one not in others
    assert len(set(others)) == 4


def statement_with(fields: dict[str, object]) -> tuple[entry.Signed, list[Opening]]:
    listed, openings = commit("firm-registered", fields)
    key = SigningKey.from_seed(made_up("author"))
    made = entry.make_statement(
        log="daylight.example/harlan",
        kind="firm-registered",
        subject="firm:blue-ridge",
        body={"name": "Blue Ridge Data"},
        author=key.key_id,
        commitments=listed,
    )
    return entry.sign(made, key), openings


def test_erasing_value_and_salt_leaves_the_log_valid() -> None:
    signed, openings = statement_with({"contact.postcode": "40831", "contact.email": "ada@example.org"})
    before = entry.verify_signed(signed)
    openings.clear()
    after = entry.verify_signed(signed)
    assert after.hash == before.hash
    assert len(after.statement.commitments) == 8


def test_after_erasure_no_guess_can_be_confirmed_though_all_values_are_tried() -> None:
    """A plain hash of a postcode falls to trying all of them; the salted one does not, nor does a guess of the salt."""
    postcodes = [f"{number:05}" for number in range(40000, 41000)]
    plain = hashlib.sha256(b"40831").hexdigest()
    assert [guess for guess in postcodes if hashlib.sha256(guess.encode()).hexdigest() == plain] == ["40831"]

    signed, openings = statement_with({"contact.postcode": "40831"})
    openings.clear()
    listed = set(signed.statement.commitments)
    known = ["00" * 32, hashlib.sha256(b"40831").hexdigest(), signed.statement.nonce * 2, secrets.token_hex(32)]
    for salt in known:
        for guess in postcodes:
            opening = Opening(path="contact.postcode", salt=salt, value=guess)
            assert commitment("firm-registered", opening) not in listed


def test_erasing_one_field_leaves_the_others_provable() -> None:
    signed, openings = statement_with({"contact.postcode": "40831", "contact.email": "ada@example.org"})
    kept = openings.pop()
    openings.clear()
    verify_opening("firm-registered", kept, signed.statement.commitments)


@given(kind=st.text(max_size=20), salt=st.text(max_size=70), path=st.text(max_size=10), value=st.floats() | st.text())
def test_any_opening_is_refused_with_errors_of_the_ledger_only(kind: str, salt: str, path: str, value: object) -> None:
    with pytest.raises(LedgerError):
        verify_opening(kind, Opening(path=path, salt=salt, value=value), [])


def test_what_has_no_canonical_spelling_is_not_committed_to() -> None:
    for value, reason in ((1.5, "json-number"), (2**53, "json-integer"), ("e\u0301", "json-normal-form")):
        with pytest.raises(MalformedError) as caught:
            commit(KIND, {"field": value})
        assert caught.value.reason == reason
