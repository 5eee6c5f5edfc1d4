from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from ledger import parallel
from ledger.audit import EntryAudit
from ledger.checkpoint import parse_checkpoint
from ledger.folder import LogFolder
from ledger.inventory import take_inventory
from ledger.keykinds import verify_signature
from ledger.parallel import Part, Task, join, judge_part
from ledger.seen import UNKNOWN
from ledger.treeaudit import TreeAudit
from ledger.verify import Report, verify_log
from tests.ledger.stored import LOG, SIGNER, Place, later, statement

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 700


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("published") / "data")
    with place.store.writing() as connection:
        made = place.store.add_document(connection, b"the plan", "text/plain")
    plan = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
    place.append(*[statement(number, plan=plan) for number in range(3)], at=later(1))
    place.grow(3, 400, at=later(2))
    place.append(statement(400, plan=plan), at=later(3))
    place.grow(401, SIZE, at=later(4))
    place.close()
    return place.folder


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "LEAST_SIGNED", 1)
    monkeypatch.setattr(parallel, "LEAST_UNSIGNED", 1)


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "data")
    return tmp_path / "data"


def task(folder: Path) -> Task:
    log = LogFolder.open(folder)
    checkpoint = parse_checkpoint(log.checkpoint_bytes(), SIGNER.verifiers)
    return Task(log.source, checkpoint, take_inventory(log.source), verify_signature)


def both(folder: Path, **options: object) -> tuple[Report, Report]:
    return verify_log(folder, jobs=1, **options), verify_log(folder, jobs=2, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("check", [None, verify_signature])
def test_several_processes_report_what_one_does(published: Path, check: object) -> None:
    one, several = both(published, check=check)
    assert one == several
    assert (one.findings, one.size, one.documents) == ([], SIZE, 1)
    assert one.signatures == (None if check is None else SIZE)


def test_progress_is_told_by_parts(published: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_log(published, check=None, jobs=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(256, SIZE), (512, SIZE), (SIZE, SIZE)]


@pytest.mark.parametrize(
    "path",
    ["tile/entries/000", "tile/0/000", "tile/entries/001", "tile/0/001.p/144", "tile/0/002.p/188", "tile/1/000.p/2"],
)
def test_what_is_wrong_is_named_as_one_process_names_it(data: Path, path: str) -> None:
    content = bytearray((data / "log" / path).read_bytes())
    content[-9] ^= 1
    (data / "log" / path).write_bytes(content)
    one, several = both(data, check=None)
    assert one.findings == several.findings
    assert {name for name, _ in one.findings} == {path}


def test_a_missing_tile_before_a_part_is_found(data: Path) -> None:
    (data / "log/tile/0/000").unlink()
    assert judge_part(task(data), range(1, 2)) is None
    one, several = both(data, check=None)
    assert one.findings == several.findings != []


def test_a_small_log_is_not_shared(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "LEAST_SIGNED", SIZE + 1)
    monkeypatch.setattr(parallel, "ProcessPoolExecutor", None)
    assert verify_log(published, jobs=2).findings == []
    with pytest.raises(TypeError):
        verify_log(published, check=None, jobs=2)


def test_where_processes_cannot_share_a_lock_one_does_it_all(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "no semaphores in this container")

    monkeypatch.setattr(parallel, "ProcessPoolExecutor", refuse)
    report = verify_log(published, jobs=2)
    assert (report.findings, report.signatures) == ([], SIZE)


class Fatal:
    """Ends every process but the one it was made in."""

    def __init__(self) -> None:
        self.home = os.getpid()

    def __call__(self, key: str, message: bytes, signature: bytes) -> None:
        if os.getpid() != self.home:
            os._exit(1)
        verify_signature(key, message, signature)


def test_when_processes_die_one_does_it_all(published: Path) -> None:
    report = verify_log(published, check=Fatal(), jobs=2)
    assert (report.findings, report.signatures) == ([], SIZE)


class Unreachable:
    """A check that cannot be asked."""

    def __call__(self, _key: str, _message: bytes, _signature: bytes) -> None:
        raise OSError("no such device")


def test_what_is_not_known_is_not_taken_for_wrong(published: Path) -> None:
    with pytest.raises(OSError, match="no such device"):
        verify_log(published, check=Unreachable(), jobs=2)


@pytest.fixture
def parts(published: Path) -> list[Part]:
    found = [judge_part(task(published), range(number, number + 1)) for number in range(3)]
    return [part for part in found if part is not None]


def put_together(published: Path, parts: list[Part]) -> EntryAudit | None:
    told = task(published)
    audit = EntryAudit(LOG, None)
    tree = TreeAudit(LogFolder(told.source, None), told.checkpoint, told.inventory, audit, lambda *_: None)
    if join(parts, tree, audit):
        assert (len(tree.rows[0]), len(tree.edge)) == (2, SIZE - 512)
        return audit
    assert (tree.rows, tree.edge, audit.signatures, audit.references) == ([[]], [], 0, {})
    return None


def test_parts_in_order_make_the_whole(published: Path, parts: list[Part]) -> None:
    audit = put_together(published, parts)
    assert audit is not None
    assert (audit.signatures, len(audit.references)) == (SIZE, 1)


def test_parts_that_do_not_fit_are_not_joined(published: Path, parts: list[Part]) -> None:
    [name] = parts[0].references
    other = parts[0].references[name].__class__(length=9, media_type="text/plain", sha256=name)
    wrong = {
        "another leaf before": parts[1]._replace(before=UNKNOWN),
        "a time before the last": parts[1]._replace(first_time="2000-01-01T00:00:00.000Z"),
        "another length of a document": parts[1]._replace(references={name: other}),
    }
    for part in wrong.values():
        assert put_together(published, [parts[0], part, parts[2]]) is None
    assert put_together(published, [parts[1], parts[0], parts[2]]) is None


def test_a_part_of_a_log_that_is_not_there_is_an_error(data: Path) -> None:
    told = task(data)
    (data / "log/tile/entries/001").unlink()
    assert judge_part(told, range(1, 2)) is None
    assert isinstance(judge_part(told, range(1)), Part)


def test_a_process_leaves_it_to_its_parent_to_be_stopped() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        parallel._leave_stopping_to_the_parent()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
