"""A keeper's copy of the record: fetched once, verified whole, grown, and never lost between two steps."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.folder import LogFolder
from ledger.source import DirectorySource
from ledger.tiles import ENTRIES, WIDTH, tiles_of
from portal.keeper.copying import copy_record
from portal.procurement.refusal import Refusal
from tests.keeper.conftest import Served
from tests.portal.town import PILOT, Town, refusal_of

Start = Callable[..., Served]


class Asked(DirectorySource):
    """Files below a folder, and which were asked for; `gone` are not there."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []
        self.gone: set[str] = set()

    def pieces(self, path: str) -> Iterator[bytes] | None:
        self.asked.append(path)
        return None if path in self.gone else super().pieces(path)


def _copy(town: Town, target: Path, source: DirectorySource | None = None) -> int:
    town.office.publish()
    verifiers = LogFolder.open(town.office.folder.root).vkeys
    source = source or DirectorySource(town.office.folder.log)
    return copy_record(source, target, verifiers, town.office.origin).checkpoint.size


def _fill(town: Town, count: int) -> None:
    """Let firms register, so that the record has more than one bundle."""
    for number in range(count):
        town.firm(f"filler-{number}")


def test_only_what_is_new_is_fetched(serve: Start, tmp_path: Path) -> None:
    town = serve().town
    _fill(town, 240)
    size = _copy(town, tmp_path / "log")
    assert size > WIDTH
    town.firm("later")
    town.office.publish()
    source = Asked(town.office.folder.log)
    assert _copy(town, tmp_path / "log", source) == size + 1
    fetched = {path for path in source.asked if not path.startswith("checkpoint")}
    assert "tile/entries/000" not in fetched
    assert not {path for path in fetched if path.startswith("document/")}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("log")) == ["log"]


def test_a_partial_tile_that_the_server_has_no_more_is_cut_from_the_full_one(serve: Start, tmp_path: Path) -> None:
    town = serve().town
    town.office.publish()
    old = tmp_path / "old"
    shutil.copytree(town.office.folder.log, old)
    size = LogFolder.open(old).size()
    _fill(town, 240)
    town.office.publish()
    source = Asked(town.office.folder.log)
    partial = {tile.path for tile in tiles_of(size) if tile.level in {ENTRIES, 0}}
    source.gone = partial
    shutil.copy(old / "checkpoint", tmp_path / "checkpoint")

    class Older(Asked):
        """The newer files behind the older checkpoint, as a cache may serve them."""

        def pieces(self, path: str) -> Iterator[bytes] | None:
            if path == "checkpoint":
                return iter([(tmp_path / "checkpoint").read_bytes()])
            return super().pieces(path)

    behind = Older(town.office.folder.log)
    behind.gone = partial
    assert _copy(town, tmp_path / "log", behind) == size


def test_a_crash_between_two_steps_loses_no_copy(serve: Start, tmp_path: Path) -> None:
    town = serve().town
    target = tmp_path / "log"
    size = _copy(town, target)
    target.replace(tmp_path / "log.before")
    (tmp_path / "log.next").mkdir()
    (tmp_path / "log.next" / "rest").write_bytes(b"of a copy that was cut off")
    old = tmp_path / "shorter"
    shutil.copytree(town.office.folder.log, old)
    town.firm("later")
    assert _copy(town, target) == size + 1
    with pytest.raises(LedgerError, match="log-shrank"):
        _copy(town, target, DirectorySource(old))
    assert LogFolder.open(target).size() == size + 1


def test_a_document_that_is_missing_or_altered_is_found(serve: Start, tmp_path: Path) -> None:
    town = serve().town
    town.office.publish()
    other = tmp_path / "other"
    shutil.copytree(town.office.folder.log, other)
    document = next((other / "document").iterdir())
    document.write_bytes(document.read_bytes()[:-1] + b"?")
    with pytest.raises(Refusal, match="record-false") as refused:
        _copy(town, tmp_path / "log", DirectorySource(other))
    assert refused.value.figures["path"] == f"document/{document.name}"
    document.unlink()
    assert refusal_of(lambda: _copy(town, tmp_path / "log", DirectorySource(other))) == "record-false"
    assert not (tmp_path / "log").exists(), "nothing that does not hold is kept"


def test_another_record_s_checkpoint_is_refused(serve: Start, tmp_path: Path) -> None:
    town = serve().town
    town.office.publish()
    verifiers = LogFolder.open(town.office.folder.root).vkeys
    source = DirectorySource(town.office.folder.log)
    reason = refusal_of(lambda: copy_record(source, tmp_path / "log", verifiers, "other.example/log"))
    assert reason == "checkpoint-origin-other"
    assert town.case().id == PILOT
