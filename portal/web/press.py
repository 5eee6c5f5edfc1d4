"""
The press: prints papers in processes of its own, and keeps what it has printed.

Printing takes a tenth of a second of CPU and more, and would hold up everybody else's page. The first paper starts the
processes; they import no web framework.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final

from portal.documents.pdf import PaperError
from portal.web.papers import Paper, Printable, printed
from portal.web.problems import Problem
from portal.web.render import Renderer
from portal.web.views.frame import Site

KEPT: Final = 64

Key = tuple[str, str, Paper]
"""What a paper is kept under: the leaf hash of what it is about (and what else it says), the edition of the templates, the size of the sheet."""

_worker: list[Renderer] = []


def start_worker(site: Site) -> None:
    """Make the one renderer of a printing process."""
    _worker[:] = [Renderer(site)]


def print_in_worker(view: Printable, size: Paper) -> bytes | None:
    """Print a paper; runs in a printing process. None where the machine lacks the libraries."""
    try:
        return printed(_worker[0], view, size).pdf
    except PaperError:
        return None


class Press:
    """The printing processes of one server, and what they have printed."""

    def __init__(self, site: Site, workers: int = 1) -> None:
        self._site = site
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._printed: OrderedDict[Key, bytes] = OrderedDict()

    def find(self, key: Key) -> bytes | None:
        """A paper that was printed before."""
        return self._printed.get(key)

    def keep(self, key: Key, pdf: bytes) -> None:
        """Keep a paper; the one printed first goes when there are too many."""
        self._printed[key] = pdf
        if len(self._printed) > KEPT:
            self._printed.popitem(last=False)

    async def make(self, key: Key, view: Printable, *, keep: bool = True) -> bytes:
        """
        Print a paper and keep it; what is nobody else's business (`keep` False) is printed and forgotten.

        Raises:
            Problem: `pdf-unavailable` when this server cannot print.
        """
        try:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._workers, mp_context=get_context("spawn"), initializer=start_worker, initargs=(self._site,)
                )
            pdf = await asyncio.get_running_loop().run_in_executor(self._pool, print_in_worker, view, key[2])
        except (BrokenProcessPool, OSError) as error:  # OSError: no semaphores here, as in some containers
            self._pool = None
            raise Problem("pdf-unavailable", 503) from error
        if pdf is None:
            raise Problem("pdf-unavailable", 503)
        if keep:
            self.keep(key, pdf)
        return pdf

    def close(self) -> None:
        """End the printing processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
