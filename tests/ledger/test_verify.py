from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from ledger.ahead import Ahead
from ledger.checkpoint import CheckpointSigner, parse_vkeys
from ledger.entry import Entry, Signature, encode_entry, leaf_hash, parse_entry
from ledger.errors import LedgerError, MalformedError
from ledger.tiles import Tile, encode_bundle, needed_tiles, tiles_of
from ledger.tree import TreeBuilder
from ledger.verify import Report, verify_log
from tests.ledger.stored import AT, BOB, LOG, SIGNER, Place, files_of, later, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE = 259


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A log of 259 entries and two documents, published at 3, 256 and 259; tests change copies of it."""
    place = Place(tmp_path_factory.mktemp("published") / "data")
    place.grow(0, 3)
    with place.store.writing() as connection:
        references = [
            place.store.add_document(connection, data, "text/plain")
            for data in (b"the plan", b"a longer plan, and a map")
        ]
    plans = [{"length": each.length, "media_type": each.media_type, "sha256": each.sha256} for each in references]
    place.append(statement(3, plan=plans[0]), statement(4, plan=plans[1], again=plans[0]), at=later(1))
    place.grow(5, 256, at=later(2))
    place.grow(256, SIZE, at=later(3))
    place.close()
    return place.folder


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published / "log", tmp_path / "data" / "log")
    shutil.copy(published / "vkeys", tmp_path / "data" / "vkeys")
    return tmp_path / "data"


def findings(folder: Path) -> list[tuple[str, str]]:
    return verify_log(folder, check=None).findings


def reasons(folder: Path) -> set[tuple[str, str]]:
    """Tell each finding's path and stable code."""
    return {(path, reason.partition(":")[0]) for path, reason in findings(folder)}


def test_a_whole_log_has_no_findings(published: Path) -> None:
    report = verify_log(published)
    assert report.findings == report.unpublished == []
    assert (report.origin, report.size, report.signatures, report.documents) == (LOG, SIZE, SIZE, 2)
    assert report.time == int(AT.timestamp()) + 3
    assert report.files == len(files_of(published / "log")) == 10


@pytest.mark.parametrize("inner", ["data", "log", "log with its own keys"])
def test_the_log_is_found_in_the_data_folder_and_by_itself(data: Path, inner: str) -> None:
    if inner == "log with its own keys":
        (data / "vkeys").rename(data / "log" / "vkeys")
    assert findings(data if inner == "data" else data / "log") == []


def test_signatures_left_out_are_not_counted_as_checked(data: Path) -> None:
    assert verify_log(data, check=None).signatures is None


def test_progress_is_told_after_each_bundle(data: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_log(data, check=None, progress=lambda done, total: told.append((done, total)))
    assert told == [(256, SIZE), (SIZE, SIZE)]


def places_of(length: int) -> list[int]:
    """Choose bytes to flip: the ends and some in between."""
    return sorted({0, 1, 2, length // 3, length // 2, length - 2, length - 1})


def test_a_flipped_byte_anywhere_is_found_in_the_file_it_is_in(data: Path) -> None:
    whole = files_of(data / "log")
    for path, content in whole.items():
        for place in places_of(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            (data / "log" / path).write_bytes(changed)
            named = {name for name, _ in findings(data)}
            assert named == {path}, (path, place)
        (data / "log" / path).write_bytes(content)


def test_a_byte_more_or_less_is_found_in_the_file_it_is_in(data: Path) -> None:
    whole = files_of(data / "log")
    for path, content in whole.items():
        for changed in (content[:-1], content + b"x", b""):
            (data / "log" / path).write_bytes(changed)
            assert {name for name, _ in findings(data)} == {path}, path
        (data / "log" / path).write_bytes(content)


def test_every_byte_of_the_checkpoint_counts(data: Path) -> None:
    path = data / "log" / "checkpoint"
    content = path.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        [(name, reason)] = findings(data)
        assert name == "checkpoint"
        assert reason.partition(":")[0].startswith(("note-", "checkpoint-"))


def test_every_missing_file_is_named(data: Path) -> None:
    """All but the partial tiles of older checkpoints, of which nothing published tells that they must be there."""
    implied = {tile.path for tile in tiles_of(SIZE)} | {f"document/{name}" for name in documents(data)} | {"checkpoint"}
    for path, content in files_of(data / "log").items():
        (data / "log" / path).unlink()
        expected = (
            {(path, "checkpoint-missing" if path == "checkpoint" else "file-missing")} if path in implied else set()
        )
        assert reasons(data) == expected
        (data / "log" / path).write_bytes(content)


def documents(folder: Path) -> list[str]:
    return [path.name for path in (folder / "log" / "document").iterdir()]


STRAY = {
    "a note": "README",
    "a temporary checkpoint": "checkpoint.tmp",
    "a hidden file": ".hidden",
    "a temporary tile": "tile/0/000.p/.tmp-3",
    "a tile in another spelling": "tile/0/0",
    "a partial tile of width 0": "tile/0/000.p/0",
    "a partial tile of width 256": "tile/0/000.p/256",
    "a partial tile with a leading zero": "tile/0/000.p/03",
    "a tile of a level too many": "tile/2/000.p/1",
    "a tile of level 64": "tile/64/000",
    "a tile beyond the log": "tile/0/009",
    "a tile right after the log": "tile/0/002.p/1",
    "a bundle beyond the log": "tile/entries/x001/000",
    "a document nobody refers to": "document/" + "00" * 32,
    "a document by another name": "document/plan.pdf",
    "a folder's document": "document/" + "00" * 32 + "/more",
    "a second folder": "log/checkpoint",
    "a file of unprintable name": "a\nb",
}


@pytest.mark.parametrize("path", STRAY.values(), ids=STRAY)
def test_every_stray_file_is_named(data: Path, path: str) -> None:
    stray = data / "log" / path
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(bytes(32))
    assert reasons(data) == reasons(data / "log") == {(path, "stray-file")}


LINKS = ["checkpoint", "tile/0/000", "tile/entries/001.p/3", "tile/0/000.p/3", "tile/1"]


@pytest.mark.parametrize("path", LINKS)
def test_a_link_is_no_file(data: Path, path: str) -> None:
    inside = data / "log" / path
    outside = data / "elsewhere"
    inside.rename(outside)
    inside.symlink_to(outside)
    assert path in {name for name, _ in findings(data)}


def test_a_link_beside_the_log_is_stray(data: Path) -> None:
    (data / "log" / "again").symlink_to(data / "log" / "checkpoint")
    assert reasons(data) == {("again", "not-a-file")}


def test_empty_folders_are_no_files(data: Path) -> None:
    (data / "log" / "tile" / "2").mkdir()
    assert findings(data) == []


def test_a_log_without_checkpoint_is_not_verified(data: Path) -> None:
    (data / "log" / "checkpoint").unlink()
    assert reasons(data) == {("checkpoint", "checkpoint-missing")}


def test_the_keys_must_all_have_signed(data: Path) -> None:
    other = CheckpointSigner(LOG, b"x" * 32, b"m" * 32)
    report = verify_log(data, other.verifiers)
    assert [reason.partition(":")[0] for _, reason in report.findings] == ["checkpoint-signature-missing"]
    strangers = CheckpointSigner(LOG, b"x" * 32, b"y" * 32)
    report = verify_log(data, strangers.verifiers)
    assert [reason.partition(":")[0] for _, reason in report.findings] == ["note-unsigned"]


def test_what_cannot_be_asked_is_raised(data: Path, tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="folder-missing"):
        verify_log(tmp_path / "nowhere")
    with pytest.raises(MalformedError, match="log-address"):
        verify_log("ftp://example.org/log")
    (data / "vkeys").unlink()
    with pytest.raises(MalformedError, match="vkeys-missing"):
        verify_log(data)
    assert verify_log(data, SIGNER.verifiers, check=None).findings == []


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    place.publisher.publish(AT)
    report = verify_log(place.folder)
    assert (report.findings, report.size) == ([], 0)
    place.close()


class Forgery:
    """A log made by a hostile operator, who has the log's keys but not the authors'."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = [b""] * 0

    def take(self, data: Path) -> None:
        """Begin from the entries of an honest log."""
        found = files_of(data / "log")
        for number, width in ((0, 256), (1, SIZE - 256)):
            bundle = found[Tile(-1, number, width).path]
            while bundle:
                length = int.from_bytes(bundle[:2], "big")
                self.entries.append(bundle[2 : 2 + length])
                bundle = bundle[2 + length :]

    def change(self, place: int, /, **fields: Any) -> None:
        """Change one entry, and the links of all that follow, as an operator would."""
        parsed = [parse_entry(entry) for entry in self.entries]
        made = {name: getattr(parsed[place], name) for name in ("index", "previous", "signatures", "statement", "time")}
        self.entries[place] = encode_entry(Entry(**{**made, **fields}))
        for following in range(place + 1, len(parsed)):
            one = parsed[following]
            previous = leaf_hash(self.entries[following - 1]).hex()
            self.entries[following] = encode_entry(Entry(one.index, previous, one.signatures, one.statement, one.time))

    def publish(self, size: int | None = None) -> set[tuple[str, str]]:
        """Write and sign the whole log anew; tell what the verifier says, signatures included."""
        shutil.rmtree(self.folder / "log" / "tile")
        entries = self.entries[:size]
        leaves = [leaf_hash(entry) for entry in entries]
        builder = TreeBuilder()
        rows = {(0, place): leaf for place, leaf in enumerate(leaves)}
        rows |= {(level // 8, place): digest for level, place, digest in builder.extend(leaves) if level % 8 == 0}
        for tile in needed_tiles(0, len(entries)):
            places = range(tile.first, tile.first + tile.width)
            if tile.level < 0:
                content = encode_bundle([entries[place] for place in places])
            else:
                content = b"".join(rows[tile.level, place] for place in places)
            path = self.folder / "log" / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (self.folder / "log" / "checkpoint").write_bytes(SIGNER.sign(len(entries), builder.root(), 1_800_000_000))
        return {(path, reason.partition(":")[0]) for path, reason in verify_log(self.folder).findings}


@pytest.fixture
def forgery(data: Path) -> Forgery:
    made = Forgery(data)
    made.take(data)
    return made


BUNDLE = "tile/entries/000"
EDGE = "tile/entries/001.p/3"


def test_an_honest_log_published_anew_is_whole(forgery: Forgery) -> None:
    assert forgery.publish() == set()


def test_a_forged_signature_is_found(forgery: Forgery) -> None:
    signature = Signature(key=statement(1).keys[0], signature=bytes(64))
    forgery.change(1, signatures=[signature])
    assert forgery.publish() == {(BUNDLE, "signature")}


def test_a_statement_changed_after_it_was_signed_is_found(forgery: Forgery) -> None:
    forgery.change(257, statement=statement(9999).statement)
    assert forgery.publish() == {(EDGE, "signature")}


def test_a_second_signature_that_is_none_is_found(forgery: Forgery) -> None:
    honest = statement(1).signed.signatures[0]
    both = sorted([honest, Signature(key=BOB.key_id, signature=honest.signature)], key=lambda each: each.key)
    forgery.change(1, signatures=both)
    assert forgery.publish() == {(BUNDLE, "signature")}


def test_a_wrong_index_is_found(forgery: Forgery) -> None:
    forgery.change(258, index=300)
    assert forgery.publish() == {(EDGE, "entry-index")}


def test_a_broken_link_is_found(forgery: Forgery) -> None:
    forgery.change(258, previous="00" * 32)
    assert forgery.publish() == {(EDGE, "entry-previous")}


def test_a_link_broken_at_a_bundle_s_edge_is_found(forgery: Forgery) -> None:
    forgery.change(256, previous="00" * 32)
    assert forgery.publish() == {(EDGE, "entry-previous")}


def test_a_first_entry_that_names_one_before_it_is_found(forgery: Forgery) -> None:
    forgery.change(0, previous="11" * 32)
    assert forgery.publish() == {(BUNDLE, "entry-previous")}


def test_a_time_before_the_last_is_found_once_and_the_next_is_measured_by_the_last_good(forgery: Forgery) -> None:
    forgery.change(257, time="2020-01-01T00:00:00.000Z")
    assert forgery.publish() == {(EDGE, "entry-time-order")}
    assert len(findings(forgery.folder)) == 1


def test_a_statement_made_for_another_log_is_found(forgery: Forgery) -> None:
    other = statement(7, log="example.org/other")
    forgery.change(7, statement=other.statement, signatures=other.signed.signatures)
    assert forgery.publish() == {(BUNDLE, "log-name")}


def test_an_entry_in_another_spelling_is_found_and_the_others_are_judged(forgery: Forgery) -> None:
    forgery.entries[258] = forgery.entries[258].replace(b'"index":258', b'"index": 258')
    forgery.entries[256] = b"{}"
    found = forgery.publish()
    assert {(EDGE, "json-not-canonical"), (EDGE, "json-shape")} <= found


def test_documents_that_only_unreadable_entries_could_explain_are_not_called_stray(forgery: Forgery) -> None:
    forgery.entries[3] = forgery.entries[4] = b"[]"
    assert {path for path, _ in forgery.publish()} == {BUNDLE}
    changed = forgery.folder / "log" / "document" / documents(forgery.folder)[0]
    changed.write_bytes(b"other")
    assert reasons(forgery.folder) >= {(f"document/{changed.name}", "document-differs")}


def test_two_entries_that_state_two_lengths_of_a_document_are_found(forgery: Forgery) -> None:
    plan = dict(parse_entry(forgery.entries[3]).statement.body["plan"])  # type: ignore[call-overload]
    changed = statement(900, plan={**plan, "length": plan["length"] + 1})
    forgery.change(200, statement=changed.statement, signatures=changed.signed.signatures)
    assert forgery.publish() == {(BUNDLE, "document-length")}


def test_a_reference_that_is_none_is_found(forgery: Forgery) -> None:
    changed = statement(900, plan={"length": "long", "media_type": "text/plain", "sha256": "00" * 32})
    forgery.change(200, statement=changed.statement, signatures=changed.signed.signatures)
    assert forgery.publish() == {(BUNDLE, "document-reference")}


def test_a_log_signed_over_another_root_than_its_files_is_found(data: Path) -> None:
    (data / "log" / "checkpoint").write_bytes(SIGNER.sign(SIZE, b"r" * 32, 1_800_000_000))
    assert reasons(data) == {("checkpoint", "checkpoint-root")}


def test_bundle_and_tile_changed_together_are_both_named(forgery: Forgery, data: Path) -> None:
    before = files_of(data / "log")
    forgery.change(258, time="2030-01-01T00:00:00.000Z")
    forgery.publish()
    for path, content in before.items():
        if path not in {EDGE, "tile/0/001.p/3"}:
            (data / "log" / path).parent.mkdir(parents=True, exist_ok=True)
            (data / "log" / path).write_bytes(content)
    assert reasons(data) == {("checkpoint", "checkpoint-root")}


def test_bundle_and_tile_changed_apart_are_both_named(data: Path) -> None:
    for path in (EDGE, "tile/0/001.p/3"):
        content = bytearray((data / "log" / path).read_bytes())
        content[40] ^= 1
        (data / "log" / path).write_bytes(content)
    assert {EDGE, "tile/0/001.p/3"} <= {path for path, _ in findings(data)}


DOUBLE = [("tile/0/000", BUNDLE), ("tile/0/001.p/3", EDGE), ("tile/1/000.p/1", "tile/0/000")]


@pytest.mark.parametrize("paths", DOUBLE)
def test_two_files_missing_at_once_are_both_named(data: Path, paths: tuple[str, str]) -> None:
    for path in paths:
        (data / "log" / path).unlink()
    assert set(paths) <= {path for path, _ in findings(data)}


def cut_off(folder: Path, size: int, *, keep: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Grow the log and take the new checkpoint away again, as a publisher that was killed leaves it."""
    place = Place(folder)
    before = files_of(place.log)
    with place.store.reading() as connection:
        held = place.store.head(connection).size
        missing = [tile for tile in needed_tiles(held, size) if not keep(tile.path)]
    with place.store.writing() as connection:
        made = place.store.add_document(connection, b"ahead", "text/plain")
    reference = {"length": made.length, "media_type": made.media_type, "sha256": made.sha256}
    place.append(statement(5000, plan=reference))
    place.grow(held + 1, size)
    (place.log / "checkpoint").write_bytes(before["checkpoint"])
    for tile in missing:
        (place.log / tile.path).unlink()
    place.close()
    return sorted(files_of(place.log).keys() - before.keys())


@pytest.fixture
def cut(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "cut")
    return tmp_path / "cut"


@pytest.mark.parametrize("size", [260, 300, 512, 530, 768])
def test_files_ahead_of_the_checkpoint_are_unpublished_and_no_error(cut: Path, size: int) -> None:
    ahead = cut_off(cut, size)
    report = verify_log(cut)
    assert report.findings == []
    assert sorted(report.unpublished) == ahead
    assert any(path.startswith("document/") for path in ahead)


def test_some_of_the_files_ahead_are_enough(cut: Path) -> None:
    ahead = cut_off(cut, 530, keep=lambda path: path.startswith("tile/entries"))
    report = verify_log(cut)
    assert (report.findings, sorted(report.unpublished)) == ([], ahead)


def test_a_flipped_byte_ahead_of_the_checkpoint_is_found(cut: Path) -> None:
    ahead = cut_off(cut, 515)
    for path in ahead:
        content = (cut / "log" / path).read_bytes()
        changed = bytearray(content)
        changed[len(content) // 2] ^= 1
        (cut / "log" / path).write_bytes(changed)
        found = findings(cut)
        assert found, path
        if not path.startswith("tile/entries"):
            assert {name for name, _ in found} == {path}
        (cut / "log" / path).write_bytes(content)


def test_a_tile_ahead_without_its_entries_is_stray(cut: Path) -> None:
    ahead = cut_off(cut, 515, keep=lambda path: not path.startswith("tile/entries"))
    assert {path for path, _ in findings(cut)} == set(ahead)


def test_a_bundle_ahead_that_begins_with_another_past_is_stray(cut: Path) -> None:
    ahead = cut_off(cut, 265)
    path = cut / "log/tile/entries/001.p/9"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    assert {name for name, _ in findings(cut)} == set(ahead)


def test_a_file_ahead_that_is_longer_than_its_width_is_stray(cut: Path) -> None:
    cut_off(cut, 265)
    (cut / "log/tile/0/001.p/9").write_bytes(bytes(320))
    assert reasons(cut) == {("tile/0/001.p/9", "stray-file")}


class Shelf:
    """Files in memory."""

    name = "shelf"

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def pieces(self, path: str) -> Iterator[bytes] | None:
        return iter([self.files[path]]) if path in self.files else None


def test_files_ahead_are_followed_up_to_the_third_level_of_tiles() -> None:
    entries = [index.to_bytes(3, "big") for index in range(256 * 256 + 2)]
    leaves = [leaf_hash(entry) for entry in entries]
    rows = {(0, place): leaf for place, leaf in enumerate(leaves)}
    rows |= {(level // 8, place): node for level, place, node in TreeBuilder().extend(leaves) if level % 8 == 0}
    files = {}
    for tile in needed_tiles(0, len(entries)):
        places = range(tile.first, tile.first + tile.width)
        bundle = tile.level < 0
        files[tile.path] = (
            encode_bundle([entries[place] for place in places])
            if bundle
            else b"".join(rows[tile.level, place] for place in places)
        )
    found: list[tuple[str, LedgerError]] = []
    ahead = Ahead(Shelf(files), needed_tiles(0, len(entries)), [], [[]])
    ahead.judge(lambda path, error: found.append((path, error)))
    assert (found, set(ahead.fitting)) == ([], files.keys())
    assert "tile/2/000.p/1" in files


def test_an_unreadable_entry_ahead_explains_no_document() -> None:
    mark = b'{"media_type":1}'
    ahead = Ahead(Shelf({"tile/entries/000.p/1": encode_bundle([mark])}), [Tile(-1, 0, 1)], [], [[]])
    ahead.judge(lambda path, error: pytest.fail(f"{path}: {error}"))
    assert ahead.references == {}


def test_a_document_ahead_that_was_changed_is_found(cut: Path) -> None:
    [path] = [path for path in cut_off(cut, 260) if path.startswith("document/")]
    (cut / "log" / path).write_bytes(b"other")
    assert [name for name, _ in findings(cut)] == [path]


def test_an_unreadable_file_is_not_taken_for_a_missing_one(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: Any, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith("tile/0/000"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(LedgerError, match="log-unreachable"):
        verify_log(data)


def test_a_report_begins_with_nothing() -> None:
    assert Report("x").findings == []


def test_vkeys_given_by_hand_count(data: Path) -> None:
    keys = parse_vkeys((data / "vkeys").read_bytes())
    (data / "vkeys").write_text("no key at all\n")
    assert verify_log(data, keys, check=None).findings == []
    with pytest.raises(MalformedError):
        verify_log(data)
