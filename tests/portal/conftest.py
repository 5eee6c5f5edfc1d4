"""Towns at three stations, each built once; a test that changes something works on a copy."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.commands.open_proposals import open_proposals
from tests.portal.town import PILOT, Town, reopened


def _station(tmp: pytest.TempPathFactory, name: str, build: Callable[[Town], None]) -> Town:
    town = Town.found(tmp.mktemp(name) / "data")
    build(town)
    return town


@pytest.fixture(scope="session")
def open_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A published pilot with two sealed bids and declared interests; for tests that change nothing."""

    def build(town: Town) -> None:
        town.publish()
        town.bid("ridge")
        town.bid("hollow")
        town.declare_interests(eve="firm:creek")

    town = _station(tmp_path_factory, "open", build)
    yield town
    town.office.close()


@pytest.fixture(scope="session")
def opened_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """As `open_town`, closed and with its proposals opened; for tests that change nothing."""

    def build(town: Town) -> None:
        town.publish()
        town.bid("ridge")
        town.bid("hollow")
        town.declare_interests(eve="firm:creek")
        town.close()
        town.release("proposal")
        open_proposals(town.office, PILOT)

    town = _station(tmp_path_factory, "opened", build)
    yield town
    town.office.close()


@pytest.fixture(scope="session")
def ranked_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """As `opened_town`, scored and ranked; for tests that change nothing."""

    def build(town: Town) -> None:
        town.publish()
        town.bid("ridge")
        town.bid("hollow")
        town.to_ranking(eve="firm:creek")

    town = _station(tmp_path_factory, "ranked", build)
    yield town
    town.office.close()


@pytest.fixture
def copy_of(tmp_path: Path) -> Iterator[Callable[[Town], Town]]:
    """Give a town of one's own: the same data folder, copied, on a clock of its own."""
    made: list[Town] = []

    def copy(town: Town) -> Town:
        target = tmp_path / f"copy{len(made)}"
        shutil.copytree(town.office.folder.root, target)
        made.append(reopened(town, target))
        return made[-1]

    yield copy
    for town in made:
        town.office.close()
