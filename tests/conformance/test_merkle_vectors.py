"""Proofs of transparency-dev/merkle: 196 of whole trees, and those of its subtree proofs that begin at leaf 0, which say the same."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ledger import tree
from ledger.errors import LedgerError
from tests.conformance import shared

FOLDER = shared.folder("data", "vectors", "merkle", "testdata")
VECTORS = {
    str(path.relative_to(FOLDER).with_suffix("")): json.loads(path.read_bytes()) for path in FOLDER.rglob("*.json")
}

TWELVE_BYTES = "its roots are 12 bytes of text; a root here is 32 bytes or it is refused (SPEC tree-2)"
DIFFERENCES = {
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty": TWELVE_BYTES,
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty": TWELVE_BYTES,
    "subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty": (
        f"{TWELVE_BYTES}; and size 0 has one root (decisions/0006)"
    ),
}


def data(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def judge(name: str, vector: dict[str, Any]) -> None:
    proof = [data(each) for each in vector["proof"] or []]
    if "leafIdx" in vector:
        size = vector.get("treeSize", vector.get("end"))
        tree.verify_inclusion(data(vector["leafHash"]), vector["leafIdx"], size, proof, data(vector["root"]))
    else:
        sizes = (
            (vector["size1"], vector["size2"]) if name.startswith("consistency") else (vector["end"], vector["size"])
        )
        tree.verify_consistency(*sizes, data(vector["root1"]), data(vector["root2"]), proof)


def is_refused(name: str) -> bool:
    try:
        judge(name, VECTORS[name])
    except LedgerError:
        return True
    return False


ABOUT_WHOLE_TREES = [name for name, vector in VECTORS.items() if vector.get("start", 0) == 0]


@pytest.mark.parametrize("room", ["inclusion/", "consistency/", "subtreeinclusion/", "subtreeconsistency/"])
def test_proofs_are_judged_as_their_makers_judge_them(room: str) -> None:
    names = [name for name in ABOUT_WHOLE_TREES if name.startswith(room)]
    assert len(names) > 50
    different = {name for name in names if is_refused(name) != VECTORS[name]["wantErr"]}
    assert different == {name for name in DIFFERENCES if name.startswith(room)}


def test_the_plain_vectors_are_all_there() -> None:
    assert sum(name.startswith(("inclusion/", "consistency/")) for name in VECTORS) == 196


@pytest.mark.parametrize("name", DIFFERENCES)
def test_where_we_differ_it_is_the_length_of_the_roots(name: str) -> None:
    vector = VECTORS[name]
    assert {len(data(vector["root1"])), len(data(vector["root2"]))} & {12}
