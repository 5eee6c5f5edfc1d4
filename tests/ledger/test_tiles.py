from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import tiles
from ledger.errors import MalformedError
from tests.ledger import vectors

KNOWN = vectors.load("tiles")


@pytest.mark.parametrize(("path", "tile"), KNOWN["good"].items())
def test_a_path_names_one_tile_and_a_tile_one_path(path: str, tile: list[int]) -> None:
    assert tiles.parse_path(path) == tuple(tile)
    assert tiles.Tile(*tile).path == path


def test_paths_of_hash_tiles_and_bundles_have_their_own_functions() -> None:
    assert tiles.tile_path(1, 2, 3) == "tile/1/002.p/3"
    assert tiles.entries_path(2) == "tile/entries/002"
    assert tiles.entries_path(2, 3) == "tile/entries/002.p/3"


@pytest.mark.parametrize("path", KNOWN["refused"])
def test_a_path_in_another_spelling_is_refused(path: str) -> None:
    assert vectors.outcome(lambda: tiles.parse_path(path)) == KNOWN["refused"][path]["refused"]


def test_the_last_tile_of_leaves_has_a_path() -> None:
    tile = tiles.Tile(0, tiles.NUMBER_LIMIT)
    assert tiles.parse_path(tile.path) == tile
    assert vectors.outcome(lambda: tiles.parse_path(tiles.Tile(0, tiles.NUMBER_LIMIT + 1).path)) == "tile-path"


@given(st.text("tile/entries0123456789x.p", max_size=30))
def test_any_path_is_refused_or_written_back_unchanged(path: str) -> None:
    try:
        tile = tiles.parse_path(path)
    except MalformedError:
        return
    assert tile.path == path


@given(st.integers(-1, 63), st.integers(0, tiles.NUMBER_LIMIT), st.integers(1, 256))
def test_every_tile_is_found_under_its_path(level: int, number: int, width: int) -> None:
    tile = tiles.Tile(level, number, width)
    assert tiles.parse_path(tile.path) == tile


@pytest.mark.parametrize(("size", "expected"), KNOWN["sizes"].items())
def test_the_last_files_of_each_level_follow_from_the_size(size: str, expected: list[str]) -> None:
    files = tiles.tiles_of(int(size))
    assert set(expected) <= {tile.path for tile in files}
    partial = {tile.path for tile in files if tile.width < tiles.WIDTH}
    assert partial == {path for path in expected if ".p/" in path}


@given(st.integers(0, 200_000), st.integers(0, 3000))
def test_a_log_grown_in_steps_has_every_file_that_each_size_implies(old: int, more: int) -> None:
    new = old + more
    written = tiles.needed_tiles(old, new)
    assert len(set(written)) == len(written)
    assert set(tiles.tiles_of(new)) == set(written) | (set(tiles.tiles_of(old)) & set(tiles.tiles_of(new)))
    assert not set(written) & set(tiles.tiles_of(old))
    for tile in tiles.tiles_of(new):
        assert (tile.first + tile.width) << (tiles.HEIGHT * max(tile.level, 0)) <= new


def test_nothing_is_written_when_nothing_is_new() -> None:
    assert tiles.needed_tiles(70_000, 70_000) == tiles.tiles_of(0) == []


def test_a_tile_of_hashes_is_as_long_as_its_width() -> None:
    hashes = [bytes([place]) * 32 for place in range(5)]
    assert tiles.split_tile(b"".join(hashes), 5) == hashes
    for data, width in ((b"", 1), (bytes(31), 1), (bytes(33), 1), (bytes(64), 1), (bytes(32), 2)):
        assert vectors.outcome(lambda: tiles.split_tile(data, width)) == "tile-length"  # noqa: B023 -- called at once


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_read_back(entries: list[bytes]) -> None:
    data = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(data, len(entries)) == entries
    assert vectors.outcome(lambda: tiles.decode_bundle(data, len(entries) + 1)) == "bundle-truncated"
    assert vectors.outcome(lambda: tiles.decode_bundle(data, len(entries) - 1)) == "bundle-trailing"
    assert vectors.outcome(lambda: tiles.decode_bundle(data[:-1], len(entries))) == "bundle-truncated"
    assert vectors.outcome(lambda: tiles.decode_bundle(data + b"\0", len(entries))) == "bundle-trailing"


@given(st.binary(max_size=40), st.integers(1, 4))
def test_any_bytes_are_refused_as_a_bundle_or_written_back_unchanged(data: bytes, width: int) -> None:
    try:
        entries = tiles.decode_bundle(data, width)
    except MalformedError:
        return
    assert tiles.encode_bundle(entries) == data


def test_a_bundle_holds_one_to_256_entries_of_at_most_65535_bytes() -> None:
    largest = bytes(65_535)
    assert tiles.decode_bundle(tiles.encode_bundle([largest]), 1) == [largest]
    assert len(tiles.decode_bundle(tiles.encode_bundle([b""] * 256), 256)) == 256
    assert vectors.outcome(lambda: tiles.encode_bundle([largest + b"\0"])) == "bundle-entry"
    assert vectors.outcome(lambda: tiles.encode_bundle([])) == "bundle-width"
    assert vectors.outcome(lambda: tiles.encode_bundle([b""] * 257)) == "bundle-width"
