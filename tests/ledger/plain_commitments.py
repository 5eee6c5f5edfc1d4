"""Writes tests/vectors/commitments.json (`python -m tests.ledger.plain_commitments`) without a line of `ledger`."""

import hashlib
import json
import sys

from tests.ledger.plain_sealing import VECTORS, canonical, made_up

SALT = made_up("salt").hex()


def committed(kind: str, opening: dict[str, object]) -> str:
    text = canonical([opening["salt"], opening["path"], opening["value"]])
    return hashlib.sha256(b"daylight-commitment-v1\x00" + kind.encode() + b"\x00" + text).hexdigest()


def main() -> None:
    values = {
        "text": ("firm-registered", "contact.email", "ada@example.org"),
        "text beyond ASCII and a line end": ("firm-registered", "contact.name", "Zoë\nÅngström 🌄"),
        "an integer": ("score-committed", "criterion_1", 83),
        "the largest integer": ("score-committed", "criterion_1", 2**53 - 1),
        "true": ("bid-opened", "small_firm", True),
        "nothing": ("bid-opened", "partner", None),
        "a list of objects with keys out of order": ("bid-opened", "team", [{"role": "lead", "days": 12}, {}]),
        "an empty path": ("bid-opened", "", ""),
    }
    rows = []
    for why, (kind, path, value) in values.items():
        opening = {"path": path, "salt": SALT, "value": value}
        rows.append(
            {"why": why, "spec": "com-2", "kind": kind, "opening": opening, "commitment": committed(kind, opening)}
        )
    good = {"path": "a", "salt": SALT, "value": 1}
    listed = [committed("bid-opened", good)]
    broken = {
        "a salt in upper case": ("bid-opened", {**good, "salt": SALT.upper()}, "opening-salt"),
        "a short salt": ("bid-opened", {**good, "salt": SALT[:-2]}, "opening-salt"),
        "a salt with a line end": ("bid-opened", {**good, "salt": SALT + "\n"}, "opening-salt"),
        "an empty salt": ("bid-opened", {**good, "salt": ""}, "opening-salt"),
        "no salt": ("bid-opened", {"path": "a", "value": 1}, "opening-fields"),
        "a salt that is a number": ("bid-opened", {**good, "salt": 7}, "opening-fields"),
        "a path that is a number": ("bid-opened", {**good, "path": 7}, "opening-fields"),
        "a field too many": ("bid-opened", {**good, "note": ""}, "opening-fields"),
        "a kind with a capital": ("Bid-opened", good, "commitment-kind"),
        "a kind with a zero byte": ("bid-opened\x00", good, "commitment-kind"),
        "an empty kind": ("", good, "commitment-kind"),
        "a value with a bidirectional control": ("bid-opened", {**good, "value": "a\u202eb"}, "json-character"),
        "another value": ("bid-opened", {**good, "value": 2}, "commitment-missing"),
        "true for one": ("bid-opened", {**good, "value": True}, "commitment-missing"),
        "another kind": ("bid-sealed", good, "commitment-missing"),
    }
    refused = [
        {"why": why, "spec": "com-2, com-4", "kind": kind, "opening": opening, "commitments": listed, "refused": reason}
        for why, (kind, opening, reason) in broken.items()
    ]
    content = {
        "about": "Written by tests/ledger/plain_commitments.py from SPEC.md alone.",
        "commitments": rows,
        "refused": refused,
    }
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    (VECTORS / "commitments.json").write_text(text, encoding="utf-8")
    sys.stdout.write(f"commitments.json: {len(text)} characters\n")


if __name__ == "__main__":
    main()
