from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ledger.errors import LedgerError, RefusedError
from ledger.sequencer import BATCH_LIMIT, Sequencer
from ledger.store import LedgerStore, open_engine
from tests.ledger.stored import AT, LOG, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

PATIENCE_S = 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LedgerStore]:
    made = LedgerStore(open_engine(tmp_path / "ledger.sqlite"), LOG)
    made.create()
    yield made
    made.engine.dispose()


def appending(store: LedgerStore, number: int) -> Callable[[Connection], int]:
    return lambda connection: store.append(connection, [statement(number)], AT)[0].index


class Held:
    """A work that keeps the sequencer busy until it is let go, so that others pile up behind it."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self.begun.set()
        assert self.let_go.wait(PATIENCE_S)


def size(store: LedgerStore) -> int:
    with store.reading() as connection:
        return store.head(connection).size


def test_works_submitted_together_share_commits(store: LedgerStore) -> None:
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    held = Held()
    with Sequencer(store) as sequencer:
        first = sequencer.submit(held)
        assert held.begun.wait(PATIENCE_S)
        futures = [sequencer.submit(appending(store, number)) for number in range(BATCH_LIMIT + 3)]
        held.let_go.set()
        assert first.result(PATIENCE_S) is None
        assert [future.result(PATIENCE_S) for future in futures] == list(range(BATCH_LIMIT + 3))
    assert len(commits) == 3
    assert size(store) == BATCH_LIMIT + 3


def test_an_answer_comes_after_the_commit(store: LedgerStore) -> None:
    with Sequencer(store) as sequencer:
        assert sequencer.submit(appending(store, 1)).result(PATIENCE_S) == 0
        assert size(store) == 1


def test_many_threads_get_indices_without_a_gap(store: LedgerStore) -> None:
    with Sequencer(store) as sequencer:
        indices: list[int] = []

        def submit(start: int) -> None:
            numbers = range(start, start + 20)
            indices.extend(sequencer.submit(appending(store, number)).result(PATIENCE_S) for number in numbers)

        threads = [threading.Thread(target=submit, args=(start,)) for start in range(0, 160, 20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(indices) == list(range(160))


def test_one_bad_work_does_not_sink_the_others(store: LedgerStore) -> None:
    held = Held()

    def half(connection: Connection) -> None:
        store.append(connection, [statement(100)], AT)
        raise KeyError("after an append")

    with Sequencer(store) as sequencer:
        sequencer.submit(held)
        assert held.begun.wait(PATIENCE_S)
        futures = [
            sequencer.submit(appending(store, 1)),
            sequencer.submit(half),
            sequencer.submit(appending(store, 1)),
            sequencer.submit(appending(store, 2)),
        ]
        held.let_go.set()
        assert futures[0].result(PATIENCE_S) == 0
        assert isinstance(futures[1].exception(PATIENCE_S), KeyError)
        error = futures[2].exception(PATIENCE_S)
        assert isinstance(error, RefusedError)
        assert error.reason == "entry-duplicate"
        assert futures[3].result(PATIENCE_S) == 1
    assert size(store) == 2


def test_a_work_cancelled_while_it_waits_is_never_begun(store: LedgerStore) -> None:
    held = Held()
    with Sequencer(store) as sequencer:
        sequencer.submit(held)
        assert held.begun.wait(PATIENCE_S)
        cancelled = sequencer.submit(appending(store, 1))
        assert cancelled.cancel()
        held.let_go.set()
    assert size(store) == 0


def test_closing_finishes_what_waits_and_takes_no_more(store: LedgerStore) -> None:
    sequencer = Sequencer(store)
    futures = [sequencer.submit(appending(store, number)) for number in range(5)]
    sequencer.close()
    sequencer.close()
    assert [future.result(0) for future in futures] == [0, 1, 2, 3, 4]
    with pytest.raises(RefusedError, match="sequencer-closed"):
        sequencer.submit(appending(store, 6))


def test_a_read_only_log_refuses_each_work_and_the_sequencer_lives_on(store: LedgerStore) -> None:
    store.close_writing(RefusedError("log-behind"))
    with Sequencer(store) as sequencer:
        for number in range(2):
            error = sequencer.submit(appending(store, number)).exception(PATIENCE_S)
            assert isinstance(error, RefusedError)
            assert error.reason == "log-behind"


def test_after_a_commit_that_failed_nothing_more_is_begun(store: LedgerStore) -> None:
    held = Held()

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    sequencer = Sequencer(store)
    first = sequencer.submit(held)
    assert held.begun.wait(PATIENCE_S)
    event.listen(store.engine, "commit", fail)
    waiting = [sequencer.submit(appending(store, number)) for number in range(BATCH_LIMIT)]
    held.let_go.set()
    error = first.exception(PATIENCE_S)
    assert isinstance(error, LedgerError)
    assert error.reason == "commit-unknown"
    for future in waiting:
        refused = future.exception(PATIENCE_S)
        assert isinstance(refused, RefusedError)
        assert refused.reason == "sequencer-closed"
    with pytest.raises(RefusedError, match="sequencer-closed"):
        sequencer.submit(appending(store, 1))
    sequencer.close()
    event.remove(store.engine, "commit", fail)
    assert size(store) == 0


def test_closing_while_a_commit_fails_ends_all_the_same(store: LedgerStore) -> None:
    held = Held()

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    sequencer = Sequencer(store)
    first = sequencer.submit(held)
    assert held.begun.wait(PATIENCE_S)
    event.listen(store.engine, "commit", fail)
    waiting = sequencer.submit(appending(store, 1))
    closing = threading.Thread(target=sequencer.close)
    closing.start()
    while not sequencer_is_closed(sequencer):
        pass
    held.let_go.set()
    closing.join(PATIENCE_S)
    assert not closing.is_alive()
    assert first.exception(0) is not None
    assert isinstance(waiting.exception(0), LedgerError)
    event.remove(store.engine, "commit", fail)


def sequencer_is_closed(sequencer: Sequencer) -> bool:
    with sequencer._door:
        return not sequencer._open
