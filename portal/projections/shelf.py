"""
One way to speak to the projection tables, whichever database and whichever set of tables.

A rebuild fills a second set beside the first; only the prefix of the tables' names differs. SQL is written once, with
`{opportunity}` for a table and `?` for a value, and turned into the driver's spelling once.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

LIVE = "projection_"
BESIDE = "rebuilding_"

Row = Sequence[Any]


@lru_cache(maxsize=2048)
def _spelled(sql: str, prefix: str, dialect: str) -> str:
    named = sql.replace("{", prefix).replace("}", "")
    return named.replace("%", "%%").replace("?", "%s") if dialect == "postgresql" else named


class Shelf:
    """The projection tables as one transaction sees them; `prefix` chooses the live set or the one being rebuilt."""

    __slots__ = ("connection", "dialect", "prefix")

    def __init__(self, connection: Connection, prefix: str = LIVE) -> None:
        self.connection = connection
        self.prefix = prefix
        self.dialect = connection.dialect.name

    def run(self, sql: str, values: Iterable[object] = ()) -> None:
        """Run a statement whose answer does not matter."""
        self.connection.exec_driver_sql(_spelled(sql, self.prefix, self.dialect), tuple(values))

    def run_many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """Run one statement for each row; nothing for none."""
        if rows:
            self.connection.exec_driver_sql(_spelled(sql, self.prefix, self.dialect), rows)

    def rows(self, sql: str, values: Iterable[object] = ()) -> Sequence[Row]:
        """
        All rows of an answer, as tuples.

        Asked of the driver's cursor in the connection's own transaction: SQLAlchemy's result objects would cost more than
        a short indexed read.
        """
        cursor = self.connection.connection.cursor()
        cursor.execute(_spelled(sql, self.prefix, self.dialect), tuple(values))
        found: Sequence[Row] = cursor.fetchall()
        cursor.close()
        return found

    def row(self, sql: str, values: Iterable[object] = ()) -> Row | None:
        """The first row of an answer, None for an empty one."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def number(self, sql: str, values: Iterable[object] = ()) -> int:
        """The one figure that an answer holds; 0 where the database says NULL."""
        row = self.row(sql, values)
        return 0 if row is None or row[0] is None else int(row[0])
