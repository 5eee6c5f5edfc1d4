"""Any order of appends, publications, crashes, backups and restores: nothing published is ever contradicted."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.errors import RefusedError
from ledger.tiles import tiles_of
from ledger.tree import verify_consistency
from ledger.verify import verify_log
from tests.ledger.stored import LOG, Place, files_of, later, statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.checkpoint import Checkpoint

CALLS = ("fsync", "link", "replace", "mkdir", "unlink")


class Crash(BaseException):
    """The end of a process, as far as its files can tell."""


class History(RuleBasedStateMachine):
    """One log, its operator's good and bad days, and an outsider who keeps whatever was published."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.place = Place(self.folder / "data")
        self.number = 0
        self.seconds = 0
        self.kept: list[Checkpoint] = []
        self.files: dict[str, bytes] = {}
        self.backups: list[tuple[Path, int]] = []

    def teardown(self) -> None:
        self.place.close()
        shutil.rmtree(self.folder)

    def fresh(self, count: int) -> list[Any]:
        self.number += count
        return [statement(number) for number in range(self.number - count, self.number)]

    def size(self) -> int:
        with self.place.store.reading() as connection:
            return self.place.store.head(connection).size

    def bound(self) -> int:
        locked = self.place.lock.read(LOG)
        return 0 if locked is None else locked.size

    @rule(count=st.integers(1, 5))
    def append(self, count: int) -> None:
        self.seconds += 1
        self.place.append(*self.fresh(count), at=later(self.seconds))

    @rule()
    def append_many(self) -> None:
        self.place.append(*self.fresh(120), at=later(self.seconds))

    @rule()
    def publish(self) -> None:
        self.seconds += 1
        self.kept.append(self.place.publisher.publish(later(self.seconds)))

    @rule()
    def restart(self) -> None:
        self.place.open()
        self.place.publisher.check()

    @rule(step=st.integers(0, 30))
    def crash_while_publishing(self, step: int) -> None:
        left = step

        def dying(call: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*arguments: Any, **options: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Crash
                return call(*arguments, **options)

            return counted

        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, dying(getattr(os, name)))
            try:
                self.kept.append(self.place.publisher.publish(later(self.seconds)))
            except Crash:
                self.seconds += 1
        self.restart()

    @rule()
    def back_up(self) -> None:
        size = self.size()
        self.place.store.engine.dispose()
        copy = self.folder / f"backup-{len(self.backups)}"
        self.move_database(self.place.folder, copy, shutil.copy)
        self.backups.append((copy, size))

    def move_database(self, source: Path, target: Path, how: Callable[[Path, Path], object]) -> None:
        target.mkdir(exist_ok=True)
        for old in target.glob("ledger.sqlite*"):
            old.unlink()
        for path in source.glob("ledger.sqlite*"):
            how(path, target / path.name)

    @precondition(lambda self: self.backups)
    @rule(which=st.integers(0, 99), also=st.integers(0, 300))
    def restore(self, which: int, also: int) -> None:
        """Go on from an old backup, perhaps with other entries in the place of those that were lost."""
        backup, size = self.backups[which % len(self.backups)]
        bound = self.bound()
        self.place.close()
        self.move_database(self.place.folder, self.folder / "today", shutil.move)
        self.move_database(backup, self.place.folder, shutil.copy)
        self.place.connect()
        if also:
            self.place.append(*self.fresh(also), at=later(self.seconds))
        before = files_of(self.place.log) if self.place.log.exists() else {}
        if size >= bound:
            self.place.publisher.check()
            return
        with pytest.raises(RefusedError) as caught:
            self.place.publisher.check()
        assert caught.value.reason == ("log-behind" if size + also < bound else "log-differs")
        with pytest.raises(RefusedError):
            self.place.append(*self.fresh(1), at=later(self.seconds))
        with pytest.raises(RefusedError):
            self.place.publisher.publish(later(self.seconds))
        assert (files_of(self.place.log) if self.place.log.exists() else {}) == before
        self.place.close()
        self.move_database(self.folder / "today", self.place.folder, shutil.copy)
        self.place.connect()
        self.place.publisher.check()

    @invariant()
    def no_published_byte_changes(self) -> None:
        if not (self.place.log / "checkpoint").exists():
            assert self.kept == []
            return
        now = files_of(self.place.log)
        assert self.files.items() <= now.items()
        # What is ahead of the lock was never published: it goes when another history takes its place.
        self.files |= {tile.path: now[tile.path] for tile in tiles_of(self.kept[-1].size if self.kept else 0)}
        assert verify_log(self.place.folder, check=None).findings == []

    @invariant()
    def every_checkpoint_ever_published_is_kept_to(self) -> None:
        if not self.kept:
            return
        last = self.kept[-1]
        with self.place.store.reading() as connection:
            for old in self.kept:
                assert old.size <= last.size
                proof = self.place.store.consistency_proof(connection, old.size, last.size)
                verify_consistency(old.size, last.size, old.root, last.root, proof)
                assert self.place.store.root_at(connection, old.size) == old.root


History.TestCase.settings = settings(
    max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
test_whatever_happens = History.TestCase
