"""
Fill read models from a published log alone: no store, no vault, no keys.

Anyone who holds a copy of the log gets the same tables, byte for byte, on SQLite and on PostgreSQL; `dump` proves it.
"""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Connection

from portal.procurement.act import read_act
from portal.projections.project import apply_acts
from portal.projections.shelf import LIVE, Shelf
from portal.projections.tables import create_set, drop_set

_CHUNK = 500


def replay(connection: Connection, entries: Iterable[bytes]) -> int:
    """
    Make the live tables anew in this database and fill them from entries in the order of the record.

    Returns:
        The number of entries read.
    """
    drop_set(connection, LIVE)
    create_set(connection, LIVE)
    shelf, read, waiting = Shelf(connection, LIVE), 0, iter(entries)
    while chunk := [read_act(entry) for entry in islice(waiting, _CHUNK)]:
        apply_acts(shelf, chunk)
        read += len(chunk)
    return read
