"""SPEC.md, sections 1 to 9: the worked bytes are recomputed, and every reason code of the package stands in the text."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

import ledger
from ledger import canonical, checkpoint, entry, keys, passkeys, proof, receipt, signers, tiles, tree
from tests.ledger import vectors
from tests.ledger.devices import Passkey

PACKAGE = Path(ledger.__file__).parent
SPEC = (PACKAGE / "SPEC.md").read_text(encoding="utf-8")
SIGNER = checkpoint.CheckpointSigner("log.example/spec", bytes([4]) * 32, bytes([5]) * 32)


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", SPEC, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def blocks(title: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section(title), re.DOTALL)


def worked(title: str) -> dict[str, str]:
    """The `name = value` lines of a section's worked bytes."""
    (block,) = blocks(title, "text")
    return dict(line.split(" = ", 1) for line in block.splitlines())


ENTRIES = [block.removesuffix("\n").encode() for block in blocks("3. Statements and entries", "json")]
LEAVES = [entry.leaf_hash(each) for each in ENTRIES]
(CHECKPOINT,) = (block.encode() for block in blocks("7. Checkpoints", "note"))


def test_the_worked_value_reads_back_and_has_this_hash() -> None:
    rows = worked("1. Canonical JSON")
    data = rows["value"].encode()
    assert canonical.encode(canonical.decode(data)) == data
    assert hashlib.sha256(data).hexdigest() == rows["sha256"]


def test_the_worked_seed_has_this_key_id() -> None:
    rows = worked("2. Keys")
    assert keys.SigningKey.from_seed(bytes.fromhex(rows["seed"])).key_id == rows["key_id"]


def test_the_worked_entries_are_chained_signed_and_hash_as_stated() -> None:
    rows = worked("3. Statements and entries")
    first, second = (entry.parse_entry(each) for each in ENTRIES)
    assert [leaf.hex() for leaf in LEAVES] == [rows["leaf_hash_0"], rows["leaf_hash_1"]]
    assert (first.index, first.previous) == (0, entry.NO_ENTRY)
    assert (second.index, second.previous) == (1, rows["leaf_hash_0"])
    assert first.time < second.time
    assert entry.encode_statement(first.statement) == rows["statement_0"].encode()
    assert entry.statement_hash(first.statement).hex() == rows["statement_hash_0"]
    for parsed, signers_ in ((first, 1), (second, 2)):
        signed = entry.Signed(signatures=parsed.signatures, statement=parsed.statement)
        assert len(entry.verify_signed(signed).keys) == signers_
    assert first.statement.author == worked("2. Keys")["key_id"]


def test_the_worked_tree_has_these_roots() -> None:
    rows = worked("4. Tree")
    assert [tree.root_of(LEAVES[:size]).hex() for size in range(3)] == [rows["root_0"], rows["root_1"], rows["root_2"]]


def test_the_worked_tiles_have_these_paths_and_bytes() -> None:
    rows = worked("5. Tiles and bundles")
    assert [tile.path for tile in tiles.tiles_of(257)] == rows["files_257"].split(" ")
    assert tiles.parse_path(rows["tile_0_1234067"]) == (0, 1_234_067, 256)
    assert hashlib.sha256(tiles.encode_bundle(ENTRIES)).hexdigest() == rows["bundle_2"]


def test_the_worked_keys_sign_these_bytes() -> None:
    rows = worked("6. Signed notes")
    assert rows["vkey"] == SIGNER.vkeys[0]
    assert SIGNER.verifiers[1].key_id.hex() == rows["mldsa_id"]
    text = CHECKPOINT.decode().partition("\n\n")[0] + "\n"
    message = signers.cosigned_bytes("log.example/spec", text, int(rows["mldsa_time"]))
    assert message.hex() == rows["mldsa_message"]


def test_the_worked_checkpoint_is_signed_over_the_worked_tree() -> None:
    found = checkpoint.parse_checkpoint(CHECKPOINT, SIGNER.verifiers[:1], origin="log.example/spec", every=True)
    assert (found.size, found.root) == (2, tree.root_of(LEAVES))
    full = vectors.load("checkpoint")
    assert full["vkeys"] == SIGNER.vkeys
    assert full["note"].encode().startswith(CHECKPOINT)
    both = checkpoint.parse_checkpoint(full["note"].encode(), SIGNER.verifiers, every=True)
    assert (both.size, both.root, both.time) == (2, found.root, int(worked("6. Signed notes")["mldsa_time"]))
    assert SIGNER.sign(2, found.root, 1).startswith(CHECKPOINT)


def test_the_worked_proof_is_what_we_write_and_verifies() -> None:
    (block,) = blocks("8. Proofs", "note")
    assert proof.make_proof(0, ENTRIES[0], [LEAVES[1]], CHECKPOINT) == block.encode()
    proven = proof.verify_proof(proof.parse_proof(block.encode()), SIGNER.verifiers[:1])
    assert proven.entry == ENTRIES[0]


def test_the_worked_promise_is_what_we_write_and_is_kept() -> None:
    (block,) = blocks("9. Commit receipts", "note")
    promise = receipt.parse_receipt(block.encode(), [receipt.parse_receipt_vkey(worked("9. Commit receipts")["vkey"])])
    receipt.verify_kept(promise, ENTRIES[0])
    signer = receipt.ReceiptSigner("log.example/spec", bytes([6]) * 32)
    assert signer.make(promise.statement_hash, promise.index, promise.time, promise.merge_delay_s) == block.encode()


def test_the_vectors_and_the_text_work_with_the_same_entries() -> None:
    cases = vectors.load("entry")["cases"]
    assert [cases[name]["entry"].encode() for name in ("first entry", "second entry")] == ENTRIES


LIMITS = {
    "65,535 bytes": canonical.LIMIT,
    "262,144 bytes": 262_144,
    "362,144 bytes": proof.PROOF_LIMIT,
    "48,000 bytes": proof.EXTRA_LIMIT,
    "1 to 86,400 seconds": receipt.MERGE_DELAY_LIMIT,
}


@pytest.mark.parametrize(("text", "limit"), LIMITS.items())
def test_limits_in_the_text_are_the_code_s(text: str, limit: int) -> None:
    assert text in SPEC
    assert int(re.sub(r"\D", "", text.removeprefix("1 to "))) == limit


def test_every_rule_has_a_name_of_its_own() -> None:
    names = re.findall(r"^- \*\*([a-z]+-\d+)\*\*", SPEC, re.MULTILINE)
    assert len(names) == len(set(names))
    for room in {name.rpartition("-")[0] for name in names}:
        numbers = [int(name.rpartition("-")[2]) for name in names if name.rpartition("-")[0] == room]
        assert numbers == list(range(1, len(numbers) + 1))


# A reason is the first argument of an error, or is handed to a check as the reason to refuse with.
RAISED = re.compile(
    r'(?:Error|_check_name|check_name|check_origin|check_map|decode_base64)\((?:[^"()]*, )?\s*"([a-z]+(?:-[a-z0-9]+)+)"'
)


def raised() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.glob("*.py"):
        found |= set(RAISED.findall(path.read_text(encoding="utf-8")))
    return found


def listed() -> set[str]:
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", section("Reason codes"), re.MULTILINE))


def test_every_reason_code_is_listed() -> None:
    assert raised() - listed() == set()


def test_every_reason_of_the_vectors_is_listed() -> None:
    names = ("canonical", "checkpoint-text", "entry", "note", "others", "passkey", "proof", "receipt", "vkey")
    reasons = {case["refused"] for name in names for case in vectors.load(name)["cases"].values()} - {None}
    assert reasons - listed() == set()
    assert len(reasons) > 50


def test_spec_and_vectors_are_json_and_text_without_surprises() -> None:
    for path in vectors.FOLDER.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert "\t" not in SPEC


def test_the_worked_passkeys_sign_as_stated() -> None:
    rows = worked("Passkeys")
    party = passkeys.party_of(canonical.decode(rows["relying_party"].encode()))
    assert hashlib.sha256(party.rp_id.encode()).hexdigest() == rows["rp_id_hash"]
    seed = bytes.fromhex(worked("2. Keys")["seed"])
    found = []
    for block in blocks("Passkeys", "json"):
        signed = entry.parse_signed(block.rstrip().encode())
        verified = entry.verify_signed(signed, party)
        found.append(passkeys.challenge_of(verified.bytes).hex())
        kind = verified.keys[0].removeprefix("passkey-").partition(":")[0]
        assert Passkey(seed, kind, party).sign(signed.statement) == signed
    assert (found[0], len(found)) == (rows["challenge_0"], 3)
