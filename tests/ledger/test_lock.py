from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import RefusedError
from ledger.lock import Locked, LockStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = "example.org/log"
ONE = Locked(1, b"1" * 32, 1000)
TWO = Locked(2, b"2" * 32, 1001)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[LockStore]:
    made = LockStore(tmp_path / "lock.sqlite")
    yield made
    made.close()


def test_a_log_that_never_published_is_bound_to_nothing(lock: LockStore) -> None:
    assert lock.read(LOG) is None


def test_the_lock_moves_from_what_was_seen(lock: LockStore) -> None:
    lock.compare_and_swap(LOG, None, ONE)
    assert lock.read(LOG) == ONE
    lock.compare_and_swap(LOG, ONE, TWO)
    assert lock.read(LOG) == TWO
    assert lock.read("example.org/other") is None


STALE = {
    "nothing seen though bound": None,
    "another size": Locked(0, ONE.root, ONE.time),
    "another root": Locked(1, TWO.root, ONE.time),
    "another time": Locked(1, ONE.root, TWO.time),
}


@pytest.mark.parametrize("seen", STALE.values(), ids=STALE)
def test_whoever_saw_something_else_loses(lock: LockStore, seen: Locked | None) -> None:
    lock.compare_and_swap(LOG, None, ONE)
    with pytest.raises(RefusedError, match="lock-moved"):
        lock.compare_and_swap(LOG, seen, TWO)
    assert lock.read(LOG) == ONE


def test_a_log_bound_to_nothing_cannot_move_from_something(lock: LockStore) -> None:
    with pytest.raises(RefusedError, match="lock-moved"):
        lock.compare_and_swap(LOG, ONE, TWO)
    assert lock.read(LOG) is None


@pytest.mark.parametrize("new", [ONE, Locked(1, TWO.root, 2000), Locked(0, TWO.root, 2000)])
def test_the_lock_never_stands_still_nor_goes_back(lock: LockStore, new: Locked) -> None:
    lock.compare_and_swap(LOG, None, ONE)
    with pytest.raises(RefusedError, match="lock-shrinks"):
        lock.compare_and_swap(LOG, ONE, new)
    assert lock.read(LOG) == ONE


def test_the_lock_outlives_its_process(tmp_path: Path) -> None:
    first = LockStore(tmp_path / "lock.sqlite")
    first.compare_and_swap(LOG, None, ONE)
    first.close()
    second = LockStore(tmp_path / "lock.sqlite")
    assert second.read(LOG) == ONE
    second.close()
