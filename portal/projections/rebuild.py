"""
Make the read models again from the log, beside the old ones, and swap.

Pages answer from the old tables until the swap, which happens in one transaction with the last entries read.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from ledger.store import LedgerStore
from portal.procurement.act import read_acts
from portal.projections.project import apply_acts
from portal.projections.shelf import BESIDE, Shelf
from portal.projections.tables import create_set, drop_set, swap_sets


def rebuild(
    store: LedgerStore, progress: Callable[[int, int], None] = lambda _read, _size: None, *, chunk: int = 500
) -> int:
    """
    Drop nothing until the new tables are whole; then swap.

    Args:
        progress: Told how many entries are read of how many.
        chunk: Entries read in one transaction; others write between two of them.

    Returns:
        The number of entries read.
    """
    with store.writing() as connection:
        drop_set(connection, BESIDE)
        create_set(connection, BESIDE)
    read = 0
    while True:
        with store.writing() as connection:
            size = _hold_head(connection)
            read += _read_on(store, connection, read, min(size, read + chunk))
            progress(read, size)
            if read == size:
                swap_sets(connection)
                return read


def _hold_head(connection: Connection) -> int:
    """The log's size; nobody appends until the transaction ends (on SQLite nobody else writes at all)."""
    sql = "SELECT size FROM ledger_head WHERE id = 0"
    if connection.dialect.name == "postgresql":
        sql += " FOR UPDATE"
    return int(connection.exec_driver_sql(sql).scalar_one())


def _read_on(store: LedgerStore, connection: Connection, first: int, end: int) -> int:
    chunk = list(store.entries(connection, first, end))
    apply_acts(Shelf(connection, BESIDE), read_acts(chunk))
    return len(chunk)
