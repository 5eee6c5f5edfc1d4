"""What the keeper's page can do: each act is one of the tool's own steps, run with the ring that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from portal.keeper.clearing import clear, over
from portal.keeper.confirming import confirm
from portal.keeper.looking import Duty, Tool, View, duties_of, look
from portal.keeper.page.running import Run, Runs
from portal.keeper.registering import NOTICES, keys_left, register
from portal.keeper.releasing import release
from portal.keeper.sayings import say
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.clock import Clock
    from portal.keeper.page.holder import Holder
    from portal.keeper.reaching import Portal
    from portal.procurement.events.opening import Label


class Seen(NamedTuple):
    """What the last look into the record showed."""

    view: View
    duties: list[Duty]
    left: int
    over: list[str]


class KeeperDesk:
    """The page's state: the ring, the last look, and the one run."""

    def __init__(self, holder: Holder, portal: Portal, clock: Clock, *, demo: bool) -> None:
        self.holder = holder
        self.portal = portal
        self.clock = clock
        self.runs = Runs()
        self.seen: Seen | None = None
        self._demo = demo

    def look(self) -> None:
        """Copy the record, verify it, and see what is to be done."""
        self._start("look", self._look)

    def release(self, opportunity: str, label: Label) -> None:
        """Release a key, after every check."""

        def work(run: Run) -> str:
            done = release(self._tool(run), opportunity, label)
            run.tell("keeper.told.released")
            self._look(run)
            return done.where

        self._start("release", work)

    def confirm(self, opportunity: str, label: Label) -> None:
        """Derive the verdicts, and confirm them."""

        def work(run: Run) -> str:
            done = confirm(self._tool(run), opportunity, label)
            run.tell("keeper.told.confirmed")
            self._look(run)
            return done.where

        self._start("confirm", work)

    def register(self) -> None:
        """Drill and register the next keys."""

        def work(run: Run) -> str:
            ring, where = register(self._tool(run), NOTICES)
            run.tell("keeper.told.registered", n=NOTICES)
            # A ring that was opened by its words or its backup stays as it is: what is registered is found in the record.
            if not self.holder.locked or self.holder.by_passkey:
                self.holder.save(ring)
            self._look(run)
            return where

        self._start("register", work)

    def delete(self, opportunity: str) -> None:
        """Delete keys and envelopes of a pilot that is over."""
        if self.holder.locked and not self.holder.by_passkey:
            raise Refusal("passkey-first", {})

        def work(run: Run) -> str:
            done = clear(self._tool(run), opportunity)
            self.holder.save(done.ring)
            run.tell("keeper.told.deleted", n=done.envelopes, pairs=done.pairs)
            self._look(run)
            return ""

        self._start("delete", work)

    def _start(self, name: str, work: Callable[[Run], str]) -> None:
        self.holder.ring()
        self.runs.start(say(f"keeper.page.runs.{name}"), work)

    def _tool(self, run: Run) -> Tool:
        return Tool(self.holder.home, self.portal, self.clock, self.holder.ring(), run.tell, demo=self._demo)

    def _look(self, run: Run) -> str:
        tool = self._tool(run)
        view = look(tool)
        keeper = tool.ring.keeper
        done = set(tool.home.notes().over)
        ended = [name for name in over(view, keeper) if name not in done]
        self.seen = Seen(view, duties_of(tool, view), keys_left(view, keeper), ended)
        for row in view.found.differences:
            run.tell("keeper.told.difference", record=row.entry, name=row.name)
        return ""
