"""The public site over PostgreSQL: the same pages as over SQLite, and fresh soon after an append."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import make_url

from ledger.database import open_engine
from portal.settings import DATABASE_VARIABLE
from tests.projections.made_log import sealed
from tests.web.made_site import MadeSite, made_site

SCHEMA = "daylight_site_test"
PAGES = ["/", "/opportunities?q=book&sort=value", "/opportunities/septic", "/plans", "/awards", "/agencies/harlan",
         "/firms/blue-ridge", "/ledger", "/ledger/entries/7", "/policies", "/opportunities.atom"]  # fmt: skip
PATIENCE_S = 5.0


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeSite]:
    address = make_url(os.environ["DAYLIGHT_TEST_PG"])
    admin = open_engine(address.render_as_string(hide_password=False))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    there = address.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    monkeypatch.setenv(DATABASE_VARIABLE, there.render_as_string(hide_password=False))
    with made_site(tmp_path) as made:
        made.office.publish()
        yield made
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    admin.dispose()


def test_every_kind_of_page_is_served_over_postgresql(site: MadeSite) -> None:
    for path in PAGES:
        answer = site.get(path)
        assert answer.status_code == 200, path
        assert site.get(path, if_none_match=answer.headers["etag"]).status_code == 304


def test_an_append_is_shown_soon(site: MadeSite) -> None:
    before = site.get("/opportunities/two").headers["etag"]
    site.log.act("opportunity:two", sealed("new"), by="bid-new")
    ends = monotonic() + PATIENCE_S
    while site.get("/opportunities/two", if_none_match=before).status_code == 304:
        assert monotonic() < ends
