"""How far a long piece of work has got, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

_LINES = 4


class Progress:
    """One bar for one rehearsal; `quiet` shows nothing at all."""

    def __init__(self, title: str, *, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._quiet = quiet

    @contextmanager
    def bar(self, total: int) -> Iterator[Callable[[str], None]]:
        """Give a function to call after each of `total` pieces, with what was just done."""
        if self._quiet:
            yield lambda _label: None
        elif self._stream.isatty():
            with self._rich(total) as tick:
                yield tick
        else:
            yield self._lines(total)

    @contextmanager
    def _rich(self, total: int) -> Iterator[Callable[[str], None]]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[label]}"),
        )
        with RichProgress(*columns, console=Console(file=self._stream), transient=False) as shown:
            task = shown.add_task(self._title, total=total, label="")

            def tick(label: str) -> None:
                shown.update(task, advance=1, label=label)

            yield tick

    def _lines(self, total: int) -> Callable[[str], None]:
        done = 0

        def tick(label: str) -> None:
            nonlocal done
            done += 1
            if done == total or done * _LINES // total > (done - 1) * _LINES // total:
                self._stream.write(f"{self._title}: {done} of {total} ({label})\n")
                self._stream.flush()

        return tick
