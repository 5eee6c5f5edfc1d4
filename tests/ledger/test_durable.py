from __future__ import annotations

import os
from pathlib import Path

import pytest

from ledger.durable import DurableFolder
from ledger.errors import RefusedError
from tests.ledger.stored import files_of


def test_a_file_is_created_once_and_found_the_same(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path / "log")
    folder.create("a/b/c", b"one")
    folder.create("a/b/c", b"one")
    folder.settle()
    assert files_of(tmp_path / "log") == {"a/b/c": b"one"}
    assert (tmp_path / "log/a/b/c").stat().st_mode & 0o777 == 0o644


def test_a_file_with_other_bytes_is_never_written_over(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path / "log")
    folder.create("a", b"one")
    with pytest.raises(RefusedError, match="log-differs"):
        folder.create("a", b"two")
    assert files_of(tmp_path / "log") == {"a": b"one"}


@pytest.mark.parametrize(("theirs", "refused"), [(b"one", ""), (b"two", "log-differs")])
def test_of_two_writers_the_first_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theirs: bytes, refused: str
) -> None:
    folder = DurableFolder(tmp_path / "log")
    link = os.link

    def lose(source: str, target: Path) -> None:
        target.write_bytes(theirs)
        link(source, target)

    monkeypatch.setattr(os, "link", lose)
    if refused:
        with pytest.raises(RefusedError, match=refused):
            folder.create("a", b"one")
    else:
        folder.create("a", b"one")
    assert files_of(tmp_path / "log") == {"a": theirs}
    assert not list((tmp_path / "log.staging").iterdir())


def test_replacing_changes_one_file_in_one_step(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path / "log")
    folder.replace("checkpoint", b"one")
    folder.replace("checkpoint", b"two")
    assert files_of(tmp_path / "log") == {"checkpoint": b"two"}


def test_whatever_was_named_is_flushed_with_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    folder = DurableFolder(tmp_path / "log")
    folder.create("a/b/c", b"one")
    assert [path for path in flushed if "staging" not in path] == []
    assert len(flushed) == 1
    folder.settle()
    assert {str(tmp_path / "log/a/b"), str(tmp_path / "log/a"), str(tmp_path / "log"), str(tmp_path)} == set(
        flushed[1:]
    )


def test_clearing_removes_the_staging_folder_only(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path / "log")
    folder.create("a", b"one")
    (tmp_path / "log.staging/9-9").write_bytes(b"on")
    folder.clear()
    folder.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
