"""What must hold after every story: the log is whole, recomputes, and gives the same read models again."""

from portal.projections import dump, rebuild
from portal.recompute import recompute
from tests.ledger_whole import assert_ledger_is_whole
from tests.portal.town import Town


def assert_story_is_whole(town: Town) -> None:
    """Publish, then check the town's record from its published bytes alone and its read models from the record."""
    size = town.office.publish().size
    assert assert_ledger_is_whole(town.office.folder.root) == size
    assert recompute(str(town.office.folder.root)).differences == []
    with town.office.store.reading() as connection:
        before = dump(connection)
    assert rebuild(town.office.store) == size
    with town.office.store.reading() as connection:
        assert dump(connection) == before
