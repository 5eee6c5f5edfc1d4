"""
Read models: what lists, counts and searches need, made from entries alone.

1. Nothing here is a source. Every table can be dropped and rebuilt from the log at any time, and a test does so.
2. `project` runs inside the transaction that appends, so that a page never lags behind the record or runs ahead of it.
3. No table holds a state. A row holds what the entries say and its deadlines; `stage_sql` adds the moment of asking.
4. The tables hold the same values on SQLite and PostgreSQL: text is COLLATE "C", integers are BIGINT, whatever is
   folded, sorted for export or rounded is done in Python. `dump` writes them in one canonical form to prove it.
"""

from portal.projections.dump import dump
from portal.projections.project import project
from portal.projections.rebuild import rebuild
from portal.projections.replay import replay
from portal.projections.tables import create, lacking

__all__ = ["create", "dump", "lacking", "project", "rebuild", "replay"]
