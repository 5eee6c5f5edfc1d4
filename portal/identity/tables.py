"""The desk's tables, in plain SQL that SQLite and PostgreSQL both take; nothing in them is needed to verify the record."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect

from ledger.database import open_engine, reader_of, writer_of

_TABLES = (
    """CREATE TABLE IF NOT EXISTS desk_account (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
        person TEXT, firm TEXT, agency TEXT, keeper TEXT, made_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS desk_credential (
        id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES desk_account(id), purpose TEXT NOT NULL,
        public_key TEXT NOT NULL, key_id TEXT NOT NULL, sign_count BIGINT NOT NULL, label TEXT NOT NULL,
        made_at TEXT NOT NULL, revoked_at TEXT)""",
    """CREATE TABLE IF NOT EXISTS desk_secret (
        account TEXT PRIMARY KEY REFERENCES desk_account(id), password TEXT NOT NULL, totp TEXT NOT NULL,
        last_step BIGINT NOT NULL, recovery TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS desk_session (
        hash TEXT PRIMARY KEY, account TEXT REFERENCES desk_account(id), token TEXT NOT NULL,
        made_at TEXT NOT NULL, seen_at TEXT NOT NULL, ends_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS desk_challenge (
        hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, account TEXT, challenge TEXT NOT NULL, ends_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS desk_invited (
        hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
        person TEXT, firm TEXT, agency TEXT, keeper TEXT, partner TEXT, facts TEXT NOT NULL, made_by TEXT NOT NULL,
        ends_at TEXT NOT NULL, account TEXT)""",
    """CREATE TABLE IF NOT EXISTS desk_draft (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, agency TEXT, statement TEXT NOT NULL,
        signatures TEXT NOT NULL, openings TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL,
        state TEXT NOT NULL, entry BIGINT)""",
    """CREATE TABLE IF NOT EXISTS desk_form (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, fields TEXT NOT NULL,
        saved_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS desk_mail (
        id TEXT PRIMARY KEY, recipient TEXT NOT NULL, template TEXT NOT NULL, figures TEXT NOT NULL,
        made_at TEXT NOT NULL, next_at TEXT NOT NULL, tries BIGINT NOT NULL, state TEXT NOT NULL, trouble TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS desk_mail_by_state ON desk_mail (state, next_at)",
    """CREATE TABLE IF NOT EXISTS desk_follower (
        token TEXT PRIMARY KEY, email TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, made_at TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX IF NOT EXISTS desk_follower_once ON desk_follower (subject, email)",
    """CREATE TABLE IF NOT EXISTS desk_renewal (
        id TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE REFERENCES desk_account(id), made TEXT NOT NULL,
        made_at TEXT NOT NULL, opens_at TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS desk_mark (name TEXT PRIMARY KEY, entry BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS desk_try (name TEXT NOT NULL, at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS desk_try_by_name ON desk_try (name, at)",
    "CREATE INDEX IF NOT EXISTS desk_session_by_end ON desk_session (ends_at)",
    "CREATE INDEX IF NOT EXISTS desk_draft_by_state ON desk_draft (state, made_at)",
)
# What tables made by an earlier release lack.
_ADDED = (("desk_account", "partner", "TEXT"), ("desk_account", "mailbox", "TEXT"))


def _leave_nothing(connection: Any, _record: object) -> None:
    """What is deleted or changed here is personal or secret: it must not stay in the file's free pages."""
    connection.execute("PRAGMA secure_delete=ON")


@lru_cache(maxsize=512)
def _spelled(sql: str, dialect: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s") if dialect == "postgresql" else sql


class Tables:
    """The desk's tables in a database of their own, or beside the log's."""

    def __init__(self, place: str | Path) -> None:
        """Open them, and make them, and the folder they lie in, where there are none."""
        if isinstance(place, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = open_engine(place)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _leave_nothing)
        with self.writing() as rows:
            for statement in _TABLES:
                rows.run(statement)
            for table, column, kind in _ADDED:
                if column not in rows.columns(table):
                    rows.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    @contextmanager
    def writing(self) -> Iterator["Rows"]:
        """A transaction that may write."""
        with writer_of(self.engine).connect() as connection, connection.begin():
            yield Rows(connection)

    @contextmanager
    def reading(self) -> Iterator["Rows"]:
        """A view of one moment."""
        with reader_of(self.engine).connect() as connection, connection.begin():
            yield Rows(connection)

    def settle(self) -> None:
        """After secrets were changed: leave nothing of what was before in SQLite's journal beside the file."""
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the database's connections."""
        self.engine.dispose()


class Rows:
    """The tables as one transaction sees them; `?` stands for a value on both databases."""

    __slots__ = ("_connection", "_dialect")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def columns(self, table: str) -> set[str]:
        """The names of a table's columns."""
        return {str(column["name"]) for column in inspect(self._connection).get_columns(table)}

    def run(self, sql: str, values: Iterable[object] = ()) -> int:
        """Run a statement; how many rows it changed."""
        return self._connection.exec_driver_sql(_spelled(sql, self._dialect), tuple(values)).rowcount

    def rows(self, sql: str, values: Iterable[object] = ()) -> Sequence[Sequence[Any]]:
        """All rows of an answer."""
        return self._connection.exec_driver_sql(_spelled(sql, self._dialect), tuple(values)).fetchall()

    def row(self, sql: str, values: Iterable[object] = ()) -> Sequence[Any] | None:
        """The first row of an answer, None for an empty one."""
        return self._connection.exec_driver_sql(_spelled(sql, self._dialect), tuple(values)).first()
