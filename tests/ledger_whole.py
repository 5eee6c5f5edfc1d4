"""
Recomputes a published log from its bytes, with nothing of `ledger` but the formats it states.

Runs after every story and after every injected crash. It shares no code with `ledger.verify`, so that a mistake there
does not excuse itself here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

if TYPE_CHECKING:
    from pathlib import Path


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def merkle_root(leaves: list[bytes]) -> bytes:
    """Hash as RFC 6962, 2.1, defines it."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01", merkle_root(leaves[:half]), merkle_root(leaves[half:]))


def number_path(number: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


def tile_name(level: int | str, number: int, width: int) -> str:
    return f"tile/{level}/{number_path(number)}" + ("" if width == 256 else f".p/{width}")


def signed_head(note: bytes, vkeys: str) -> tuple[str, int, bytes]:
    """Check both signatures of a checkpoint; tell origin, size and root."""
    text, _, block = note.decode().rpartition("\n\n")
    text += "\n"
    origin, size, root = text.splitlines()
    assert re.fullmatch("0|[1-9][0-9]*", size)
    digest = base64.b64decode(root, validate=True)
    lines = {line.split(" ")[2][:6]: line.split(" ") for line in block.splitlines()}
    keys = [line for line in vkeys.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(keys) == 2
    for vkey in keys:
        name, hex_id, material = vkey.split("+", 2)
        public = base64.b64decode(material)
        identity = sha256(name.encode(), b"\n", public)[:4]
        assert identity.hex() == hex_id
        [blob] = [
            data
            for _, signer, encoded in lines.values()
            if (data := base64.b64decode(encoded))[:4] == identity and signer == name == origin
        ]
        if public[0] == 1:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(blob[4:], text.encode())
        else:
            time = blob[4:12]
            message = (
                b"subtree/v1\n\0" + bytes([len(name)]) + name.encode() + time + bytes([len(origin)]) + origin.encode()
            )
            message += bytes(8) + int(size).to_bytes(8, "big") + digest
            assert int.from_bytes(time, "big") > 0
            MLDSA44PublicKey.from_public_bytes(public[1:]).verify(blob[12:], message)
    return origin, int(size), digest


def bundle_entries(data: bytes) -> list[bytes]:
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        assert len(data) >= 2 + length
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


def assert_entry_is_sound(data: bytes, index: int, previous: bytes, time: str, origin: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(data)
    assert json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == data
    assert entry["index"] == index
    assert entry["previous"] == previous.hex()
    assert entry["time"] >= time
    assert entry["statement"]["log"] == origin
    statement = json.dumps(entry["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signers = [signature["key"] for signature in entry["signatures"]]
    assert entry["statement"]["author"] in signers
    assert signers == sorted(set(signers))
    for signature in entry["signatures"]:
        public = bytes.fromhex(signature["key"].removeprefix("ed25519:"))
        message = b"daylight-act-v1\0" + statement
        Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature["signature"]), message)
    return entry


def documents_in(value: Any) -> dict[str, int]:
    if isinstance(value, dict) and value.keys() == {"length", "media_type", "sha256"}:
        return {value["sha256"]: value["length"]}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name: length for each in inner for name, length in documents_in(each).items()}


def assert_ledger_is_whole(data_folder: Path) -> int:
    """
    Recompute everything published below `data_folder/log`; tell the size.

    Files ahead of the checkpoint are allowed if what the checkpoint covers of them is right.
    """
    log = data_folder / "log"
    vkeys = (data_folder / "vkeys").read_text()
    origin, size, root = signed_head((log / "checkpoint").read_bytes(), vkeys)
    files = {path.relative_to(log).as_posix(): path.read_bytes() for path in log.rglob("*") if not path.is_dir()}
    del files["checkpoint"]
    entries: list[bytes] = []
    for number in range(-(-size // 256)):
        entries += bundle_entries(files[tile_name("entries", number, min(256, size - number * 256))])
    assert len(entries) == size
    leaves = [sha256(b"\0", entry) for entry in entries]
    assert merkle_root(leaves) == root
    assert_tiles(files, entries, leaves)
    previous, time, documents = bytes(32), "", dict[str, int]()
    for index, data in enumerate(entries):
        entry = assert_entry_is_sound(data, index, previous, time, origin)
        previous, time = leaves[index], entry["time"]
        documents |= documents_in(entry["statement"]["body"])
    for name, length in documents.items():
        document = files.pop(f"document/{name}")
        assert (hashlib.sha256(document).hexdigest(), len(document)) == (name, length)
    for name in [path for path in files if path.startswith("document/")]:
        assert hashlib.sha256(files.pop(name)).hexdigest() == name.removeprefix("document/")
    assert not files
    return size


def assert_tiles(files: dict[str, bytes], entries: list[bytes], leaves: list[bytes]) -> None:
    """Compare every tile and bundle, of every width, with what it must begin with; take them out of `files`."""
    rows = [leaves]
    while len(rows[-1]) >= 256:
        row = rows[-1]
        rows.append([merkle_root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)])
    for level, row in enumerate(rows):
        for number in range(-(-len(row) // 256)):
            assert tile_name(level, number, min(256, len(row) - number * 256)) in files
    for name in [path for path in files if path.startswith("tile/")]:
        found = re.fullmatch(r"tile/([0-9]+|entries)/([x0-9/]+?)(?:\.p/([0-9]+))?", name)
        assert found, name
        number, width = int(found[2].replace("x", "").replace("/", "")), int(found[3] or 256)
        assert name == tile_name(found[1], number, width)
        data = files.pop(name)
        if found[1] == "entries":
            held = bundle_entries(data)
            expected = entries[number * 256 :][:width]
        else:
            assert len(data) % 32 == 0
            held = [data[at : at + 32] for at in range(0, len(data), 32)]
            level = int(found[1])
            expected = rows[level][number * 256 :][:width] if level < len(rows) else []
        assert len(held) == width
        assert held[: len(expected)] == expected, name
