"""
One thing at a time: looking, releasing, confirming, registering, deleting; in a thread of its own, told line by line.

The page shows the lines while it runs. What was refused is a line too, the last one; nothing is hidden behind a code.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from policies import PolicyError
from portal.keeper.sayings import refusal_lines, say
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Run:
    """What runs or ran last. `where` is an address in the record, or a file, when something was handed in."""

    title: str
    lines: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reason: str = ""
    where: str = ""
    done: bool = False

    def tell(self, key: str, /, **figures: object) -> None:
        """Take down one line."""
        self.lines.append(say(key, **figures))


class Runs:
    """At most one run; the last one stays to be read."""

    def __init__(self) -> None:
        self.current: Run | None = None
        self._door = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, title: str, work: Callable[[Run], str]) -> Run:
        """
        Begin; `work` gives where the result stands, or ''.

        Raises:
            Refusal: `run-running` while another is not done.
        """
        with self._door:
            if self.current is not None and not self.current.done:
                raise Refusal("run-running", {})
            run = self.current = Run(title)
            self._thread = threading.Thread(target=_work, args=(run, work), name="keeper-run", daemon=True)
            self._thread.start()
            return run

    def wait(self) -> None:
        """Wait until the run is done."""
        if self._thread is not None:
            self._thread.join()


def _work(run: Run, work: Callable[[Run], str]) -> None:
    try:
        run.where = work(run)
    except (Refusal, LedgerError, PolicyError) as error:
        run.reason, run.refused = error.reason, refusal_lines(error)
    except OSError as error:
        run.reason, run.refused = "disk", [say("keeper.page.disk", detail=f"{error.strerror}: {error.filename}")]
    finally:
        run.done = True
