"""
Opens a database so that what it says it has committed is on the disk.

Rules of this module:

1. SQLite runs in WAL mode with `synchronous=FULL`: NORMAL loses committed transactions at a power cut, and a receipt
   has been given for each.
2. We begin transactions ourselves (the driver would begin them late): `BEGIN IMMEDIATE` to write, so that a reader
   never turns into a writer half way; plain `BEGIN`, a snapshot, to read.
3. PostgreSQL writes READ COMMITTED (the head row's lock orders the writers) and reads REPEATABLE READ, a snapshot too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = "ledger_begin"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA trusted_schema=OFF",
)


def open_engine(place: str | Path) -> Engine:
    """
    Open a database by its file's path (SQLite) or its URL (`postgresql://…`, `sqlite:///…`).

    Nothing is created but an empty file; `LedgerStore.create` makes the tables.
    """
    text = str(place)
    url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30.0})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def writer_of(engine: Engine) -> Engine:
    """Tell the engine whose transactions may write; it shares the connections of `engine`."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return engine.execution_options(isolation_level="READ COMMITTED")


def reader_of(engine: Engine) -> Engine:
    """Tell the engine whose transactions see one moment of the database throughout, and write nothing."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection  # straight to the driver: this runs in every transaction
    driver.execute(connection.get_execution_options().get(_BEGIN, "BEGIN"))
