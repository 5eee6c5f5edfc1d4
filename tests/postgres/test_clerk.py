"""
A clerk with the whole PostgreSQL database, as its superuser: she changes the record, and the office does not open over it;
she writes herself into the desk's tables, and signs for nobody. The tests themselves are those of SQLite.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url

from ledger.database import open_engine
from portal.settings import DATABASE_VARIABLE
from tests.portal.stations import STATIONS, town_with_neighbours
from tests.portal.test_sql_clerk import AT_THE_DOOR, Clerk
from tests.portal.town import Town, refusal_of, reopened
from tests.web.live_desk import Desk
from tests.web.made_site import live_and_end
from tests.web.test_desk_clerk import (
    test_a_credential_written_into_an_officers_account_signs_nothing_for_her,
    test_a_session_written_for_an_officer_reads_her_desk_and_signs_nothing,
    test_dropping_the_whole_desk_leaves_the_record_and_every_page_as_they_are,
    test_who_writes_herself_into_a_role_enters_its_rooms_and_can_sign_nothing,
)
from tests.web.test_renewals import (
    test_a_lost_desk_is_open_again_after_seven_days_to_the_second,
    test_one_person_serves_two_agencies_with_a_desk_at_each,
)

__all__ = [
    "test_a_credential_written_into_an_officers_account_signs_nothing_for_her",
    "test_a_lost_desk_is_open_again_after_seven_days_to_the_second",
    "test_a_session_written_for_an_officer_reads_her_desk_and_signs_nothing",
    "test_dropping_the_whole_desk_leaves_the_record_and_every_page_as_they_are",
    "test_one_person_serves_two_agencies_with_a_desk_at_each",
    "test_who_writes_herself_into_a_role_enters_its_rooms_and_can_sign_nothing",
]
SCHEMA = "daylight_clerk_test"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty schema that the portal uses, as its superuser sees it."""
    address = make_url(os.environ["DAYLIGHT_TEST_PG"])
    admin = open_engine(address.render_as_string(hide_password=False))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    there = address.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    monkeypatch.setenv(DATABASE_VARIABLE, there.render_as_string(hide_password=False))
    engine = open_engine(there.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    admin.dispose()


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Iterator[Desk]:
    """The desk of the tests above, on PostgreSQL."""
    assert database.dialect.name == "postgresql"
    made = Desk(tmp_path)
    yield made
    asyncio.run(live_and_end(made.app))
    made.close()


class Superuser(Clerk):
    """The same hands in PostgreSQL, with no trigger in the way; `undo` puts everything back."""

    def __init__(self, engine: Engine) -> None:  # the clerk of SQLite opens a file instead
        self._connection = engine.connect()
        for table in ("ledger_entry", "ledger_head"):
            self._connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            self._connection.exec_driver_sql(f"CREATE TABLE was_{table} AS TABLE {table}")

    def run(self, sql: str, *values: object) -> None:
        """Change something; it must have been there."""
        assert self._connection.exec_driver_sql(sql.replace("?", "%s"), values).rowcount > 0, sql

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Look at something."""
        return list(self._connection.exec_driver_sql(sql.replace("?", "%s"), values))

    def undo(self) -> None:
        """Put back what was there."""
        for table in ("ledger_entry", "ledger_head"):
            self._connection.exec_driver_sql(f"TRUNCATE {table}")
            self._connection.exec_driver_sql(f"INSERT INTO {table} TABLE was_{table}")
        self._connection.commit()


def test_the_office_does_not_open_over_a_history_changed_in_postgresql(database: Engine, tmp_path: Path) -> None:
    town: Town = town_with_neighbours(tmp_path / "data", "live")
    STATIONS["open"](town)
    town.office.publish()
    superuser = Superuser(database)
    found = {}
    cases = {name: case for name, case in AT_THE_DOOR.items() if case.station == "open"}
    for name, case in cases.items():
        case.write(superuser)
        superuser._connection.commit()
        found[name] = refusal_of(lambda: reopened(town, tmp_path / "data"))
        superuser.undo()
    superuser._connection.close()
    assert found == {name: case.reason for name, case in cases.items()}
    reopened(town, tmp_path / "data").office.close()
    town.office.close()
