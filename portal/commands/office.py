"""
What every command works with: store, vault, clock, the operator's key, the publisher. The composition for writers.

`Office.create` opens a new log in a data folder, `Office.open` comes back to it and runs the boot guard first.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from sqlalchemy import Connection

from ledger.canonical import check
from ledger.checkpoint import Checkpoint, CheckpointSigner, load_signer
from ledger.database import open_engine
from ledger.entry import Seen, Statement, format_time, make_statement, sign
from ledger.keys import SigningKey, load_key
from ledger.lock import LockStore
from ledger.note import split_note
from ledger.publisher import Publisher
from ledger.receipt import ReceiptSigner, load_receipt_signer
from ledger.sequencer import Sequencer
from ledger.store import LedgerStore
from ledger.treehead import TreeHead, parse_tree_head
from portal import projections
from portal.clock import Clock, SystemClock
from portal.procurement.act import body_of, read_body
from portal.procurement.events.party import LogOpened, Purpose
from portal.procurement.refusal import Refusal
from portal.settings import DataFolder
from portal.vault import Vault

if TYPE_CHECKING:
    from portal.commands.perform import Done

T = TypeVar("T")
_MODULE = Path(__file__).resolve().parents[1] / "web" / "static" / "seal.js"
NO_MODULE = sha256(b"").hexdigest()
MERGE_DELAY_S = 60


@dataclass
class Office:
    """One portal, ready to write. `purpose` and `operator_name` repeat what entry 0 says."""

    folder: DataFolder
    store: LedgerStore
    vault: Vault
    clock: Clock
    operator: SigningKey
    signer: CheckpointSigner
    publisher: Publisher
    receipts: ReceiptSigner
    lock: LockStore
    _sequencer: Sequencer | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.store.origin

    @classmethod
    def create(
        cls,
        data: Path,
        *,
        purpose: Purpose,
        operator_name: str,
        origin: str,
        clock: Clock | None = None,
        words: str = "",
        seed: bytes | None = None,
    ) -> "Office":
        """
        Make the data folder, its keys, an empty log, and entry 0.

        Args:
            seed: Derives the server's keys; only rehearsals give one, so that a demo can be resumed.

        Raises:
            Refusal: `data-exists` when a log was opened here before, `body-malformed` when entry 0 cannot say this.
            MalformedError: Likewise, or `origin`. After any of these the folder is as it was.
        """
        folder = DataFolder(data)
        if folder.exists():
            raise Refusal("data-exists", {"data": str(data)}, fix="Choose another folder with --data.")
        signer = CheckpointSigner(origin, _secret(seed, b"ed25519"), _secret(seed, b"ml-dsa"))
        operator = SigningKey.from_seed(_secret(seed, b"operator"), "operator")
        body = LogOpened(
            operator=operator_name,
            purpose=purpose,
            registrar=operator.key_id,
            sealing_module=module_digest(),
            words=words or f"The public record of {operator_name}.",
        )
        check(body_of(body))
        read_body("log-opened", body_of(body))
        _clear_unfinished(folder)
        folder.keys.mkdir(parents=True, exist_ok=True)
        operator.save(folder.operator_secret)
        folder.vkeys.write_text(f"# {origin}\n" + "".join(f"{vkey}\n" for vkey in signer.vkeys), encoding="utf-8")
        receipts = ReceiptSigner(origin, _secret(seed, b"receipt"))
        receipts.save(folder.receipt_secret)
        folder.receipt_vkey.write_text(f"{receipts.verifier.vkey}\n", encoding="ascii")
        signer.save(folder.log_secret)
        office = cls._compose(folder, signer, operator, receipts, clock or SystemClock())
        office.store.create()
        with office.store.writing() as connection:
            projections.create(connection)
        from portal.commands.perform import perform  # noqa: PLC0415 -- perform works on an office

        perform(office, sign(office.statement("log-opened", "log:self", body, operator), operator))
        return office

    @classmethod
    def open(cls, data: Path, clock: Clock | None = None, *, rebuilding: bool = False) -> "Office":
        """
        Come back to a data folder; finish what a crash left, and compare before anything is written.

        Args:
            rebuilding: The pages' tables may be an earlier release's, for they are about to be made anew.

        Raises:
            Refusal: `data-missing` when no log was opened here, `tables-older` when an earlier release made the pages' tables.
            RefusedError: Of the boot guard; the store is read-only then.
        """
        folder = DataFolder(data)
        if not folder.exists():
            raise Refusal("data-missing", {"data": str(data)}, fix="`daylight init` or `daylight demo` makes one.")
        office = cls._compose(
            folder,
            load_signer(folder.log_secret),
            load_key(folder.operator_secret),
            load_receipt_signer(folder.receipt_secret),
            clock or SystemClock(),
        )
        with ExitStack() as refused:
            refused.callback(office.close)
            office.store.create()
            office.publisher.check()
            with office.store.writing() as connection:
                projections.create(connection)
                missing = projections.lacking(connection)
            if missing and not rebuilding:
                fix = f"daylight rebuild --data {data}"
                raise Refusal("tables-older", {"missing": ", ".join(missing[:5]), "n": len(missing)}, fix=fix)
            refused.pop_all()
        return office

    @classmethod
    def _compose(
        cls,
        folder: DataFolder,
        signer: CheckpointSigner,
        operator: SigningKey,
        receipts: ReceiptSigner,
        clock: Clock,
    ) -> "Office":
        lock = LockStore(folder.lock)
        store = LedgerStore(open_engine(folder.database), signer.origin)
        return cls(
            folder=folder,
            store=store,
            vault=Vault(folder.vault),
            clock=clock,
            operator=operator,
            signer=signer,
            publisher=Publisher(store, folder.log, lock, signer),
            receipts=receipts,
            lock=lock,
        )

    def share_commits(self) -> None:
        """From now on let concurrent commands share a commit: one writing thread, as a server wants it."""
        if self._sequencer is None:
            self._sequencer = Sequencer(self.store)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own, or in a savepoint of a shared one; returns after the commit."""
        if self._sequencer is not None:
            return self._sequencer.submit(work).result()
        with self.store.writing() as connection:
            return work(connection)

    def publish(self) -> Checkpoint:
        """Publish everything committed: tiles, lock, signature, checkpoint."""
        return self.publisher.publish(self.clock.now())

    def receipt(self, done: "Done") -> bytes:
        """The commit receipt: the log's signed promise to publish this statement within the merge delay."""
        return self.receipts.make(
            bytes.fromhex(done.act.statement_hash), done.act.index, format_time(done.act.at), MERGE_DELAY_S
        )

    def published(self) -> TreeHead | None:
        """The published checkpoint's tree head, as anybody reads it; None before the first."""
        path = self.folder.log / "checkpoint"
        return parse_tree_head(split_note(path.read_bytes())[0]) if path.exists() else None

    def seen(self) -> Seen | None:
        """What a signer who is no stranger states to have seen: the newest published checkpoint."""
        head = self.published()
        return None if head is None or not head.size else Seen(root=head.root.hex(), size=head.size)

    def statement(
        self,
        kind: str,
        subject: str,
        body: Struct,
        author: SigningKey,
        *,
        commitments: Iterable[str] = (),
        nonce: str | None = None,
        seen: Seen | None = None,
    ) -> Statement:
        """An unsigned statement for this log; `seen` is left out in anonymous acts (sealing.md flaw 20)."""
        return make_statement(
            log=self.origin,
            kind=kind,
            subject=subject,
            body=body_of(body),
            author=author.key_id,
            commitments=commitments,
            nonce=nonce,
            seen=seen,
        )

    def close(self) -> None:
        """Finish what waits and let the database go."""
        if self._sequencer is not None:
            self._sequencer.close()
        self.store.engine.dispose()
        self.lock.close()


def _clear_unfinished(folder: DataFolder) -> None:
    """
    Remove secrets that a crash left before the log's own was saved: nothing was ever signed with them.

    Where there is a log already, secrets are never removed; saving new ones over them fails.
    """
    if not folder.log.exists() and not (folder.root / "ledger.sqlite").exists():
        for secret in (folder.operator_secret, folder.receipt_secret):
            secret.unlink(missing_ok=True)


def module_digest() -> str:
    """SHA-256 (hex) of the sealing module this portal serves; of nothing while it serves none."""
    return sha256(_MODULE.read_bytes()).hexdigest() if _MODULE.exists() else NO_MODULE


def _secret(seed: bytes | None, use: bytes) -> bytes:
    return token_bytes(32) if seed is None else sha256(b"daylight-rehearsal-v1\x00" + use + b"\x00" + seed).digest()
