"""A town whose pilot has closed, served over HTTP, and keepers with homes of their own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.app import compose
from portal.clock import SimulatedClock
from portal.keeper.home import Home
from portal.keeper.looking import Tool
from portal.keeper.reaching import Portal, WebPortal
from portal.keeper.ring import Ring
from portal.procurement.events import party
from portal.web.api.limits import Limits
from tests.browser.served import served
from tests.portal.town import Town, key_of, reopened


@dataclass
class Served:
    """A town's portal at an address, and what its keepers' tools said."""

    town: Town
    address: str
    folder: Path
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def tool(self, name: str, portal: Portal | None = None) -> Tool:
        """The tool of a keeper, with a home of its own that is there after the first call, and the town's own time."""
        self.town.office.publish()
        home = Home(self.folder / name)
        if home.pinned() is None:
            home.pin(self.address, self.town.office.folder.vkeys.read_bytes())
            ring = Ring.adopt(f"keeper:{name}", key_of(name), self.town.packs[name])
            ring.save(home.ring)
        clock = SimulatedClock(self.town.clock.now())
        ring = Ring.parse(home.ring.read_bytes())
        return Tool(home, portal or WebPortal(self.address), clock, ring, self._tell)

    def _tell(self, key: str, /, **figures: object) -> None:
        self.told.append((key, figures))

    def said(self) -> list[str]:
        """The keys of what was told."""
        return [key for key, _ in self.told]


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[party.Purpose], Town]]:
    """A pilot with two sealed bids, closed, its objection time over; for tests that change nothing."""
    made: dict[str, Town] = {}

    def build(purpose: party.Purpose) -> Town:
        if purpose not in made:
            town = made[purpose] = Town.found(tmp_path_factory.mktemp("closed") / "data", purpose)
            town.publish()
            town.bid("ridge")
            town.bid("hollow")
            town.declare_interests()
            town.close()
            town.clock.advance_to(town.case().objection_until)
            town.office.publish()
        return made[purpose]

    yield build
    for town in made.values():
        town.office.close()


@pytest.fixture
def serve(closed: Callable[[party.Purpose], Town], tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve a copy of the closed town until the test ends."""
    with ExitStack() as stack:

        def start(purpose: party.Purpose = "demo") -> Served:
            target = tmp_path / "data"
            shutil.copytree(closed(purpose).office.folder.root, target)
            town = reopened(closed(purpose), target)
            stack.callback(town.office.close)
            address = stack.enter_context(served(lambda at: compose(town.office, at, Limits(burst=1000))))
            return Served(town, address, tmp_path / "homes")

        yield start
