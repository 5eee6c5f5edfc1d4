from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import LedgerError, MalformedError, VerificationError
from ledger.folder import LogFolder
from ledger.source import DirectorySource, WebSource, digest, read
from ledger.tiles import Tile
from ledger.verify import verify_log
from tests.ledger.stored import AT, SIGNER, Place, statement
from tests.ledger.web import Handler, packed, plainly, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.ledger.web import Answer

SIZE = 259


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = Place(tmp_path_factory.mktemp("published") / "data")
    with place.store.writing() as connection:
        made = place.store.add_document(connection, b"the plan", "text/plain")
    plan = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
    place.append(statement(0, plan=plan))
    place.grow(1, SIZE)
    place.close()
    return place.folder


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "data")
    return tmp_path / "data"


def test_entries_come_in_order_from_any_part_of_the_log(published: Path) -> None:
    folder = LogFolder.open(published)
    assert folder.size() == SIZE
    entries = list(folder.entries())
    assert len(entries) == SIZE
    assert list(folder.entries(250, 258)) == entries[250:258]
    assert list(folder.entries(256)) == entries[256:]
    assert list(folder.entries(5, 5)) == []


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, SIZE + 1)])
def test_entries_beyond_the_log_are_refused(published: Path, start: int, end: int) -> None:
    with pytest.raises(VerificationError, match="entry-missing"):
        list(LogFolder.open(published).entries(start, end))


def test_an_entry_that_is_not_what_its_leaf_hash_says_is_refused(data: Path) -> None:
    path = data / "log/tile/entries/000"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(VerificationError, match="bundle-differs"):
        list(LogFolder.open(data).entries())


def test_a_missing_tile_is_told(data: Path) -> None:
    (data / "log/tile/0/000").unlink()
    with pytest.raises(VerificationError, match="tile-missing"):
        list(LogFolder.open(data).entries())


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(data: Path) -> None:
    place = Place(data)
    checkpoint = (data / "log/checkpoint").read_bytes()
    expected = list(LogFolder.open(data).entries())
    place.grow(SIZE, 512)
    place.close()
    (data / "log/checkpoint").write_bytes(checkpoint)
    shutil.rmtree(data / "log/tile/entries/001.p")
    shutil.rmtree(data / "log/tile/0/001.p")
    folder = LogFolder.open(data)
    assert list(folder.entries()) == expected
    assert folder.read_tile(Tile(0, 1, 3))[1] == 256
    with serving(data / "log") as address:
        assert verify_log(address, SIGNER.verifiers).findings == []


def test_a_document_is_compared_with_its_name(data: Path) -> None:
    folder = LogFolder.open(data)
    name = hashlib.sha256(b"the plan").hexdigest()
    assert folder.document(name) == b"the plan"
    (data / "log/document" / name).write_bytes(b"a plan")
    with pytest.raises(VerificationError, match="document-differs"):
        folder.document(name)
    with pytest.raises(VerificationError, match="document-missing"):
        folder.document("00" * 32)


def test_files_larger_than_can_be_are_not_read_to_the_end(data: Path) -> None:
    source = DirectorySource(data / "log")
    assert read(source, "tile/0/000", 8192) is not None
    with pytest.raises(MalformedError, match="file-size"):
        read(source, "tile/0/000", 8191)
    assert digest(source, "tile/0/000", 8192) == (
        hashlib.sha256((data / "log/tile/0/000").read_bytes()).digest(),
        8192,
    )
    with pytest.raises(MalformedError, match="file-size"):
        digest(source, "tile/0/000", 8191)
    assert digest(source, "tile/0/009", 8192) is None


def test_folders_links_and_pipes_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    source = DirectorySource(tmp_path)
    for name in ("folder", "link", "loop", "pipe", "nothing", "nothing/below"):
        assert read(source, name, 10) is None
    (tmp_path / "folder/file").touch()
    listed = [("folder/file", True), ("link", False), ("loop", False), ("pipe", False)]
    assert list(source.paths()) == listed


def test_a_disk_that_fails_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to("/proc/self")
    with pytest.raises(LedgerError, match="log-unreachable"):
        read(DirectorySource(tmp_path), "self/mem", 10)


def test_the_log_over_http_is_verified_as_well(published: Path) -> None:
    with serving(published / "log") as address:
        report = verify_log(address, SIGNER.verifiers)
    assert (report.findings, report.size, report.documents, report.files) == ([], SIZE, 1, 0)


def test_an_address_without_a_last_slash_is_the_same(published: Path) -> None:
    with serving(published / "log") as address:
        assert LogFolder.open(address.rstrip("/")).size() == SIZE


def test_compressed_answers_are_expanded_up_to_the_limit(published: Path) -> None:
    with serving(published / "log", packed) as address:
        assert verify_log(address, SIGNER.verifiers).findings == []
        source = WebSource(address)
        assert read(source, "tile/0/000", 8192) == (published / "log/tile/0/000").read_bytes()
        with pytest.raises(MalformedError, match="file-size"):
            read(source, "tile/0/000", 8191)


def bomb(handler: Handler, _data: bytes | None) -> None:
    packed(handler, bytes(64 << 20))


def test_an_answer_that_expands_without_end_is_cut_off(published: Path) -> None:
    with serving(published / "log", bomb) as address, pytest.raises(MalformedError, match="file-size"):
        read(WebSource(address), "checkpoint", 3 << 20)


def test_a_changed_byte_over_http_is_found(data: Path) -> None:
    path = data / "log/tile/entries/001.p/3"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with serving(data / "log") as address:
        assert {name for name, _ in verify_log(address, SIGNER.verifiers).findings} == {"tile/entries/001.p/3"}


def broken(handler: Handler, _data: bytes | None) -> None:
    handler.send(500, b"")


def gone(handler: Handler, _data: bytes | None) -> None:
    handler.send(410, b"")


def cut_short(handler: Handler, _data: bytes | None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"half")


def no_http(handler: Handler, _data: bytes | None) -> None:
    handler.wfile.write(b"hello\r\n\r\n")


def bad_gzip(handler: Handler, _data: bytes | None) -> None:
    handler.send(200, b"not packed", Content_Encoding="gzip")


def cut_gzip(handler: Handler, data: bytes | None) -> None:
    handler.send(200, gzip.compress(data or b"")[:-20], Content_Encoding="gzip")


@pytest.mark.parametrize("answer", [broken, cut_short, no_http, bad_gzip, cut_gzip])
def test_a_server_that_does_not_answer_is_not_taken_for_an_empty_log(published: Path, answer: Answer) -> None:
    with serving(published / "log", answer) as address, pytest.raises(LedgerError, match="log-unreachable"):
        read(WebSource(address), "checkpoint", 1 << 20)


def test_a_file_that_is_gone_is_missing(published: Path) -> None:
    with serving(published / "log", gone) as address:
        assert read(WebSource(address), "checkpoint", 1000) is None
        with pytest.raises(VerificationError, match="checkpoint-missing"):
            LogFolder.open(address).checkpoint_bytes()


def test_nobody_listening_is_told(published: Path) -> None:
    with serving(published / "log", plainly) as address:
        pass
    with pytest.raises(LedgerError, match="log-unreachable"):
        read(WebSource(address), "checkpoint", 1 << 20)
    with pytest.raises(LedgerError, match="log-unreachable"):
        read(WebSource("http://127.0.0.1:port/log"), "checkpoint", 1000)


def test_keys_that_come_with_an_address_are_not_believed(published: Path) -> None:
    with serving(published / "log") as address, pytest.raises(MalformedError, match="vkeys-missing"):
        verify_log(address)


@pytest.mark.parametrize("place", ["ftp://example.org/log", "file:///etc", "://"])
def test_only_http_addresses_are_read(place: str) -> None:
    with pytest.raises(MalformedError, match="log-address"):
        LogFolder.open(place)


def test_a_log_folder_is_told_from_a_data_folder(data: Path) -> None:
    assert LogFolder.open(data).name == LogFolder.open(data / "log").name == str(data / "log")
    with pytest.raises(MalformedError, match="folder-missing"):
        LogFolder.open(data / "vkeys")


def test_the_moment_is_kept(published: Path) -> None:
    assert verify_log(published).time == int(AT.timestamp())
