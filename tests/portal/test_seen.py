"""What an author states to have seen was published, and is this log's history."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.entry import Seen, sign
from portal.commands.office import Office
from portal.commands.perform import perform
from portal.procurement.events.party import AppointmentEnded
from portal.recompute import recompute
from tests.portal.town import AGENCY, Town, key_of, refusal_of, size_of


def _signed(town: Town, seen: Seen | None) -> object:
    body = AppointmentEnded(person="person:gus", why="Left the county.")
    statement = town.office.statement("appointment-ended", AGENCY, body, key_of("head"), seen=seen)
    return perform(town.office, sign(statement, key_of("head")))


WRONG: dict[str, Callable[[Office], Seen]] = {
    "a root nobody published": lambda office: Seen(root="0" * 64, size=(office.seen() or Seen("", 0)).size),
    "more entries than were published": lambda _office: Seen(root="0" * 64, size=10_000),
    "nothing at all": lambda _office: Seen(root="0" * 64, size=0),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_head_that_was_never_published_is_refused(
    open_town: Town, copy_of: Callable[[Town], Town], name: str
) -> None:
    town = copy_of(open_town)
    town.office.publish()
    before = size_of(town)
    assert refusal_of(lambda: _signed(town, WRONG[name](town.office))) == "seen-unpublished"
    assert size_of(town) == before


def test_the_newest_published_checkpoint_is_taken_and_recomputes(
    open_town: Town, copy_of: Callable[[Town], Town]
) -> None:
    town = copy_of(open_town)
    town.office.publish()
    seen = town.office.seen()
    assert seen is not None
    _signed(town, seen)
    town.office.publish()
    assert recompute(str(town.office.folder.root)).differences == []


def test_before_the_first_checkpoint_nothing_was_seen(tmp_path: Path) -> None:
    town = Town.found(tmp_path / "data")
    assert town.office.published() is None
    assert town.office.seen() is None
    assert refusal_of(lambda: _signed(town, Seen(root="0" * 64, size=1))) == "seen-unpublished"
    town.office.close()
