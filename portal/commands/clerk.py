"""
The clerk: a thread of the server that does what is due and publishes what is committed.

Everything it does may be late. If it dies, deadlines still hold, pages still tell the state, and `daylight advance` does
the same by hand.
"""

import sys
import threading

from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError
from portal.commands.advance import advance
from portal.commands.office import Office
from portal.procurement.refusal import Refusal

INTERVAL_S = 2.0


class Clerk:
    """
    One thread over one office; `start` and `stop` belong to the server's life.

    A demo that stands at its own moment has nothing due; there the clerk only publishes what visitors do.
    """

    def __init__(self, office: Office, interval_s: float = INTERVAL_S, *, advances: bool = True) -> None:
        self._office = office
        self._advances = advances
        self._interval = interval_s
        self._stopping = threading.Event()
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)

    def start(self) -> None:
        """Begin; the first round is at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round that runs, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self.round()
            if self._stopping.wait(self._interval):
                return

    def round(self) -> None:
        """Do what is due, then publish; what cannot be done is said once and tried again next time."""
        try:
            for step in advance(self._office) if self._advances else ():
                if step.refused:
                    self._say(f"{step.opportunity} {step.name}: {step.refused}")
            self._office.publish()
        except (LedgerError, Refusal, SQLAlchemyError, OSError) as error:
            self._say(str(error))

    def _say(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            sys.stderr.write(f"clerk: {words}\n")
