"""What the sealing tests share: notices with known keepers, every choice of keepers, and verdicts from all of them."""

import itertools
import json
from collections.abc import Iterator

from ledger.sealing import BidMaster, Pinned, Verdict, open_envelope
from tests.ledger.plain_sealing import VECTORS, Notice, made_up, notice_of

MASTER = BidMaster(made_up("master"))
BID = MASTER.signing_key.public
SMALL = [(n, k) for n in range(2, 6) for k in range(1, n)]
"""Every n up to five with every k below it."""


def pinned_of(notice: Notice) -> Pinned:
    return Pinned(notice.log, notice.terms, notice.label, notice.size, notice.k, tuple(notice.publics))


def pinned_from(row: dict[str, object]) -> Pinned:
    return Pinned(
        log=str(row["log"]),
        terms=bytes.fromhex(str(row["terms"])),
        label=str(row["label"]),
        size=int(str(row["size"])),
        k=int(str(row["k"])),
        keepers=tuple(bytes.fromhex(key) for key in row["keepers"]),
    )


def released_by(notice: Notice, numbers: tuple[int, ...]) -> dict[int, bytes]:
    return {number: notice.privates[number - 1] for number in numbers}


def choices(n: int, k: int) -> Iterator[tuple[int, ...]]:
    return itertools.combinations(range(1, n + 1), k)


def verdicts(notice: Notice, envelope: bytes, bid: bytes = BID) -> set[Verdict]:
    """What every choice of exactly k keepers, and all of them together, say of an envelope."""
    pinned = pinned_of(notice)
    everyone = tuple(range(1, pinned.n + 1))
    return {
        open_envelope(pinned, bid, envelope, released_by(notice, chosen))
        for chosen in [*choices(pinned.n, pinned.k), everyone]
    }


def vectors(name: str) -> dict[str, object]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


__all__ = [
    "BID",
    "MASTER",
    "SMALL",
    "choices",
    "notice_of",
    "pinned_from",
    "pinned_of",
    "released_by",
    "vectors",
    "verdicts",
]
