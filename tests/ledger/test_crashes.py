from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.verify import verify_log
from tests.ledger.crashes import run_killed_at
from tests.ledger.stored import LOG, Place, files_of, later, statement
from tests.ledger_whole import assert_ledger_is_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = 254
"""Two entries below a full tile: the work crosses it, with its first tile of the next level."""


def append_and_publish(folder: Path) -> None:
    """Do what a portal does: start, append, publish; then append two at once with a document, publish."""
    place = Place(folder)
    place.publisher.check()
    place.append(statement(BASE))
    place.publisher.publish(later(10))
    with place.store.writing() as connection:
        made = place.store.add_document(connection, b"the plan", "text/plain")
        reference = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
        place.store.append(connection, [statement(BASE + 1, plan=reference), statement(BASE + 2)], later(20))
    place.publisher.publish(later(20))


def prepare(folder: Path, size: int) -> Path:
    place = Place(folder)
    if size:
        place.grow(0, size)
    place.close()
    return folder


def assert_published_bytes_stay(before: dict[str, bytes], folder: Path) -> None:
    after = files_of(folder / "log")
    before.pop("checkpoint", None)
    assert before.items() <= after.items()


def survive(folder: Path) -> None:
    """See that a killed process left a whole ledger, start again, and go on."""
    left = files_of(folder / "log") if (folder / "log").exists() else {}
    published = -1
    if "checkpoint" in left:
        report = verify_log(folder, check=None)
        assert report.findings == []
        published = report.size
    place = Place(folder)
    bound = place.lock.read(LOG)
    place.publisher.check()
    with place.store.reading() as connection:
        entries = list(place.store.entries(connection))
    checkpoint = place.publisher.publish(later(1000))
    assert checkpoint.size == len(entries) >= published
    if bound is not None and bound.size == len(entries):
        assert (checkpoint.root, checkpoint.time) == (bound.root, bound.time)
    assert_published_bytes_stay(left, folder)
    assert assert_ledger_is_whole(folder) == len(entries)
    report = verify_log(folder, check=None)
    assert (report.findings, report.unpublished) == ([], [])
    place.append(statement(10_000), at=later(1000))
    assert place.publisher.publish(later(1000)).size == len(entries) + 1
    place.close()


@pytest.mark.parametrize(
    ("base", "work"), [(BASE, append_and_publish), (0, append_and_publish)], ids=["across a full tile", "from nothing"]
)
def test_a_kill_at_any_step_leaves_a_whole_ledger(tmp_path: Path, base: int, work: Callable[[Path], None]) -> None:
    origin = prepare(tmp_path / "base", base)
    whole = tmp_path / "whole"
    shutil.copytree(origin, whole)
    steps = run_killed_at(-1, lambda: work(whole))
    assert steps is not None
    assert steps > 60
    survive(whole)
    for step in range(steps):
        folder = tmp_path / "killed"
        shutil.copytree(origin, folder)
        killed = folder
        assert run_killed_at(step, lambda killed=killed: work(killed)) is None  # type: ignore[misc]
        survive(folder)
        shutil.rmtree(folder)


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """Every append that returned before the kill is there after it, and nothing else is."""
    acknowledged = tmp_path / "acknowledged"
    folder = prepare(tmp_path / "data", 0)

    def work() -> None:
        place = Place(folder)
        with acknowledged.open("ab", buffering=0) as file:
            for number in range(1000):
                file.write(place.append(statement(number))[0].leaf_hash)

    assert run_killed_at(500, work) is None
    told = acknowledged.read_bytes()
    place = Place(folder)
    with place.store.reading() as connection:
        head = place.store.head(connection)
        held = b"".join(place.store.tile(connection, 0, 0, min(256, head.size)))
    assert len(told) > 0
    assert held.startswith(told)
    assert head.size - len(told) // 32 <= 1
    place.close()
