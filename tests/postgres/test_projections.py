"""The same log gives the same read models on PostgreSQL, byte for byte, act by act and rebuilt."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.documents import references_in_entry
from ledger.entry import Signed, format_time, parse_entry, parse_time, verify_signed
from ledger.store import LedgerStore, open_engine
from portal.procurement.act import read_act
from portal.procurement.stage import STAGES
from portal.projections import create, dump, project, rebuild
from portal.projections.queries import awards, opportunities, parties, plans
from portal.projections.shelf import Shelf
from tests.projections.made_log import MadeLog, notice, whole_life

SCHEMA = "daylight_projections_test"


@pytest.fixture
def postgres() -> Iterator[LedgerStore]:
    address = make_url(os.environ["DAYLIGHT_TEST_PG"])
    admin = open_engine(address.render_as_string(hide_password=False))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    there = address.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    store = LedgerStore(open_engine(there.render_as_string(hide_password=False)), "test.example/log")
    store.create()
    with store.writing() as connection:
        create(connection)
    yield store
    store.engine.dispose()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    admin.dispose()


def replay(source: LedgerStore, target: LedgerStore) -> None:
    """Append the same statements at the same times; the entries come out the same."""
    with source.reading() as reading:
        for index, data in source.entries(reading):
            entry = parse_entry(data)
            signed = Signed(signatures=entry.signatures, statement=entry.statement)
            with target.writing() as connection:
                for reference in references_in_entry(data):
                    document = source.document(reading, reference.sha256)
                    assert document is not None
                    target.add_document(connection, document, reference.media_type)
                (made,) = target.append(connection, [verify_signed(signed)], parse_time(entry.time))
                assert (made.index, made.entry) == (index, data)
                project(connection, [read_act(data)])


def test_the_read_models_are_the_same_bytes_on_both_databases(tmp_path: Path, postgres: LedgerStore) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    log.act("opportunity:later", notice("Żółte drogi & Émile's _x 10 a B"))
    replay(log.store, postgres)
    with log.store.reading() as connection:
        expected = dump(connection)
    with postgres.reading() as connection:
        assert dump(connection) == expected
    rebuild(postgres)
    with postgres.reading() as connection:
        assert dump(connection) == expected


def test_queries_answer_alike_on_both_databases(tmp_path: Path, postgres: LedgerStore) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    for name in ("zebra", "Émile", "_x", "10", "alpha"):
        log.act(f"opportunity:p{len(name)}{ord(name[0])}", notice(name))
    replay(log.store, postgres)
    with log.store.reading() as here, postgres.reading() as there:
        assert list(answers(Shelf(there))) == list(answers(Shelf(here)))


def answers(shelf: Shelf) -> Iterator[object]:
    at = format_time(parse_time("2026-03-03T10:00:00.000Z"))
    for sort in opportunities.SORTS:
        found, page = opportunities.find_opportunities(shelf, opportunities.Wish(), at, sort=sort, limit=2)
        yield found, page.older, page.newer
    for state in STAGES:
        yield opportunities.find_opportunities(shelf, opportunities.Wish(state=state), at)[0]
    wish = opportunities.Wish(terms=("em", "regist"), value="under-10k", skill="web-forms", place="us-ky-harlan")
    yield opportunities.find_opportunities(shelf, wish, at)[0]
    for count in (
        opportunities.count_by_agency,
        opportunities.count_by_place,
        opportunities.count_by_skill,
        opportunities.count_by_stage,
        opportunities.count_by_value,
        opportunities.count_opportunities,
    ):
        yield count(shelf, opportunities.Wish(), at)
    yield plans.find_plans(shelf)
    yield plans.find_plans(shelf, place="us-ky-harlan", skill="sensors", agency="agency:harlan", state="published")
    yield plans.promises_kept(shelf)
    yield [plans.count_plans_by(shelf, column) for column in ("place", "skill")]
    yield awards.find_awards(shelf, year="2026")
    yield [awards.count_awards_by(shelf, column) for column in ("agency", "firm", "year")]
    yield awards.sum_awards(shelf)
    yield parties.agencies(shelf), parties.find_firms(shelf), parties.stages_by_agency(shelf, at)
    yield parties.spent_by_agency(shelf), parties.award_times(shelf, "agency:harlan"), parties.adoptions(shelf)
    yield parties.bids_of_firm(shelf, "firm:blue-ridge", at), parties.opened_bid_counts(shelf, "agency:harlan")
    yield [parties.count_firms_by(shelf, column) for column in ("place", "skill")]
