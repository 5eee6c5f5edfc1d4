"""Letters in words: templates of `templates/mail/`, and the thread that sends them while the server runs."""

import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from portal.clock import Clock
from portal.identity.mail import Figures, Letter, Postman
from portal.identity.tables import Tables
from portal.identity.tidying import forget_what_is_over
from portal.web.render import Renderer, templates_folder
from portal.web.views.frame import as_read

INTERVAL_S = 5.0
TIDY_EVERY: Final = timedelta(hours=1)


class LetterWriter:
    """
    Writes a letter from a template: its first line is the subject, the rest the text.

    Words come from `templates/words/`, as on pages; nothing is escaped, for a letter is plain text.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._environment = Environment(  # noqa: S701 -- plain text: there is no markup to escape
            loader=FileSystemLoader(templates_folder() / "mail"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._renderer = renderer
        self._environment.globals.update(site=renderer.site, t=self._say)

    def __call__(self, template: str, figures: Figures) -> Letter:
        """Write one letter."""
        text = self._environment.get_template(f"{template}.txt").render(**figures)
        subject, _, rest = text.partition("\n")
        return Letter(" ".join(subject.split()), rest.strip() + "\n")

    def _say(self, key: str, **figures: str | int) -> str:
        return self._renderer.say(key, **{name: as_read(value) for name, value in figures.items()})


class Rounds:
    """
    The postman's thread; it begins and ends with the server. What it cannot do now it does on the next round.

    Once an hour it also empties the desk's tables of what is over.
    """

    def __init__(
        self,
        postman: Postman,
        tables: Tables,
        clock: Clock,
        interval_s: float = INTERVAL_S,
        before: Callable[[], object] = lambda: None,
    ) -> None:
        """
        Go round for one postman.

        Args:
            before: Done first in each round: it writes the letters that nobody's act writes.
        """
        self._postman = postman
        self._before = before
        self._tables = tables
        self._tidied: datetime | None = None
        self._clock = clock
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the letter in hand."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval_s):
            try:
                self.round(self._clock.now())
            except SQLAlchemyError as error:
                sys.stderr.write(f"daylight: letters wait: {error}\n")

    def round(self, now: datetime) -> None:
        """Deliver what is due; tidy when an hour has passed since the last time."""
        self._before()
        self._postman.deliver(now)
        if self._tidied is None or now >= self._tidied + TIDY_EVERY:
            forget_what_is_over(self._tables, now)
            self._tidied = now
