"""
A forger with the log's own keys: alters entries, chains and signs everything anew.

What an operator could do before anybody holds an older checkpoint. `python -m ledger verify` sees broken signatures of
people; `recompute` sees what does not follow.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger import canonical
from ledger.checkpoint import load_signer
from ledger.entry import leaf_hash
from ledger.folder import LogFolder
from ledger.tiles import ENTRIES, WIDTH, encode_bundle, needed_tiles
from ledger.tree import TreeBuilder
from portal.settings import DataFolder

Alter = Callable[[dict[str, Any]], None]


def forge(data: Path, target: Path, alter: Alter) -> None:
    """Write a log like that of `data` with every entry passed through `alter`, which changes it in place."""
    entries: list[bytes] = []
    previous = "0" * 64
    for entry in LogFolder.open(data).entries():
        told = json.loads(entry)
        alter(told)
        told["previous"] = previous
        entries.append(canonical.encode(told))
        previous = leaf_hash(entries[-1]).hex()
    _write(target / "log", entries, data)
    if (data / "log" / "document").is_dir():
        shutil.copytree(data / "log" / "document", target / "log" / "document")
    shutil.copyfile(data / "vkeys", target / "vkeys")


def _write(folder: Path, entries: list[bytes], data: Path) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    builder = TreeBuilder(0, [])
    found: dict[tuple[int, int], bytes] = {(0, place): leaf for place, leaf in enumerate(leaves)}
    for level, number, node in builder.extend(leaves):
        if level % 8 == 0:
            found[level // 8, number] = node
    for tile in needed_tiles(0, len(entries)):
        path = folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        first = tile.number * WIDTH
        if tile.level == ENTRIES:
            path.write_bytes(encode_bundle(entries[first : first + tile.width]))
        else:
            path.write_bytes(b"".join(found[tile.level, first + place] for place in range(tile.width)))
    signer = load_signer(DataFolder(data).log_secret)
    (folder / "checkpoint").write_bytes(signer.sign(len(entries), builder.root(), 1_800_000_000))


def kind_is(name: str, change: Callable[[dict[str, Any]], None]) -> Alter:
    """Alter the bodies of one kind."""

    def alter(entry: dict[str, Any]) -> None:
        if entry["statement"]["kind"] == name:
            change(entry["statement"]["body"])

    return alter
