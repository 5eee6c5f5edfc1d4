"""The read models in one canonical form: the same bytes on SQLite, on PostgreSQL and after a rebuild."""

import msgspec
from sqlalchemy import Connection

from portal.projections.shelf import LIVE, Shelf
from portal.projections.tables import TABLES


def dump(connection: Connection) -> bytes:
    """
    Every row of every table as one JSON line, tables by name, rows by their bytes.

    Sorted here and not by the database, whose orders differ.
    """
    shelf = Shelf(connection, LIVE)
    encoder = msgspec.json.Encoder()
    lines: list[bytes] = []
    for table in sorted(TABLES, key=lambda table: table.name):
        names = ", ".join(f'"{name}"' for name in table.columns)
        sql = f"SELECT {names} FROM {{{table.name}}}"  # noqa: S608 -- our own table's names
        lines += sorted(
            encoder.encode({"table": table.name, **dict(zip(table.columns, row, strict=True))})
            for row in shelf.rows(sql)
        )
    return b"".join(line + b"\n" for line in lines)
