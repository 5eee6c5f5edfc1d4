"""A small log and everything around it, for the tests of store, publisher and verifier."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.checkpoint import CheckpointSigner
from ledger.entry import VerifiedStatement, make_statement, sign, verify_signed
from ledger.keys import SigningKey
from ledger.lock import LockStore
from ledger.publisher import Publisher
from ledger.store import LedgerStore, Sequenced, open_engine

if TYPE_CHECKING:
    from pathlib import Path

LOG = "example.org/log"
AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANN = SigningKey.from_seed(bytes(range(32)), "ann")
BOB = SigningKey.from_seed(bytes(range(1, 33)), "bob")
SIGNER = CheckpointSigner(LOG, b"e" * 32, b"m" * 32)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def statement(number: int, *, log: str = LOG, subject: str = "thing:one", **fields: Any) -> VerifiedStatement:
    """Make the statement of a number: the same number and fields, the same bytes."""
    made = make_statement(
        log=log,
        kind="note-made",
        subject=subject,
        body={"n": number, **fields},
        author=ANN.key_id,
        nonce=f"{number:032x}",
    )
    return verify_signed(sign(made, ANN))


@dataclass
class Place:
    """A data folder with its log, its database and its lock store."""

    folder: Path
    signer: CheckpointSigner = SIGNER
    store: LedgerStore = field(init=False)
    lock: LockStore = field(init=False)
    publisher: Publisher = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.open()
        self.store.create()
        (self.folder / "vkeys").write_text("# the log's keys\n" + "".join(f"{vkey}\n" for vkey in self.signer.vkeys))

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def open(self) -> None:
        """Begin anew on the same files, as a restarted process does."""
        if "store" in vars(self):
            self.close()
        self.connect()

    def connect(self) -> None:
        self.store = LedgerStore(open_engine(self.folder / "ledger.sqlite"), LOG)
        self.lock = LockStore(self.folder / "lock.sqlite")
        self.publisher = Publisher(self.store, self.log, self.lock, self.signer)

    def append(self, *statements: VerifiedStatement, at: datetime = AT) -> list[Sequenced]:
        with self.store.writing() as connection:
            return self.store.append(connection, statements, at)

    def grow(self, start: int, end: int, *, at: datetime = AT) -> None:
        """Append numbered statements and publish them."""
        self.append(*[statement(number) for number in range(start, end)], at=at)
        self.publisher.publish(at)

    def close(self) -> None:
        self.store.engine.dispose()
        self.lock.close()


def files_of(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
