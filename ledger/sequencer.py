"""
Lets many requests share one commit.

Rules of this module:

1. One thread writes. It takes whatever waits, up to 256 works, into one transaction: the disk is asked once for all of
   them, and an answer is given only after the commit.
2. Each work has a savepoint of its own. One that raises takes back what it wrote, and nobody else's.
3. When a commit fails it is not known whether it landed. The works learn that (`commit-unknown`) and the sequencer
   stops for good: whoever starts again reads from the store what is there, and nobody retries blindly.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, NestedTransaction

    from ledger.store import LedgerStore

    _Work: TypeAlias = tuple[Callable[[Connection], Any], Future[Any]]

T = TypeVar("T")
BATCH_LIMIT = 256
"""Works in one commit: beyond it the disk's share is small already, and the first would wait for the last."""


class _Outcome:
    """What became of one work; as a context manager it ends the work's savepoint, whatever the work raises."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future
        self.savepoint: NestedTransaction | None = None
        self.result: Any = None
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        """Begin: from here on the work's errors are its submitter's."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        assert self.savepoint is not None  # noqa: S101 -- set one line before
        if error is None:
            self.savepoint.commit()
        else:
            self.savepoint.rollback()
            self.error = error
        return True

    def answer(self) -> None:
        """Release whoever waits: the transaction is over."""
        if self.error is None:
            self._future.set_result(self.result)
        else:
            self._future.set_exception(self.error)


class Sequencer:
    """
    The one writer of a store in this process.

    It is a context manager: leaving it finishes what was submitted.
    """

    def __init__(self, store: LedgerStore) -> None:
        """Start the writing thread."""
        self._store = store
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """
        Have a work done in the next transaction.

        Args:
            work: Reads, decides, appends; it may raise, and must neither commit nor keep the connection.

        Returns:
            A future that holds the work's result once it is committed, or the work's own error.

        Raises:
            RefusedError: If the sequencer was closed or has stopped (`sequencer-closed`).
        """
        future: Future[T] = Future()
        with self._door:
            if not self._open:
                raise RefusedError("sequencer-closed", "nothing more is taken")
            self._waiting.put((work, future))
        return future

    def close(self) -> None:
        """Take nothing more, finish what waits, and end the thread."""
        with self._door:
            if self._open:
                self._open = False
                self._waiting.put(None)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch = [self._waiting.get()]
            while len(batch) < BATCH_LIMIT and batch[-1] is not None and not self._waiting.empty():
                batch.append(self._waiting.get())
            going_on = batch[-1] is not None
            works = [item for item in batch if item is not None and item[1].set_running_or_notify_cancel()]
            if works and not self._commit(works):
                going_on = False
                self._stop()

    def _commit(self, works: list[_Work]) -> bool:
        """Do the works in one transaction; tell whether the next may be begun."""
        outcomes = [_Outcome(future) for _, future in works]
        try:
            with self._store.writing() as connection:
                for (work, _), outcome in zip(works, outcomes, strict=True):
                    outcome.savepoint = connection.begin_nested()
                    with outcome:
                        outcome.result = work(connection)
        except RefusedError as error:  # the store is read-only: nothing was begun
            for outcome in outcomes:
                outcome.error = error
        except SQLAlchemyError as error:
            for outcome in outcomes:
                outcome.error = LedgerError("commit-unknown", "the commit failed; whether it landed is not known")
                outcome.error.__cause__ = error
                outcome.answer()
            return False
        for outcome in outcomes:
            outcome.answer()
        return True

    def _stop(self) -> None:
        """Refuse whatever waits: nothing of it was begun."""
        with self._door:
            self._open = False
        while not self._waiting.empty():
            item = self._waiting.get()
            if item is not None:
                item[1].set_exception(RefusedError("sequencer-closed", "a commit failed; nothing of this was begun"))
