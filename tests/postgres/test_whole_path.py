"""The whole path through the real commands on PostgreSQL, and the same read models from its published folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.database import open_engine, writer_of
from ledger.folder import LogFolder
from portal.procurement.stage import candidate, stage
from portal.projections import dump, replay
from portal.recompute import recompute
from portal.settings import DATABASE_VARIABLE
from tests.ledger_whole import assert_ledger_is_whole
from tests.portal.town import Town

SCHEMA = "daylight_whole_path_test"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    address = make_url(os.environ["DAYLIGHT_TEST_PG"])
    admin = open_engine(address.render_as_string(hide_password=False))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    there = address.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    monkeypatch.setenv(DATABASE_VARIABLE, there.render_as_string(hide_password=False))
    found = Town.found(tmp_path / "data")
    yield found
    found.office.close()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    admin.dispose()


def test_a_pilot_goes_from_notice_to_award_on_postgresql(town: Town, tmp_path: Path) -> None:
    town.publish()
    for name in ("ridge", "hollow", "creek"):
        town.bid(name)
    town.to_ranking()
    first = candidate(town.case())
    assert first is not None
    name = first.firm.removeprefix("firm:")
    town.prove(name)
    town.decide_eligibility(name)
    town.choose(name)
    town.award()
    town.office.publish()
    assert stage(town.case(), town.clock.now()) == "awarded"
    assert recompute(str(tmp_path / "data")).differences == []
    assert_ledger_is_whole(tmp_path / "data")
    with town.office.store.reading() as connection:
        here = dump(connection)
    engine = open_engine(tmp_path / "replayed.sqlite")
    with writer_of(engine).connect() as connection, connection.begin():
        replay(connection, LogFolder.open(tmp_path / "data").entries())
        assert dump(connection) == here
    engine.dispose()
