from pathlib import Path

from portal.projections import create, dump, lacking, rebuild
from tests.projections.made_log import MadeLog, whole_life


def test_a_rebuild_gives_the_same_bytes_as_the_acts_gave_one_by_one(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    with log.store.reading() as connection:
        before = dump(connection)
    told = []
    assert rebuild(log.store, lambda read, size: told.append((read, size))) == 18
    with log.store.reading() as connection:
        assert dump(connection) == before
    assert told[-1] == (18, 18)
    assert before.count(b'"table":"opportunity"') == 1


def test_the_read_models_can_be_rebuilt_twice_and_go_on(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    rebuild(log.store)
    rebuild(log.store)
    whole_life_size = 18
    with log.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT size FROM projection_progress").scalar_one() == whole_life_size


def test_pages_answer_from_the_old_tables_until_the_swap(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    with log.store.reading() as connection:
        before = dump(connection)

    def look(read: int, size: int) -> None:
        if read < size:
            with log.store.reading() as connection:
                assert dump(connection) == before

    assert rebuild(log.store, look, chunk=5) == 18
    with log.store.reading() as connection:
        assert dump(connection) == before


def test_a_rebuild_heals_tables_that_were_tampered_with(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    with log.store.reading() as connection:
        before = dump(connection)
    with log.store.writing() as connection:
        connection.exec_driver_sql("UPDATE projection_award SET amount_minor = 1")
        connection.exec_driver_sql("DROP TABLE projection_skill")
    rebuild(log.store)
    with log.store.reading() as connection:
        assert dump(connection) == before


def test_what_an_earlier_releases_tables_lack_is_named_and_a_rebuild_makes_it(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    with log.store.writing() as connection:
        assert lacking(connection) == []
        connection.exec_driver_sql("DROP TABLE projection_skill")
        connection.exec_driver_sql("ALTER TABLE projection_agency DROP COLUMN website")
        assert lacking(connection) == ["agency.website", "skill"]
    rebuild(log.store)
    with log.store.reading() as connection:
        assert lacking(connection) == []


def test_making_the_tables_twice_changes_nothing(tmp_path: Path) -> None:
    log = MadeLog(tmp_path / "log.db")
    whole_life(log)
    with log.store.writing() as connection:
        before = dump(connection)
        create(connection)
        assert dump(connection) == before
