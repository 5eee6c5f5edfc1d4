from __future__ import annotations

import base64
import hashlib
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import note, signers, treehead
from ledger.errors import LedgerError, MalformedError
from tests.ledger import vectors

KNOWN = vectors.load("note")
VERIFIERS = [signers.parse_vkey(vkey) for vkey in KNOWN["vkeys"]]
OTHERS = vectors.load("others")["cases"]
VKEYS = vectors.load("vkey")["cases"]
ROOT = hashlib.sha256(b"root").digest()
HEAD = treehead.TreeHead("log.example/test", 600, ROOT).text
ED25519 = signers.Ed25519Signer("log.example/test", bytes(range(32)))
MLDSA = signers.MLDSA44Key("log.example/test", bytes(range(32, 64)))


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_a_note_is_opened_or_refused_by_name(case: dict[str, Any]) -> None:
    data = vectors.data_of(case, "note")
    assert vectors.outcome(lambda: note.open_note(data, VERIFIERS)) == case["refused"]


@pytest.mark.parametrize("case", vectors.named(OTHERS))
def test_notes_that_others_signed_open(case: dict[str, Any]) -> None:
    verifier = signers.parse_vkey(case["vkey"])
    assert vectors.outcome(lambda: note.open_note(case["note"].encode(), [verifier])) == case["refused"]


@pytest.mark.parametrize("case", vectors.named(VKEYS))
def test_a_verifier_key_is_read_and_written_back_or_refused_by_name(case: dict[str, Any]) -> None:
    def read() -> None:
        assert signers.parse_vkey(case["vkey"]).vkey == case["vkey"]

    assert vectors.outcome(read) == case["refused"]


def test_what_is_signed_opens_with_its_text_and_its_signatures() -> None:
    data = note.sign_note(HEAD, [ED25519, MLDSA.at(1_772_539_200)])
    opened = note.open_note(data, [MLDSA.verifier, ED25519.verifier])
    assert opened.text == HEAD
    assert [(each.name, each.time) for each in opened.signatures] == [
        ("log.example/test", None),
        ("log.example/test", 1_772_539_200),
    ]
    text, lines = note.split_note(data)
    assert data.decode() == text + "\n" + "".join(map(str, lines))


def test_a_flipped_byte_never_leaves_both_signatures_standing() -> None:
    """A changed name or key id makes a line a stranger's; the other line still vouches for the same text."""
    data = note.sign_note(HEAD, [ED25519, MLDSA.at(1)])
    for at in [*range(len(HEAD) + 250), *range(len(HEAD) + 250, len(data), 7)]:
        changed = data[:at] + bytes([data[at] ^ 0x02]) + data[at + 1 :]
        try:
            opened = note.open_note(changed, [ED25519.verifier, MLDSA.verifier])
        except LedgerError:
            continue
        assert opened.text == HEAD
        assert len(opened.signatures) == 1


def test_ml_dsa_signatures_differ_and_both_verify() -> None:
    """Signing is randomised: nothing may look anything up by signature bytes."""
    first, second = (note.sign_note(HEAD, [MLDSA.at(5)]) for _ in range(2))
    assert first != second
    assert note.open_note(first, [MLDSA.verifier]) == note.open_note(second, [MLDSA.verifier])


def signed_by_hand(time: int, text: str = HEAD, name: str = "log.example/test") -> bytes:
    """Make the ML-DSA-44 line from the specification, byte for byte, whatever the time."""
    head = treehead.parse_tree_head(HEAD)
    message = b"".join(
        [
            b"subtree/v1\n\0",
            bytes([len(name)]),
            name.encode(),
            struct.pack(">Q", time),
            bytes([len(head.origin)]),
            head.origin.encode(),
            struct.pack(">Q", 0),
            struct.pack(">Q", head.size),
            head.root,
        ]
    )
    blob = MLDSA.verifier.key_id + struct.pack(">Q", time) + MLDSA.at(1).key.sign(message)
    return f"{text}\n\u2014 {MLDSA.verifier.name} {base64.b64encode(blob).decode()}\n".encode()


TIMES = {
    "one": (1, None),
    "largest": (2**63 - 1, None),
    "zero": (0, "note-signature"),
    "beyond": (2**63, "note-signature"),
}


@pytest.mark.parametrize(("time", "reason"), TIMES.values(), ids=TIMES)
def test_the_time_of_an_ml_dsa_line_is_not_zero_and_has_63_bits(time: int, reason: str | None) -> None:
    assert vectors.outcome(lambda: note.open_note(signed_by_hand(time), [MLDSA.verifier])) == reason


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_no_line_is_signed_at_such_a_time(time: int) -> None:
    assert vectors.outcome(lambda: MLDSA.at(time)) == "cosignature-time"


def test_an_ml_dsa_line_covers_name_time_size_and_root() -> None:
    assert vectors.outcome(lambda: note.open_note(signed_by_hand(7), [MLDSA.verifier])) is None
    assert (
        vectors.outcome(lambda: note.open_note(signed_by_hand(7, name="other"), [MLDSA.verifier])) == "note-signature"
    )
    for other in (
        HEAD.replace("600", "601"),
        HEAD.replace("log.", "lag.", 1),
        treehead.TreeHead("a", 1, bytes(32)).text,
    ):
        assert vectors.outcome(lambda: note.open_note(signed_by_hand(7, other), [MLDSA.verifier])) == "note-signature"  # noqa: B023 -- called at once


def test_an_ml_dsa_line_on_a_text_that_is_no_checkpoint_is_refused() -> None:
    assert (
        vectors.outcome(lambda: note.open_note(signed_by_hand(7, "Hello.\n"), [MLDSA.verifier])) == "checkpoint-lines"
    )
    assert vectors.outcome(lambda: MLDSA.at(7).sign("Hello.\n")) == "checkpoint-lines"


def test_an_ml_dsa_line_cut_short_is_refused() -> None:
    for size in (5, 11, 12, 13, 2431, 2433):
        blob = (MLDSA.verifier.key_id + bytes(2430))[:size].ljust(size, b"\0")
        line = f"\u2014 {MLDSA.verifier.name} {base64.b64encode(blob).decode()}\n"
        data = f"{HEAD}\n{line}".encode()
        assert vectors.outcome(lambda: note.open_note(data, [MLDSA.verifier])) == "note-signature"  # noqa: B023 -- called at once


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_as_a_note(data: bytes) -> None:
    assert vectors.outcome(lambda: note.open_note(data, VERIFIERS)) is not None


@given(st.binary(max_size=30), st.binary(max_size=90))
def test_any_text_and_any_line_are_refused_or_written_back_unchanged(text: bytes, line: bytes) -> None:
    data = text + b"\n\n\xe2\x80\x94 a " + base64.b64encode(line) + b"\n"
    try:
        read, lines = note.split_note(data)
    except MalformedError:
        return
    assert (read + "\n" + "".join(map(str, lines))).encode() == data


def test_a_verifier_key_line_tells_its_name_and_its_id() -> None:
    key = note.split_vkey(ED25519.verifier.vkey)
    assert (key.name, key.key_id) == (ED25519.verifier.name, ED25519.verifier.key_id)


def test_a_verifier_key_line_may_be_as_long_as_its_limit() -> None:
    for length, reason in ((note.VKEY_LIMIT, "vkey-form"), (note.VKEY_LIMIT + 1, "vkey-length")):
        assert vectors.outcome(lambda: signers.parse_vkey("a" * length)) == reason  # noqa: B023 -- called at once


@given(st.text(max_size=60))
def test_any_text_is_refused_as_a_verifier_key(text: str) -> None:
    assert vectors.outcome(lambda: signers.parse_vkey(text)) is not None


def test_a_note_is_bounded_before_it_is_read() -> None:
    tail = note.sign_note("a\n", [ED25519])[1:]
    largest = b"a" * (note.NOTE_LIMIT - len(tail)) + tail
    assert vectors.outcome(lambda: note.open_note(largest, [ED25519.verifier])) == "note-signature"
    assert vectors.outcome(lambda: note.open_note(b"a" + largest, [ED25519.verifier])) == "note-length"


@pytest.mark.parametrize("text", ["", "a", "a\r\n", "a\0\n"])
def test_a_text_that_would_not_read_back_is_not_signed(text: str) -> None:
    assert vectors.outcome(lambda: note.sign_note(text, [ED25519])) == "note-text"


def test_names_and_seeds_are_checked_when_a_signer_is_made() -> None:
    assert vectors.outcome(lambda: signers.Ed25519Signer("a b", bytes(32))) == "vkey-name"
    assert vectors.outcome(lambda: signers.MLDSA44Key("a+b", bytes(32))) == "vkey-name"
    assert vectors.outcome(lambda: signers.Ed25519Signer("a", bytes(31))) == "key-seed"
    assert vectors.outcome(lambda: signers.MLDSA44Key("a", bytes(33))) == "key-seed"
