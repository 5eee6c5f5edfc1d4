"""Logs of 0 to 70,000 entries, published by our code, before judges that others wrote: Go's sumdb, aics-tlog, tlog-scales."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import aics_tlog
import pytest
import tlog_scales.backend
import tlog_scales.reader
import tlog_scales.signing
import tlog_scales.tlog
from cryptography.exceptions import InvalidSignature

from ledger import checkpoint, entry, tree
from ledger.entry import Signature, Signed, VerifiedStatement
from ledger.statement import encode_statement, make_statement
from tests.ledger.stored import ANN, AT, LOG, SIGNER, Place, later

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = [0, 1, 255, 256, 257, 70_000]
JUDGE = Path(__file__).parent / "judge" / "main.go"


def unsigned(number: int) -> VerifiedStatement:
    """Make a statement whose signature is noise: these judges look at hashes, and a store takes verified ones on trust."""
    made = make_statement(
        log=LOG,
        kind="note-made",
        subject=f"thing:{number % 97}",
        body={"n": number, "text": "é\n" * (number % 5)},
        author=ANN.key_id,
        nonce=f"{number:032x}",
    )
    encoded = encode_statement(made)
    noise = Signature(key=ANN.key_id, signature=hashlib.sha512(encoded).digest())
    digest = hashlib.sha256(encoded).digest()
    signed = Signed(signatures=[noise], statement=made)
    return VerifiedStatement(signed=signed, statement=made, bytes=encoded, hash=digest, keys=(ANN.key_id,))


@dataclasses.dataclass
class Grown:
    """One log that was published at every size, with the checkpoint of each."""

    log: Path
    notes: dict[int, bytes]
    leaves: list[bytes]
    nodes: dict[tree.Coordinate, bytes]

    def fetch(self, asked: Sequence[tree.Coordinate]) -> list[bytes]:
        return [self.nodes[each] for each in asked]

    def root(self, size: int) -> bytes:
        return checkpoint.parse_checkpoint(self.notes[size], SIGNER.verifiers, every=True).root


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    place = Place(tmp_path_factory.mktemp("judged") / "data")
    notes: dict[int, bytes] = {}
    size = 0
    for turn, wanted in enumerate(SIZES):
        while size < wanted:
            some = [unsigned(number) for number in range(size, min(wanted, size + 1000))]
            place.append(*some, at=AT)
            size += len(some)
        notes[wanted] = place.publisher.publish(later(turn)).note
    with place.store.reading() as connection:
        leaves = [entry.leaf_hash(each) for _, each in place.store.entries(connection, 0, size)]
    place.close()
    nodes: dict[tree.Coordinate, bytes] = {(0, number): leaf for number, leaf in enumerate(leaves)}
    nodes |= {(level, number): digest for level, number, digest in tree.TreeBuilder().extend(leaves)}
    return Grown(place.log, notes, leaves, nodes)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the judge from Debian's packages golang-go and golang-golang-x-mod-dev; no network."""
    folder = tmp_path_factory.mktemp("judge")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    built = folder / "judge"
    subprocess.run(["go", "build", "-o", str(built), str(JUDGE)], check=True, env=environment)
    return built


def run(
    judge: Path, grown: Grown, size: int, folder: Path, *, log: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Hand the judge a checkpoint with every inclusion proof, and growth from every earlier size published and some others."""
    (folder / "checkpoint").write_bytes(grown.notes[size])
    with (folder / "proofs").open("wb") as file:
        for index in range(size):
            hashes = tree.inclusion_proof(index, size, grown.fetch)
            file.write(bytes([len(hashes)]) + b"".join(hashes))
    lines = []
    others = {2, 3, 128, 511, 512, 4095, 65_535, 65_536, 65_537, 69_999}
    for old in sorted(number for number in {*SIZES, *others} if 0 < number <= size):
        root = tree.join_edge(grown.fetch(tree.edge_nodes(old)))
        assert old not in grown.notes or root == grown.root(old)
        hashes = [root, *tree.consistency_proof(old, size, grown.fetch)]
        lines.append(" ".join([str(old), *(base64.b64encode(each).decode() for each in hashes)]) + "\n")
    (folder / "growth").write_text("".join(lines))
    arguments = [
        judge,
        log or grown.log,
        SIGNER.vkeys[0],
        *(folder / name for name in ("checkpoint", "proofs", "growth")),
    ]
    return subprocess.run([str(each) for each in arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", SIZES)
def test_go_believes_note_tree_tiles_every_inclusion_and_growth(
    judge: Path, grown: Grown, size: int, tmp_path: Path
) -> None:
    verdict = run(judge, grown, size, tmp_path)
    assert verdict.returncode == 0, verdict.stdout
    assert verdict.stdout.startswith(f"{size} entries, ")
    assert f" {size} inclusion proofs, " in verdict.stdout


WRONG = {
    "a changed entry": ("tile/entries/000", "root: "),
    "a changed tile": ("tile/0/000", "tile/0/000: other hashes"),
    "a changed upper tile": ("tile/1/000.p/1", "tile/1/000.p/1: other hashes"),
}


@pytest.mark.parametrize(("path", "says"), WRONG.values(), ids=WRONG)
def test_go_names_what_is_wrong(judge: Path, grown: Grown, tmp_path: Path, path: str, says: str) -> None:
    """The judge is no rubber stamp."""
    size = 257
    copy = tmp_path / "log"
    for tile in ("tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"):
        (copy / tile).parent.mkdir(parents=True, exist_ok=True)
        (copy / tile).write_bytes((grown.log / tile).read_bytes())
    data = bytearray((copy / path).read_bytes())
    data[20] ^= 1
    (copy / path).write_bytes(data)
    verdict = run(judge, grown, size, tmp_path, log=copy)
    assert verdict.returncode == 1
    assert verdict.stdout.startswith(says)


@pytest.mark.parametrize("size", SIZES)
def test_aics_tlog_believes_every_checkpoint(grown: Grown, size: int) -> None:
    key = aics_tlog.parse_vkey(SIGNER.vkeys[0])
    verdict = aics_tlog.verify_checkpoint(aics_tlog.parse_note(grown.notes[size]), key, expected_origin=LOG)
    assert verdict.ok, verdict.error
    assert (verdict.size, verdict.root) == (size, grown.root(size))
    changed = grown.notes[size].replace(f"\n{size}\n".encode(), f"\n{size + 1}\n".encode(), 1)
    assert not aics_tlog.verify_checkpoint(aics_tlog.parse_note(changed), key, expected_origin=LOG).ok


@pytest.mark.parametrize("size", SIZES)
def test_tlog_scales_believes_both_signatures_of_every_checkpoint(grown: Grown, size: int) -> None:
    read = tlog_scales.tlog.Checkpoint.from_text(grown.notes[size].decode())
    assert (read.origin, read.size, read.root_hash) == (LOG, size, grown.root(size))
    for vkey, kind in zip(SIGNER.vkeys, (1, 6), strict=True):
        key = tlog_scales.signing.Vkey.from_string(vkey)
        assert key.sig_type == kind
        (line,) = [each for each in read.signatures if key.match(each)]
        key.get_verifier().verify_note(line, read)
        other = dataclasses.replace(read, size=size + 1)
        with pytest.raises(InvalidSignature):
            key.get_verifier().verify_note(line, other)


# The tree of each size, from the files that one folder holds after the last.
@pytest.mark.parametrize("size", SIZES)
def test_both_compute_the_signed_root_from_our_tiles(grown: Grown, size: int) -> None:
    assert aics_tlog.tree_root_from_tiles(aics_tlog.FileSystemTileReader(grown.log), size) == grown.root(size)
    reader = tlog_scales.reader.TilesReader(tlog_scales.backend.LocalBackend(grown.log))
    reader.set_size(size)
    assert reader.calculate_root_hash() == grown.root(size)


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_999])
def test_both_prove_from_our_tiles_what_we_prove(grown: Grown, index: int) -> None:
    size = SIZES[-1]
    proof = tree.inclusion_proof(index, size, grown.fetch)
    files = aics_tlog.FileSystemTileReader(grown.log)
    assert aics_tlog.inclusion_proof_from_tiles(files, index, size) == proof
    reader = tlog_scales.reader.TilesReader(tlog_scales.backend.LocalBackend(grown.log))
    reader.set_size(size)
    assert reader.get_inclusion_proof(index, size).node_hashes == proof
    data = reader.get_entry(index)
    assert data == aics_tlog.read_entry(files, index, size)
    assert entry.leaf_hash(data) == aics_tlog.leaf_hash(data) == grown.leaves[index]
    tree.verify_inclusion(grown.leaves[index], index, size, proof, grown.root(size))
