from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from ledger.entry import Seen, make_statement, parse_entry, sign, verify_signed
from ledger.errors import LedgerError, MalformedError, RefusedError, VerificationError
from ledger.store import LedgerStore, open_engine
from ledger.tree import EMPTY_ROOT, TreeBuilder, root_of, verify_consistency, verify_inclusion
from tests.ledger.stored import ANN, AT, BOB, LOG, later, statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LedgerStore]:
    made = LedgerStore(open_engine(tmp_path / "ledger.sqlite"), LOG)
    made.create()
    yield made
    made.engine.dispose()


def fill(store: LedgerStore, start: int, end: int) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(number) for number in range(start, end)], AT)


def refusal(store: LedgerStore, *arguments: Any, **options: Any) -> str:
    """Append, expect a refusal, and see that the transaction can go on and holds nothing of it."""
    with store.writing() as connection:
        before = store.head(connection)
        with pytest.raises(LedgerError) as caught:
            store.append(connection, *arguments, **options)
        assert store.head(connection) == before
    with store.reading() as connection:
        assert store.head(connection) == before
        assert len(list(store.entries(connection))) == before.size
    return caught.value.reason


def test_an_empty_log_has_the_empty_root(store: LedgerStore) -> None:
    with store.reading() as connection:
        head = store.head(connection)
        assert (head.size, head.root, head.time, head.last_leaf) == (0, EMPTY_ROOT, "", bytes(32))
        assert store.root_at(connection, 0) == EMPTY_ROOT
        assert list(store.entries(connection)) == []


def test_each_entry_names_the_leaf_hash_of_the_entry_before(store: LedgerStore) -> None:
    with store.writing() as connection:
        first, second = store.append(connection, [statement(1), statement(2)], AT)
        [third] = store.append(connection, [statement(3)], later(1))
    assert [each.index for each in (first, second, third)] == [0, 1, 2]
    assert parse_entry(first.entry).previous == "00" * 32
    assert parse_entry(second.entry).previous == first.leaf_hash.hex()
    assert parse_entry(third.entry).previous == second.leaf_hash.hex()
    assert third.time == parse_entry(third.entry).time == "2026-03-03T12:00:01.000Z"
    assert hashlib.sha256(b"\0" + third.entry).digest() == third.leaf_hash
    with store.reading() as connection:
        assert store.head(connection).root == root_of([each.leaf_hash for each in (first, second, third)])


def test_what_the_caller_rolls_back_was_never_appended(store: LedgerStore) -> None:
    class Changed(Exception):  # noqa: N818 -- not an error
        pass

    with pytest.raises(Changed), store.writing() as connection:  # noqa: PT012 -- the block is the transaction
        store.append(connection, [statement(1)], AT)
        raise Changed
    with store.reading() as connection:
        assert store.head(connection).size == 0


def test_an_append_of_nothing_changes_nothing(store: LedgerStore) -> None:
    with store.writing() as connection:
        assert store.append(connection, [], AT) == []
        assert store.head(connection).size == 0


def test_a_log_opens_again_under_its_own_name_only(store: LedgerStore) -> None:
    store.create()
    with pytest.raises(RefusedError, match="log-name"):
        LedgerStore(store.engine, "example.org/other").create()


def test_a_statement_for_another_log_is_refused(store: LedgerStore) -> None:
    assert refusal(store, [statement(1), statement(2, log="example.org/other")], AT) == "log-name"


def test_the_same_statement_is_refused_a_second_time(store: LedgerStore) -> None:
    fill(store, 0, 300)
    assert refusal(store, [statement(299)], AT) == "entry-duplicate"
    assert refusal(store, [*[statement(number) for number in range(400, 700)], statement(5)], AT) == "entry-duplicate"
    assert refusal(store, [statement(1000), statement(1000)], AT) == "entry-duplicate"


def test_a_second_signature_does_not_make_a_second_statement(store: LedgerStore) -> None:
    fill(store, 0, 1)
    twice = verify_signed(sign(statement(0).statement, ANN, BOB))
    assert refusal(store, [twice], AT) == "entry-duplicate"


def test_a_clock_five_seconds_behind_repeats_the_last_time(store: LedgerStore) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(1)], later(5))
        [second] = store.append(connection, [statement(2)], AT)
    assert second.time == "2026-03-03T12:00:05.000Z"


def test_a_clock_more_than_five_seconds_behind_is_refused(store: LedgerStore) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(1)], later(5.001))
    assert refusal(store, [statement(2)], AT) == "clock-behind"


def test_a_decision_on_an_old_reading_of_its_subject_is_refused(store: LedgerStore) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(1, subject="thing:one")], AT, expected={"thing:one": -1})
        store.append(connection, [statement(2, subject="thing:two")], AT, expected={"thing:one": 0, "thing:two": -1})
    assert refusal(store, [statement(3)], AT, expected={"thing:one": -1}) == "subject-moved"
    assert refusal(store, [statement(3)], AT, expected={"thing:two": 5}) == "subject-moved"
    with store.writing() as connection:
        store.append(connection, [statement(3)], AT, expected={"thing:one": 0})


def test_an_entry_of_65535_bytes_is_taken_and_one_more_is_refused(store: LedgerStore) -> None:
    room = 65_535 - len(entry_of(store, statement(0, text="")))
    assert refusal(store, [statement(0, text="x" * (room + 1))], AT) == "entry-size"
    with store.writing() as connection:
        [taken] = store.append(connection, [statement(0, text="x" * room)], AT)
    assert len(taken.entry) == 65_535


def entry_of(store: LedgerStore, one: Any) -> bytes:
    """Tell the entry that the next append of a statement would make."""
    with store.engine.connect() as connection:
        [made] = store.append(connection, [one], AT)
        return made.entry


def test_a_statement_about_a_document_that_was_not_added_is_refused(store: LedgerStore) -> None:
    digest = hashlib.sha256(b"plan").hexdigest()
    reference = {"length": 4, "media_type": "text/plain", "sha256": digest}
    assert refusal(store, [statement(1, files=[{"plan": reference}])], AT) == "document-missing"
    with store.writing() as connection:
        made = store.add_document(connection, b"plan", "text/plain")
        assert store.add_document(connection, b"plan", "text/plain") == made
        assert (made.length, made.media_type, made.sha256) == (4, "text/plain", digest)
        store.append(connection, [statement(1, files=[{"plan": reference}])], AT)
    assert refusal(store, [statement(2, plan={**reference, "length": 5})], AT) == "document-missing"
    with store.reading() as connection:
        assert store.document(connection, digest) == b"plan"
        assert store.document(connection, "00" * 32) is None


def test_a_document_whose_bytes_were_changed_in_the_database_is_not_handed_out(store: LedgerStore) -> None:
    with store.writing() as connection:
        made = store.add_document(connection, b"plan", "text/plain")
        connection.exec_driver_sql("DROP TRIGGER ledger_document_update")
        connection.exec_driver_sql("UPDATE ledger_document SET data = x'706c6f74'")
    with store.reading() as connection, pytest.raises(RefusedError) as refused:
        store.document(connection, made.sha256)
    assert refused.value.reason == "document-differs"


MALFORMED_REFERENCES: dict[str, dict[str, Any]] = {
    "length as text": {"length": "4", "media_type": "text/plain", "sha256": "00" * 32},
    "length true": {"length": True, "media_type": "text/plain", "sha256": "00" * 32},
    "length negative": {"length": -1, "media_type": "text/plain", "sha256": "00" * 32},
    "media type missing its half": {"length": 4, "media_type": "text", "sha256": "00" * 32},
    "media type a number": {"length": 4, "media_type": 4, "sha256": "00" * 32},
    "hash of 31 bytes": {"length": 4, "media_type": "text/plain", "sha256": "00" * 31},
    "hash in capitals": {"length": 4, "media_type": "text/plain", "sha256": "AA" * 32},
    "hash null": {"length": 4, "media_type": "text/plain", "sha256": None},
}


@pytest.mark.parametrize("reference", MALFORMED_REFERENCES.values(), ids=MALFORMED_REFERENCES)
def test_what_looks_like_a_reference_to_a_document_and_is_none_is_refused(
    store: LedgerStore, reference: dict[str, Any]
) -> None:
    assert refusal(store, [statement(1, plan=reference)], AT) == "document-reference"


def test_an_object_with_one_key_more_is_no_reference(store: LedgerStore) -> None:
    more = {"length": "long", "media_type": "text/plain", "sha256": "none", "title": "Plan"}
    with store.writing() as connection:
        store.append(connection, [statement(1, plan=more)], AT)
    with store.reading() as connection:
        assert [index for index, _ in store.entries(connection)] == [0]


def test_entries_are_found_by_index_subject_and_statement(store: LedgerStore) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(n, subject=f"thing:{'one' if n % 2 else 'two'}") for n in range(700)], AT)
    with store.reading() as connection:
        assert [index for index, _ in store.entries(connection)] == list(range(700))
        assert [index for index, _ in store.entries(connection, 300, 600)] == list(range(300, 600))
        ones = store.entries_of(connection, "thing:one")
        assert [index for index, _ in ones] == list(range(1, 700, 2))
        assert store.entries_of(connection, "thing:one", after=697) == [(699, store.entry(connection, 699))]
        assert store.entries_of(connection, "thing:three") == []
        assert (store.last_index(connection, "thing:two"), store.last_index(connection, "thing:three")) == (698, -1)
        assert store.index_of_statement(connection, statement(5, subject="thing:one").hash) == 5
        assert store.index_of_statement(connection, bytes(32)) is None
        with pytest.raises(RefusedError, match="entry-missing"):
            store.entry(connection, 700)


def test_a_reader_sees_one_moment(store: LedgerStore) -> None:
    with store.reading() as connection:
        assert store.head(connection).size == 0
        fill(store, 0, 3)
        assert store.head(connection).size == 0


SIZES = (1, 2, 255, 256, 257, 511, 512, 700)


@pytest.mark.parametrize("size", SIZES)
def test_proofs_verify_at_every_size_the_log_has_had(store: LedgerStore, size: int) -> None:
    fill(store, 0, 100)
    fill(store, 100, 256)
    fill(store, 256, 700)
    with store.reading() as connection:
        leaves = [hashlib.sha256(b"\0" + entry).digest() for _, entry in store.entries(connection)]
        root = store.root_at(connection, size)
        assert root == root_of(leaves[:size])
        for index in {0, size // 2, size - 1}:
            verify_inclusion(leaves[index], index, size, store.inclusion_proof(connection, index, size), root)
        for old in {0, 1, size // 2, size}:
            proof = store.consistency_proof(connection, old, size)
            verify_consistency(old, size, store.root_at(connection, old), root, proof)


def test_proofs_beyond_the_log_are_refused(store: LedgerStore) -> None:
    fill(store, 0, 3)
    with store.reading() as connection:
        for ask in (
            lambda: store.root_at(connection, 4),
            lambda: store.inclusion_proof(connection, 0, 300),
            lambda: store.consistency_proof(connection, 1, 70_000),
            lambda: store.inclusion_proof(connection, 3, 3),
        ):
            with pytest.raises((RefusedError, VerificationError)) as caught:
                ask()
            assert caught.value.reason in {"proof-size", "proof-index"}


def test_an_inclusion_proof_takes_five_reads_in_a_tree_of_three_tile_levels(store: LedgerStore) -> None:
    """A million entries need no million appends: tiles and leaf hashes are put in place by hand, all alike."""
    size = 256 * 256 + 256 + 7
    leaf = hashlib.sha256(b"\0leaf").digest()
    builder = TreeBuilder()
    nodes = builder.extend([leaf] * size)
    rows: dict[tuple[int, int], bytes] = {(level, number): digest for level, number, digest in nodes}
    with store.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO ledger_entry VALUES (?, ?, 'thing:one', ?, x'00')",
            [(index, index.to_bytes(32, "big"), leaf) for index in range(size)],
        )
        for level, below in ((0, 8), (1, 16)):
            for number in range(size >> below):
                hashes = [leaf] * 256 if level == 0 else [rows[8, number * 256 + place] for place in range(256)]
                values = (level, number, rows[below, number], b"".join(hashes))
                connection.exec_driver_sql("INSERT INTO ledger_tile VALUES (?, ?, ?, ?)", values)
    reads: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *arguments: reads.append(arguments[2]))
    with store.reading() as connection:
        for index in (0, 300, 65_535, 65_536, size - 1):
            reads.clear()
            proof = store.inclusion_proof(connection, index, size)
            assert len(reads) <= 5
            verify_inclusion(leaf, index, size, proof, builder.root())


TAMPERING = {
    "an entry changed": "UPDATE ledger_entry SET entry = x'00' WHERE entry_index = 1",
    "an entry deleted": "DELETE FROM ledger_entry WHERE entry_index = 2",
    "an entry replaced by index": "REPLACE INTO ledger_entry VALUES (1, x'01', 's', x'00', x'00')",
    "an entry replaced by statement": "REPLACE INTO ledger_entry SELECT 3, statement, 's', leaf, entry FROM ledger_entry LIMIT 1",
    "an entry upserted": "INSERT INTO ledger_entry VALUES (1, x'01', 's', x'00', x'00')"
    " ON CONFLICT DO UPDATE SET entry = x'00'",
    "a gap": "INSERT INTO ledger_entry VALUES (4, x'01', 's', x'00', x'00')",
    "an entry before the first": "INSERT INTO ledger_entry VALUES (-1, x'01', 's', x'00', x'00')",
    "the head moved back": "UPDATE ledger_head SET size = 2",
    "the head moved ahead": "UPDATE ledger_head SET size = 4",
    "the head's root changed": "UPDATE ledger_head SET root = x'00'",
    "the head deleted": "DELETE FROM ledger_head",
    "the head replaced": "REPLACE INTO ledger_head VALUES (0, 'x', 0, '', x'00', x'00', x'00')",
    "a second head": "INSERT INTO ledger_head VALUES (1, 'x', 0, '', x'00', x'00', x'00')",
    "a tile changed": "UPDATE ledger_tile SET root = x'00'",
    "a tile deleted": "DELETE FROM ledger_tile",
    "a tile replaced": "REPLACE INTO ledger_tile VALUES (0, 0, x'00', x'00')",
    "a document changed": "UPDATE ledger_document SET data = x'00'",
    "a document deleted": "DELETE FROM ledger_document",
    "a document replaced": "REPLACE INTO ledger_document SELECT sha256, 1, 'x', x'00' FROM ledger_document",
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING)
def test_the_database_itself_refuses(tmp_path: Path, sql: str) -> None:
    store = LedgerStore(open_engine(tmp_path / "ledger.sqlite"), LOG)
    store.create()
    fill(store, 0, 256 if "tile" in sql else 3)
    with store.writing() as connection:
        store.add_document(connection, b"plan", "text/plain")
    with pytest.raises(IntegrityError, match=r"append-only|constraint"), store.writing() as connection:
        connection.exec_driver_sql(sql)
    store.engine.dispose()


def test_a_store_closed_for_writing_says_why_and_still_reads(store: LedgerStore) -> None:
    fill(store, 0, 1)
    assert store.closed_for is None
    why = RefusedError("log-behind", "restored")
    store.close_writing(why)
    assert store.closed_for is why
    with pytest.raises(RefusedError, match="log-behind: restored"), store.writing():
        pytest.fail("no transaction may begin")
    with store.reading() as connection:
        assert store.head(connection).size == 1


def test_seen_checkpoints_and_commitments_are_kept_word_for_word(store: LedgerStore) -> None:
    made = make_statement(
        log=LOG,
        kind="note-made",
        subject="thing:one",
        body={},
        author=ANN.key_id,
        commitments=["11" * 32, "00" * 32],
        seen=Seen(root="22" * 32, size=5),
    )
    with store.writing() as connection:
        [taken] = store.append(connection, [verify_signed(sign(made, ANN))], AT)
    assert parse_entry(taken.entry).statement == made


def test_sqlite_writes_through_to_the_disk(store: LedgerStore) -> None:
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_database_may_be_named_by_url(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'named.sqlite'}")
    LedgerStore(engine, LOG).create()
    engine.dispose()
    assert (tmp_path / "named.sqlite").exists()


def test_a_document_reference_out_of_bounds_is_refused_before_anything_is_written(store: LedgerStore) -> None:
    reference = {"length": 2**53 - 1, "media_type": "text/plain", "sha256": "00" * 32}
    with pytest.raises(MalformedError, match="json-integer"):
        statement(1, plan={**reference, "length": 2**53})
    assert refusal(store, [statement(1, plan=reference)], AT) == "document-missing"
