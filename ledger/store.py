"""
The ledger in a database: appends inside the caller's transaction, and answers from what is committed.

Rules of this module:

1. An entry's index is the head's size, never a database sequence, which would leave gaps; the head row is locked until
   the caller's transaction ends. An append and whatever else the caller writes happen together or not at all.
2. Every refusal comes before the first write: after a `RefusedError` the transaction holds nothing of the append.
3. The sequencer's time never runs backwards. A clock up to five seconds behind the last entry repeats its time; one
   further behind is refused, for it would backdate.
4. Entries, leaf hashes and full tiles are the same bytes on SQLite and on PostgreSQL.
5. This is the only ledger module with SQL in it, beside `schema`, `database` and `lock`.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ledger import schema
from ledger.database import open_engine, reader_of, writer_of
from ledger.documents import may_refer, references_in
from ledger.entry import DocumentReference, Entry, encode_entry, format_time, leaf_hash, parse_time
from ledger.errors import RefusedError
from ledger.prover import Prover
from ledger.tiles import HEIGHT, WIDTH, split_tile
from ledger.tree import EMPTY_ROOT, HASH_SIZE, TreeBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from ledger.entry import VerifiedStatement
    from ledger.tree import Node

__all__ = ["Head", "LedgerStore", "Sequenced", "open_engine"]

CLOCK_TOLERANCE: Final = timedelta(seconds=5)
_CHUNK: Final = 256
_HELD: Final = "SELECT entry_index FROM ledger_entry WHERE statement IN ({}) LIMIT 1"


class Head(msgspec.Struct, frozen=True):
    """Where the log ends: what the next entry must continue from."""

    size: int
    root: bytes
    time: str
    last_leaf: bytes


class Sequenced(msgspec.Struct, frozen=True):
    """What became of one statement: its place in the log for ever, once the caller's transaction commits."""

    index: int
    time: str
    leaf_hash: bytes
    entry: bytes


class LedgerStore:
    """
    One log in one database, which may hold tables of others too.

    Safe to share between threads: it keeps no state but the order not to write.
    """

    def __init__(self, engine: Engine, origin: str) -> None:
        """
        Set up; nothing is read or written yet.

        Args:
            origin: The log's name for ever. Statements made for another log are refused.
        """
        self.engine = engine
        self.origin = origin
        self._writer = writer_of(engine)
        self._reader = reader_of(engine)
        self._postgres = engine.dialect.name == "postgresql"
        self._closed: RefusedError | None = None

    def create(self) -> None:
        """
        Make the tables and triggers of an empty log; on a database that has them, only check whose they are.

        Raises:
            RefusedError: If the database holds a log of another name (`log-name`).
        """
        with self._writer.connect() as connection, connection.begin():
            if self._postgres:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (0x6461796C69676874,))
                present = connection.exec_driver_sql("SELECT to_regclass('ledger_head') IS NOT NULL").scalar()
            else:
                present = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'ledger_head'").scalar()
            if not present:
                for statement in schema.statements(self.engine.dialect.name):
                    connection.exec_driver_sql(statement.replace("%", "%%") if self._postgres else statement)
                self._run(
                    connection,
                    "INSERT INTO ledger_head VALUES (0, ?, 0, '', ?, ?, ?)",
                    (self.origin, EMPTY_ROOT, bytes(32), b""),
                )
            held = connection.exec_driver_sql("SELECT origin FROM ledger_head").scalar_one()
        if held != self.origin:
            raise RefusedError("log-name", f"the database holds the log {held!r}, not {self.origin!r}")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        Open a transaction that may append; it commits at the end of the block, or rolls back if the block raises.

        Raises:
            RefusedError: If writing was closed, with the reason it was closed for.
        """
        if self._closed is not None:
            raise RefusedError(self._closed.reason, self._closed.detail)
        with self._writer.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a view of one moment: what commits meanwhile is not seen in it."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def close_writing(self, why: RefusedError) -> None:
        """Make the log read-only from now on, in this process: the boot guard found a difference (publisher.py)."""
        self._closed = why

    @property
    def closed_for(self) -> RefusedError | None:
        """Why nothing can be written, or None: pages show it as a banner."""
        return self._closed

    def append(
        self,
        connection: Connection,
        statements: Sequence[VerifiedStatement],
        at: datetime,
        *,
        expected: Mapping[str, int] | None = None,
    ) -> list[Sequenced]:
        """
        Give each statement the next index, in the given order, and write them as entries.

        Nothing counts until the caller's transaction commits. On PostgreSQL the head row stays locked until then: append
        last.

        Args:
            at: The moment of the portal's clock, the same for all.
            expected: For each subject the caller decided about, the index of the last entry it had read (-1 for none).

        Raises:
            RefusedError: `clock-behind`, `log-name`, `entry-duplicate`, `subject-moved` or `document-missing`; nothing of
                this append was written.
            MalformedError: `entry-size` or `document-reference`; nothing was written either.
        """
        size, last_time, last_leaf, edge = self._lock_head(connection, [verified.hash for verified in statements])
        time = _next_time(last_time, at)
        self._refuse_moved(connection, expected or {})
        sequenced: list[Sequenced] = []
        rows: list[tuple[int, bytes, str, bytes, bytes]] = []
        for index, verified in enumerate(statements, size):
            statement, signatures = verified.statement, verified.signed.signatures
            if statement.log != self.origin:
                raise RefusedError("log-name", f"made for {statement.log!r}, not for {self.origin!r}")
            entry = encode_entry(
                Entry(index=index, previous=last_leaf.hex(), signatures=signatures, statement=statement, time=time)
            )
            if may_refer(verified.bytes):
                self._refuse_unknown_documents(connection, statement.body)
            last_leaf = leaf_hash(entry)
            sequenced.append(Sequenced(index, time, last_leaf, entry))
            rows.append((index, verified.hash, statement.subject, last_leaf, entry))
        if rows:
            self._insert(connection, rows)
            builder = TreeBuilder(size, split_tile(edge, len(edge) // HASH_SIZE))
            self._keep_full_tiles(connection, builder.extend([row[3] for row in rows]))
            self._run(
                connection,
                "UPDATE ledger_head SET size = ?, time = ?, root = ?, last_leaf = ?, edge = ? WHERE id = 0",
                (builder.size, time, builder.root(), last_leaf, b"".join(builder.edge)),
            )
        return sequenced

    def head(self, connection: Connection) -> Head:
        """Tell where the log ends for this transaction."""
        row = connection.exec_driver_sql("SELECT size, root, time, last_leaf FROM ledger_head").one()
        return Head(int(row[0]), bytes(row[1]), row[2], bytes(row[3]))

    def entry(self, connection: Connection, index: int) -> bytes:
        """
        Tell the bytes of one entry.

        Raises:
            RefusedError: If the log is not that long (`entry-missing`).
        """
        row = self._run(connection, "SELECT entry FROM ledger_entry WHERE entry_index = ?", (index,)).one_or_none()
        if row is None:
            raise RefusedError("entry-missing", f"no entry {index}")
        return bytes(row[0])

    def entries(self, connection: Connection, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Walk through entries from `start` up to but not `end`, a chunk at a time, whatever the log's length."""
        sql = "SELECT entry_index, entry FROM ledger_entry WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index"
        end = self.head(connection).size if end is None else end
        for first in range(start, end, _CHUNK):
            for row in self._run(connection, sql, (first, min(end, first + _CHUNK))).all():
                yield int(row[0]), bytes(row[1])

    def entries_of(self, connection: Connection, subject: str, after: int = -1) -> list[tuple[int, bytes]]:
        """List the entries about one subject whose index is above `after`, oldest first."""
        sql = "SELECT entry_index, entry FROM ledger_entry WHERE subject = ? AND entry_index > ? ORDER BY entry_index"
        return [(int(row[0]), bytes(row[1])) for row in self._run(connection, sql, (subject, after)).all()]

    def last_index(self, connection: Connection, subject: str) -> int:
        """Tell the index of the last entry about a subject, -1 for none: the version of whatever shows it."""
        row = self._run(connection, "SELECT MAX(entry_index) FROM ledger_entry WHERE subject = ?", (subject,)).one()
        return -1 if row[0] is None else int(row[0])

    def index_of_statement(self, connection: Connection, statement_hash: bytes) -> int | None:
        """Tell which entry holds the statement with this hash, if any: how a repeated request is recognised."""
        sql = "SELECT entry_index FROM ledger_entry WHERE statement = ?"
        row = self._run(connection, sql, (statement_hash,)).one_or_none()
        return None if row is None else int(row[0])

    def prover(self, connection: Connection, size: int) -> Prover:
        """
        Tell the tree of one size, past or present, for roots and proofs.

        An inclusion proof takes at most five reads in a log of up to 16 million entries.
        """
        return Prover(size, lambda level, number, width: self.tile(connection, level, number, width))

    def tile(self, connection: Connection, level: int, number: int, width: int) -> list[bytes]:
        """
        Tell the first `width` hashes of a tile, in one read.

        Raises:
            RefusedError: If the log has not reached them (`proof-size`).
        """
        hashes = self._read_tile(connection, level, number, width)
        if len(hashes) < width:
            raise RefusedError("proof-size", "the log is not that long")
        return hashes

    def root_at(self, connection: Connection, size: int) -> bytes:
        """Tell the root over the first `size` entries; refuses a size the log has not reached (`proof-size`)."""
        return self.prover(connection, size).root()

    def inclusion_proof(self, connection: Connection, index: int, size: int) -> list[bytes]:
        """Show that entry `index` is in the tree of `size`; refuses what is beyond the log."""
        return self.prover(connection, size).inclusion(index)

    def consistency_proof(self, connection: Connection, old: int, new: int) -> list[bytes]:
        """Show that the tree of size `new` begins with that of size `old`; refuses what is beyond the log."""
        return self.prover(connection, new).consistency(old)

    def add_document(self, connection: Connection, data: bytes, media_type: str) -> DocumentReference:
        """
        Keep a document, so that a statement may refer to it; the same bytes again are kept once.

        It is published only when an entry that refers to it is.
        """
        digest = hashlib.sha256(data).digest()
        held = self._run(connection, "SELECT 1 FROM ledger_document WHERE sha256 = ?", (digest,)).one_or_none()
        if held is None:
            values = (digest, len(data), media_type, data)
            self._run(connection, "INSERT INTO ledger_document VALUES (?, ?, ?, ?)", values)
        return DocumentReference(length=len(data), media_type=media_type, sha256=digest.hex())

    def document(self, connection: Connection, sha256: str) -> bytes | None:
        """
        Tell the bytes of a document by its hash in hexadecimal, None if it was never added.

        Whoever decides by a document (an agency's rules) must not decide by what somebody wrote into the database.

        Raises:
            RefusedError: If the bytes are not those that the hash names (`document-differs`).
        """
        sql = "SELECT data FROM ledger_document WHERE sha256 = ?"
        row = self._run(connection, sql, (bytes.fromhex(sha256),)).one_or_none()
        if row is not None and hashlib.sha256(row[0]).hexdigest() != sha256:
            raise RefusedError("document-differs", f"the database has other bytes for document {sha256}")
        return None if row is None else bytes(row[0])

    def _run(self, connection: Connection, sql: str, values: Any) -> Any:
        """Run SQL with the driver's own placeholders; %b spares psycopg from writing bytes as text."""
        return connection.exec_driver_sql(sql.replace("?", "%b") if self._postgres else sql, values)

    def _lock_head(self, connection: Connection, hashes: list[bytes]) -> tuple[int, str, bytes, bytes]:
        """
        Read size, time, last leaf hash and edge for an append, and refuse statements that the log has already.

        SQLite, which has one writer anyway, is asked both in one statement; PostgreSQL must hold the lock before it looks.
        """
        if len(set(hashes)) != len(hashes):
            raise RefusedError("entry-duplicate", "one statement twice in one append")
        together = () if self._postgres else tuple(hashes[:_CHUNK])
        held = _HELD.format(", ".join("?" * len(together))) if together else "NULL"  # PostgreSQL knows no empty list
        sql = f"SELECT size, time, last_leaf, edge, ({held}) FROM ledger_head WHERE id = 0"  # noqa: S608 -- marks only
        row = self._run(connection, sql + " FOR UPDATE" if self._postgres else sql, together).one()
        repeated = row[4]
        for first in range(len(together), len(hashes), _CHUNK):
            chunk = tuple(hashes[first : first + _CHUNK])
            found = self._run(connection, _HELD.format(", ".join("?" * len(chunk))), chunk).one_or_none()
            repeated = repeated if found is None else found[0]
        if repeated is not None:
            raise RefusedError("entry-duplicate", f"the statement is entry {repeated}")
        return int(row[0]), row[1], bytes(row[2]), bytes(row[3])

    def _refuse_moved(self, connection: Connection, expected: Mapping[str, int]) -> None:
        for subject, known in expected.items():
            last = self.last_index(connection, subject)
            if last != known:
                raise RefusedError("subject-moved", f"{subject} has entry {last}; the decision knew {known}")

    def _refuse_unknown_documents(self, connection: Connection, body: object) -> None:
        for reference in references_in(body):
            sql = "SELECT length FROM ledger_document WHERE sha256 = ?"
            row = self._run(connection, sql, (bytes.fromhex(reference.sha256),)).one_or_none()
            if row is None or int(row[0]) != reference.length:
                raise RefusedError("document-missing", f"no document {reference.sha256} of {reference.length} bytes")

    def _insert(self, connection: Connection, rows: list[tuple[int, bytes, str, bytes, bytes]]) -> None:
        if self._postgres:
            sql = "INSERT INTO ledger_entry SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::text[], %b::bytea[], %b::bytea[])"
            connection.exec_driver_sql(sql, tuple(list(column) for column in zip(*rows, strict=True)))
        else:
            connection.exec_driver_sql("INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?)", rows)

    def _keep_full_tiles(self, connection: Connection, nodes: Sequence[Node]) -> None:
        """Write the tiles that are full now: those whose root is among the nodes just completed, by level."""
        for level, number, root in nodes:
            if level % HEIGHT == 0:
                hashes = self._read_tile(connection, level // HEIGHT - 1, number, WIDTH)
                values = (level // HEIGHT - 1, number, root, b"".join(hashes))
                self._run(connection, "INSERT INTO ledger_tile VALUES (?, ?, ?, ?)", values)

    def _read_tile(self, connection: Connection, level: int, number: int, width: int) -> list[bytes]:
        first = number * WIDTH
        if width == WIDTH:
            sql = "SELECT hashes FROM ledger_tile WHERE level = ? AND number = ?"
            row = self._run(connection, sql, (level, number)).one_or_none()
            if row is not None:
                return split_tile(bytes(row[0]), WIDTH)
        if level == 0:
            sql = "SELECT leaf FROM ledger_entry WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index"
            values: tuple[int, ...] = (first, first + width)
        else:
            sql = "SELECT root FROM ledger_tile WHERE level = ? AND number >= ? AND number < ? ORDER BY number"
            values = (level - 1, first, first + width)
        return [bytes(row[0]) for row in self._run(connection, sql, values).all()]


def _next_time(last: str, at: datetime) -> str:
    time = format_time(at)
    if time >= last:
        return time
    if parse_time(last) - at > CLOCK_TOLERANCE:
        raise RefusedError("clock-behind", f"the clock says {time}, the last entry {last}")
    return last
