"""Statements like those of a real log, many and cheap: distinct, of a fixed seed, a realistic half kilobyte each."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger import canonical, keys
from ledger.entry import (
    Entry,
    Signature,
    Signed,
    Statement,
    VerifiedStatement,
    encode_entry,
    leaf_hash,
    sign,
    verify_signed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = "bench.example/log"
AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
WORDS = [
    "agency",
    "bridge",
    "culvert",
    "survey",
    "sensor",
    "ditch",
    "pump",
    "records",
    "pilot",
    "harbour",
    "permit",
    "school",
    "bus",
    "route",
    "meter",
]
AUTHOR = keys.SigningKey.from_seed(hashlib.sha256(b"a bench key").digest())


def body(chance: random.Random, number: int) -> dict[str, Any]:
    """Write a body such as a bid's or a question's: text, figures, a list and a hash."""
    return {
        "agency": f"agency:{chance.choice(WORDS)}-{number % 97}",
        "amount_minor": chance.randrange(1, 10_000_000),
        "currency": "USD",
        "envelope": chance.randbytes(32).hex(),
        "skills": sorted(chance.sample(WORDS, 3)),
        "text": " ".join(chance.choice(WORDS) for _ in range(14)),
        "urgent": False,
    }


def statements(count: int, *, seed: int = 1) -> Iterator[Statement]:
    """Make statements that differ in body, subject and nonce."""
    chance = random.Random(seed)
    for number in range(count):
        yield Statement(
            author=AUTHOR.key_id,
            body=body(chance, number),
            commitments=[],
            kind="question-asked",
            log=LOG,
            nonce=chance.randbytes(16).hex(),
            subject=f"opportunity:pilot-{number % 211}",
        )


def signed(count: int, *, seed: int = 1) -> list[VerifiedStatement]:
    """Make statements with real signatures, checked."""
    return [verify_signed(sign(statement, AUTHOR)) for statement in statements(count, seed=seed)]


def as_if_signed(count: int, *, seed: int = 1) -> list[VerifiedStatement]:
    """Make statements with a signature of noise, for work that looks at none: a store takes verified ones on trust."""
    made = []
    for statement in statements(count, seed=seed):
        encoded = canonical.encode(statement)
        digest = hashlib.sha256(encoded).digest()
        signature = Signature(key=AUTHOR.key_id, signature=digest + digest)
        made.append(
            VerifiedStatement(
                signed=Signed(signatures=[signature], statement=statement),
                statement=statement,
                bytes=encoded,
                hash=digest,
                keys=(AUTHOR.key_id,),
            )
        )
    return made


def entries(count: int, *, seed: int = 1) -> list[bytes]:
    """Make the entries of a whole log, chained."""
    previous = "0" * 64
    made = []
    for index, verified in enumerate(as_if_signed(count, seed=seed)):
        time = (AT + timedelta(milliseconds=index)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        entry = encode_entry(
            Entry(
                index=index,
                previous=previous,
                signatures=verified.signed.signatures,
                statement=verified.statement,
                time=time,
            )
        )
        previous = leaf_hash(entry).hex()
        made.append(entry)
    return made
