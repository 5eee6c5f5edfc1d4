from __future__ import annotations

import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from ledger.checkpoint import CheckpointSigner, parse_checkpoint
from ledger.errors import RefusedError
from ledger.lock import Locked
from ledger.tiles import tiles_of
from ledger.tree import EMPTY_ROOT
from ledger.verify import verify_log
from tests.ledger.stored import AT, LOG, SIGNER, Place, files_of, later, statement
from tests.ledger_whole import assert_ledger_is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "data")
    yield made
    made.close()


def refusal(place: Place) -> str:
    """Have the boot guard refuse; see that nothing can be written or published afterwards."""
    before = files_of(place.log) if place.log.exists() else {}
    with pytest.raises(RefusedError) as caught:
        place.publisher.check()
    with pytest.raises(RefusedError) as again:
        place.publisher.publish(later(60))
    assert again.value.reason == caught.value.reason
    with pytest.raises(RefusedError, match=caught.value.reason):
        place.append(statement(999_999))
    assert (files_of(place.log) if place.log.exists() else {}) == before
    return caught.value.reason


def test_an_empty_log_is_published_too(place: Place) -> None:
    assert place.publisher.check() is None
    checkpoint = place.publisher.publish(AT)
    assert (checkpoint.size, checkpoint.root) == (0, EMPTY_ROOT)
    assert list(files_of(place.log)) == ["checkpoint"]
    assert assert_ledger_is_whole(place.folder) == 0


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_exactly_the_files_of_a_size_are_written(place: Place, size: int) -> None:
    place.grow(0, size)
    assert set(files_of(place.log)) == {"checkpoint", *(tile.path for tile in tiles_of(size))}
    assert assert_ledger_is_whole(place.folder) == size


def test_a_log_may_grow_over_a_second_level_of_tiles(place: Place) -> None:
    place.grow(0, 250)
    for start in range(250, 262, 3):
        place.grow(start, start + 3)
    assert assert_ledger_is_whole(place.folder) == 262
    assert (place.log / "tile/1/000.p/1").exists()


def test_partial_tiles_of_every_published_size_stay(place: Place) -> None:
    before: dict[str, bytes] = {}
    for size in (1, 2, 5, 256, 258):
        with place.store.reading() as connection:
            held = place.store.head(connection).size
        place.grow(held, size)
        now = files_of(place.log)
        now.pop("checkpoint")
        assert before.items() <= now.items()
        assert {tile.path for tile in tiles_of(size)} <= now.keys()
        before = now


def test_publishing_again_changes_nothing(place: Place) -> None:
    place.grow(0, 3)
    before = files_of(place.folder)
    assert place.publisher.publish(later(100)).size == 3
    assert files_of(place.log) == {
        path.removeprefix("log/"): data for path, data in before.items() if path.startswith("log/")
    }


def test_documents_are_published_with_the_entry_that_refers_to_them(place: Place) -> None:
    with place.store.writing() as connection:
        used = place.store.add_document(connection, b"the plan", "text/plain")
        unused = place.store.add_document(connection, b"a draft", "text/plain")
    reference = {"length": used.length, "media_type": used.media_type, "sha256": used.sha256}
    place.append(statement(1, parts=[{"plan": reference}, 5, "text"]))
    place.publisher.publish(AT)
    assert (place.log / "document" / used.sha256).read_bytes() == b"the plan"
    assert not (place.log / "document" / unused.sha256).exists()
    assert assert_ledger_is_whole(place.folder) == 1


def test_the_checkpoint_states_the_moment_of_publication(place: Place) -> None:
    place.append(statement(1))
    assert place.publisher.publish(later(1.9)).time == int(AT.timestamp()) + 1


def test_the_stated_time_never_goes_back(place: Place) -> None:
    place.append(statement(1), at=AT)
    place.publisher.publish(later(100))
    place.append(statement(2), at=AT)
    assert place.publisher.publish(later(50)).time == int(AT.timestamp()) + 100


def test_after_a_crash_before_signing_the_stored_triple_is_signed_with_its_stored_time(place: Place) -> None:
    place.grow(0, 3)
    place.append(statement(3))
    with place.store.reading() as connection:
        head = place.store.head(connection)
    seen = place.lock.read(LOG)
    place.lock.compare_and_swap(LOG, seen, Locked(4, head.root, int(AT.timestamp()) + 7))
    place.append(statement(4))
    place.open()
    guarded = place.publisher.check()
    assert guarded is not None
    assert guarded.size == 3
    assert place.publisher.publish(later(500)).size == 5
    assert (place.log / "tile/0/000.p/4").exists()
    assert assert_ledger_is_whole(place.folder) == 5


def test_a_crash_before_the_first_checkpoint_is_completed_at_its_stored_time(place: Place) -> None:
    place.append(statement(1))
    with place.store.reading() as connection:
        head = place.store.head(connection)
    place.lock.compare_and_swap(LOG, None, Locked(1, head.root, 1_700_000_000))
    checkpoint = place.publisher.publish(later(500))
    assert (checkpoint.size, checkpoint.time) == (1, 1_700_000_000)
    assert assert_ledger_is_whole(place.folder) == 1


def test_a_database_restored_from_an_old_backup_is_read_only(place: Place) -> None:
    place.grow(0, 6)
    place.close()
    shutil.copy(place.folder / "ledger.sqlite", place.folder / "backup")
    place.open()
    place.grow(6, 10)
    place.close()
    shutil.copy(place.folder / "backup", place.folder / "ledger.sqlite")
    place.open()
    assert refusal(place) == "log-behind"


def test_a_restored_database_that_went_another_way_is_read_only(place: Place) -> None:
    place.grow(0, 6)
    place.close()
    shutil.copy(place.folder / "ledger.sqlite", place.folder / "backup")
    place.open()
    place.grow(6, 10)
    place.close()
    shutil.copy(place.folder / "backup", place.folder / "ledger.sqlite")
    place.open()
    place.append(*[statement(number) for number in range(100, 107)])
    assert refusal(place) == "log-differs"


def test_an_empty_database_beside_a_published_log_is_read_only(place: Place) -> None:
    place.grow(0, 2)
    place.close()
    (place.folder / "ledger.sqlite").unlink()
    place.open()
    place.store.create()
    assert refusal(place) == "log-behind"


@pytest.mark.parametrize("lost", ["removed", "set back"])
def test_a_lock_store_that_forgot_is_found_out(place: Place, lost: str) -> None:
    place.grow(0, 2)
    place.close()
    if lost == "set back":
        shutil.copy(place.folder / "lock.sqlite", place.folder / "old-lock")
        place.open()
        place.grow(2, 3)
        place.close()
        shutil.copy(place.folder / "old-lock", place.folder / "lock.sqlite")
    else:
        (place.folder / "lock.sqlite").unlink()
    place.open()
    assert refusal(place) == "lock-behind"


def test_a_lost_checkpoint_file_is_written_again_from_the_lock_store(place: Place) -> None:
    place.grow(0, 2)
    (place.log / "checkpoint").unlink()
    place.open()
    assert place.publisher.check() is None
    assert place.publisher.publish(later(9)).time == int(AT.timestamp())
    assert assert_ledger_is_whole(place.folder) == 2


def test_a_checkpoint_of_other_keys_is_not_gone_on_from(place: Place) -> None:
    place.grow(0, 2)
    other = CheckpointSigner(LOG, b"x" * 32, b"y" * 32)
    (place.log / "checkpoint").write_bytes(other.sign(2, b"r" * 32, 1))
    place.open()
    assert refusal(place) == "log-differs"


def test_a_broken_checkpoint_file_is_not_gone_on_from(place: Place) -> None:
    place.grow(0, 2)
    (place.log / "checkpoint").write_bytes(b"")
    place.open()
    assert refusal(place) == "log-differs"


def test_a_tile_published_with_other_bytes_stops_publication_before_the_lock_moves(place: Place) -> None:
    place.grow(0, 2)
    (place.log / "tile/0/000.p").mkdir(exist_ok=True)
    (place.log / "tile/0/000.p/3").write_bytes(b"other")
    place.append(statement(2))
    before = place.lock.read(LOG)
    with pytest.raises(RefusedError, match="log-differs"):
        place.publisher.publish(AT)
    assert place.lock.read(LOG) == before
    assert parse_checkpoint((place.log / "checkpoint").read_bytes(), SIGNER.verifiers).size == 2


DAMAGE = {
    "an entry's byte": "UPDATE ledger_entry SET entry = CAST(replace(entry, 'note', 'nota') AS BLOB) WHERE entry_index = 300",
    "a leaf hash": "UPDATE ledger_entry SET leaf = zeroblob(32) WHERE entry_index = 590",
    "a tile's root": "UPDATE ledger_tile SET root = zeroblob(32) WHERE level = 0 AND number = 1",
    "a tile's hashes": "UPDATE ledger_tile SET hashes = zeroblob(8192) WHERE level = 0 AND number = 1",
    "the head's root": "UPDATE ledger_head SET root = zeroblob(32)",
}


def test_an_entry_changed_after_its_publication_is_not_written_into_the_next_bundle(place: Place) -> None:
    place.grow(0, 5)
    damage(place, DAMAGE["an entry's byte"].replace("300", "3"))
    place.append(statement(5))
    before = files_of(place.log)
    with pytest.raises(RefusedError, match="log-differs"):
        place.publisher.publish(AT)
    assert files_of(place.log) == before


@pytest.mark.parametrize("sql", DAMAGE.values(), ids=DAMAGE)
def test_nothing_is_signed_that_the_entries_do_not_hash_to(place: Place, sql: str) -> None:
    place.grow(0, 5)
    place.append(*[statement(number) for number in range(5, 600)])
    damage(place, sql)
    before = files_of(place.log)
    with pytest.raises(RefusedError, match="log-differs"):
        place.publisher.publish(AT)
    assert files_of(place.log) == before
    assert place.lock.read(LOG) == Locked(
        5, parse_checkpoint(before["checkpoint"], SIGNER.verifiers).root, int(AT.timestamp())
    )


def damage(place: Place, sql: str) -> None:
    """Change the database as a failing disk or a hostile owner would: past the triggers."""
    place.close()
    with sqlite3.connect(place.folder / "ledger.sqlite") as connection:
        for [name] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(sql).rowcount == 1
    connection.close()
    place.open()


def test_a_document_lost_from_the_database_stops_publication(place: Place) -> None:
    with place.store.writing() as connection:
        made = place.store.add_document(connection, b"the plan", "text/plain")
    reference = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
    place.append(statement(1, plan=reference))
    damage(place, "DELETE FROM ledger_document")
    with pytest.raises(RefusedError, match="document-missing"):
        place.publisher.publish(AT)
    assert place.lock.read(LOG) is None


def test_of_two_publishers_one_loses_the_lock_and_signs_nothing(place: Place) -> None:
    place.grow(0, 2)
    place.append(statement(2))
    slow = place.publisher
    stale = place.lock.read(LOG)
    guard = slow._guard

    def guard_then_lose() -> object:
        found = guard()
        place.lock.compare_and_swap(LOG, stale, Locked(3, b"r" * 32, 1))
        return found

    slow._guard = guard_then_lose  # type: ignore[method-assign,assignment]
    with pytest.raises(RefusedError, match="lock-moved"):
        slow.publish(AT)
    assert parse_checkpoint((place.log / "checkpoint").read_bytes(), SIGNER.verifiers).size == 2


def test_two_publishers_of_one_folder_take_turns(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow one may not put its checkpoint in the place of a later one."""
    place.grow(0, 2)
    place.append(statement(2))
    other = Place(place.folder)
    sign = place.publisher._sign
    quick = threading.Thread(target=other.publisher.publish, args=(later(9),))

    def slowly(locked: Locked) -> object:
        other.append(statement(3))
        quick.start()
        quick.join(0.3)
        assert quick.is_alive()
        return sign(locked)

    monkeypatch.setattr(place.publisher, "_sign", slowly)
    assert place.publisher.publish(later(5)).size == 3
    quick.join()
    assert parse_checkpoint((place.log / "checkpoint").read_bytes(), SIGNER.verifiers).size == 4
    assert assert_ledger_is_whole(place.folder) == 4
    other.close()


def test_what_a_crash_left_in_the_staging_folder_goes_and_none_of_it_shows(place: Place) -> None:
    place.grow(0, 2)
    staging = place.folder / "log.staging"
    (staging / "123-0").write_bytes(b"half a til")
    place.open()
    place.publisher.check()
    assert not staging.exists()
    place.grow(2, 3)
    assert assert_ledger_is_whole(place.folder) == 3


def cut_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication dies after its files are written and before the lock store moves."""
    with monkeypatch.context() as patch:
        patch.setattr(type(place.lock), "compare_and_swap", dies)
        with pytest.raises(KeyboardInterrupt):
            place.publisher.publish(AT)


def with_document(place: Place, number: int, document: bytes) -> str:
    """Append an entry that refers to a document; the document's hash."""
    with place.store.writing() as connection:
        made = place.store.add_document(connection, document, "text/plain")
        reference = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
        place.store.append(connection, [statement(number, plan=reference)], AT)
    return made.sha256


def dies(*_arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("again", [1, 300])
def test_what_nobody_signed_for_goes_when_a_backup_takes_its_history_away(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: int
) -> None:
    place.grow(0, 199)
    with_document(place, 199, b"the plan that stays")
    place.publisher.publish(AT)
    place.store.engine.dispose()
    shutil.copytree(place.folder, tmp_path / "backup")
    with_document(place, 1000, b"the plan that stays")
    lost = with_document(place, 1001, b"the plan that goes")
    place.append(*[statement(n) for n in range(1002, 1400)])
    cut_off(place, monkeypatch)
    assert (place.log / "tile/entries/001").exists()
    assert (place.log / f"document/{lost}").exists()
    place.close()
    for file in place.folder.glob("ledger.sqlite*"):
        file.unlink()
    for file in (tmp_path / "backup").glob("ledger.sqlite*"):
        shutil.copy(file, place.folder / file.name)
    place.open()
    checkpoint = place.publisher.check()
    assert checkpoint is not None
    assert checkpoint.size == 200
    assert verify_log(place.folder, check=None).unpublished == []
    place.append(*[statement(n) for n in range(2000, 2000 + again)])
    place.publisher.publish(AT)
    assert assert_ledger_is_whole(place.folder) == 200 + again


def test_what_nobody_signed_for_stays_when_it_is_this_log_s_or_cannot_be_compared(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.grow(0, 200)
    place.append(*[statement(n) for n in range(200, 600)])
    cut_off(place, monkeypatch)
    (place.log / "tile/entries/readme").write_bytes(b"not ours")
    left = files_of(place.log)
    place.open()
    place.publisher.check()
    assert files_of(place.log) == left
    damage(place, DAMAGE["an entry's byte"])
    place.publisher.check()
    assert files_of(place.log) == left


def test_a_broken_bundle_that_nobody_signed_for_goes_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.grow(0, 200)
    place.append(*[statement(n) for n in range(200, 600)])
    cut_off(place, monkeypatch)
    (place.log / "tile/entries/001").write_bytes(b"half")
    place.open()
    place.publisher.check()
    assert not (place.log / "tile/entries/001").exists()
    place.publisher.publish(AT)
    assert assert_ledger_is_whole(place.folder) == 600
