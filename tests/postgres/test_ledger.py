"""The ledger on PostgreSQL: the same bytes, the same refusals, and writers that come at the same time."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from ledger import schema
from ledger.database import open_engine
from ledger.errors import LedgerError, RefusedError
from ledger.lock import Locked, LockStore
from ledger.publisher import Publisher
from ledger.sequencer import Sequencer
from ledger.store import LedgerStore
from ledger.verify import verify_log
from tests.ledger.crashes import run_killed_at
from tests.ledger.stored import AT, LOG, SIGNER, Place, files_of, later, statement
from tests.ledger.test_parties import DEVICES, act
from tests.ledger_whole import assert_ledger_is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

SCHEMA = "daylight_ledger_test"
PATIENCE_S = 20


def address_of(name: str, role: str | None = None) -> str:
    url = make_url(os.environ["DAYLIGHT_TEST_PG"]).update_query_dict({"options": f"-csearch_path={name}"})
    if role is not None:
        url = url.set(username=role)
    return url.render_as_string(hide_password=False)


@contextmanager
def fresh_schema(name: str) -> Iterator[str]:
    admin = open_engine(os.environ["DAYLIGHT_TEST_PG"])
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    yield address_of(name)
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    admin.dispose()


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_schema(SCHEMA) as made:
        yield made


@pytest.fixture
def store(address: str) -> Iterator[LedgerStore]:
    made = LedgerStore(open_engine(address), LOG)
    made.create()
    made.create()
    yield made
    made.engine.dispose()


def fill(store: LedgerStore, start: int, end: int) -> None:
    with store.writing() as connection:
        store.append(connection, [statement(number) for number in range(start, end)], AT)


def everything(store: LedgerStore) -> dict[str, list[tuple[Any, ...]]]:
    """Read all rows of all tables, bytes as bytes."""
    tables = {
        "ledger_head": "id",
        "ledger_entry": "entry_index",
        "ledger_tile": "level, number",
        "ledger_document": "sha256",
    }
    found = {}
    with store.reading() as connection:
        for table, order in tables.items():
            rows = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {order}").all()  # noqa: S608 -- our own tables
            found[table] = [
                tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows
            ]
    return found


def test_every_row_is_the_same_bytes_as_on_sqlite(store: LedgerStore, tmp_path: Path) -> None:
    other = LedgerStore(open_engine(tmp_path / "ledger.sqlite"), LOG)
    other.create()
    acts = [act(1_000 + number, device) for number, device in enumerate(DEVICES)]
    for each in (store, other):
        with each.writing() as connection:
            made = each.add_document(connection, bytes(range(256)) * 20, "application/octet-stream")
            each.add_document(connection, bytes(range(256)) * 20, "application/octet-stream")
            plan = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
            first = statement(0, plan=plan, text="Straße \\ \n \U0001f600 %s %% ?")
            each.append(connection, [first, *acts], AT, expected={"thing:one": -1})
        fill(each, 1, 4)
        fill(each, 4, 700)
    assert everything(store) == everything(other)
    with store.reading() as one, other.reading() as two:
        assert list(store.entries(one)) == list(other.entries(two))
        assert store.root_at(one, 300) == other.root_at(two, 300)
        assert store.inclusion_proof(one, 3, 650) == other.inclusion_proof(two, 3, 650)
        assert store.entries_of(one, "thing:one", 690) == other.entries_of(two, "thing:one", 690)
        assert store.document(one, made.sha256) == bytes(range(256)) * 20
        assert store.index_of_statement(one, first.hash) == 0
        assert store.last_index(one, "thing:none") == -1
    other.engine.dispose()


def refusal(store: LedgerStore, *arguments: Any, **options: Any) -> str:
    with store.writing() as connection:
        before = store.head(connection)
        with pytest.raises(LedgerError) as caught:
            store.append(connection, *arguments, **options)
        assert store.head(connection) == before
    return caught.value.reason


def test_the_same_refusals_leave_the_transaction_usable(store: LedgerStore) -> None:
    fill(store, 0, 3)
    plan = {"length": 1, "media_type": "text/plain", "sha256": "00" * 32}
    assert refusal(store, [statement(1)], AT) == "entry-duplicate"
    assert refusal(store, [statement(9)], AT, expected={"thing:one": 1}) == "subject-moved"
    assert refusal(store, [statement(9)], later(-6)) == "clock-behind"
    assert refusal(store, [statement(9, log="example.org/other")], AT) == "log-name"
    assert refusal(store, [statement(9, plan=plan)], AT) == "document-missing"
    with pytest.raises(RefusedError, match="log-name"):
        LedgerStore(store.engine, "example.org/other").create()


TAMPERING = {
    "an entry changed": "UPDATE ledger_entry SET entry = '' WHERE entry_index = 1",
    "an entry changed where there is none": "UPDATE ledger_entry SET entry = '' WHERE entry_index = 1000",
    "an entry deleted": "DELETE FROM ledger_entry WHERE entry_index = 2",
    "all entries truncated": "TRUNCATE ledger_entry",
    "an entry upserted": "INSERT INTO ledger_entry VALUES (1, 'x', 's', '', '')"
    " ON CONFLICT (entry_index) DO UPDATE SET entry = ''",
    "a gap": "INSERT INTO ledger_entry VALUES (257, 'x', 's', '', '')",
    "a gap between two": "INSERT INTO ledger_entry VALUES (256, 'x', 's', '', ''), (258, 'y', 's', '', '')",
    "an entry before the first": "INSERT INTO ledger_entry VALUES (-1, 'x', 's', '', '')",
    "an index twice": "INSERT INTO ledger_entry VALUES (1, 'x', 's', '', '')",
    "the head moved back": "UPDATE ledger_head SET size = 2",
    "the head moved ahead": "UPDATE ledger_head SET size = 999",
    "the head's root changed": "UPDATE ledger_head SET root = ''",
    "the head deleted": "DELETE FROM ledger_head",
    "the head truncated": "TRUNCATE ledger_head",
    "a second head": "INSERT INTO ledger_head VALUES (1, 'x', 0, '', '', '', '')",
    "a tile changed": "UPDATE ledger_tile SET root = ''",
    "a tile deleted": "DELETE FROM ledger_tile",
    "the tiles truncated": "TRUNCATE ledger_tile",
    "a document changed": "UPDATE ledger_document SET data = ''",
    "a document deleted": "DELETE FROM ledger_document",
    "the documents truncated": "TRUNCATE ledger_document",
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING)
def test_the_database_itself_refuses(store: LedgerStore, sql: str) -> None:
    fill(store, 0, 256)
    before = everything(store)
    with pytest.raises(DBAPIError, match=r"append-only|constraint"), store.writing() as connection:
        connection.exec_driver_sql(sql)
    assert everything(store) == before


def test_a_role_with_our_rights_can_append_and_nothing_else(store: LedgerStore) -> None:
    role = "daylight_ledger_writer"
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}")
        for sql in schema.grants(role):
            connection.exec_driver_sql(sql)
    writer = LedgerStore(open_engine(address_of(SCHEMA, role)), LOG)
    with writer.writing() as connection:
        writer.add_document(connection, b"plan", "text/plain")
    fill(writer, 0, 300)
    for sql in (*TAMPERING.values(), "DROP TRIGGER ledger_entry_gap ON ledger_entry", "DROP TABLE ledger_entry"):
        with pytest.raises(DBAPIError), writer.writing() as connection:
            connection.exec_driver_sql(sql)
    writer.engine.dispose()
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")


def test_a_reader_writes_nothing_and_sees_one_moment(store: LedgerStore) -> None:
    with store.reading() as connection:
        assert store.head(connection).size == 0
        fill(store, 0, 3)
        assert store.head(connection).size == 0
        with pytest.raises(DBAPIError, match="read-only"):
            store.append(connection, [statement(5)], AT)


def test_what_is_rolled_back_leaves_no_gap(store: LedgerStore) -> None:
    with pytest.raises(KeyError), store.writing() as connection:  # noqa: PT012 -- the block is the transaction
        store.append(connection, [statement(1)], AT)
        raise KeyError
    fill(store, 2, 4)
    with store.reading() as connection:
        assert [index for index, _ in store.entries(connection)] == [0, 1]


def test_writers_of_several_processes_get_indices_without_a_gap(address: str, store: LedgerStore) -> None:
    """Each thread has an engine of its own, as another web process would."""
    indices: list[int] = []
    refused: list[str] = []

    def write(start: int) -> None:
        mine = LedgerStore(open_engine(address), LOG)
        for number in range(start, start + 25):
            with mine.writing() as connection:
                indices.append(mine.append(connection, [statement(number)], AT)[0].index)
        try:
            with mine.writing() as connection:
                mine.append(connection, [statement(10_000)], AT)
        except RefusedError as error:
            refused.append(error.reason)
        mine.engine.dispose()

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(indices) == sorted(set(indices))
    assert refused == ["entry-duplicate"] * 3
    with store.reading() as connection:
        assert store.head(connection).size == 101
        assert [index for index, _ in store.entries(connection)] == list(range(101))


def test_works_share_commits_and_a_broken_one_takes_back_only_its_own(store: LedgerStore) -> None:
    def append(number: int) -> Any:
        return lambda connection: store.append(connection, [statement(number)], AT)[0].index

    def break_off(connection: Connection) -> None:
        store.append(connection, [statement(100)], AT)
        connection.exec_driver_sql("SELECT 1 / 0")

    with Sequencer(store) as sequencer:
        futures = [sequencer.submit(append(number)) for number in range(50)]
        broken = sequencer.submit(break_off)
        last = sequencer.submit(append(50))
        assert [future.result(PATIENCE_S) for future in futures] == list(range(50))
        assert isinstance(broken.exception(PATIENCE_S), DBAPIError)
        assert last.result(PATIENCE_S) == 50


def test_the_lock_moves_only_from_what_was_seen(address: str) -> None:
    lock = LockStore(address)
    one, two = Locked(1, b"1" * 32, 10), Locked(2, b"2" * 32, 11)
    assert lock.read(LOG) is None
    lock.compare_and_swap(LOG, None, one)
    for seen in (None, two, Locked(1, b"2" * 32, 10), Locked(1, b"1" * 32, 11)):
        with pytest.raises(RefusedError, match=r"lock-moved|lock-shrinks"):
            lock.compare_and_swap(LOG, seen, two)
    lock.compare_and_swap(LOG, one, two)
    assert lock.read(LOG) == two
    lock.close()


class PostgresPlace(Place):
    """A data folder whose database and lock store are schemas of PostgreSQL."""

    def connect(self) -> None:
        self.store = LedgerStore(open_engine(address_of(SCHEMA)), LOG)
        self.lock = LockStore(address_of("daylight_lock_test"))
        self.publisher = Publisher(self.store, self.log, self.lock, self.signer)


@pytest.fixture
def lock_address() -> Iterator[str]:
    with fresh_schema("daylight_lock_test") as made:
        yield made


@pytest.mark.usefixtures("address", "lock_address")
def test_the_same_files_are_published_as_from_sqlite(tmp_path: Path) -> None:
    place, other = PostgresPlace(tmp_path / "postgres"), Place(tmp_path / "sqlite")
    for each in (place, other):
        each.grow(0, 3)
        each.grow(3, 300)
    published, expected = files_of(place.log), files_of(other.log)
    for files in (published, expected):
        files["checkpoint"] = files["checkpoint"].partition(b"\n\n")[0]
    assert published == expected
    assert assert_ledger_is_whole(place.folder) == 300
    place.close()
    other.close()


@pytest.mark.usefixtures("address", "lock_address")
def test_a_database_that_lost_entries_is_read_only(tmp_path: Path) -> None:
    place = PostgresPlace(tmp_path / "data")
    place.grow(0, 3)
    admin = place.store.engine
    with admin.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM ledger_entry WHERE entry_index = 2")
        connection.exec_driver_sql("UPDATE ledger_head SET size = 2")
    place.open()
    with pytest.raises(RefusedError, match="log-behind"):
        place.publisher.check()
    with pytest.raises(RefusedError, match="log-behind"):
        place.append(statement(9))
    admin.dispose()
    place.close()


def append_and_publish(folder: Path) -> None:
    place = PostgresPlace(folder, SIGNER)
    place.publisher.check()
    place.append(statement(3))
    place.publisher.publish(later(10))


def test_a_kill_at_any_step_leaves_a_whole_ledger(tmp_path: Path) -> None:
    step, steps = -1, 1
    while step < steps:
        with fresh_schema(SCHEMA), fresh_schema("daylight_lock_test"):
            folder = tmp_path / "data"
            place = PostgresPlace(folder)
            place.grow(0, 3)
            place.close()
            counted = run_killed_at(step, lambda: append_and_publish(folder))  # noqa: B023 -- used in this round only
            steps = steps if counted is None else counted
            left = files_of(folder / "log")
            assert verify_log(folder).findings == []
            place = PostgresPlace(folder)
            place.publisher.check()
            size = place.publisher.publish(later(20)).size
            assert size in {3, 4}
            left.pop("checkpoint")
            assert left.items() <= files_of(folder / "log").items()
            assert assert_ledger_is_whole(folder) == size
            place.close()
            shutil.rmtree(folder)
        step += 1
    assert steps > 30
