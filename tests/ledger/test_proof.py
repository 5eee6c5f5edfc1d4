from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import checkpoint, entry, proof, signers, tree
from ledger.errors import LedgerError, MalformedError
from tests.ledger import vectors

KNOWN = vectors.load("proof")
VERIFIERS = [signers.parse_vkey(KNOWN["vkey"])]
GOOD = KNOWN["cases"]["entry 0 of 2"]["proof"].encode()
ENTRY = vectors.load("entry")["cases"]["first entry"]["entry"].encode()


@pytest.mark.parametrize("case", vectors.named(KNOWN["cases"]))
def test_a_proof_is_believed_or_refused_by_name(case: dict[str, Any]) -> None:
    data = vectors.data_of(case, "proof")

    def read() -> None:
        proven = proof.verify_proof(proof.parse_proof(data), VERIFIERS, origin="log.example/spec")
        assert entry.parse_entry(proven.entry).index == proven.index

    assert vectors.outcome(read) == case["refused"]


def test_a_reader_may_bring_the_entry() -> None:
    bare = proof.parse_proof(KNOWN["cases"]["without the entry"]["proof"].encode())
    proven = proof.verify_proof(bare, VERIFIERS, entry=ENTRY)
    assert (proven.index, proven.entry, proven.checkpoint.size) == (0, ENTRY, 2)
    assert vectors.outcome(lambda: proof.verify_proof(bare, VERIFIERS, entry=ENTRY + b" ")) == "proof-root"
    other = proof.parse_proof(GOOD)
    assert vectors.outcome(lambda: proof.verify_proof(other, VERIFIERS, entry=ENTRY + b" ")) == "proof-root"


def test_a_reader_may_ask_for_one_log_and_for_every_signature() -> None:
    parsed = proof.parse_proof(GOOD)
    ask = {"origin": "log.example/other"}
    assert vectors.outcome(lambda: proof.verify_proof(parsed, VERIFIERS, **ask)) == "checkpoint-origin-other"
    both = [*VERIFIERS, signers.MLDSA44Key("log.example/spec", bytes(32)).verifier]
    assert vectors.outcome(lambda: proof.verify_proof(parsed, both, every=True)) == "checkpoint-signature-missing"


def test_every_flipped_byte_of_a_receipt_is_refused() -> None:
    for at in range(len(GOOD)):
        changed = GOOD[:at] + bytes([GOOD[at] ^ 0x01]) + GOOD[at + 1 :]
        with pytest.raises(LedgerError):
            proof.verify_proof(proof.parse_proof(changed), VERIFIERS)


def test_a_large_entry_stays_outside_the_receipt() -> None:
    """Some readers scan by lines and stop at 64 KiB."""
    for size, inside in ((proof.EXTRA_LIMIT, True), (proof.EXTRA_LIMIT + 1, False)):
        data = proof.make_proof(0, bytes(size), [], b"checkpoint")
        assert (proof.parse_proof(data).extra is not None) == inside
        assert max(map(len, data.split(b"\n"))) < 65_536


def test_receipts_of_a_whole_tree_verify() -> None:
    signer = checkpoint.CheckpointSigner("log.example/test", bytes(range(32)), bytes(range(32)))
    entries = [b"entry %d" % number for number in range(13)]
    leaves = [entry.leaf_hash(each) for each in entries]
    nodes = {(0, number): leaf for number, leaf in enumerate(leaves)}
    builder = tree.TreeBuilder()
    nodes |= {(level, number): digest for level, number, digest in builder.extend(leaves)}
    note = signer.sign(13, builder.root(), 1)
    for index, each in enumerate(entries):
        hashes = tree.inclusion_proof(index, 13, lambda asked: [nodes[node] for node in asked])
        parsed = proof.parse_proof(proof.make_proof(index, each, hashes, note))
        assert proof.verify_proof(parsed, signer.verifiers, every=True).entry == each


@given(st.binary(max_size=120))
def test_any_bytes_are_refused_as_a_proof_or_written_back_unchanged(data: bytes) -> None:
    for candidate in (data, b"c2sp.org/tlog-proof@v1\n" + data, b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + data):
        try:
            parsed = proof.parse_proof(candidate)
        except MalformedError:
            continue
        assert proof.encode_proof(parsed) == candidate


def test_a_proof_is_bounded_before_it_is_read() -> None:
    head = b"c2sp.org/tlog-proof@v1\nindex 0\n\n"
    assert vectors.outcome(lambda: proof.parse_proof(head.ljust(proof.PROOF_LIMIT, b"a"))) is None
    assert vectors.outcome(lambda: proof.parse_proof(head.ljust(proof.PROOF_LIMIT + 1, b"a"))) == "proof-size-limit"


def test_one_known_signature_is_enough_for_a_proof_unless_every_one_is_asked_for() -> None:
    both = [*VERIFIERS, signers.MLDSA44Key("log.example/spec", bytes(32)).verifier]
    assert proof.verify_proof(proof.parse_proof(GOOD), both).index == 0


def test_an_index_has_63_bits() -> None:
    largest = proof.Proof(2**63 - 1, (), b"")
    assert proof.parse_proof(proof.encode_proof(largest)) == largest


def test_a_proof_has_at_most_63_hashes() -> None:
    most = proof.Proof(0, (bytes(32),) * 63, b"")
    assert proof.parse_proof(proof.encode_proof(most)) == most


def test_the_largest_index_is_read_and_the_next_is_refused() -> None:
    largest = proof.Proof(2**63 - 1, (), b"checkpoint")
    assert proof.parse_proof(proof.encode_proof(largest)) == largest
    beyond = proof.encode_proof(proof.Proof(2**63, (), b"checkpoint"))
    assert vectors.outcome(lambda: proof.parse_proof(beyond)) == "proof-index-line"


def test_a_proof_without_an_index_line_is_refused() -> None:
    assert vectors.outcome(lambda: proof.parse_proof(b"c2sp.org/tlog-proof@v1\n\ncheckpoint")) == "proof-index-line"
