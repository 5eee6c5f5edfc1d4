"""Assertions in a published log, each judged by the relying party in force at its place; and heads that were seen."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import audit, parallel, passkeys, signatures
from ledger.entry import (
    Entry,
    Seen,
    Signed,
    VerifiedStatement,
    attach_signature,
    encode_statement,
    make_statement,
    parse_entry,
    sign,
    verify_signed,
)
from ledger.errors import RefusedError
from ledger.keykinds import verify_signature
from ledger.parties import Parties
from ledger.passkeys import RelyingParty
from ledger.proof import make_proof, parse_proof, verify_proof
from ledger.receipt import ReceiptSigner, parse_receipt, verify_kept
from ledger.seen import UNKNOWN, SeenHeads
from ledger.tree import root_of
from ledger.verify import Report, verify_log
from tests.ledger import vectors
from tests.ledger.devices import PARTY, Passkey, RawKey
from tests.ledger.stored import ANN, BOB, LOG, SIGNER, Place, later, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.errors import LedgerError

OTHER = RelyingParty("pilots.example.org", ("https://pilots.example.org",))
PLAN = {"length": 6, "media_type": "text/plain", "sha256": hashlib.sha256(b"a plan").hexdigest()}
DEVICES = [Passkey(bytes([number]) * 32, kind) for number, kind in enumerate(("ed25519", "es256", "rs256"))]
MOVED = [dataclasses.replace(device, party=OTHER) for device in DEVICES]


def taken(signed: Signed) -> VerifiedStatement:
    """What a hostile operator appends: nobody checked it."""
    encoded = encode_statement(signed.statement)
    names = tuple(each.key for each in signed.signatures)
    return VerifiedStatement(signed, signed.statement, hashlib.sha256(encoded).digest(), encoded, names)


def made(number: int, author: str, **fields: Any) -> Any:
    usual = {"log": LOG, "kind": "note-made", "subject": "thing:one", "body": {"n": number}, "nonce": f"{number:032x}"}
    return make_statement(**(usual | {"author": author} | fields))


def stated(number: int, party: RelyingParty, *signers: Any, **fields: Any) -> VerifiedStatement:
    usual = {"kind": passkeys.KIND, "subject": passkeys.SUBJECT, "body": passkeys.body_of(party)}
    return taken(sign(made(number, (signers or (ANN,))[0].key_id, **(usual | fields)), *(signers or (ANN,))))


def act(number: int, device: Passkey) -> VerifiedStatement:
    return taken(device.sign(made(number, device.key_id)))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(parallel, "LEAST_SIGNED", 1)
    monkeypatch.setattr(parallel, "LEAST_UNSIGNED", 1)
    opened = Place(tmp_path / "data")
    yield opened
    opened.close()


def findings(place: Place, *statements: VerifiedStatement) -> list[tuple[int, str]]:
    """Publish these after what is there, and tell what every way to verify finds: index and reason."""
    place.append(*statements, at=later(1))
    place.publisher.publish(later(1))
    reports = [verify_log(place.folder, jobs=jobs, check=check) for jobs in (1, 2) for check in (verify_signature,)]
    assert reports[0] == reports[1]
    assert told(verify_log(place.folder, check=None)) == told(verify_log(place.folder, check=None, jobs=2))
    return told(reports[0])


def told(report: Report) -> list[tuple[int, str]]:
    found = []
    for path, line in report.findings:
        reason, where, *_ = line.split(": ")
        index = int(where.removeprefix("entry "))
        assert path.startswith(f"tile/entries/{index // 256:03}")
        found.append((index, reason))
    return found


def test_each_assertion_is_judged_by_the_relying_party_in_force_at_its_index(place: Place) -> None:
    acts = [act(2 + number, device) for number, device in enumerate(DEVICES)]
    moved = [act(6 + number, device) for number, device in enumerate(MOVED)]
    late, early = act(9, DEVICES[0]), act(10, MOVED[0])
    raw = RawKey(bytes(32))
    found = findings(
        place,
        statement(0),
        stated(1, PARTY),
        *acts,
        stated(5, OTHER),
        *moved,
        late,
        stated(11, PARTY),
        early,
        act(12, DEVICES[1]),
        taken(sign(made(13, raw.key_id), raw)),
    )
    assert found == [(9, "passkey-origin"), (11, "passkey-origin")]


def test_before_anything_is_stated_no_passkey_signs_the_first_entry_least_of_all(place: Place) -> None:
    found = findings(place, act(0, DEVICES[0]), act(1, DEVICES[1]), statement(2))
    assert found == [(0, "relying-party-missing"), (1, "relying-party-missing")]


def test_a_statement_holds_after_its_own_entry_only(place: Place) -> None:
    """Nobody states by a passkey which passkeys count, not even in the entry that does."""
    body = {"kind": passkeys.KIND, "subject": passkeys.SUBJECT, "body": passkeys.body_of(PARTY)}
    device = DEVICES[0]
    assert findings(place, taken(device.sign(made(0, device.key_id, **body)))) == [(0, "relying-party-missing")]


WRONG: dict[str, tuple[Callable[[], VerifiedStatement], str]] = {
    "by somebody else": (lambda: stated(1, PARTY, BOB), "relying-party-signer"),
    "by two": (lambda: stated(1, PARTY, ANN, BOB), "relying-party-signer"),
    "about something else": (lambda: stated(1, PARTY, subject="log:other"), "relying-party-subject"),
    "without an id": (lambda: stated(1, PARTY, body={"origins": ["https://a.b"]}), "relying-party-body"),
    "with an id that is none": (
        lambda: stated(1, PARTY, body={"origins": ["https://a.b"], "rp_id": "A.b"}),
        "relying-party-id",
    ),
    "with another's origin": (
        lambda: stated(1, PARTY, body={"origins": ["https://b.b"], "rp_id": "a.b"}),
        "relying-party-origins",
    ),
}


@pytest.mark.parametrize(("wrong", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_statement_is_found_even_where_no_signature_is_checked_and_changes_nothing(
    place: Place, wrong: Callable[[], VerifiedStatement], reason: str
) -> None:
    found = findings(place, statement(0), wrong(), act(2, DEVICES[0]))
    assert found == [(1, reason), (2, "relying-party-missing")]
    assert told(verify_log(place.folder, check=None)) == [(1, reason)]


def test_a_forged_assertion_is_found_whichever_library_checks(place: Place) -> None:
    honest = DEVICES[1].sign_statement(made(2, DEVICES[1].key_id))
    wrong = Signed(signatures=[honest], statement=made(3, DEVICES[1].key_id))
    assert findings(place, statement(0), stated(1, PARTY), taken(wrong)) == [(2, "passkey-challenge")]
    report = verify_log(place.folder, check=signatures.backend("cryptography"))
    assert told(report) == [(2, "passkey-challenge")]
    assert report.signatures == 3


@pytest.fixture
def long(place: Place) -> Place:
    """Three bundles: a statement in the first, acts in all, another statement in the last."""
    place.append(statement(0), stated(1, PARTY), act(2, DEVICES[0]))
    place.append(*[statement(number) for number in range(3, 300)])
    place.append(act(300, DEVICES[1]), act(301, DEVICES[0]))
    place.append(*[statement(number) for number in range(302, 600)])
    place.append(act(600, DEVICES[2]), stated(601, OTHER), act(602, MOVED[0]))
    return place


def test_signatures_are_judged_alike_however_many_wait(long: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(long, act(603, DEVICES[0]), stated(604, PARTY, BOB), act(605, MOVED[1]))
    assert found == [(603, "passkey-origin"), (604, "relying-party-signer")]
    monkeypatch.setattr(audit, "_LEFT_LIMIT", 1)
    assert told(verify_log(long.folder)) == found


def test_several_processes_hand_the_relying_party_on(long: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(long) == []
    monkeypatch.setattr(Parties, "go_on", None)  # the join was what said so
    with pytest.raises(TypeError):
        verify_log(long.folder, jobs=2)


def test_what_one_process_cannot_know_is_judged_when_the_parts_are_joined(long: Place) -> None:
    assert findings(long, act(603, DEVICES[0]), act(604, MOVED[1])) == [(603, "passkey-origin")]


def test_an_assertion_of_a_later_part_that_another_site_s_page_asked_for_is_found(long: Place) -> None:
    long.append(stated(603, PARTY), *[statement(number) for number in range(604, 900)])
    assert findings(long, act(900, MOVED[0])) == [(900, "passkey-origin")]


def test_a_relying_party_stated_by_a_stranger_in_a_later_part_is_found(long: Place) -> None:
    assert findings(long, stated(603, PARTY, BOB), act(604, MOVED[1])) == [(603, "relying-party-signer")]


def test_where_an_entry_cannot_be_read_nobody_is_accused_of_what_it_may_have_stated(long: Place) -> None:
    assert findings(long) == []
    bundle = long.log / "tile/entries/000"
    whole = bundle.read_bytes()
    for entry in (0, 1):
        place = whole.index(f'"index":{entry},'.encode())
        bundle.write_bytes(whole[:place] + b"!" + whole[place + 1 :])
        found = verify_log(long.folder).findings
        assert [path for path, _ in found] == ["tile/entries/000"]
        assert found[0][1].startswith("bundle-differs")
    bundle.write_bytes(whole)
    shutil.rmtree(long.log / "tile/entries")
    assert {reason.partition(":")[0] for _, reason in verify_log(long.folder).findings} == {"file-missing"}


def head(place: Place, size: int) -> Seen:
    with place.store.reading() as connection:
        entries = [entry for _, entry in place.store.entries(connection)]
    return Seen(root=root_of(hashlib.sha256(b"\0" + entry).digest() for entry in entries[:size]).hex(), size=size)


def saw(number: int, seen: Seen) -> VerifiedStatement:
    return taken(sign(made(number, ANN.key_id, seen=seen), ANN))


def test_a_head_that_the_log_had_may_have_been_seen(place: Place) -> None:
    for number in range(5):
        place.append(saw(number, head(place, number)))
    place.append(*[statement(number) for number in range(5, 520)])
    for number, size in enumerate((0, 1, 255, 256, 257, 511, 512, 513, 255, 520), 520):
        place.append(saw(number, head(place, size)))
    assert findings(place) == []


def test_a_head_that_was_not_there_to_see_is_found(place: Place) -> None:
    place.append(*[statement(number) for number in range(600)])
    wrong = Seen(root="ab" * 32, size=300)
    later_head = saw(604, Seen(root="cd" * 32, size=605))
    found = findings(
        place,
        saw(600, head(place, 600)),
        saw(601, wrong),
        saw(602, Seen(root=head(place, 299).root, size=300)),
        saw(603, Seen(root="00" * 32, size=0)),
        later_head,
        saw(605, wrong),
    )
    assert found == [(604, "seen-size"), (601, "seen-root"), (602, "seen-root"), (603, "seen-root")]


def test_where_files_are_missing_nobody_tells_what_was_seen(place: Place) -> None:
    place.append(*[statement(number) for number in range(300)])
    place.append(saw(300, Seen(root="ab" * 32, size=100)), saw(301, Seen(root="ab" * 32, size=270)))
    place.append(*[statement(number) for number in range(302, 600)])
    assert findings(place) == [(300, "seen-root"), (301, "seen-root")]
    tile, bundle = place.log / "tile/0/000", place.log / "tile/entries/000"
    kept = tile.read_bytes()
    tile.write_bytes(bytes(32) + kept[32:])
    assert [reason.partition(":")[0] for _, reason in verify_log(place.folder).findings] == [
        "tile-differs",
        "seen-root",
    ]
    tile.unlink()
    assert [reason.partition(":")[0] for _, reason in verify_log(place.folder).findings] == [
        "file-missing",
        "seen-root",
    ]
    (place.log / "tile/1/000.p/2").unlink()
    bundle.unlink()
    assert "seen-root" not in {reason.partition(":")[0] for _, reason in verify_log(place.folder).findings}


@given(st.integers(0, 700), st.sets(st.integers(0, 700), max_size=12), st.sets(st.integers(0, 2), max_size=2))
def test_claims_are_judged_as_by_hashing_each_tree_anew(size: int, sizes: set[int], lost: set[int]) -> None:
    leaves = [hashlib.sha256(number.to_bytes(2)).digest() for number in range(size)]
    tiles = [leaves[first : first + 256] for first in range(0, size + 1, 256)]
    roots = [root_of(tile) for tile in tiles if len(tile) == 256]
    said = SeenHeads()
    for claim in sorted(sizes):
        if claim <= size:
            right = root_of(leaves[:claim])
            said.note(2 * claim, Seen(root=right.hex(), size=claim))
            said.note(2 * claim + 1, Seen(root=hashlib.sha256(right).hexdigest(), size=claim))
    found: list[int] = []

    def note(index: int, error: LedgerError) -> None:
        assert error.reason == "seen-root"
        found.append(index)

    said.judge(roots, lambda number: None if number in lost else tiles[number], note)
    expected = [2 * claim + 1 for claim in sorted(sizes) if claim <= size]
    assert found == [index for index in expected if index // 2 % 256 == 0 or index // 512 not in lost]
    found.clear()
    if roots:
        said.judge([UNKNOWN] * len(roots), lambda number: tiles[number], note)
        assert found == [index for index in expected if index // 2 < 256]


def test_a_reader_who_begins_in_the_middle_judges_nothing_until_it_knows() -> None:
    def entry_of(verified: VerifiedStatement) -> Entry:
        return Entry(1, "0" * 64, verified.signed.signatures, verified.statement, "")

    whence = passkeys.Whence("http://localhost:8000", hashlib.sha256(b"localhost").digest())
    part = Parties(known=False)
    part.judge(whence)
    part.state(entry_of(stated(1, OTHER, BOB)))
    assert vectors.outcome(lambda: part.judge(whence)) == "passkey-origin"
    whole = Parties()
    whole.founder = ANN.key_id
    assert vectors.outcome(lambda: whole.judge(whence)) == "relying-party-missing"
    assert not whole.go_on(part)  # nothing was stated
    whole.state(entry_of(stated(1, PARTY)))
    assert not whole.go_on(part)  # BOB may not state it
    other = Parties(known=False)
    other.judge(whence)
    assert whole.go_on(other)
    whole.judge(whence)
    stating = Parties(known=False)
    stating.state(entry_of(stated(1, OTHER)))
    assert whole.go_on(stating)  # ANN may: she is the author of entry 0
    assert whole.founder == ANN.key_id
    assert vectors.outcome(lambda: whole.judge(whence)) == "passkey-origin"
    whole.state(entry_of(stated(1, PARTY)))
    other.judge(whence._replace(origin="https://elsewhere.example"))
    assert not whole.go_on(other)
    assert vectors.outcome(lambda: whole.state(entry_of(stated(1, PARTY, BOB)))) == "relying-party-signer"


def test_entries_read_back_with_what_was_signed(place: Place) -> None:
    [made_entry] = place.append(act(0, DEVICES[2]))
    assert parse_entry(made_entry.entry).signatures == [DEVICES[2].sign_statement(made(0, DEVICES[2].key_id))]


def test_an_act_by_the_longest_keys_is_kept_promised_published_and_proven_like_any_other(place: Place) -> None:
    device, second = DEVICES[2], DEVICES[1]
    by_both = make_statement(
        log=LOG, kind="note-made", subject="thing:one", body={"plan": PLAN}, author=device.key_id, nonce="0" * 32
    )
    with place.store.writing() as connection:
        place.store.add_document(connection, b"a plan", "text/plain")
    place.append(statement(0), stated(1, PARTY))
    verified = verify_signed(attach_signature(device.sign(by_both), second.sign_statement(by_both)), PARTY)
    [kept] = place.append(verified)
    with place.store.writing() as connection, pytest.raises(RefusedError, match="entry-duplicate"):
        place.store.append(connection, [verified], later(1))
    receipts = ReceiptSigner(LOG, bytes(32))
    promise = parse_receipt(receipts.make(verified.hash, kept.index, kept.time, 60), [receipts.verifier])
    verify_kept(promise, kept.entry)
    assert findings(place) == []
    with place.store.reading() as connection:
        path = place.store.inclusion_proof(connection, kept.index, 3)
    proof = make_proof(kept.index, kept.entry, path, (place.log / "checkpoint").read_bytes())
    assert verify_proof(parse_proof(proof), SIGNER.verifiers, every=True).entry == kept.entry
    assert (place.log / f"document/{PLAN['sha256']}").read_bytes() == b"a plan"
